from datetime import UTC, datetime, timedelta

import pytest

from fairwitness.web import times

SUMMER = datetime(2017, 6, 8, 22, 12, 30, tzinfo=UTC)
WINTER = datetime(2017, 12, 8, 23, 59, 59, tzinfo=UTC)


def test_summer_is_an_hour_ahead() -> None:
    assert times.long_moment(SUMMER) == "Thursday 8 June 2017, 23:12"
    assert times.short_moment(SUMMER) == "Thu 8 June 2017, 23:12"


def test_winter_is_not() -> None:
    assert times.long_moment(WINTER) == "Friday 8 December 2017, 23:59"
    assert times.plain_day(WINTER) == "8 December 2017"


def test_a_moment_before_midnight_utc_may_be_tomorrow_in_london() -> None:
    assert times.short_day(datetime(2017, 6, 8, 23, 30, tzinfo=UTC)) == "Fri 9 June 2017"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=42), "42 s"),
        (timedelta(minutes=18, seconds=42), "18 min 42 s"),
        (timedelta(hours=1, minutes=2, seconds=3), "1 h 2 min"),
        (timedelta(seconds=-1), "0 s"),
    ],
)
def test_length(duration: timedelta, words: str) -> None:
    assert times.length(duration) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(0, "00:00"), (87_400, "01:27"), (3_723_000, "1:02:03")]
)
def test_counter(milliseconds: int, words: str) -> None:
    assert times.counter(milliseconds) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "tomorrow"), (4, "in 4 days"), (-1, "yesterday"), (-3, "3 days ago")],
)
def test_from_now(days: int, words: str) -> None:
    assert times.from_now(SUMMER + timedelta(days=days), at=SUMMER) == words


def test_from_now_goes_by_london_dates_not_by_hours() -> None:
    just_after_midnight = datetime(2017, 6, 8, 23, 30, tzinfo=UTC)
    assert times.from_now(just_after_midnight, at=SUMMER) == "tomorrow"


@pytest.mark.parametrize(
    ("microseconds", "words"),
    [(0, "0.1 s"), (400_000, "0.4 s"), (12_000_000, "12 s"), (600_000_000, "10 min")],
)
def test_give_or_take(microseconds: int, words: str) -> None:
    assert times.give_or_take(microseconds) == words


def test_the_year_is_said_only_where_it_is_another() -> None:
    assert times.near_moment(SUMMER, at=WINTER) == "Thu 8 June, 23:12"
    assert times.near_moment(SUMMER, at=datetime(2018, 1, 1, tzinfo=UTC)) == (
        "Thu 8 June 2017, 23:12"
    )
    last_hour = datetime(2017, 12, 31, 23, 30, tzinfo=UTC)
    assert times.near_moment(SUMMER, at=last_hour) == "Thu 8 June, 23:12"


@pytest.mark.parametrize("text", ["", "8 June", "2017-02-30", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_with_another_after_it_is_none(text: str) -> None:
    assert times.typed_day(text) is None


def test_a_day_begins_and_ends_by_londons_clock() -> None:
    on = times.typed_day("2017-10-29")  # 25 hours long
    assert on is not None
    assert times.begins(on) == datetime(2017, 10, 28, 23, tzinfo=UTC)
    assert times.ends(on) == datetime(2017, 10, 30, tzinfo=UTC)
