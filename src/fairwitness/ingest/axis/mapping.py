"""Saying who and what an Axis system's people and cameras are: a person does, nobody guesses.

Until then what they record is taken in all the same, and waits in the unassigned queue. Saying
whom a name stands for also assigns what waits there under that name; correcting it later changes
nothing that is assigned, for that takes two people (`evidence.annotations`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from fairwitness.custody import ledger
from fairwitness.evidence import circle, unassigned
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, Officer
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis.connecting import AxisRefused
from fairwitness.ingest.axis.models import PartyKind
from fairwitness.ingest.models import AxisParty, AxisSystem, AxisVersion


def parties(system: AxisSystem) -> QuerySet[AxisParty]:
    """Everyone and everything that a system has named."""
    return AxisParty.objects.filter(system=system).select_related("officer", "camera")


def map_person(
    *, system: AxisSystem, their_id: str, wearer: Officer, officer: Officer, at: datetime
) -> int:
    """Say which officer a person of an Axis system is.

    Returns:
        How many waiting recordings are assigned by it.

    Raises:
        AxisRefused: the system has named nobody so.
        NotAllowed: after the refusal was written down.
    """
    row = _find(system, PartyKind.PERSON, their_id)
    _demand(system, officer, at)
    authority.demand(
        actor=officer,
        action=Action.ASSIGN_WEARER,
        subject=Subject(unit=wearer.unit.code, person=wearer.pk),
        about=f"axis:{system.pk}",
        at=at,
    )
    with transaction.atomic():
        AxisParty.objects.filter(pk=row.pk).update(officer=wearer)
        _log(row, f"officer:{wearer.pk}", officer, at)
    waiting = _recorded_under(system, their_id).filter(pk__in=unassigned.waiting().values("pk"))
    done = 0
    for recording in waiting:
        if circle.is_over(recording, at):
            continue
        unassigned.assign(
            recording=recording,
            wearer=wearer,
            by=officer,
            reason=f"{system} named the wearer {row.their_name or their_id}"[:300],
            at=at,
        )
        done += 1
    return done


def map_camera(
    *, system: AxisSystem, their_id: str, camera: Camera, officer: Officer, at: datetime
) -> None:
    """Say which camera of ours a camera of an Axis system is; it counts for what comes from now on.

    Raises:
        AxisRefused: the system has named none so.
        NotAllowed: after the refusal was written down.
    """
    row = _find(system, PartyKind.CAMERA, their_id)
    _demand(system, officer, at)
    with transaction.atomic():
        AxisParty.objects.filter(pk=row.pk).update(camera=camera)
        _log(row, f"camera:{camera.pk}", officer, at)


def _recorded_under(system: AxisSystem, their_id: str) -> QuerySet[Recording]:
    """What is registered of the containers whose wearer has this name."""
    of_system = AxisVersion.objects.filter(object__container__system=system)
    became = of_system.filter(upload__received_as__isnull=False).values("upload__received_as")
    return Recording.objects.filter(
        pk__in=became, provenance=Provenance.AXIS, said__user=their_id
    ).order_by("received_at")


def _find(system: AxisSystem, kind: PartyKind, their_id: str) -> AxisParty:
    row = AxisParty.objects.filter(system=system, kind=kind, their_id=their_id).first()
    if row is None:
        raise AxisRefused(
            f"{system} has named no {kind.label} {their_id!r}.", code="axis.party_unknown"
        )
    return row


def _demand(system: AxisSystem, officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.APPROVE_ENROLMENT,
        subject=Subject(unit=system.station.unit.code if system.station else None),
        about=f"axis:{system.pk}",
        at=at,
    )


def _log(row: AxisParty, ours: str, officer: Officer, at: datetime) -> None:
    ledger.append(
        subject=f"axis:{row.system_id}",
        act=Act.AXIS_MAPPED,
        actor=authority.text(officer),
        at=at,
        detail={"kind": row.kind, "theirs": row.their_id, "ours": ours},
    )
