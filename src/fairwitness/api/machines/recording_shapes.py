"""What is said of recordings as JSON, and what is taken."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairwitness.force.asking import TaskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """A recording as this account may know it: a wearer's dates leave silent holds out."""

    id: UUID
    reference: str
    state: str
    began_at: datetime
    ended_at: datetime | None
    docked_at: datetime
    received_at: datetime
    duration_ms: int
    size: int
    sha256: str
    media_type: str
    provenance: str
    camera: str
    wearer: str | None
    unit: str | None
    station: str | None
    category: str
    incident: str
    evidential: bool
    access_class: str
    locked: bool
    late: bool
    deleted_by: datetime | None
    hidden_from: datetime | None
    kept_because: str


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """One page of a search, the newest first."""

    items: tuple[RecordingRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of what happened to a recording, in words."""

    at: datetime
    text: str
    refused: bool


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to a recording, the oldest first."""

    recording: UUID
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One custody entry and its place in the log; what is not for this account has no act or time.

    `index` is null until the log has taken it.
    """

    sequence: int
    act: str
    at: datetime | None
    leaf: str
    index: int | None


@dataclass(frozen=True, slots=True)
class Entries:
    """Every custody entry of a recording, the oldest first."""

    recording: UUID
    entries: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True)
class Categories:
    """What a recording is of: codes of categories; none takes them away."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AsEvidence:
    """Keep as evidence: for an incident, crime or case number, with at least one category."""

    incident: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note on a recording."""

    text: str


@dataclass(frozen=True, slots=True)
class NoteMade:
    """A note that was written."""

    id: int
    recording: UUID


@dataclass(frozen=True, slots=True)
class TaskSaid:
    """What work a viewing is for; needed for what one did not wear oneself."""

    task: TaskKind | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ViewingGranted:
    """Where the footage can be had until then, in ranges of at most 4 MiB.

    Each request asks again whether this account may. `working` is null until that copy is made.
    """

    recording: UUID
    master: str
    working: str | None
    expires_at: datetime
