import pytest

from fairwitness.web import kept_words


@pytest.mark.parametrize(
    ("because", "said", "after_kept"),
    [
        (
            "it is kept under professional-standards PS 4; litigation CIV/1/26",
            "it is kept under professional standards PS 4; civil claim CIV/1/26",
            "under professional standards PS 4; civil claim CIV/1/26",
        ),
        (
            "it is marked evidential for CAD 8812",
            "it is marked evidential for CAD 8812",
            "as evidence for CAD 8812",
        ),
        ("it is locked", "it is locked", "under a lock"),
        (
            "a supervisor has not looked at it yet, for force UOF/1",
            "a supervisor has not looked at it yet, for force UOF/1",
            "until a supervisor looks at it, for force UOF/1",
        ),
        ("its category X is not in the table", *["its category X is not in the table"] * 2),
    ],
)
def test_a_reason_reads_as_english(because: str, said: str, after_kept: str) -> None:
    assert kept_words.why(because) == said
    assert kept_words.shortly(because) == after_kept
