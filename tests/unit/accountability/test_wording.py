"""Lengths of time as findings say them."""

from datetime import timedelta

import pytest

from fairwitness.accountability import wording


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=25), "1 day"),
        (timedelta(days=1200), "1,200 days"),
    ],
)
def test_a_length_is_said_in_its_largest_unit(length: timedelta, said: str) -> None:
    assert wording.span(length) == said


def test_a_copy_is_named_and_the_master_is_not() -> None:
    assert wording.of_copy("00417-1", "master") == "00417-1"
    assert wording.of_copy("00417-1", "working") == "00417-1 (working copy)"
