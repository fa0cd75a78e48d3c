"""Lists in pages: newest first, each page after the last row of the one before, none counted off.

A cursor is opaque to clients: what is in it may change, and it is good for the next page only.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, time
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines.operation import Call, Parameter

M = TypeVar("M", bound=Model)
USUAL: Final = 25
MOST: Final = 100
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
PARAMETERS: Final = (
    Parameter("limit", f"how many, 1 to {MOST}; {USUAL} when not said"),
    Parameter("cursor", "`next` of the page before"),
)


def limit(call: Call) -> int:
    """How many rows the caller wants.

    Raises:
        RequestRefused: it is no number within bounds.
    """
    text = call.one("limit") or str(USUAL)
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):  # noqa: PLR2004 - no number of the bound is longer
        raise RequestRefused(f"limit is a number from 1 to {MOST}.", code="request.query")
    return int(text)


def seal(text: str) -> str:
    """A place in a list as a cursor."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(call: Call) -> str:
    """The place that the caller's cursor says; empty for the first page.

    Raises:
        RequestRefused: it is no cursor of ours.
    """
    text = call.one("cursor")
    try:
        padded = text + "=" * (-len(text) % 4)
        place = base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise _no_cursor() from None
    if not place.isprintable():
        raise _no_cursor()
    return place


def by_time(rows: QuerySet[M], call: Call, field: str) -> tuple[list[M], str | None]:
    """One page of rows by a time and their id, the newest first; and the cursor of the next.

    Args:
        rows: those that the account may see.
        call: with its `limit` and `cursor`.
        field: the name of the time.
    """
    place, most = opened(call), limit(call)
    if place:
        moment, key = _read(place)
        rows = rows.filter(
            Q(**{f"{field}__lt": moment}) | Q(**{field: moment, "pk__lt": key}),
            **{f"{field}__lte": moment},
        )
    found = list(rows.order_by(f"-{field}", "-pk")[: most + 1])
    if len(found) <= most:
        return found, None
    last = found[most - 1]
    return found[:most], seal(f"{getattr(last, field).isoformat()} {last.pk}")


def by_wait(rows: QuerySet[M], call: Call, field: str) -> tuple[list[M], str | None]:
    """As `by_time`, the longest waiting first, of what is numbered as it comes."""
    place, most = opened(call), limit(call)
    if place:
        moment, number = _parted(place)
        if not _NUMBER.fullmatch(number):
            raise _no_cursor()
        rows = rows.filter(
            Q(**{f"{field}__gt": moment}) | Q(**{field: moment, "pk__gt": int(number)}),
            **{f"{field}__gte": moment},
        )
    found = list(rows.order_by(field, "pk")[: most + 1])
    if len(found) <= most:
        return found, None
    last = found[most - 1]
    return found[:most], seal(f"{getattr(last, field).isoformat()} {last.pk}")


def by_day(rows: QuerySet[M], call: Call, field: str) -> tuple[list[M], str | None]:
    """As `by_time`, by a day, the earliest first."""
    place, most = opened(call), limit(call)
    if place:
        moment, key = _read(place)
        day = moment.date()
        rows = rows.filter(
            Q(**{f"{field}__gt": day}) | Q(**{field: day, "pk__gt": key}), **{f"{field}__gte": day}
        )
    found = list(rows.order_by(field, "pk")[: most + 1])
    if len(found) <= most:
        return found, None
    last = found[most - 1]
    midnight = datetime.combine(getattr(last, field), time(), tzinfo=UTC)
    return found[:most], seal(f"{midnight.isoformat()} {last.pk}")


def by_name(rows: QuerySet[M], call: Call, field: str) -> tuple[list[M], str | None]:
    """As `by_time`, in the order of a name that stands once."""
    place, most = opened(call), limit(call)
    if place:
        rows = rows.filter(**{f"{field}__gt": place})
    found = list(rows.order_by(field)[: most + 1])
    if len(found) <= most:
        return found, None
    return found[:most], seal(str(getattr(found[most - 1], field)))


def by_key(rows: QuerySet[M], call: Call) -> tuple[list[M], str | None]:
    """As `by_time`, in the order of ids, of what has no better."""
    place, most = opened(call), limit(call)
    if place:
        rows = rows.filter(pk__gt=_key(place))
    found = list(rows.order_by("pk")[: most + 1])
    if len(found) <= most:
        return found, None
    return found[:most], seal(str(found[most - 1].pk))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _no_cursor() from None


def by_number(rows: QuerySet[M], call: Call) -> tuple[list[M], str | None]:
    """As `by_time`, the oldest first, of what is numbered as it comes."""
    place, most = opened(call), limit(call)
    if place and not _NUMBER.fullmatch(place):
        raise _no_cursor()
    found = list(rows.filter(pk__gt=int(place or "0")).order_by("pk")[: most + 1])
    if len(found) <= most:
        return found, None
    return found[:most], seal(str(found[most - 1].pk))


def _read(place: str) -> tuple[datetime, UUID]:
    moment, key = _parted(place)
    return moment, _key(key)


def _parted(place: str) -> tuple[datetime, str]:
    try:
        moment, _, key = place.partition(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise _no_cursor()
        return at.astimezone(UTC), key
    except (ValueError, OverflowError):
        raise _no_cursor() from None


def _no_cursor() -> RequestRefused:
    return RequestRefused("This cursor is none. Begin the list again.", code="request.cursor")
