"""Ready data: units and stations to begin with, kept in `data/*.json`.

The file says of itself what in it is history and what a planning example.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any, ClassVar

from fairwitness.errors import FairwitnessError
from fairwitness.force import coordinates, stations, units
from fairwitness.force.authority import Actor
from fairwitness.force.models import UnitKind
from fairwitness.force.stations import NewStation
from fairwitness.force.units import NewUnit

FORCES = ("met",)


class ReadyDataUnknown(FairwitnessError):
    """Ready data that we don't have."""

    code: ClassVar[str] = "ready_data.unknown"


@dataclass(frozen=True, slots=True)
class ReadyForce:
    """A force's units in order of their first cameras, those without a date last.

    `told_on` is the day whose state of things it tells: what is dated later was still to come.
    """

    name: str
    told_on: date
    about: tuple[str, ...]
    units: tuple[NewUnit, ...]
    stations: tuple[NewStation, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """First names and surnames for made-up people."""

    first: tuple[str, ...]
    last: tuple[str, ...]


def read(force: str) -> ReadyForce:
    """The ready data of this name (`met`).

    Raises:
        ReadyDataUnknown: there is none of that name.
    """
    if force not in FORCES:
        raise ReadyDataUnknown(f"There is no ready data {force!r}; there is {', '.join(FORCES)}.")
    document = _load(f"{force}.json")
    found = [
        NewUnit(
            code=unit["code"],
            name=unit["name"],
            kind=UnitKind(unit["kind"]),
            planned_on=_day(unit["planned_on"]),
            actual_on=_day(unit["actual_on"]),
            planned_cameras=unit["planned_cameras"],
        )
        for unit in document["units"]
    ]
    return ReadyForce(
        name=document["force"],
        told_on=date.fromisoformat(document["told_on"]),
        about=tuple(document["about"]),
        units=tuple(sorted(found, key=lambda unit: (unit.actual_on or date.max, unit.code))),
        stations=tuple(
            NewStation(
                code=station["code"],
                name=station["name"],
                unit=unit["code"],
                place=coordinates.read(station["place"]) if "place" in station else None,
            )
            for unit in document["units"]
            for station in unit["stations"]
        ),
    )


def made_up(ready: ReadyForce, *, scale: float, today: date) -> ReadyForce:
    """The same force with a part of the cameras, where the roll-out stands today as it did then.

    Args:
        ready: as it was.
        scale: part of the planned cameras; each unit plans at least one.
        today: days move on by whole weeks, so that a Monday stays one; never back.
    """
    moved = timedelta(weeks=max(0, (today - ready.told_on).days // 7))
    units_now = [
        replace(
            unit,
            planned_on=unit.planned_on and unit.planned_on + moved,
            actual_on=unit.actual_on and unit.actual_on + moved,
            planned_cameras=max(1, round(unit.planned_cameras * scale)),
        )
        for unit in ready.units
    ]
    return replace(ready, told_on=ready.told_on + moved, units=tuple(units_now))


def names() -> Names:
    """The names for made-up people."""
    document = _load("names.json")
    return Names(first=tuple(document["first"]), last=tuple(document["last"]))


def load_units(*, ready: ReadyForce, actor: Actor, at: datetime) -> None:
    """Register the units and stations of ready data, and nothing else.

    Raises:
        UnitInvalid: one of them is there already.
        NotAllowed: the actor may not.
    """
    units.register_many(actor=actor, units=ready.units, at=at)
    stations.register_many(actor=actor, stations=ready.stations, at=at)


def _load(name: str) -> Any:  # noqa: ANN401 - JSON of our own, as the file says
    text = resources.files("fairwitness.force").joinpath("data", name).read_text(encoding="utf-8")
    return json.loads(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
