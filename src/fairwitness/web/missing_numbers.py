"""Numbers of cameras' counters that never came, for *My team*: a page of cameras at a time.

Each camera has a form of its own. A force with hundreds of them waiting had a page of hundreds of
forms, which took longer to write than anything else on it (ADR 0064).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from fairwitness.ingest.models import CounterGap
from fairwitness.web import keyset, needs, times, visits

SHOWN: Final = 25
MANY: Final = 500
"""So many numbers are looked at for one page; cameras are counted among as many."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The numbers of one camera that never came, found at one docking."""

    camera: str
    serial: str
    numbers: str
    counters: tuple[int, ...]
    named: str


@dataclass(frozen=True, slots=True)
class Cameras:
    """A page of them.

    Attributes:
        rows: what is shown.
        total: how many there are in all.
        more: there may be more than `total`.
        next: the address of the next page; empty on the last.
        first: this is the first page.
    """

    rows: tuple[Missing, ...]
    total: int
    more: bool
    next: str
    first: bool


def of(visit: visits.SignedVisit, *, after: str = "") -> Cameras:
    """The cameras whose numbers this visitor may explain, those found missing last first.

    Args:
        visit: whose.
        after: the key of the page, as the address has it.
    """
    waiting = needs.gaps(visit)
    found = _grouped(waiting)
    total, more = len(found), sum(len(counters) for *_, counters in found) == MANY
    key = keyset.read(after)
    if key is not None:
        found = _grouped(waiting.filter(key.before("named_at", "camera")))
    shown = found[:SHOWN]
    last = shown[-1] if shown else None
    rest = len(found) > SHOWN or sum(len(counters) for *_, counters in found) == MANY
    return Cameras(
        rows=tuple(
            Missing(
                camera=str(camera),
                serial=serial,
                numbers=_spans(counters),
                counters=counters,
                named=times.short_moment(named_at),
            )
            for camera, serial, named_at, counters in shown
        ),
        total=total,
        more=more,
        next=f"{keyset.link('/team', keyset.text(last[2], last[0]))}#gaps" if last and rest else "",
        first=key is None,
    )


def _grouped(gaps: QuerySet[CounterGap]) -> list[tuple[UUID, str, datetime, tuple[int, ...]]]:
    """Camera, its number, when they were missed, and which; one query."""
    rows = gaps.order_by("-named_at", "-camera", "counter").values_list(
        "camera", "camera__serial", "named_at", "counter"
    )[:MANY]
    return [
        (*of_one, tuple(counter for *_, counter in numbers))
        for of_one, numbers in groupby(rows, key=lambda row: row[:3])
    ]


def _spans(counters: tuple[int, ...]) -> str:
    """'4 to 7, 9': numbers that follow each other, together."""
    spans: list[list[int]] = []
    for number in counters:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in spans)
