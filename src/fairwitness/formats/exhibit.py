"""What a bundle says of one exhibit: `exhibit.json`, from which its page and its PDF are drawn.

The facts are the force's word, covered by the signed list of files. Where someone else has signed
the same fact, the two are compared here: what the camera said of its recording, and what the dock
said of the camera's clock.

Specification: docs/specs/bundle.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.formats import bundle, canonical, records
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.invariants import (
    require,
    require_ascending,
    require_between,
    require_media_type,
    require_serial,
    require_sha256,
    require_text,
)
from fairwitness.formats.manifest import Provenance
from fairwitness.formats.recording import RecordingClaim, Span

LIMIT: Final = 1024 * 1024
"""Bytes of an `exhibit.json`, at most."""

_CODE: Final = "format.exhibit"
_LARGEST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file of the bundle: its path, kind, size in bytes and SHA-256 in hexadecimal."""

    path: str
    media_type: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        bundle.demand_path(self.path)
        require_media_type(self.media_type, code=_CODE)
        require_between(self.size, "size", 0, _LARGEST, code=_CODE)
        require_sha256(self.sha256, "sha256", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitFacts:
    """One exhibit of a bundle: one recording, its master and its working copy.

    Attributes:
        reference: the exhibit reference, `ABC/1`; of a further part `ABC/1/2`.
        case: reference of the case.
        title: what it is, in the producer's words.
        producer: who produces it, by rank, name and collar number.
        recording: the recording's id.
        recording_reference: how people name the recording, `00417-2193`.
        provenance: whether the camera signed it.
        camera: serial number of the camera; None if unknown.
        wearer: who wore it, by rank, name and collar number; None if unknown.
        unit: the wearer's unit; None if unknown.
        station: where it was docked; None if it was not.
        started_at: first frame, by the device's clock (the buffer's first frame, if any); None if
            the device gave no time.
        ended_at: the same for the last frame.
        clock_ahead_us_min: device time less true time in microseconds, at least; None if nobody
            compared the clock.
        clock_ahead_us_max: the same, at most.
        received_at: when the force's server had received and read back all of it.
        duration_ms: how long it lasts; None if it can't be played.
        buffer_ms: how much of the beginning was recorded before the officer pressed, without sound.
        mute: stretches without sound at the wearer's wish.
        counters_missing: recordings of this camera that the dock missed, by their counters.
        part: which part of its activation it is, from 1.
        last_part: whether the activation ended with it.
        interrupted: whether power or cable cut it short and the camera recovered it.
        master: the file as it was received.
        working_copy: the file made from it for ordinary players; None when none could be made.
        training: whether all of it is made up.
    """

    reference: str
    case: str
    title: str
    producer: str
    recording: UUID
    recording_reference: str
    provenance: Provenance
    camera: str | None
    wearer: str | None
    unit: str | None
    station: str | None
    started_at: datetime | None
    ended_at: datetime | None
    clock_ahead_us_min: int | None
    clock_ahead_us_max: int | None
    received_at: datetime
    duration_ms: int | None
    buffer_ms: int
    mute: tuple[Span, ...]
    counters_missing: tuple[int, ...]
    part: int
    last_part: bool
    interrupted: bool
    master: FileFacts
    working_copy: FileFacts | None
    training: bool = False
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of exhibit.json.", code=_CODE)
        bundle.exhibit_name(self.reference)
        for name, text in (
            ("case", self.case),
            ("title", self.title),
            ("producer", self.producer),
            ("recording_reference", self.recording_reference),
            ("wearer", self.wearer),
            ("unit", self.unit),
            ("station", self.station),
        ):
            require_text(text, name, code=_CODE)
        if self.camera is not None:
            require_serial(self.camera, "camera", code=_CODE)
        signed = self.provenance is Provenance.SIGNED
        complete = None not in (self.camera, self.started_at, self.ended_at)
        require(complete or not signed, "A signed recording has camera and times.", code=_CODE)
        both = (self.started_at is None) == (self.ended_at is None)
        require(both, "Both times or neither.", code=_CODE)
        if self.started_at is not None and self.ended_at is not None:
            require(self.started_at <= self.ended_at, "It ends before it starts.", code=_CODE)
        low, high = self.clock_ahead_us_min, self.clock_ahead_us_max
        require((low is None) == (high is None), "Both clock bounds or neither.", code=_CODE)
        if low is not None and high is not None:
            require_between(low, "clock_ahead_us_min", -_LARGEST, high, code=_CODE)
        require_between(self.duration_ms, "duration_ms", 0, _LARGEST, code=_CODE)
        require_between(self.buffer_ms, "buffer_ms", 0, _LARGEST, code=_CODE)
        require_between(self.part, "part", 1, _LARGEST, code=_CODE)
        require_ascending((0, *self.counters_missing), "counters_missing", code=_CODE)
        self._require_places()

    def _require_places(self) -> None:
        master = bundle.master_path(self.recording_reference)
        require(self.master.path == master, f"The master lies at {master}.", code=_CODE)
        copy = bundle.working_copy_path(self.reference)
        right = self.working_copy is None or self.working_copy.path == copy
        require(right, f"The working copy lies at {copy}.", code=_CODE)

    @property
    def started_between(self) -> tuple[datetime, datetime] | None:
        """The earliest and latest true time of the first frame; None if nobody can say."""
        low, high = self.clock_ahead_us_min, self.clock_ahead_us_max
        if self.started_at is None or low is None or high is None:
            return None
        try:
            return (
                self.started_at - timedelta(microseconds=high),
                self.started_at - timedelta(microseconds=low),
            )
        except OverflowError:
            return None


def encode(facts: ExhibitFacts) -> bytes:
    """The bytes of `exhibit.json`: canonical JSON."""
    return canonical.encode(records.to_json(facts))


def parse(data: bytes) -> ExhibitFacts:
    """Read `exhibit.json`.

    Raises:
        FormatError: anything but what `encode` writes.
    """
    return records.from_json(ExhibitFacts, canonical.decode(data, limit=LIMIT))


def differences_from_claim(facts: ExhibitFacts, claim: RecordingClaim) -> tuple[str, ...]:
    """The names of facts that differ from what the camera said of its recording."""
    pairs = (
        ("camera", facts.camera, claim.camera),
        ("recording_reference", facts.recording_reference, claim.reference),
        ("started_at", facts.started_at, claim.started_at),
        ("ended_at", facts.ended_at, claim.ended_at),
        ("buffer_ms", facts.buffer_ms, claim.buffer_ms),
        ("mute", facts.mute, claim.mute),
        ("part", facts.part, claim.part),
        ("last_part", facts.last_part, claim.last_part),
        ("interrupted", facts.interrupted, claim.interrupted),
        ("master.size", facts.master.size, claim.size),
        ("master.sha256", facts.master.sha256, claim.sha256),
        ("master.media_type", facts.master.media_type, claim.media_type),
    )
    return tuple(name for name, fact, said in pairs if fact != said)


def differences_from_docking(facts: ExhibitFacts, claim: DockingClaim) -> tuple[str, ...]:
    """The names of facts that differ from what the dock said when the camera was put into it."""
    pairs = (
        ("camera", facts.camera, claim.camera),
        ("station", facts.station, claim.station),
        ("counters_missing", facts.counters_missing, claim.counters_missing),
    )
    return tuple(name for name, fact, said in pairs if fact != said) + _clock_differences(
        facts, claim
    )


def _clock_differences(facts: ExhibitFacts, claim: DockingClaim) -> tuple[str, ...]:
    """Whether the stated clock bounds are narrower than what the dock measured."""
    low, high = claim.camera_clock_ahead_us_min, claim.camera_clock_ahead_us_max
    if facts.clock_ahead_us_min is None or facts.clock_ahead_us_max is None:
        return ()
    if low is None or high is None:
        return ("clock_ahead_us_min", "clock_ahead_us_max")
    wrong = []
    if facts.clock_ahead_us_min > low:
        wrong.append("clock_ahead_us_min")
    if facts.clock_ahead_us_max < high:
        wrong.append("clock_ahead_us_max")
    return tuple(wrong)
