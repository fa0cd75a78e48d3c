"""Times in formats: UTC, always with microseconds, always ending in Z."""

import re
from datetime import UTC, datetime

from fairwitness.formats.errors import FormatError

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_CODE = "format.timestamp"


def text(at: datetime) -> str:
    """Write a time: `2017-06-08T22:13:10.123456Z`.

    Raises:
        FormatError: the time has no zone, or leaves the years 1 to 9999 in UTC.
    """
    if at.utcoffset() is None:
        raise FormatError("A time must say its zone.", code=_CODE)
    try:
        moment = at.astimezone(UTC)
    except OverflowError as error:
        raise FormatError("The time is outside the years 1 to 9999.", code=_CODE) from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse(value: str) -> datetime:
    """Read what `text` writes, and nothing else.

    Raises:
        FormatError: another spelling, or a day or hour that does not exist (leap seconds too).
    """
    if not _SHAPE.fullmatch(value):
        raise FormatError(f"Not a time in our form: {value[:40]!r}.", code=_CODE)
    try:
        moment = datetime.fromisoformat(value[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise FormatError(f"There is no such time: {value!r}.", code=_CODE) from error
    if text(moment) != value:  # a later Python takes 24:00 for the next day's midnight
        raise FormatError(f"There is no such time: {value!r}.", code=_CODE)
    return moment
