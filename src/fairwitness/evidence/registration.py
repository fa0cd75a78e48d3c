"""A recording enters the evidence store: its row, its first custody entry, the copies it is owed.

`register` runs inside the caller's transaction, together with whatever else must become true at
that moment (the upload received, the retention dates). It decides nothing: whether the bytes are
good, who wore the camera and when it goes were decided before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Appended, Draft
from fairwitness.evidence import columns, footage_facts, seals, turns
from fairwitness.evidence.footage_facts import MediaFacts
from fairwitness.evidence.models import Copy, CopyKind, Provenance, Recording
from fairwitness.evidence.seals import Found
from fairwitness.force.models import Camera, Dock, Officer, Station, Unit, Volume
from fairwitness.formats import records
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.formats.recording import NOT_PRACTICABLE, EventKind, RecordingClaim

COPIES = (CopyKind.WORKING, CopyKind.POSTER, CopyKind.STRIP)
"""What is made of every video that arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a recording came from, as far as anyone vouches for it.

    `source` identifies footage that no camera signed, together with its bytes: `dock:<uuid>`,
    `officer:<uuid>`, `volume:<uuid>`; it is empty for signed footage, whose claim identifies it.
    """

    provenance: Provenance
    reference: str
    claim: RecordingClaim | None = None
    camera: Camera | None = None
    dock: Dock | None = None
    volume: Volume | None = None
    source: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """Whose it is: the wearer at the time, and the unit and station that answer for it."""

    wearer: Officer | None = None
    unit: Unit | None = None
    station: Station | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When it was made and came, and when it goes; see `models.Recording` for each."""

    received_at: datetime
    docked_at: datetime
    clock_started_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    clock_ahead_us_min: int | None = None
    clock_ahead_us_max: int | None = None
    clock_checked: bool = False
    hidden_from: datetime | None = None
    gone_by: datetime | None = None
    late: bool = False
    keep_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes: size, digest (hexadecimal), keyed digest, type and length in milliseconds.

    `media` is what `footage_facts` tells of them; None when nobody has looked yet.
    """

    size: int
    sha256: str
    commitment: str
    media_type: str
    duration_ms: int
    media: MediaFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One recording to register, with what `register` is told of it."""

    recording: UUID
    origin: Origin
    belonging: Belonging
    times: Times
    content: Content
    actor: str
    at: datetime
    act: Act | None = None
    reason: str = ""
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The new row and the entry that says so, standing once the transaction commits."""

    recording: Recording
    entry: Appended


def register(
    *,
    recording: UUID,
    origin: Origin,
    belonging: Belonging,
    times: Times,
    content: Content,
    actor: str,
    at: datetime,
    act: Act | None = None,
    reason: str = "",
    found: Found | None = None,
) -> Registered:
    """Register a recording whose pieces are durable and whose manifest is written.

    Args:
        recording: its id, under which its key and pieces already lie.
        origin: where it came from.
        belonging: whose it is.
        times: of making, arrival and deletion.
        content: what was read back from the store.
        actor: who brought it, as custody names it.
        at: now.
        act: `recording.received` unless another kind of arrival.
        reason: in words, for anything out of the ordinary.
        found: what was found of the signatures inside the video; None when nobody looked.

    Raises:
        NoTransaction: outside a transaction.
        IntegrityError: the same (camera, counter, part), or (source, bytes), is registered.
    """
    arrival = Arrival(
        recording=recording,
        origin=origin,
        belonging=belonging,
        times=times,
        content=content,
        actor=actor,
        at=at,
        act=act,
        reason=reason,
        found=found,
    )
    return register_many([arrival])[0]


def register_many(arrivals: Sequence[Arrival]) -> list[Registered]:
    """As `register` for many recordings, in the caller's transaction and with a few queries.

    Raises:
        NoTransaction, IntegrityError: as `register`; none of them is registered then.
    """
    turns.before_holds()
    entries = ledger.append_many([_draft(each) for each in arrivals])
    rows = [_row(each, entry) for each, entry in zip(arrivals, entries, strict=True)]
    columns.insert(rows)
    columns.insert(
        [
            Copy(recording=row, kind=kind)
            for row, each in zip(rows, arrivals, strict=True)
            for kind in COPIES + footage_facts.further_copies(each.content.media)
        ]
    )
    for row, each in zip(rows, arrivals, strict=True):
        if each.found is not None:
            seals.keep(recording=row, found=each.found, at=each.at)
    return [Registered(*each) for each in zip(rows, entries, strict=True)]


def _draft(arrival: Arrival) -> Draft:
    return Draft(
        subject=recording_subject(arrival.recording),
        act=arrival.act or _act(arrival.origin.provenance),
        actor=arrival.actor,
        at=arrival.at,
        reason=arrival.reason,
        detail=_detail(
            arrival.origin, arrival.belonging, arrival.content, arrival.times, arrival.found
        ),
    )


def _row(arrival: Arrival, entry: Appended) -> Recording:
    """The row; what its wearer may know of its dates is the same until a silent hold binds it."""
    times = arrival.times
    return Recording(
        id=arrival.recording,
        wearer=arrival.belonging.wearer,
        unit=arrival.belonging.unit,
        station=arrival.belonging.station,
        entry_leaf=entry.leaf_hash.hex(),
        shown_hidden_from=times.hidden_from,
        shown_gone_by=times.gone_by,
        shown_reason=times.keep_reason,
        force_hidden_from=times.hidden_from,
        force_gone_by=times.gone_by,
        force_reason=times.keep_reason,
        **_came(arrival.origin),
        **_claimed(arrival.origin.claim),
        **_times(times),
        **_content(arrival.content),
    )


def _act(provenance: Provenance) -> Act:
    if provenance in {Provenance.IMPORTED, Provenance.VOLUME}:
        return Act.RECORDING_IMPORTED
    return Act.RECORDING_RECEIVED


def _came(origin: Origin) -> dict[str, object]:
    return {
        name: getattr(origin, name)
        for name in ("reference", "camera", "dock", "volume", "provenance", "source", "filename")
    }


def _claimed(claim: RecordingClaim | None) -> dict[str, object]:
    """What the camera says, in columns of its own where others ask for it."""
    if claim is None:
        return {}
    return {
        "camera_serial": claim.camera,
        "counter": claim.counter,
        "activation": claim.activation,
        "part": claim.part,
        "last_part": claim.last_part,
        "people_told": any(
            event.kind is EventKind.PEOPLE_TOLD and event.note != NOT_PRACTICABLE
            for event in claim.events
        ),
        "claim": records.to_json(claim),
    }


def _times(times: Times) -> dict[str, object]:
    return {name: getattr(times, name) for name in Times.__slots__}


def _content(content: Content) -> dict[str, object]:
    return {name: getattr(content, name) for name in Content.__slots__}


def _detail(
    origin: Origin, belonging: Belonging, content: Content, times: Times, found: Found | None
) -> dict[str, Detail]:
    detail: dict[str, Detail] = {
        "reference": origin.reference,
        "provenance": origin.provenance.value,
        "size": content.size,
        "sha256": content.sha256,
        "wearer": f"officer:{belonging.wearer.pk}" if belonging.wearer else None,
        "unit": belonging.unit.code if belonging.unit else None,
        "dock": f"dock:{origin.dock.pk}" if origin.dock else None,
        "camera": f"camera:{origin.camera.pk}" if origin.camera else None,
        "late": times.late,
    }
    if origin.volume is not None:
        detail["volume"] = f"volume:{origin.volume.pk}"
    if found is not None:
        detail["video_signatures"] = seals.told(found)
    return detail
