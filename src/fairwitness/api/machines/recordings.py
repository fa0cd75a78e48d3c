"""Recordings for programs: search, one, its history; categorise, keep, note, watch."""

from typing import Final
from uuid import UUID

from fairwitness.accountability import finding, search
from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import cursors
from fairwitness.api.machines.operation import Call, Operation, Parameter, not_here
from fairwitness.api.machines.recording_shapes import (
    AsEvidence,
    Categories,
    Entries,
    EntryLine,
    History,
    HistoryLine,
    NoteMade,
    NoteText,
    RecordingPage,
    RecordingRow,
    TaskSaid,
    ViewingGranted,
)
from fairwitness.evidence import access, annotations, circle, history, knowing
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.force.asking import Action, Role
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import marking

_LONGEST_NOTE: Final = 2000


def row(recording: Recording, call: Call) -> RecordingRow:
    """A recording as this account may know it."""
    known = knowing.dates(recording, to=knowing.reader(recording, call.facts))
    gone = knowing.gone(recording, known=known, at=call.at)
    began = recording.began_at
    if gone:
        recording = knowing.without_footage(recording)
    return RecordingRow(
        id=recording.pk,
        reference=recording.reference,
        state="deleted" if gone else "live",
        began_at=recording.docked_at if gone else began,
        ended_at=recording.ended_at,
        docked_at=recording.docked_at,
        received_at=recording.received_at,
        duration_ms=recording.duration_ms,
        size=recording.size,
        sha256=recording.sha256,
        media_type=recording.media_type,
        provenance=recording.provenance,
        camera=recording.camera_serial,
        wearer=recording.wearer.collar_number if recording.wearer else None,
        unit=recording.unit.code if recording.unit else None,
        station=recording.station.code if recording.station else None,
        category=recording.category,
        incident=recording.incident,
        evidential=recording.evidential,
        access_class=recording.access_class,
        locked=recording.locked,
        late=recording.late,
        deleted_by=known.gone_by,
        hidden_from=known.hidden_from,
        kept_because=known.because if known.gone_by is None else "",
    )


def found(call: Call, pk: UUID, *, task: access.Task | None = None) -> Recording:
    """The recording, if this account may know of it; that it may not is written down.

    Raises:
        RequestRefused: code `request.not_found`, for that and for none at all.
    """
    recording = knowing.find(recording=pk, officer=call.officer, at=call.at, task=task)
    if recording is None:
        raise not_here()
    return recording


def alive(call: Call, pk: UUID) -> Recording:
    """As `found`, to do something to it: none that is deleted, as far as this account may know."""
    recording = found(call, pk)
    if knowing.gone_for(recording, call.facts, call.at):
        raise not_here()
    return recording


def _search(call: Call) -> RecordingPage:
    asked = {name: values for name, values in call.query.items() if name not in _PAGING}
    if "after" in asked:
        raise RequestRefused("A page begins at its cursor.", code="request.query")
    place = cursors.opened(call)
    sought = search.read({**asked, "after": [place]} if place else asked)
    page = finding.find(
        sought=sought, facts=call.facts, at=call.at, ring=call.vault.ring, limit=cursors.limit(call)
    )
    said = {name: ", ".join(values) for name, values in asked.items()}
    if sought.near is not None:  # what the log keeps is no trail: see ADR 0048
        said["place"] = f"about {sought.near.roughly}"
    call.note(of="search by a program", shown=len(page.recordings), sought=said)
    items = tuple(row(each, call) for each in page.recordings)
    return RecordingPage(items, cursors.seal(str(page.after)) if page.after else None)


_PAGING: Final = frozenset({"limit", "cursor"})


def _show(call: Call) -> RecordingRow:
    return row(found(call, call.id), call)


def _for_reading(call: Call) -> Recording:
    """The recording, if this account may read its history; auditors do without seeing it."""
    recording = Recording.objects.select_related("wearer", "unit").filter(pk=call.id).first()
    if recording is None:
        raise not_here()
    subject = circle.subject_of(recording=recording, at=call.at)
    call.demand(Action.SEE_HISTORY, about=recording_subject(call.id), subject=subject)
    if call.facts.holds_anywhere(Role.AUDITOR):
        return recording
    return found(call, call.id)


def _history(call: Call) -> History:
    recording = _for_reading(call)
    mine = recording.wearer_id == call.officer.pk
    lines = history.in_words(recording=recording, officer=call.officer, to_wearer=mine, at=call.at)
    history.note_reading(recording=recording, officer=call.officer, at=call.at)
    told = tuple(HistoryLine(line.at, line.text, line.refused) for line in lines)
    return History(recording.pk, told)


def _entries(call: Call) -> Entries:
    recording = _for_reading(call)
    rows = history.entries(
        recording=recording,
        officer=call.officer,
        to_wearer=recording.wearer_id == call.officer.pk,
        at=call.at,
    )
    told = tuple(
        EntryLine(each.sequence, each.act, each.at, each.leaf, each.index) for each in rows
    )
    return Entries(recording.pk, told)


def _categorise(call: Call) -> RecordingRow:
    said = call.taken(Categories)
    alive(call, call.id)
    marking.categorise(recordings=[call.id], codes=said.codes, officer=call.officer, at=call.at)
    return _show(call)


def _keep(call: Call) -> RecordingRow:
    said = call.taken(AsEvidence)
    alive(call, call.id)
    marking.mark_evidential(
        recordings=[call.id],
        incident=said.incident.strip(),
        codes=said.codes,
        officer=call.officer,
        at=call.at,
    )
    return _show(call)


def _annotate(call: Call) -> NoteMade:
    text = call.taken(NoteText).text.strip()
    if not text:
        raise RequestRefused("A note has words.", code="request.body")
    recording = alive(call, call.id)
    note = annotations.annotate(
        recording=recording, officer=call.officer, text=text[:_LONGEST_NOTE], at=call.at
    )
    return NoteMade(note.pk, recording.pk)


def _view(call: Call) -> ViewingGranted:
    said = call.taken(TaskSaid)
    reference = said.reference.strip()[:80]
    if (said.task is None) != (not reference):
        raise RequestRefused("A task has a kind and a reference.", code="request.body")
    task = access.Task(said.task, reference) if said.task else None
    recording = found(call, call.id, task=task)
    grant = access.grant_viewing(recording=recording, officer=call.officer, task=task, at=call.at)
    ready = Copy.objects.filter(
        recording=recording, kind=CopyKind.WORKING, state=CopyState.READY
    ).exists()
    return ViewingGranted(
        recording=recording.pk,
        master=f"/play/{grant.token}/master",
        working=f"/play/{grant.token}/working" if ready else None,
        expires_at=grant.expires_at,
    )


_SOUGHT: Final = (
    Parameter("officer", "a collar number, or words of a name"),
    Parameter("camera", "a serial number"),
    Parameter("unit", "a code"),
    Parameter("station", "a code"),
    Parameter("from", "London time, 2017-06-08 or 2017-06-08T21:30"),
    Parameter("to", "London time, as from"),
    Parameter("incident", "an incident or crime number, whole"),
    Parameter("category", "a code, or none"),
    Parameter("place", "latitude and longitude, 51.49520, -0.11760"),
    Parameter("around", "a station's code, in place of a place"),
    Parameter("radius", f"metres from there, at most {search.MOST_METRES}"),
    Parameter("exhibit", "an exhibit reference, ABC/1"),
    Parameter("words", "whole words of notes, or a recording's own number"),
    Parameter("flag", f"any of {', '.join(search.FLAGS)}", many=True),
)

_READ, _WRITE = Scope.RECORDINGS_READ, Scope.RECORDINGS_WRITE

OPERATIONS: Final = (
    Operation(
        name="searchRecordings",
        method="GET",
        path="/recordings",
        says="Search the recordings that this account may see, the newest first.",
        scope=_READ,
        run=_search,
        gives=RecordingPage,
        query=(*_SOUGHT, *cursors.PARAMETERS),
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="showRecording",
        method="GET",
        path="/recordings/{id}",
        says="Tell what is known of one recording.",
        scope=_READ,
        run=_show,
        gives=RecordingRow,
    ),
    Operation(
        name="readHistory",
        method="GET",
        path="/recordings/{id}/history",
        says="Tell what happened to a recording, in words.",
        scope=_READ,
        run=_history,
        gives=History,
        writes=Act.RECORDING_HISTORY_READ,
    ),
    Operation(
        name="readEntries",
        method="GET",
        path="/recordings/{id}/entries",
        says="List a recording's custody entries with their places in the log.",
        scope=_READ,
        run=_entries,
        gives=Entries,
        writes=Act.RECORDING_HISTORY_READ,
    ),
    Operation(
        name="categorise",
        method="POST",
        path="/recordings/{id}/categories",
        says="Say what a recording is of.",
        scope=_WRITE,
        run=_categorise,
        takes=Categories,
        gives=RecordingRow,
        writes=Act.RECORDING_CATEGORISED,
    ),
    Operation(
        name="keepAsEvidence",
        method="POST",
        path="/recordings/{id}/evidence",
        says="Keep a recording as evidence for an incident.",
        scope=_WRITE,
        run=_keep,
        takes=AsEvidence,
        gives=RecordingRow,
        writes=Act.RECORDING_MARKED_EVIDENTIAL,
    ),
    Operation(
        name="writeNote",
        method="POST",
        path="/recordings/{id}/notes",
        says="Write a note on a recording.",
        scope=_WRITE,
        run=_annotate,
        takes=NoteText,
        gives=NoteMade,
        status=201,
        writes=Act.RECORDING_ANNOTATED,
    ),
    Operation(
        name="grantViewing",
        method="POST",
        path="/recordings/{id}/viewings",
        says="Ask to watch a recording; granted, say where its footage is had.",
        scope=Scope.RECORDINGS_VIEW,
        run=_view,
        takes=TaskSaid,
        gives=ViewingGranted,
        status=201,
        writes=Act.RECORDING_VIEWED,
    ),
)
