"""Leave for one recording for programs: who is named for it, name somebody, end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.evidence import circle, naming
from fairwitness.evidence.leave_rows import Naming
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject


@dataclass(frozen=True, slots=True)
class NameRow:
    """Somebody who is named for a recording, and until when."""

    id: UUID
    recording: UUID
    officer: str
    named_by: str
    reason: str
    named_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Names:
    """Who is named for a recording now, the next to end first."""

    items: tuple[NameRow, ...]


@dataclass(frozen=True, slots=True)
class NameSaid:
    """Whom to name, by collar number, until when, and why."""

    officer: str
    until: datetime
    reason: str


def _row(each: Naming) -> NameRow:
    return NameRow(
        id=each.pk,
        recording=each.recording_id,
        officer=each.officer.collar_number,
        named_by=each.named_by.collar_number,
        reason=each.reason,
        named_at=each.named_at,
        ends_at=each.ends_at,
        ended_at=each.ended_at,
    )


def _find(call: Call, pk: UUID) -> Recording:
    """The recording, for whoever says who can open it."""
    found = recordings.alive(call, pk)
    subject = circle.subject_of(recording=found, at=call.at, asking=call.officer.pk)
    call.demand(Action.SET_ACCESS_CLASS, about=recording_subject(pk), subject=subject)
    return found


def _listing(call: Call) -> Names:
    found = _find(call, call.id)
    return Names(tuple(map(_row, naming.standing(recording=found, at=call.at))))


def _name(call: Call) -> NameRow:
    said = call.taken(NameSaid)
    made = naming.name(
        recording=_find(call, call.id),
        officer=officers.named(said.officer.strip()),
        by=call.officer,
        reason=said.reason,
        until=said.until,
        at=call.at,
    )
    return _row(made)


def _end(call: Call) -> NameRow:
    rows = Naming.objects.select_related("officer", "named_by", "recording__unit")
    each = rows.filter(pk=call.id).first()
    if each is None:
        raise not_here()
    _find(call, each.recording_id)
    naming.end(naming=each, by=call.officer, reason=call.taken(Why).reason, at=call.at)
    each.refresh_from_db(fields=["ended_at"])
    return _row(each)


OPERATIONS: Final = (
    Operation(
        name="listNames",
        method="GET",
        path="/recordings/{id}/names",
        says="List who is named for a recording.",
        scope=Scope.RECORDINGS_READ,
        run=_listing,
        gives=Names,
    ),
    Operation(
        name="nameOfficer",
        method="POST",
        path="/recordings/{id}/names",
        says="Let an officer open a recording, for a time.",
        scope=Scope.RECORDINGS_WRITE,
        run=_name,
        takes=NameSaid,
        gives=NameRow,
        status=201,
        writes=Act.RECORDING_ACCESS_GRANTED,
    ),
    Operation(
        name="endName",
        method="POST",
        path="/names/{id}/end",
        says="Take leave back before its time.",
        scope=Scope.RECORDINGS_WRITE,
        run=_end,
        takes=Why,
        gives=NameRow,
        writes=Act.RECORDING_ACCESS_ENDED,
    ),
)
