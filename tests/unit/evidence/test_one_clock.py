"""Recordings are placed by true time, with the error between them stated and never made smaller."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.evidence.one_clock import Told, lay_out

START = datetime(2017, 6, 8, 23, 10, tzinfo=UTC)
SECOND = 1_000_000


def told(
    after_ms: int = 0,
    *,
    long_ms: int = 10_000,
    ahead_us: tuple[int, int] | None = (0, 0),
    frame_us: int = 33_333,
) -> Told:
    return Told(START + timedelta(milliseconds=after_ms), long_ms, ahead_us, frame_us)


def test_a_clock_that_is_ahead_is_put_back() -> None:
    """Two cameras that say the same time, one of them 1.2 s ahead, did not begin together."""
    line = lay_out([told(ahead_us=(1_150_000, 1_250_000)), told(ahead_us=(-450_000, -350_000))])
    assert [place.begins_ms for place in line.places] == [0, 1600]
    assert line.begins_at == START - timedelta(seconds=1.2)
    assert line.length_ms == 11_600
    assert [place.slack_us for place in line.places] == [50_000, 50_000]
    assert line.apart_us == 100_000
    assert line.frames == 4
    assert not line.within_a_frame


def test_the_error_is_that_of_the_two_least_sure() -> None:
    bounds = [(0, 10), (0, 1_000), (0, 200)]
    assert lay_out([told(ahead_us=each) for each in bounds]).apart_us == 600


def test_one_clock_that_nobody_measured_makes_the_error_unknown() -> None:
    line = lay_out([told(), told(2_000, ahead_us=None)])
    assert line.places[1].begins_ms == 2_000
    assert line.places[1].slack_us is None
    assert line.apart_us is None
    assert line.frames is None
    assert not line.within_a_frame


def test_an_error_of_one_picture_is_within_a_picture() -> None:
    assert lay_out([told(), told(ahead_us=(0, 66_666))]).within_a_frame
    assert not lay_out([told(), told(ahead_us=(0, 66_668))]).within_a_frame


def test_what_overlaps_nothing_is_alone_and_the_gap_is_told() -> None:
    line = lay_out([told(), told(5_000), told(60_000)])
    assert [place.alone for place in line.places] == [False, False, True]
    assert line.gaps == ((15_000, 60_000),)


def test_one_that_begins_when_another_ends_does_not_overlap() -> None:
    line = lay_out([told(), told(10_000)])
    assert [place.alone for place in line.places] == [True, True]
    assert line.gaps == ()


BOUNDS = st.tuples(st.integers(-90 * SECOND, 90 * SECOND), st.integers(0, 5 * SECOND)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@given(st.lists(st.tuples(st.integers(0, 100_000), BOUNDS), min_size=2, max_size=4), st.data())
def test_whatever_the_clocks_were_the_line_is_no_more_wrong_than_it_says(
    recordings: list[tuple[int, tuple[int, int]]], data: st.DataObject
) -> None:
    """True starts drawn within the bounds differ from the line by no more than its error."""
    line = lay_out([told(after, ahead_us=ahead) for after, ahead in recordings])
    assert line.apart_us is not None
    truth = [
        after * 1000 - data.draw(st.integers(*ahead), label="ahead") for after, ahead in recordings
    ]
    rounding = 1000 + 2  # each place is rounded to a millisecond, each middle to a microsecond
    for one, first in enumerate(line.places):
        for other, second in enumerate(line.places):
            really = truth[one] - truth[other]
            drawn = (first.begins_ms - second.begins_ms) * 1000
            assert abs(really - drawn) <= line.apart_us + rounding or one == other
