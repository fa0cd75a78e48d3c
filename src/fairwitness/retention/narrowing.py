"""Which rows the database is asked for when a standing hold is placed: all that may match, no less.

`standing.matches` decides; this only spares it what can't match, by the indexes that there are.
"""

from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet

from fairwitness.evidence.models import Recording, State
from fairwitness.retention.standing import Criteria

_DAY_US: Final = 86_400_000_000


def living(criteria: Criteria) -> QuerySet[Recording]:
    """The living recordings that may match, in the order of their ids."""
    rows: QuerySet[Recording] = Recording.objects.select_related("unit", "station").filter(
        state=State.LIVE
    )
    if criteria.begins_at:
        rows = rows.filter(docked_at__gte=criteria.begins_at)
    if criteria.ends_at:  # what surely began after it; the day allows for clocks that were ahead
        rows = rows.exclude(
            clock_checked=True,
            clock_ahead_us_max__lt=_DAY_US,
            started_at__gt=criteria.ends_at + timedelta(days=1),
        )
    if criteria.any_of:
        return _any_of(rows, criteria).order_by("pk")
    if criteria.officers:
        rows = rows.filter(Q(wearer__in=criteria.officers) | Q(wearer__isnull=True))
    if criteria.cameras:
        rows = rows.filter(Q(camera__in=criteria.cameras) | Q(camera__isnull=True))
    if criteria.units:
        rows = rows.filter(Q(unit__code__in=criteria.units) | Q(unit__isnull=True))
    if criteria.stations:
        rows = rows.filter(Q(station__code__in=criteria.stations) | Q(station__isnull=True))
    return rows.order_by("pk")


def _any_of(rows: QuerySet[Recording], criteria: Criteria) -> QuerySet[Recording]:
    """One question for each kind: each has its index, all of them in one condition have none."""
    kinds = [
        Q(wearer__in=criteria.officers),
        Q(camera__in=criteria.cameras),
        Q(unit__code__in=criteria.units),
        Q(station__code__in=criteria.stations),
    ]
    if criteria.officers or criteria.cameras:
        kinds.append(Q(wearer__isnull=True))
    found = {pk for kind in kinds for pk in rows.filter(kind).values_list("pk", flat=True)}
    return Recording.objects.select_related("unit", "station").filter(pk__in=found)
