"""The roll-out of cameras: issued against planned, by borough and team, with dates.

What is issued follows from the issues of cameras: a camera counts from the first moment that it was
in an officer's hands, for the unit that it belongs to, unless its key was revoked since. What is
planned is what the units' rows say. The number of queries does not depend on how many there are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Subquery

from fairwitness.force.models import Camera, CameraStatus, Issue, Unit, UnitKind

_LONDON: Final = ZoneInfo("Europe/London")
MONTHS: Final = 18
"""The months shown, from the first: a roll-out ends, and then its chart is history."""

_FIVE_DAYS: Final = timedelta(days=5)
_GONE: Final = (CameraStatus.REVOKED, CameraStatus.LOST, CameraStatus.STOLEN)


@dataclass(frozen=True, slots=True)
class UnitRollOut:
    """How far one unit has come.

    Attributes:
        code: of the unit.
        name: of the unit.
        borough: it is a part of the area, and not a team that works all over it.
        issued: cameras in use.
        planned: cameras that it is to have.
        planned_on: when its first cameras were to come.
        actual_on: when they came: as it was registered, or else the day on which the first of the
            unit's cameras was issued; None while none was.
        late_days: how late they came, or are by now; 0 when on time or not due.
    """

    code: str
    name: str
    borough: bool
    issued: int
    planned: int
    planned_on: date | None
    actual_on: date | None
    late_days: int

    @property
    def done(self) -> bool:
        """Whether it has all its cameras."""
        return self.issued >= self.planned > 0

    @property
    def share(self) -> int:
        """Hundredths issued, rounded down, so that 100 means all."""
        return min(100, self.issued * 100 // self.planned) if self.planned else 0


@dataclass(frozen=True, slots=True)
class Month:
    """The whole force at a month's end, or now in the month that runs.

    Attributes:
        first: the month's first day.
        issued: cameras issued until then; None for a month to come.
        planned: cameras planned until then.
    """

    first: date
    issued: int | None
    planned: int


@dataclass(frozen=True, slots=True)
class RollOut:
    """The whole, and each unit: first those whose day has come, and of these who has least."""

    at: datetime
    units: tuple[UnitRollOut, ...]
    months: tuple[Month, ...]

    @property
    def issued(self) -> int:
        """Cameras in use in units that have a plan or a camera."""
        return sum(unit.issued for unit in self.units)

    @property
    def planned(self) -> int:
        """Cameras that there are to be."""
        return sum(unit.planned for unit in self.units)

    @property
    def boroughs(self) -> tuple[UnitRollOut, ...]:
        """The parts of the area."""
        return tuple(unit for unit in self.units if unit.borough)

    @property
    def boroughs_begun(self) -> int:
        """In how many of them officers have cameras."""
        return sum(unit.issued > 0 for unit in self.boroughs)

    @property
    def late(self) -> tuple[UnitRollOut, ...]:
        """Units whose first cameras came late, or are late; the latest first."""
        return tuple(
            sorted((u for u in self.units if u.late_days), key=lambda u: (-u.late_days, u.name))
        )

    def behind(self) -> int:
        """Cameras that units whose day has come were to have and have not."""
        today = self.at.astimezone(_LONDON).date()
        return sum(
            max(0, unit.planned - unit.issued) for unit in self.units if _is_owed(unit, today)
        )


def count(*, at: datetime) -> RollOut:
    """Count what is issued at a moment."""
    today = at.astimezone(_LONDON).date()
    rows = list(Unit.objects.order_by("name"))
    issued, first_on = _issued(at)
    units = [
        UnitRollOut(
            code=row.code,
            name=row.name,
            borough=row.kind == UnitKind.BOROUGH,
            issued=sum(issued[row.code].values()),
            planned=row.planned_cameras,
            planned_on=row.planned_on,
            actual_on=(came := row.actual_on or first_on.get(row.code)),
            late_days=_late(row.planned_on, came, today),
        )
        for row in rows
        if row.planned_cameras or issued[row.code]
    ]
    ordered = sorted(units, key=lambda unit: (not _is_owed(unit, today), unit.share, unit.name))
    return RollOut(at=at, units=tuple(ordered), months=_months(units, issued, today))


def _is_owed(unit: UnitRollOut, today: date) -> bool:
    """Whether its day has come, and not all of its cameras have."""
    return unit.planned_on is not None and unit.planned_on <= today and not unit.done


def _issued(at: datetime) -> tuple[Mapping[str, dict[date, int]], Mapping[str, date]]:
    """Cameras by unit and by the month in which they were first issued, and the first such day.

    One query.
    """
    first = Issue.objects.filter(camera=OuterRef("pk"), begins_at__lte=at).order_by("begins_at")
    rows = (
        Camera.objects.exclude(status__in=_GONE)
        .annotate(first=Subquery(first.values("begins_at")[:1]))
        .filter(first__isnull=False)
        .order_by()
        .values_list("unit__code", "first")
        .annotate(number=Count("pk"))
    )
    found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    began: dict[str, date] = {}
    for code, moment, number in rows:  # months are told here: SQLite calls back for each camera
        day = moment.astimezone(_LONDON).date()
        found[code or ""][day.replace(day=1)] += number
        began[code or ""] = min(day, began.get(code or "", day))
    return found, began


def _late(planned: date | None, actual: date | None, today: date) -> int:
    if planned is None:
        return 0
    return max(0, ((actual or today) - planned).days)


def _months(
    units: list[UnitRollOut], issued: Mapping[str, Mapping[date, int]], today: date
) -> tuple[Month, ...]:
    codes = {unit.code for unit in units}
    by_month: dict[date, int] = defaultdict(int)
    for code in codes & issued.keys():
        for month, number in issued[code].items():
            by_month[month] += number
    planned = [(unit.planned_on.replace(day=1), unit.planned) for unit in units if unit.planned_on]
    known = [*by_month, *(month for month, _ in planned)]
    months: list[Month] = []
    month = min(known, default=today)
    while known and month <= max(known) and len(months) < MONTHS:
        to_come = month > today
        months.append(
            Month(
                first=month,
                issued=None if to_come else sum(n for m, n in by_month.items() if m <= month),
                planned=sum(number for first, number in planned if first <= month),
            )
        )
        month = (month.replace(day=28) + _FIVE_DAYS).replace(day=1)
    return tuple(months)
