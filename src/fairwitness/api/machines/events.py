"""Records of force, search, arrest and complaint, and calls, for programs: bring in, look, explain.

A list is sent as rows and read as the list of docs/specs/event-list.md that says the same, so that
a row is told, known again and refused as a line is. Looking takes a person.
"""

import csv
import io
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import desk_sight, event_desk, looking
from fairwitness.retention.event_rows import WATCHED, Event, EventList, EventMatch

MOST_ROWS: Final = 100
"""So many records one call brings: they are done together, and others wait for the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """A recording that a record marks; with `watch` it must have been watched before one looks."""

    recording: UUID
    reference: str
    event: UUID
    kind: str
    event_reference: str
    incident: str
    certain: bool
    marked_at: datetime
    watch: bool


@dataclass(frozen=True, slots=True)
class MarkPage:
    """One page of marks, the longest waiting first."""

    items: tuple[MarkRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Which recordings one has looked at, and what one saw; all or none."""

    recordings: tuple[UUID, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class LooksTaken:
    """How many marks that ended."""

    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A record, of whom and when; `reason` is why there is no recording of it, once said."""

    id: UUID
    kind: str
    reference: str
    officer: str | None
    camera: str | None
    unit: str | None
    incident: str
    begins_at: datetime
    ends_at: datetime
    call_type: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of records, the newest first."""

    items: tuple[EventRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One officer's part in an event; names and times as in docs/specs/event-list.md."""

    event_id: str
    officer_dispatched_datetime: str
    officer_cleared_datetime: str
    record_type: str = "cad"
    officer_badge_id: str = ""
    camera: str = ""
    incident_number: str = ""
    unit: str = ""
    station: str = ""
    call_type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewEvents:
    """Up to 100 records, and what their list is called."""

    name: str
    events: tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTold:
    """What came of one record: matched, ambiguous, none, unchanged, or refused with a code.

    `line` counts from 2, as in a list with a head.
    """

    line: int
    reference: str
    outcome: str
    message: str
    code: str
    event: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTold:
    """A list that was brought in, and what came of each of its lines."""

    id: UUID
    name: str
    sha256: str
    at: datetime
    lines: tuple[LineTold, ...]


def _mark(each: EventMatch) -> MarkRow:
    return MarkRow(
        recording=each.recording_id,
        reference=each.recording.reference,
        event=each.event_id,
        kind=each.event.kind,
        event_reference=each.event.reference,
        incident=each.event.incident,
        certain=each.certain,
        marked_at=each.matched_at,
        watch=each.event.kind in WATCHED,
    )


def _event(each: Event) -> EventRow:
    return EventRow(
        id=each.pk,
        kind=each.kind,
        reference=each.reference,
        officer=named.collar(each.officer),
        camera=each.camera.serial if each.camera else None,
        unit=each.unit.code if each.unit else None,
        incident=each.incident,
        begins_at=each.begins_at,
        ends_at=each.ends_at,
        call_type=each.call_type,
        place=each.place,
        reason=each.reason,
    )


def _list(kept: EventList) -> ListTold:
    lines = tuple(
        LineTold(**{**row, "event": UUID(row["event"]) if row["event"] else None})
        for row in kept.lines
    )
    return ListTold(id=kept.pk, name=kept.name, sha256=kept.sha256, at=kept.at, lines=lines)


def _marks(call: Call) -> MarkPage:
    call.reach(Action.LOOK_AT_EVENT)
    rows = desk_sight.marks(call.facts).select_related("event", "recording")
    found, after = cursors.by_wait(rows, call, "matched_at")
    call.note(of="records", shown=len(found))
    return MarkPage(tuple(map(_mark, found)), after)


def _look(call: Call) -> LooksTaken:
    call.demand_person()
    said = call.taken(LookedAt)
    call.reach(Action.LOOK_AT_EVENT)
    ended = looking.look(
        recordings=said.recordings, reason=said.reason, officer=call.officer, at=call.at
    )
    return LooksTaken(ended)


def _missing(call: Call) -> EventPage:
    call.reach(Action.LOOK_AT_EVENT)
    rows = desk_sight.records_missing(call.facts).select_related("officer", "camera", "unit")
    found, after = cursors.by_time(rows, call, "begins_at")
    call.note(of="records without a recording", shown=len(found))
    return EventPage(tuple(map(_event, found)), after)


def _explain(call: Call) -> EventRow:
    call.demand_person()
    rows = Event.objects.select_related("officer", "camera", "unit")
    event = rows.filter(pk=call.id).first()
    if event is None:
        call.demand(Action.LOOK_AT_EVENT, about=f"event:{call.id}")
        raise not_here()
    looking.explain(event=event, reason=call.taken(Why).reason, officer=call.officer, at=call.at)
    return _event(rows.get(pk=event.pk))


def _bring_in(call: Call) -> ListTold:
    said = call.taken(NewEvents)
    kept = event_desk.bring_in(
        data=_as_list(said.events),
        name="".join(each if each.isprintable() else "?" for each in said.name.strip())[:120],
        actor=call.officer,
        at=call.at,
        most_lines=MOST_ROWS,
    )
    return _list(kept)


def _as_list(events: tuple[NewEvent, ...]) -> bytes:
    """The same as a list: a head, and a line each."""
    names = [each.name for each in fields(NewEvent)]
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([name.replace("_", " ") for name in names])
    lines.writerows([getattr(event, name) for name in names] for event in events)
    return text.getvalue().encode()


def _told(call: Call) -> ListTold:
    units = call.reach(Action.BRING_EVENTS)
    kept = EventList.objects.filter(pk=call.id).first()
    own = kept is not None and kept.brought_by == f"officer:{call.officer.pk}"
    if not (units is None or own):
        call.demand(Action.BRING_EVENTS, about=f"event_list:{call.id}", subject=Subject())
    if kept is None:
        raise not_here()
    return _list(kept)


_READ, _WRITE = Scope.EVENTS_READ, Scope.EVENTS_WRITE

OPERATIONS: Final = (
    Operation(
        name="listMarked",
        method="GET",
        path="/events/marked",
        says="List recordings that records mark, and that wait for a look.",
        scope=_READ,
        run=_marks,
        gives=MarkPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="lookAtMarked",
        method="POST",
        path="/events/marked/look",
        says="As a person, say what one saw in recordings that records mark; that ends the marks.",
        scope=_WRITE,
        run=_look,
        takes=LookedAt,
        gives=LooksTaken,
        writes=Act.RECORDING_REVIEWED,
    ),
    Operation(
        name="listMissing",
        method="GET",
        path="/events/missing",
        says="List records that no recording surely is of, and of which nobody has said why.",
        scope=_READ,
        run=_missing,
        gives=EventPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="explainMissing",
        method="POST",
        path="/events/{id}/explain",
        says="As a person, say why there is no recording of a record.",
        scope=_WRITE,
        run=_explain,
        takes=Why,
        gives=EventRow,
        writes=Act.EVENT_EXPLAINED,
    ),
    Operation(
        name="bringInEvents",
        method="POST",
        path="/event-lists",
        says="Bring in records, up to 100, and tell which recordings each marks.",
        scope=_WRITE,
        run=_bring_in,
        takes=NewEvents,
        gives=ListTold,
        status=201,
        writes=Act.EVENT_LISTED,
    ),
    Operation(
        name="showEventList",
        method="GET",
        path="/event-lists/{id}",
        says="Tell again what came of each record of a list.",
        scope=_READ,
        run=_told,
        gives=ListTold,
    ),
)
