"""How many requests to keep footage are taken: in the database, so that all servers agree.

Counts run by the hour and by the day and begin again with each, so that nobody who shares an
address is shut out for long. They count what was taken, not what was looked at or mistyped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db.models import F

from fairwitness.disclosure.request_rows import AskingCount
from fairwitness.errors import FairwitnessError

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
EVERYONE: Final = "everyone"
FROM_ONE_ADDRESS: Final = 5
FROM_EVERYONE: Final = 60
FROM_EVERYONE_A_DAY: Final = 240


class TooMany(FairwitnessError):
    """More requests than are taken in this hour or on this day; the next one begins afresh."""

    code: ClassVar[str] = "request.too_many"

    def __init__(self, message: str, *, count: "Count") -> None:
        super().__init__(message)
        self.count = count


@dataclass(frozen=True, slots=True)
class Count:
    """One limit: whose, since when, how long, how many."""

    who: str
    since: datetime
    length: timedelta
    most: int


def counts(address: str, at: datetime) -> tuple[Count, ...]:
    """The limits that a request from this address meets, in the order in which rows are locked."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    return (
        Count(EVERYONE, day, DAY, FROM_EVERYONE_A_DAY),
        Count(f"{EVERYONE}, by the hour", hour, HOUR, FROM_EVERYONE),
        Count(address, hour, HOUR, FROM_ONE_ADDRESS),
    )


def take(address: str, at: datetime) -> None:
    """Count one request, in the transaction that takes it.

    Raises:
        TooMany: one limit is reached; the transaction is undone with what it counted.
    """
    for count in counts(address, at):
        row, _ = AskingCount.objects.get_or_create(who=count.who, since=count.since)
        taken = AskingCount.objects.filter(pk=row.pk, number__lt=count.most)
        if not taken.update(number=F("number") + 1):
            raise TooMany(
                "We can take no more requests from here at the moment. Nothing was changed.",
                count=count,
            )


def first_refusal(count: Count) -> bool:
    """Whether this is the first refusal under this limit: only that one is written down."""
    AskingCount.objects.get_or_create(who=count.who, since=count.since)
    rows = AskingCount.objects.filter(who=count.who, since=count.since, refused=False)
    return bool(rows.update(refused=True))


def forget(at: datetime) -> int:
    """Remove counts that no request meets any more."""
    return AskingCount.objects.filter(since__lt=at - 2 * DAY).delete()[0]
