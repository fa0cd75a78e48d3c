"""The figures as they were last counted, kept so that no page counts a million rows.

`renew` counts everything anew, from the rows, and keeps the answer whole: there is no running total
that could drift. Only views, which the custody log holds in an order that never changes, are
counted on from where the last count ended; `recounted` counts them from the beginning, and a
command and a test hold the two against each other. A count is renewed as often as it is cheap: at
most a two-hundredth of the time goes into counting.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from fairwitness.accountability import figures, months, one_state, spoken
from fairwitness.accountability.figures import Figures
from fairwitness.accountability.models import FigureCell, FiguresCount
from fairwitness.accountability.months import VIEWED, Cell
from fairwitness.accountability.paging import pages

CHEAP_MS: Final = 50
"""What a page may spend on counting anew."""

_SHARE: Final = 200
_FORGOTTEN_AFTER: Final = timedelta(days=1)
_KEYS = tuple[str, date, str, str]


def latest(*, at: datetime) -> FiguresCount:
    """The last count; counted anew when that is due and cheap, or when there is none.

    In a large force the background work renews it, and a page shows what that counted last.
    """
    kept = _last()
    if kept is None or (_due(kept, at) and kept.took_ms <= CHEAP_MS):
        return renew(at=at)
    return kept


def seen(*, at: datetime) -> FiguresCount:
    """The lines of the last count; counted anew as for `latest`, and nothing is written.

    For a page that anybody may open at any time, and must not wait for whoever writes.
    """
    kept = _last()
    if kept is None or (_due(kept, at) and kept.took_ms <= CHEAP_MS):
        with one_state.reading():
            return _kept(figures.count(at=at))
    return kept


def renew_due(*, at: datetime) -> int:
    """Count anew if the last count is old enough; returns how many counts were made."""
    kept = _last()
    if kept is not None and not _due(kept, at):
        return 0
    renew(at=at)
    return 1


def renew(*, at: datetime) -> FiguresCount:
    """Count everything at this moment, and keep it in place of what was counted before."""
    begun = time.monotonic()
    with one_state.reading():
        before = _last()
        counted = figures.count(at=at)
        views = months.views(before.views_until if before else 0)
        cells = _cells(at, views.cells, before)
        problems = [*counted.problems, *_months_add_up(cells, counted)]
    fresh = _kept(counted)
    fresh.took_ms = int((time.monotonic() - begun) * 1000)
    fresh.problems, fresh.views_until = problems, views.until
    fresh.save()
    for some in pages(cells):  # short transactions; nobody reads it before it is complete
        FigureCell.objects.bulk_create([FigureCell(count=fresh, **asdict(cell)) for cell in some])
    with transaction.atomic():
        FiguresCount.objects.filter(pk=fresh.pk).update(complete=True)
        old = FiguresCount.objects.filter(at__lt=at - _FORGOTTEN_AFTER) | (
            FiguresCount.objects.filter(at__lt=at, complete=True)
        )
        old.delete()
    fresh.complete = True
    return fresh


def recounted(*, at: datetime) -> list[Cell]:
    """Every number counted from the rows and the whole log, in order; nothing is kept."""
    with one_state.reading():
        return sorted(_cells(at, months.views(0).cells, None))


def _kept(counted: Figures) -> FiguresCount:
    """A count as it is kept, without what the months and views add."""
    return FiguresCount(
        at=counted.at,
        lines=[asdict(line) for line in counted.lines],
        total=asdict(counted.total),
        in_log=counted.in_log,
        problems=list(counted.problems),
    )


def _last() -> FiguresCount | None:
    return FiguresCount.objects.filter(complete=True).order_by("-at", "-pk").first()


def differences(*, at: datetime) -> list[Cell]:
    """Numbers that counting on from the last count gives otherwise than counting all anew.

    Both are counted of one state of the database, so that it may be busy; none is what must be.
    """
    with one_state.reading():
        before = _last()
        views = months.views(before.views_until if before else 0)
        going_on = _cells(at, views.cells, before)
        anew = _cells(at, months.views(0).cells, None)
    return sorted(set(going_on) ^ set(anew))


def cells_of(count: FiguresCount) -> list[Cell]:
    """What a count kept, in order."""
    rows = count.cells.values_list("measure", "month", "unit", "category", "number")
    return sorted(Cell(*row) for row in rows)


def _due(kept: FiguresCount, at: datetime) -> bool:
    return at - kept.at >= timedelta(milliseconds=kept.took_ms * _SHARE)


def _cells(
    at: datetime, views: "Counter[tuple[str, date, str]]", before: FiguresCount | None
) -> list[Cell]:
    found: Counter[_KEYS] = Counter()
    _add(found, months.recordings(at))
    _add(found, months.quarantined())
    _add(found, months.shared())
    for each in (spoken.told, spoken.not_recorded, spoken.glass):
        _add(found, each())
    for (reason, month, unit), number in views.items():
        found[VIEWED + reason, month, unit, ""] += number
    if before is not None:
        earlier = before.cells.filter(measure__startswith=VIEWED)
        columns = ("measure", "month", "unit", "category", "number")
        _add(found, (Cell(*row) for row in earlier.values_list(*columns)))
    return [Cell(*key, number) for key, number in found.items()]


def _add(found: "Counter[_KEYS]", cells: Iterable[Cell]) -> None:
    for cell in cells:
        found[cell.measure, cell.month, cell.unit, cell.category] += cell.number


def _months_add_up(cells: list[Cell], counted: Figures) -> list[str]:
    """What the months say otherwise than the units; what only the log still knows has no month."""
    received = sum(cell.number for cell in cells if cell.measure == "received")
    received += figures.vestiges()
    if received == counted.total.received:
        return []
    return [f"The months hold {received} arrivals, the units {counted.total.received}."]
