"""A moment in an address is read strictly, and written as it is read."""

import pytest

from fairwitness.web import moments


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("00:00", 0),
        ("01:27", 87_000),
        ("01:27.5", 87_500),
        ("01:27.05", 87_050),
        ("01:27.005", 87_005),
        ("90:00.000", 5_400_000),
        ("1:02:03.004", 3_723_004),
    ],
)
def test_moments_are_read(text: str, milliseconds: int) -> None:
    assert moments.read(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", "87", "1:2", "01:60", "-1:00", "01:27.0005", "01:27\n", "\u0661:27", "01:27 ", "x01:27"],
)
def test_what_is_no_moment_is_not_read(text: str) -> None:
    assert moments.read(text) is None


@pytest.mark.parametrize("milliseconds", [0, 999, 59_999, 87_500, 3_599_999, 3_600_000, 7_322_001])
def test_what_is_written_is_read_back(milliseconds: int) -> None:
    assert moments.read(moments.write(milliseconds)) == milliseconds
