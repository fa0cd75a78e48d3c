"""What goes on each of the next days, by unit and category: counted by a sweeper, kept whole.

A count over all that goes within a week takes seconds on a large force, so no page makes it. It
is the force's: what only oversight's silent holds keep is counted as if they were not there.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import TruncDate

from fairwitness.evidence.models import Recording, State
from fairwitness.retention.models import WeekAhead

DAYS = 7
EVERY = timedelta(minutes=15)
_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Going:
    """So many recordings of a unit and a category go on a London day."""

    day: date
    unit: str
    category: str
    number: int


@dataclass(frozen=True, slots=True)
class Week:
    """What was counted last, and when."""

    counted_at: datetime
    lines: tuple[Going, ...]

    def within(self, units: frozenset[str] | None) -> "Week":
        """The same for some units only; None for the whole force."""
        if units is None:
            return self
        return Week(self.counted_at, tuple(line for line in self.lines if line.unit in units))

    @property
    def total(self) -> int:
        """How many go in all."""
        return sum(line.number for line in self.lines)

    def by(self, what: Callable[[Going], str]) -> list[tuple[str, int]]:
        """The numbers by unit or category, the largest first."""
        return _summed((what(line), line.number) for line in self.lines).most_common()

    def by_day(self) -> list[tuple[date, int]]:
        """Every day of the week ahead, also one on which nothing goes."""
        first = self.counted_at.astimezone(_LONDON).date()
        numbers = _summed((line.day.isoformat(), line.number) for line in self.lines)
        days = [first + timedelta(days=count) for count in range(DAYS + 1)]
        return [(day, numbers[day.isoformat()]) for day in days]


def renew_due(*, at: datetime) -> int:
    """Count anew when the last count is old; returns 1 when it did."""
    if WeekAhead.objects.filter(counted_at__gt=at - EVERY, counted_at__lte=at).exists():
        return 0
    rows = (
        Recording.objects.filter(
            state=State.LIVE, force_gone_by__gt=at, force_gone_by__lte=at + timedelta(days=DAYS)
        )
        .order_by()
        .annotate(day=TruncDate("force_gone_by", tzinfo=_LONDON))
        .values_list("day", "unit__code", "category")
        .annotate(number=Count("pk"))
    )
    lines = sorted(
        [day.isoformat(), unit or "", category, number] for day, unit, category, number in rows
    )
    with transaction.atomic():
        WeekAhead.objects.all().delete()
        WeekAhead.objects.create(counted_at=at, lines=lines)
    return 1


def counted() -> Week | None:
    """What was counted last; None before the first count."""
    row = WeekAhead.objects.order_by("-counted_at").first()
    if row is None:
        return None
    lines = tuple(
        Going(date.fromisoformat(day), unit, category, number)
        for day, unit, category, number in row.lines
    )
    return Week(row.counted_at, lines)


def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    numbers: Counter[str] = Counter()
    for name, number in pairs:
        numbers[name] += number
    return numbers
