"""The roll-out page: numbers, months, the boroughs as a map of tiles, and all of it as a table."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.accountability import roll_out
from fairwitness.accountability.roll_out import Month, RollOut, UnitRollOut
from fairwitness.web import page, times, visits

_MAP: Final = (
    ("ENF", 1, 5, "Enfield"),
    ("HRW", 2, 3, "Harrow"),
    ("BNT", 2, 4, "Barnet"),
    ("HGY", 2, 5, "Haringey"),
    ("WFT", 2, 6, "Waltham Forest"),
    ("HDN", 3, 1, "Hillingdon"),
    ("EAL", 3, 2, "Ealing"),
    ("BRE", 3, 3, "Brent"),
    ("CMD", 3, 4, "Camden"),
    ("ISL", 3, 5, "Islington"),
    ("HCK", 3, 6, "Hackney"),
    ("RDB", 3, 7, "Redbridge"),
    ("HVG", 3, 8, "Havering"),
    ("HNS", 4, 1, "Hounslow"),
    ("HMF", 4, 2, "Hammer\u00adsmith & Ful."),
    ("KEN", 4, 3, "Kens. and Chelsea"),
    ("WSM", 4, 4, "West\u00adminster"),
    ("TWH", 4, 6, "Tower Hamlets"),
    ("NWM", 4, 7, "Newham"),
    ("BAR", 4, 8, "Barking & Dag."),
    ("RCH", 5, 2, "Richmond"),
    ("WNS", 5, 3, "Wands\u00adworth"),
    ("LAM", 5, 4, "Lambeth"),
    ("STH", 5, 5, "Southwark"),
    ("LSH", 5, 6, "Lewisham"),
    ("GRN", 5, 7, "Greenwich"),
    ("BXL", 5, 8, "Bexley"),
    ("KNG", 6, 3, "Kingston"),
    ("MRT", 6, 4, "Merton"),
    ("CRD", 6, 5, "Croydon"),
    ("BRM", 6, 6, "Bromley"),
    ("STN", 7, 4, "Sutton"),
)
"""London's boroughs by code, each with its row, column and the name that fits on its tile."""

_TALL: Final = 250
_LONG: Final = 99
_THOUSAND: Final = 1000
_HEAD: Final = ("code", "unit", "kind", "issued", "planned", "planned on", "came on", "days late")


@dataclass(frozen=True, slots=True)
class Tile:
    """One borough on the map."""

    code: str
    row: int
    column: int
    short: str
    said: str
    below: str
    share: int
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One month in the chart; lengths are of a chart 250 high."""

    name: str
    year: str
    said: str
    label: str
    issued: str
    planned: str
    issued_y: int
    issued_height: int
    planned_y: int
    planned_height: int
    to_come: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in the table."""

    code: str
    name: str
    issued: str
    planned: str
    share: int
    planned_on: str
    actual_on: str
    state: str
    late: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Map:
    """The tiles, and how many of each kind there are."""

    tiles: tuple[Tile, ...]
    full: int
    part: int
    none: int


def tile_map(counted: RollOut) -> Map | None:
    """London's boroughs as tiles; None for a force that has none of them."""
    known = {unit.code: unit for unit in counted.boroughs}
    tiles = tuple(
        _tile(known[code], row, column, short) for code, row, column, short in _MAP if code in known
    )
    if not tiles:
        return None
    kinds = [tile.kind for tile in tiles]
    return Map(tiles, kinds.count("full"), kinds.count("part"), kinds.count("none"))


def _tile(unit: UnitRollOut, row: int, column: int, short: str) -> Tile:
    if unit.issued == 0:
        kind, below = "none", "not yet"
        said = f"{unit.name}: not yet, {unit.planned} planned"
    elif unit.done or not unit.planned:
        kind, below = "full", f"{unit.issued:,}"
        said = f"{unit.name}: {unit.issued} of {unit.planned} issued"
    else:
        kind, below = "part", f"{unit.issued} of {unit.planned:,}"
        said = f"{unit.name}: {unit.issued} of {unit.planned} issued"
    if unit.late_days:
        said += f", {_late(unit)}"
    return Tile(unit.code, row, column, short, said, below, unit.share, kind)


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def _late(unit: UnitRollOut) -> str:
    """How late, in days while that says anything."""
    if unit.actual_on is None and unit.late_days > _LONG:
        return f"late since {_day(unit.planned_on)}"
    return f"late {unit.late_days} day{'' if unit.late_days == 1 else 's'}"


def _state(unit: UnitRollOut) -> str:
    if unit.late_days:
        return _late(unit)
    if unit.done:
        return "all issued"
    if unit.issued == 0:
        return f"not yet: {unit.planned_on:%B}" if unit.planned_on else "no date yet"
    return "begun on time"


def _row(unit: UnitRollOut) -> Row:
    return Row(
        code=unit.code,
        name=unit.name,
        issued=f"{unit.issued:,}",
        planned=f"{unit.planned:,}",
        share=unit.share,
        planned_on=_day(unit.planned_on),
        actual_on=_day(unit.actual_on) or "not yet",
        state=_state(unit),
        late=unit.late_days > 0,
        done=unit.done,
    )


def _label(number: int, top: int) -> str:
    """What fits over a bar: thousands, where the chart reaches one."""
    return f"{number / _THOUSAND:.1f}" if top >= _THOUSAND else str(number)


def _bars(months: tuple[Month, ...]) -> list[Bar]:
    top = max((max(month.planned, month.issued or 0) for month in months), default=0) or 1
    bars = []
    for place, month in enumerate(months):
        issued = (month.issued or 0) * _TALL // top
        planned = month.planned * _TALL // top
        bars.append(
            Bar(
                name=f"{month.first:%b}",
                year=f"{month.first:%Y}" if place == 0 or month.first.month == 1 else "",
                said=f"{month.first:%B %Y}",
                label=_label(month.planned if month.issued is None else month.issued, top),
                issued="" if month.issued is None else f"{month.issued:,}",
                planned=f"{month.planned:,}",
                issued_y=_TALL - issued,
                issued_height=issued,
                planned_y=_TALL - planned,
                planned_height=planned,
                to_come=month.issued is None,
            )
        )
    return bars


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For anyone, signed in or not."""
    visit = visits.of(request)
    counted = roll_out.count(at=visit.at)
    ends = [unit.planned_on for unit in counted.units if unit.planned_on]
    context = {
        "when": times.long_moment(visit.at),
        "issued": f"{counted.issued:,}",
        "planned": f"{counted.planned:,}",
        "boroughs_begun": counted.boroughs_begun,
        "boroughs": len(counted.boroughs),
        "behind": f"{counted.behind():,}",
        "late": [(unit.name, _late(unit)) for unit in counted.late],
        "last": _day(max(ends)) if ends else "",
        "map": tile_map(counted),
        "bars": _bars(counted.months),
        "rows": [_row(unit) for unit in counted.units],
    }
    return page.render(request, "pages/roll_out.html", context)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    counted = roll_out.count(at=visits.of(request).at)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for unit in counted.units:
        writer.writerow(
            (
                unit.code,
                unit.name,
                "borough" if unit.borough else "command",
                unit.issued,
                unit.planned,
                unit.planned_on.isoformat() if unit.planned_on else "",
                unit.actual_on.isoformat() if unit.actual_on else "",
                unit.late_days,
            )
        )
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="roll-out.csv"'
    return answer
