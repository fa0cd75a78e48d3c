"""A recording's transcripts, for programs: what there is, and attaching one made elsewhere.

What it says of the footage is read where the footage is watched, by a viewing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fairwitness.api.machines import recordings
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.api.machines.shapes import Document
from fairwitness.evidence import transcripts
from fairwitness.evidence.models import Transcript
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True)
class TranscriptText:
    """A transcript: `webvtt` is its text, `made_by` who or what typed it, in words."""

    webvtt: Document
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """One transcript; the one with the highest number is shown."""

    number: int
    made_by: str
    attached_by: str
    attached_at: datetime
    lines: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Transcripts:
    """Every transcript of a recording, the newest first."""

    items: tuple[TranscriptRow, ...]


def _row(made: Transcript) -> TranscriptRow:
    return TranscriptRow(
        number=made.number,
        made_by=made.made_by,
        attached_by=made.attached_by.collar_number,
        attached_at=made.attached_at,
        lines=made.lines,
        size=made.size,
        sha256=made.sha256,
    )


def _listing(call: Call) -> Transcripts:
    return Transcripts(tuple(map(_row, transcripts.history(recordings.alive(call, call.id)))))


def _attach(call: Call) -> TranscriptRow:
    said = call.taken(TranscriptText)
    made = transcripts.attach(
        recording=recordings.alive(call, call.id),
        officer=call.officer,
        data=said.webvtt.replace("\r\n", "\n").encode(),
        made_by=said.made_by,
        vault=call.vault,
        at=call.at,
    )
    return _row(made)


OPERATIONS: Final = (
    Operation(
        name="listTranscripts",
        method="GET",
        path="/recordings/{id}/transcripts",
        says="List a recording's transcripts: who made and attached each, not what it says.",
        scope=Scope.RECORDINGS_READ,
        run=_listing,
        gives=Transcripts,
    ),
    Operation(
        name="attachTranscript",
        method="POST",
        path="/recordings/{id}/transcripts",
        says="Attach a transcript as WebVTT; it is shown instead of the one before.",
        scope=Scope.RECORDINGS_WRITE,
        run=_attach,
        takes=TranscriptText,
        gives=TranscriptRow,
        status=201,
        writes=Act.RECORDING_COPY_MADE,
    ),
)
