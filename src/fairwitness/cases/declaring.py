"""Declaring a critical incident: one act that locks for everyone and tells the oversight body.

Design rules:

1. One transaction: the incident, its hold, every lock, every notice and every entry, or nothing.
2. The lock is standing: what is docked later is bound as it arrives (`evidence.turns`).
3. A playback that runs ends at its next request: access asks again each time.
4. It takes effect at once and needs no second person. Undoing it is oversight's.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import transaction
from django.db.models import Max, Q

from fairwitness.cases.models import CriticalIncident, Happening, Involvement, Notice
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.models import Camera, Officer, RoleGrant, Station, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail
from fairwitness.retention import holds
from fairwitness.retention.holds import Placed, Terms
from fairwitness.retention.models import HoldKind
from fairwitness.retention.standing import Criteria

BEFORE: Final = timedelta(hours=1)
"""How much earlier than the moment that was given the lock begins: people round, clocks differ."""

REVIEW: Final = timedelta(days=180)


class IncidentInvalid(FairwitnessError):
    """An incident that can't be declared, worked on or closed as asked."""

    code: ClassVar[str] = "incident.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What is said of an incident when it is declared.

    Attributes:
        happening: what makes it critical.
        about: in a few words.
        place: where, in words.
        began_at: when it began, UTC.
        ended_at: when it ended; None while it goes on.
        officers: who was there.
        cameras: cameras that were there, whoever wears them.
        units: everybody of these units.
        stations: everything docked there.
    """

    happening: Happening
    about: str
    place: str
    began_at: datetime
    ended_at: datetime | None = None
    officers: tuple[Officer, ...] = ()
    cameras: tuple[Camera, ...] = ()
    units: tuple[Unit, ...] = ()
    stations: tuple[Station, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """An incident that is declared: what is locked now, and who was told."""

    incident: CriticalIncident
    locked: int
    told: tuple[Officer, ...]


def about(incident: CriticalIncident) -> str:
    """The custody subject of an incident."""
    return f"incident:{incident.pk}"


def would_lock(*, said: Particulars, at: datetime) -> list[Recording]:
    """The recordings here that declaring it would lock now; more may be docked later.

    Raises:
        IncidentInvalid: as `declare`.
    """
    _check(said, at)
    found = [row for row in holds.matching_now(_criteria(said)) if not circle.is_over(row, at)]
    wearers = Officer.objects.in_bulk({row.wearer_id for row in found if row.wearer_id})
    for row in found:
        row.wearer = wearers[row.wearer_id] if row.wearer_id else None
    return found


def declare(*, said: Particulars, officer: Officer, at: datetime) -> Declared:
    """Declare a critical incident: everything named is locked when this returns.

    Args:
        said: what happened, where, when, and who and what was there.
        officer: a duty officer.
        at: now.

    Raises:
        IncidentInvalid: nothing is said of it, or it names nobody, no camera and no place.
        NotAllowed: the officer may not.
    """
    _check(said, at)
    authority.demand(
        actor=officer,
        action=Action.DECLARE_INCIDENT,
        subject=Subject(unit=officer.unit.code),
        about="force",
        at=at,
    )
    with transaction.atomic():
        pk = uuid.uuid4()
        placed = _lock(said, officer, at)
        last = CriticalIncident.objects.filter(year=at.year).aggregate(last=Max("number"))["last"]
        incident = CriticalIncident.objects.create(
            id=pk,
            number=(last or 0) + 1,
            year=at.year,
            happening=said.happening,
            about=said.about.strip(),
            place=said.place.strip(),
            unit=said.units[0] if said.units else officer.unit,
            began_at=said.began_at,
            ended_at=said.ended_at,
            declared_by=officer,
            declared_at=at,
            hold_id=placed.hold,
        )
        Involvement.objects.bulk_create(
            [Involvement(incident=incident, officer=each) for each in said.officers]
        )
        told = _tell(incident, at)
        ledger.append(
            subject=about(incident),
            act=Act.INCIDENT_DECLARED,
            actor=authority.text(officer),
            at=at,
            reason=incident.about,
            detail=_detail(incident, said, told, len(placed.bound)),
        )
    return Declared(incident, len(placed.bound), told)


def oversight_for(unit: Unit, at: datetime) -> tuple[Officer, ...]:
    """The people of the oversight body who look after this unit, now."""
    grants = RoleGrant.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        Q(unit__isnull=True) | Q(unit=unit),
        role=Role.INDEPENDENT_INVESTIGATOR.value,
        begins_at__lte=at,
    )
    found = Officer.objects.filter(active=True, pk__in=grants.values("officer"))
    return tuple(found.order_by("collar_number"))


def _lock(said: Particulars, officer: Officer, at: datetime) -> Placed:
    return holds.place(
        terms=Terms(
            kind=HoldKind.CRITICAL_INCIDENT,
            reference=f"{said.happening.label}, {said.place}"[:80],
            basis=said.about,
            review_on=(at + REVIEW).date(),
            locks=True,
        ),
        owner=officer,
        at=at,
        criteria=_criteria(said),
    )


def _tell(incident: CriticalIncident, at: datetime) -> tuple[Officer, ...]:
    told = oversight_for(incident.unit, at)
    Notice.objects.bulk_create([Notice(incident=incident, officer=each, at=at) for each in told])
    return told


def _check(said: Particulars, at: datetime) -> None:
    if not said.about.strip() or not said.place.strip():
        raise IncidentInvalid("Say in a few words what happened, and where.")
    if said.began_at > at:
        raise IncidentInvalid("It can't have begun after now.", code="incident.times")
    if said.ended_at is not None and said.ended_at < said.began_at:
        raise IncidentInvalid("It can't have ended before it began.", code="incident.times")
    if not (said.officers or said.cameras or said.units or said.stations):
        raise IncidentInvalid(
            "Name at least one officer, camera, unit or station.", code="incident.nobody"
        )


def _criteria(said: Particulars) -> Criteria:
    return Criteria(
        officers=tuple(each.pk for each in said.officers),
        cameras=tuple(each.pk for each in said.cameras),
        units=tuple(each.code for each in said.units),
        stations=tuple(each.code for each in said.stations),
        begins_at=said.began_at - BEFORE,
        ends_at=said.ended_at,
        any_of=True,
    )


def _detail(
    incident: CriticalIncident, said: Particulars, told: Sequence[Officer], locked: int
) -> dict[str, Detail]:
    return {
        "reference": incident.reference,
        "happening": said.happening.value,
        "place": incident.place,
        "began_at": said.began_at.isoformat(),
        "ended_at": said.ended_at.isoformat() if said.ended_at else None,
        "officers": [f"officer:{each.pk}" for each in said.officers],
        "cameras": [f"camera:{each.pk}" for each in said.cameras],
        "units": [each.code for each in said.units],
        "stations": [each.code for each in said.stations],
        "hold": str(incident.hold_id),
        "locked": locked,
        "told": [f"officer:{each.pk}" for each in told],
    }
