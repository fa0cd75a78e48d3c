"""Stations: the buildings where docks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, units
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Station
from fairwitness.formats.acts import Act


class StationInvalid(FairwitnessError):
    """A station that can't be registered as given, or one that we don't know."""

    code: ClassVar[str] = "station.invalid"


@dataclass(frozen=True, slots=True)
class NewStation:
    """A station to register; `unit` is the code of the unit that it belongs to."""

    code: str
    name: str
    unit: str


def named(code: str) -> Station:
    """The station with this code.

    Raises:
        StationInvalid: code `station.unknown` when there is none.
    """
    found = Station.objects.select_related("unit").filter(code=code.upper()).first()
    if found is None:
        raise StationInvalid(f"There is no station {code}.", code="station.unknown")
    return found


def register_many(*, actor: Actor, stations: Sequence[NewStation], at: datetime) -> list[Station]:
    """Register stations: all of them, or none.

    Raises:
        StationInvalid: a code that is malformed or taken, or a unit that is unknown.
        NotAllowed: the actor may not.
    """
    codes = [new.code for new in stations]
    for code in codes:
        if not units.CODE.fullmatch(code):
            raise StationInvalid(f"{code!r} is no code: two to eight capitals and digits.")
    taken = Station.objects.filter(code__in=codes).first()
    if taken is not None or len(set(codes)) < len(codes):
        name = taken.code if taken else "twice in the list"
        raise StationInvalid(f"A station's code is taken: {name}.", code="station.taken")
    known = units.by_code(new.unit for new in stations)
    authority.demand_all(
        actor=actor,
        action=Action.REGISTER_OFFICER,
        questions=[(Subject(unit=new.unit), "force") for new in stations],
        at=at,
    )
    rows = [Station(code=new.code, name=new.name, unit=known[new.unit]) for new in stations]
    with transaction.atomic():
        Station.objects.bulk_create(rows)
        ledger.append_many(
            [
                ledger.Draft(
                    subject=f"station:{row.code}",
                    act=Act.STATION_REGISTERED,
                    actor=authority.text(actor),
                    at=at,
                    detail={"name": row.name, "unit": row.unit.code},
                )
                for row in rows
            ]
        )
    return rows


def register(*, actor: Actor, station: NewStation, at: datetime) -> Station:
    """Register one station; as `register_many`."""
    (row,) = register_many(actor=actor, stations=[station], at=at)
    return row
