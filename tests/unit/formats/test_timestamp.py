from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import timestamp
from fairwitness.formats.errors import FormatError

LONDON_SUMMER = timezone(timedelta(hours=1))


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read(at: datetime) -> None:
    assert timestamp.parse(timestamp.text(at)) == at


def test_six_decimals_always() -> None:
    at = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
    assert timestamp.text(at) == "2017-06-08T22:13:10.000000Z"


def test_other_zones_are_turned_into_utc() -> None:
    at = datetime(2017, 6, 8, 23, 13, 10, 5, tzinfo=LONDON_SUMMER)
    assert timestamp.text(at) == "2017-06-08T22:13:10.000005Z"


def test_early_years_keep_four_digits() -> None:
    assert timestamp.text(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "at",
    [datetime(2017, 6, 8), datetime(1, 1, 1, tzinfo=LONDON_SUMMER)],  # noqa: DTZ001 -- the fault
    ids=["no zone", "before the year 1 in UTC"],
)
def test_times_that_can_not_be_said_are_refused(at: datetime) -> None:
    with pytest.raises(FormatError):
        timestamp.text(at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2017-06-08T22:13:10Z",
        "2017-06-08T22:13:10.123Z",
        "2017-06-08T22:13:10.1234567Z",
        "2017-06-08t22:13:10.123456z",
        "2017-06-08 22:13:10.123456Z",
        "2017-06-08T22:13:10.123456+00:00",
        "2017-06-08T22:13:10,123456Z",
        "2017-06-31T22:13:10.123456Z",
        "2017-06-08T24:00:00.000000Z",
        "2016-12-31T23:59:60.000000Z",
        "0000-01-01T00:00:00.000000Z",
        "2017-06-08T22:13:10.123456Z\n",
        "\u0662\u0660\u0661\u0667-06-08T22:13:10.123456Z",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        timestamp.parse(text)


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{15}Z", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        at = timestamp.parse(text)
    except FormatError:
        return
    assert timestamp.text(at) == text
