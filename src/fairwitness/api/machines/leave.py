"""Who can open one recording, for programs: who is named, name somebody, end it; its class."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.evidence import access_class, circle, naming
from fairwitness.evidence.leave_rows import Naming
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import AccessClass, Action
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


@dataclass(frozen=True, slots=True)
class ClassAsked:
    """A class of access."""

    access_class: AccessClass


@dataclass(frozen=True, slots=True)
class ClassSaid:
    """The class that it should have, and why; `sure`: though one loses sight of it oneself."""

    access_class: AccessClass
    reason: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people of a kind."""

    who: str
    number: int


@dataclass(frozen=True, slots=True)
class ClassEffect:
    """Who would lose and gain sight of it; `watched`: names of those of the former who have."""

    lose: tuple[Crowd, ...]
    gain: tuple[Crowd, ...]
    watched: tuple[str, ...]
    oneself: bool


@dataclass(frozen=True, slots=True)
class ClassNow:
    """The class that a recording has."""

    recording: UUID
    access_class: AccessClass


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


def _effect(call: Call, found: Recording, to: AccessClass) -> access_class.Effect:
    return access_class.foretell(recording=found, to=to, officer=call.officer, at=call.at)


def _preview_class(call: Call) -> ClassEffect:
    found = _find(call, call.id)
    effect = _effect(call, found, call.taken(ClassAsked).access_class)
    return ClassEffect(
        tuple(Crowd(*each) for each in effect.lose),
        tuple(Crowd(*each) for each in effect.gain),
        effect.watched,
        effect.oneself,
    )


def _set_class(call: Call) -> ClassNow:
    said = call.taken(ClassSaid)
    found = _find(call, call.id)
    if not said.sure and _effect(call, found, said.access_class).oneself:
        raise access_class.ClassInvalid("You would lose sight of it yourself. Say that you know.")
    access_class.change(
        recording=found,
        to=said.access_class,
        officer=call.officer,
        reason=said.reason,
        at=call.at,
    )
    return ClassNow(found.pk, said.access_class)


OPERATIONS: Final = (
    Operation(
        name="previewAccessClass",
        method="POST",
        path="/recordings/{id}/access-class/preview",
        says="Tell who would lose and gain sight of a recording by another class.",
        scope=Scope.RECORDINGS_WRITE,
        run=_preview_class,
        takes=ClassAsked,
        gives=ClassEffect,
    ),
    Operation(
        name="setAccessClass",
        method="POST",
        path="/recordings/{id}/access-class",
        says="Give a recording, with its parts, another class of access.",
        scope=Scope.RECORDINGS_WRITE,
        run=_set_class,
        takes=ClassSaid,
        gives=ClassNow,
        writes=Act.RECORDING_ACCESS_CLASS_CHANGED,
    ),
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
