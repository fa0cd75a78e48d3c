"""Ready data: units and stations to begin with, kept in `data/*.json`.

The file says of itself what in it is history and what a planning example.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any, ClassVar

from fairwitness.errors import FairwitnessError
from fairwitness.force import stations, units
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
    """A force's units in order of their first cameras, those without a date last."""

    name: str
    about: tuple[str, ...]
    units: tuple[NewUnit, ...]
    stations: tuple[NewStation, ...]

    def stations_of(self, unit: str) -> Sequence[NewStation]:
        """The stations of the unit with this code."""
        return [station for station in self.stations if station.unit == unit]


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
        about=tuple(document["about"]),
        units=tuple(sorted(found, key=lambda unit: (unit.actual_on or date.max, unit.code))),
        stations=tuple(
            NewStation(code=station["code"], name=station["name"], unit=unit["code"])
            for unit in document["units"]
            for station in unit["stations"]
        ),
    )


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
