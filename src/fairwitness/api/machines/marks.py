"""What two people decide of a recording, for programs of people: no longer evidence, who wore it.

A machine account takes neither step.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.api.machines.recording_shapes import RecordingRow
from fairwitness.evidence import annotations
from fairwitness.evidence.annotations import CorrectionClosed
from fairwitness.evidence.models import Annotation, Recording
from fairwitness.force import officers
from fairwitness.force.models import Officer
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import marking
from fairwitness.retention.models import Unmarking


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked, and why; `wearer` is who is said to have worn the camera."""

    asked_by: str
    asked_at: datetime
    reason: str
    wearer: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a second person about a recording; null where nobody asked."""

    recording: UUID
    unmark: Asked | None
    wearer: Asked | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A second person's answer; a reason is needed to decline."""

    agree: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WearerSaid:
    """Who wore the camera, by collar number, and how one knows."""

    wearer: str
    reason: str


def _alive(call: Call) -> Recording:
    """The recording, for a step of two people."""
    call.demand_person()
    return recordings.alive(call, call.id)


def _waiting(call: Call) -> Waiting:
    found = recordings.alive(call, call.id)
    asked = (
        Unmarking.objects.select_related("asked_by")
        .filter(recording=found, decided_at__isnull=True)
        .first()
    )
    correction = annotations.open_correction(found)
    return Waiting(
        found.pk,
        Asked(asked.asked_by.collar_number, asked.asked_at, asked.reason) if asked else None,
        _correction(correction) if correction else None,
    )


def _correction(asked: Annotation) -> Asked:
    wearer = Officer.objects.get(pk=asked.detail["to"])
    return Asked(
        asked.first_officer.collar_number, asked.first_at, asked.text, wearer.collar_number
    )


def _ask_unmark(call: Call) -> Waiting:
    found = _alive(call)
    marking.ask_unmark(
        recording=found.pk, reason=call.taken(Why).reason, officer=call.officer, at=call.at
    )
    return _waiting(call)


def _decide_unmark(call: Call) -> RecordingRow:
    said = call.taken(Decision)
    found = _alive(call)
    if said.agree:
        marking.unmark_evidential(recording=found.pk, officer=call.officer, at=call.at)
    elif not said.reason.strip():
        raise RequestRefused("Say why it stays.", code="request.body")
    else:
        marking.decline_unmark(
            recording=found.pk, reason=said.reason, officer=call.officer, at=call.at
        )
    return recordings.row(recordings.found(call, call.id), call)


def _ask_wearer(call: Call) -> Waiting:
    said = call.taken(WearerSaid)
    found = _alive(call)
    if not said.reason.strip():
        raise CorrectionClosed("Say how you know who wore the camera.")
    annotations.ask_wearer_correction(
        recording=found,
        wearer=officers.named(said.wearer.strip()),
        officer=call.officer,
        reason=said.reason.strip(),
        at=call.at,
    )
    return _waiting(call)


def _decide_wearer(call: Call) -> RecordingRow:
    said = call.taken(Decision)
    asked = annotations.open_correction(_alive(call))
    if asked is None:
        raise CorrectionClosed("Nobody asks for a correction of the wearer now.")
    if said.agree:
        annotations.agree_wearer_correction(correction=asked, officer=call.officer, at=call.at)
    else:
        annotations.decline_wearer_correction(
            correction=asked, officer=call.officer, reason=said.reason, at=call.at
        )
    return recordings.row(recordings.found(call, call.id), call)


OPERATIONS: Final = (
    Operation(
        name="showWaiting",
        method="GET",
        path="/recordings/{id}/waiting",
        says="Tell what waits for a second person about a recording.",
        scope=Scope.RECORDINGS_READ,
        run=_waiting,
        gives=Waiting,
    ),
    Operation(
        name="askUnmark",
        method="POST",
        path="/recordings/{id}/unmark",
        says="Ask that a recording is no longer kept as evidence; a second person decides.",
        scope=Scope.RECORDINGS_WRITE,
        run=_ask_unmark,
        takes=Why,
        gives=Waiting,
        status=201,
        writes=Act.RECORDING_UNMARK_REQUESTED,
    ),
    Operation(
        name="decideUnmark",
        method="POST",
        path="/recordings/{id}/unmark/decide",
        says="As the second person, agree that a recording is no longer evidence, or decline.",
        scope=Scope.RECORDINGS_WRITE,
        run=_decide_unmark,
        takes=Decision,
        gives=RecordingRow,
        writes=Act.RECORDING_UNMARKED,
    ),
    Operation(
        name="askWearer",
        method="POST",
        path="/recordings/{id}/wearer",
        says="Say that somebody else wore the camera; a second person decides.",
        scope=Scope.RECORDINGS_WRITE,
        run=_ask_wearer,
        takes=WearerSaid,
        gives=Waiting,
        status=201,
        writes=Act.RECORDING_WEARER_CORRECTION_REQUESTED,
    ),
    Operation(
        name="decideWearer",
        method="POST",
        path="/recordings/{id}/wearer/decide",
        says="As the second person, agree who wore the camera, or decline.",
        scope=Scope.RECORDINGS_WRITE,
        run=_decide_wearer,
        takes=Decision,
        gives=RecordingRow,
        writes=Act.RECORDING_WEARER_CORRECTED,
    ),
)
