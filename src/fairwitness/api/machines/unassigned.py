"""Recordings that nobody is known to have worn, for programs: the queue, and who wore one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors, recordings
from fairwitness.api.machines.marks import WearerSaid
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.api.machines.recording_shapes import RecordingRow
from fairwitness.evidence import reaching, unassigned
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class UnassignedRow:
    """A recording without a wearer."""

    recording: UUID
    reference: str
    camera: str
    unit: str | None
    station: str | None
    docked_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class UnassignedPage:
    """One page of recordings without a wearer, those received last first."""

    items: tuple[UnassignedRow, ...]
    next: str | None


def _listing(call: Call) -> UnassignedPage:
    units = call.reach(Action.SEE_UNASSIGNED)
    rows = unassigned.waiting().filter(reaching.there(call.at), reaching.rare_within(units))
    found, after = cursors.by_time(rows.select_related("unit", "station"), call, "received_at")
    call.note(of="unassigned", shown=len(found))
    items = tuple(
        UnassignedRow(
            recording=row.pk,
            reference=row.reference,
            camera=row.camera_serial,
            unit=row.unit.code if row.unit else None,
            station=row.station.code if row.station else None,
            docked_at=row.docked_at,
            received_at=row.received_at,
        )
        for row in found
    )
    return UnassignedPage(items, after)


def _assign(call: Call) -> RecordingRow:
    said = call.taken(WearerSaid)
    rows = Recording.objects.select_related("unit", "wearer", "station", "review", "disposal")
    found = rows.filter(pk=call.id).first()
    subject = Subject(unit=found.unit.code if found and found.unit else None)
    about = recording_subject(call.id)
    if not call.allows(Action.SEE_UNASSIGNED, about=about, subject=subject) or found is None:
        raise not_here()
    unassigned.assign(
        recording=found,
        wearer=officers.named(said.wearer.strip()),
        by=call.officer,
        reason=said.reason.strip(),
        at=call.at,
    )
    return recordings.row(rows.get(pk=call.id), call)


OPERATIONS: Final = (
    Operation(
        name="listUnassigned",
        method="GET",
        path="/unassigned",
        says="List recordings that nobody is known to have worn.",
        scope=Scope.RECORDINGS_READ,
        run=_listing,
        gives=UnassignedPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="assignWearer",
        method="POST",
        path="/unassigned/{id}",
        says="Say who wore the camera where nobody is known to have; a wrong one takes two people.",
        scope=Scope.RECORDINGS_WRITE,
        run=_assign,
        takes=WearerSaid,
        gives=RecordingRow,
        writes=Act.RECORDING_ASSIGNED,
    ),
)
