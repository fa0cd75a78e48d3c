"""Every act has words, and the words name people."""

import pytest

from fairwitness.evidence.wording import Told, sentence
from fairwitness.formats.acts import Act

NAMES = {"officer:1": "PC Ada Whitlock", "officer:2": "Sgt Jo Hale"}


def told(reason: str = "", **detail: object) -> Told:
    return Told("Sgt Jo Hale", reason, detail, lambda of: NAMES.get(str(of), "somebody"))


@pytest.mark.parametrize("act", Act)
def test_every_act_has_a_sentence(act: Act) -> None:
    words = sentence(act, told())
    assert words[0].isupper()
    assert words.rstrip().endswith((".", ":"))
    assert "_" not in words


def test_sentences_say_who_what_and_why() -> None:
    assert (
        sentence(Act.RECORDING_VIEWED, told(task="case", task_reference="ABC/7"))
        == "Sgt Jo Hale watched it, for case ABC/7."
    )
    assert (
        sentence(Act.RECORDING_MARKED_EVIDENTIAL, told("theft, CAD 9."))
        == "Sgt Jo Hale marked it evidential. Reason: theft, CAD 9."
    )
    corrected = sentence(
        Act.RECORDING_WEARER_CORRECTED, told("swapped", to="officer:1", asked_by="officer:2")
    )
    assert corrected == (
        "Sgt Jo Hale agreed with Sgt Jo Hale that PC Ada Whitlock wore the camera. Reason: swapped."
    )


def test_unsigned_footage_is_not_said_to_match_a_camera() -> None:
    assert "No camera signed it" in sentence(Act.RECORDING_RECEIVED, told(provenance="unsigned"))
    assert "matched what the camera signed" in sentence(
        Act.RECORDING_RECEIVED, told(provenance="signed")
    )
