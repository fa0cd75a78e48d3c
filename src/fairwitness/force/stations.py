"""Stations: the buildings where docks stand; where each is, and that one closes.

A closed station stays: recordings say for ever that they arrived there. No dock is enrolled at it
any more, and none may stand there when it closes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, units
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.coordinates import Coordinates
from fairwitness.force.models import EnrolmentStatus, Station
from fairwitness.formats.acts import Act

_LONGEST_NAME: Final = 120
_LONGEST_ADDRESS: Final = 200


class StationInvalid(FairwitnessError):
    """A station that can't be registered as given, or one that we don't know."""

    code: ClassVar[str] = "station.invalid"


@dataclass(frozen=True, slots=True)
class NewStation:
    """A station to register; `unit` is the code of the unit that it belongs to."""

    code: str
    name: str
    unit: str
    address: str = ""
    place: Coordinates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What may be said anew of a station: its name, where it is in words and on a map."""

    name: str
    address: str = ""
    place: Coordinates | None = None


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
        StationInvalid: a code that is malformed or taken, or no name; a unit that is unknown.
        NotAllowed: the actor may not.
    """
    codes = [new.code for new in stations]
    for code in codes:
        if not units.CODE.fullmatch(code):
            raise StationInvalid(f"{code!r} is no code: two to eight capitals and digits.")
    described = [
        _checked(Described(name=new.name, address=new.address, place=new.place)) for new in stations
    ]
    taken = Station.objects.filter(code__in=codes).first()
    if taken is not None or len(set(codes)) < len(codes):
        name = taken.code if taken else "twice in the list"
        raise StationInvalid(f"A station's code is taken: {name}.", code="station.taken")
    known = units.by_code(new.unit for new in stations)
    authority.demand_all(
        actor=actor,
        action=Action.KEEP_STATIONS,
        questions=[(Subject(unit=new.unit), "force") for new in stations],
        at=at,
    )
    rows = [
        _put(Station(code=new.code, unit=known[new.unit]), said)
        for new, said in zip(stations, described, strict=True)
    ]
    with transaction.atomic():
        Station.objects.bulk_create(rows)
        ledger.append_many(
            [
                ledger.Draft(
                    subject=f"station:{row.code}",
                    act=Act.STATION_REGISTERED,
                    actor=authority.text(actor),
                    at=at,
                    detail={**_detail(row), "unit": row.unit.code},
                )
                for row in rows
            ]
        )
    return rows


def register(*, actor: Actor, station: NewStation, at: datetime) -> Station:
    """Register one station; as `register_many`."""
    (row,) = register_many(actor=actor, stations=[station], at=at)
    return row


def change(*, station: Station, said: Described, actor: Actor, at: datetime) -> Station:
    """Say a station's name, address and place anew.

    Raises:
        StationInvalid: no name, or too long a one; code `station.same` when nothing would change.
        NotAllowed: the actor may not.
    """
    _demand(station, actor, at)
    tidy = _checked(said)
    with transaction.atomic():
        row = _locked(station)
        if (row.name, row.address, row.place) == (tidy.name, tidy.address, tidy.place):
            raise StationInvalid("Nothing would change.", code="station.same")
        _put(row, tidy).save(update_fields=["name", "address", "latitude", "longitude"])
        _write(row, actor, at)
    return row


def close(*, station: Station, actor: Actor, at: datetime, reason: str) -> Station:
    """Close a station where no dock stands any more.

    Raises:
        StationInvalid: it is closed, a dock stands there, or no reason is given.
        NotAllowed: the actor may not.
    """
    _demand(station, actor, at)
    _demand_reason(reason)
    with transaction.atomic():
        row = _locked(station)
        if row.closed_at is not None:
            raise StationInvalid(f"{row} is closed already.", code="station.closed")
        standing = row.docks.filter(
            status__in=[EnrolmentStatus.APPROVED, EnrolmentStatus.PENDING]
        ).first()
        if standing is not None:
            raise StationInvalid(
                f"Dock {standing.serial} stands there. Revoke its key first, or decline it.",
                code="station.docks",
            )
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        _write(row, actor, at, reason=reason, closed=True)
    return row


def reopen(*, station: Station, actor: Actor, at: datetime, reason: str) -> Station:
    """Open a closed station again.

    Raises:
        StationInvalid: it is open, or no reason is given.
        NotAllowed: the actor may not.
    """
    _demand(station, actor, at)
    _demand_reason(reason)
    with transaction.atomic():
        row = _locked(station)
        if row.closed_at is None:
            raise StationInvalid(f"{row} is open.", code="station.open")
        row.closed_at = None
        row.save(update_fields=["closed_at"])
        _write(row, actor, at, reason=reason, closed=False)
    return row


def _demand(station: Station, actor: Actor, at: datetime) -> None:
    authority.demand(
        actor=actor,
        action=Action.KEEP_STATIONS,
        subject=Subject(unit=station.unit.code),
        about=f"station:{station.code}",
        at=at,
    )


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise StationInvalid("Say why.", code="station.reason")


def _locked(station: Station) -> Station:
    return Station.objects.select_for_update().get(pk=station.pk)


def _checked(said: Described) -> Described:
    tidy = replace(said, name=said.name.strip(), address=said.address.strip())
    if not tidy.name or len(tidy.name) > _LONGEST_NAME:
        raise StationInvalid(f"A station has a name, of at most {_LONGEST_NAME} characters.")
    if len(tidy.address) > _LONGEST_ADDRESS:
        raise StationInvalid(f"An address has at most {_LONGEST_ADDRESS} characters.")
    return tidy


def _put(row: Station, said: Described) -> Station:
    row.name, row.address = said.name, said.address
    row.latitude = said.place.latitude if said.place else None
    row.longitude = said.place.longitude if said.place else None
    return row


def _detail(row: Station) -> dict[str, str | None]:
    place = row.place
    return {"name": row.name, "address": row.address, "place": str(place) if place else None}


def _write(row: Station, actor: Actor, at: datetime, *, reason: str = "", **more: bool) -> None:
    ledger.append(
        subject=f"station:{row.code}",
        act=Act.STATION_CHANGED,
        actor=authority.text(actor),
        at=at,
        reason=reason,
        detail={**_detail(row), **more},
    )
