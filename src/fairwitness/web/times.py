"""Times as people in London read them. Inside, all is UTC; only here does it become local."""

import zoneinfo
from datetime import date, datetime, time, timedelta

LONDON = zoneinfo.ZoneInfo("Europe/London")


def london(at: datetime) -> datetime:
    """The same moment on a London clock, summer time included."""
    return at.astimezone(LONDON)


def day(at: datetime) -> date:
    """The London date of a moment."""
    return london(at).date()


def typed_day(text: str) -> date | None:
    """A day as a form gives it; None for what is none, or has no day before or after it."""
    try:
        typed = date.fromisoformat(text)
    except ValueError:
        return None
    return typed if date.min.year < typed.year < date.max.year else None


def typed_moment(text: str) -> datetime | None:
    """A London moment as a form gives it, without a zone; None for what is none, as above."""
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if typed.tzinfo or not date.min.year < typed.year < date.max.year:
        return None
    return typed.replace(tzinfo=LONDON)


def begins(on: date) -> datetime:
    """The first moment of a day in London."""
    return datetime.combine(on, time(), tzinfo=LONDON)


def ends(on: date) -> datetime:
    """The first moment after a day in London."""
    return begins(on + timedelta(days=1))


def long_day(at: datetime) -> str:
    """'Thursday 8 June 2017'."""
    return long_date(day(at))


def long_date(on: date) -> str:
    """The same of a date."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def short_day(at: datetime) -> str:
    """'Thu 8 June 2017'."""
    local = london(at)
    return f"{local:%a} {local.day} {local:%B %Y}"


def plain_day(at: datetime) -> str:
    """'8 June 2017'."""
    return plain_date(day(at))


def plain_date(on: date) -> str:
    """The same of a date."""
    return f"{on.day} {on:%B %Y}"


def clock(at: datetime) -> str:
    """'23:12', 24 hours."""
    return f"{london(at):%H:%M}"


def short_moment(at: datetime) -> str:
    """'Thu 8 June 2017, 23:12'."""
    return f"{short_day(at)}, {clock(at)}"


def seconds(at: datetime) -> str:
    """'23:12:07', 24 hours."""
    return f"{london(at):%H:%M:%S}"


def exact(at: datetime) -> str:
    """'Thu 8 June 2017, 23:12:07', where the seconds are evidence."""
    return f"{short_day(at)}, {seconds(at)}"


def near_moment(moment: datetime, *, at: datetime) -> str:
    """'Thu 8 June, 23:12' in the year that it is now, else with its year."""
    if london(moment).year != london(at).year:
        return short_moment(moment)
    local = london(moment)
    return f"{local:%a} {local.day} {local:%B}, {clock(moment)}"


def long_moment(at: datetime) -> str:
    """'Thursday 8 June 2017, 23:12'."""
    return f"{long_day(at)}, {clock(at)}"


def length(duration: timedelta) -> str:
    """'18 min 42 s', '42 s', '1 h 2 min'."""
    seconds = max(0, round(duration.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {seconds} s"
    return f"{seconds} s"


def period(days: int) -> str:
    """'6 years', '92 days'."""
    years, rest = divmod(days, 365)
    if not years or rest > years:  # a leap day a year at most
        return f"{days} days"
    return "1 year" if years == 1 else f"{years} years"


def counter(milliseconds: int) -> str:
    """'18:42', or '1:02:03' from an hour on: a place on a recording's time line."""
    hours, rest = divmod(milliseconds // 1000, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def from_now(moment: datetime, *, at: datetime) -> str:
    """'today', 'tomorrow', 'in 4 days', 'yesterday', '3 days ago', by London dates."""
    days = (day(moment) - day(at)).days
    words = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in words:
        return words[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def give_or_take(microseconds: int) -> str:
    """Half an error interval in words: '0.4 s', '2 s', '3 min'; never rounded to nothing."""
    seconds = microseconds / 1_000_000
    if seconds >= 120:  # noqa: PLR2004 - two minutes: beyond it, minutes are easier to read
        return f"{round(seconds / 60)} min"
    if seconds >= 10:  # noqa: PLR2004 - tenths say nothing beyond ten seconds
        return f"{round(seconds)} s"
    return f"{max(seconds, 0.1):.1f} s"
