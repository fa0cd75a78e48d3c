"""The recording statement: what a camera says of a recording that it has made.

The camera signs it when the recording ends, or, after an interruption, when it recovers what was
written. All times are the camera's own; how far its clock was off is the dock's to say.

Specification: docs/specs/statements.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from fairwitness.formats.invariants import (
    require,
    require_between,
    require_clock_year,
    require_media_type,
    require_serial,
    require_sha256,
    require_text,
)
from fairwitness.formats.statement import Subject

_CODE = "format.recording"
_LARGEST = 2**53 - 1
_LONGEST_MS = 7 * 24 * 3600 * 1000
_WIDEST = 16384
_FASTEST = 240
_EVENTS = 2000
_SPANS = 1000
_NOTE = 100


class Profile(StrEnum):
    """Which kind of camera: a point of view on a cable, or one piece on the chest."""

    FLEX2 = "flex2"
    BODY2 = "body2"


class Mount(StrEnum):
    """Where it was worn."""

    HELMET = "helmet"
    CAP = "cap"
    CHEST = "chest"


NOT_PRACTICABLE: Final = "not practicable"
"""The note of a `people_told` that says that telling them was not."""


class EventKind(StrEnum):
    """What the camera noticed while recording."""

    START = "start"
    STOP = "stop"
    MARKER = "marker"
    PEOPLE_TOLD = "people_told"
    SPLIT = "split"
    RECOVERED = "recovered"
    MUTE_ON = "mute_on"
    MUTE_OFF = "mute_off"
    STEALTH_ON = "stealth_on"
    STEALTH_OFF = "stealth_off"
    BATTERY_CHECKED = "battery_checked"
    BATTERY_LOW = "battery_low"
    BATTERY_EMPTY = "battery_empty"
    MEMORY_LOW = "memory_low"
    MEMORY_FULL = "memory_full"
    CABLE_OUT = "cable_out"
    CABLE_IN = "cable_in"
    POWER_OFF = "power_off"
    CLOCK_NOT_SET = "clock_not_set"
    POSITION_FOUND = "position_found"
    POSITION_LOST = "position_lost"
    PICTURE_FOUND = "picture_found"
    PICTURE_LOST = "picture_lost"
    DOCKED = "docked"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a recording, in milliseconds from its first frame (the buffer's)."""

    from_ms: int
    to_ms: int
    reason: str | None = None

    def __post_init__(self) -> None:
        require_between(self.from_ms, "from_ms", 0, _LONGEST_MS, code=_CODE)
        require_between(self.to_ms, "to_ms", self.from_ms, _LONGEST_MS, code=_CODE)
        require_text(self.reason, "reason", code=_CODE, longest=_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something at one moment of a recording, in milliseconds from its first frame."""

    at_ms: int
    kind: EventKind
    note: str | None = None

    def __post_init__(self) -> None:
        require_between(self.at_ms, "at_ms", 0, _LONGEST_MS, code=_CODE)
        require_text(self.note, "note", code=_CODE, longest=_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """What the camera knew of its own clock.

    Attributes:
        set: whether it had been set at all since it last lost power.
        set_at: when it was last set, by the clock that set it; None if never.
        source: who set it (`dock 0007`); None if nobody.
    """

    set: bool
    set_at: datetime | None
    source: str | None

    def __post_init__(self) -> None:
        require_text(self.source, "source", code=_CODE)
        require(
            self.set or self.set_at is None, "A clock that is not set has no set_at.", code=_CODE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingClaim:
    """What a camera claims of one file.

    Attributes:
        camera: serial number of the camera.
        profile: which kind of camera.
        firmware: version of its software.
        volume_id: names the memory that the file lay on.
        mount: where it was worn.
        lens_degrees: horizontal angle of view.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        frames_per_second: as set.
        counter: number of the recording on this camera, from 1, never reset.
        activation: counter of the first part of the activation it belongs to.
        part: 1, 2 ... when an activation is split into several files.
        last_part: whether the activation ended with this file.
        media_type: `video/mp4`.
        size: bytes of the file.
        sha256: of the file, in hexadecimal.
        started_at: device time of the first frame, the buffer's first frame when it has one.
        ended_at: `started_at` and the time that the recording lasted by a clock that never jumps.
        buffer_ms: how much of the beginning is buffer, recorded before the officer pressed.
        mute: stretches without sound at the wearer's wish; the buffer is not listed here.
        stealth: stretches without lights, sounds and vibration.
        events: in order of time.
        clock: what the camera knew of its clock.
        settings_version: which settings it ran with.
        interrupted: whether power or cable cut it short and it was recovered.
    """

    PREDICATE: ClassVar[str] = "recording"

    camera: str
    profile: Profile
    firmware: str
    volume_id: str
    mount: Mount
    lens_degrees: int
    width: int
    height: int
    frames_per_second: int
    counter: int
    activation: int
    part: int
    last_part: bool
    media_type: str
    size: int
    sha256: str
    started_at: datetime
    ended_at: datetime
    buffer_ms: int
    mute: tuple[Span, ...]
    stealth: tuple[Span, ...]
    events: tuple[Event, ...]
    clock: ClockState
    settings_version: int
    interrupted: bool

    def __post_init__(self) -> None:
        require_serial(self.camera, "camera", code=_CODE)
        require_text(self.firmware, "firmware", code=_CODE)
        require_text(self.volume_id, "volume_id", code=_CODE)
        require_media_type(self.media_type, code=_CODE)
        require_sha256(self.sha256, "sha256", code=_CODE)
        for name, value, low, high in (
            ("lens_degrees", self.lens_degrees, 1, 360),
            ("width", self.width, 1, _WIDEST),
            ("height", self.height, 1, _WIDEST),
            ("frames_per_second", self.frames_per_second, 1, _FASTEST),
            ("counter", self.counter, 1, _LARGEST),
            ("activation", self.activation, 1, self.counter),
            ("part", self.part, 1, _LARGEST),
            ("size", self.size, 0, _LARGEST),
            ("buffer_ms", self.buffer_ms, 0, _LONGEST_MS),
            ("settings_version", self.settings_version, 0, _LARGEST),
        ):
            require_between(value, name, low, high, code=_CODE)
        require_clock_year(self.started_at, "started_at", code=_CODE)
        require_clock_year(self.ended_at, "ended_at", code=_CODE)
        require(self.started_at <= self.ended_at, "It ends before it starts.", code=_CODE)
        _require_apart(self.mute, "mute")
        _require_apart(self.stealth, "stealth")
        times = [event.at_ms for event in self.events]
        require(times == sorted(times), "events must be in order of time.", code=_CODE)
        require(len(times) <= _EVENTS, f"At most {_EVENTS} events.", code=_CODE)

    @property
    def reference(self) -> str:
        """How people name it: `00417-2193`, and `00417-2193/2` for a second part."""
        return reference(camera=self.camera, counter=self.counter, part=self.part)

    def subjects(self) -> tuple[Subject, ...]:
        """The file, under the name that the camera gives it."""
        name = f"{self.camera}-{self.counter}-{self.part}.mp4"
        return (Subject(name=name, digest=self.sha256),)


def reference(*, camera: str, counter: int, part: int) -> str:
    """How people name a recording: camera and counter, and the part when it is not the first."""
    return f"{camera}-{counter}" if part == 1 else f"{camera}-{counter}/{part}"


def _require_apart(spans: tuple[Span, ...], name: str) -> None:
    require(len(spans) <= _SPANS, f"At most {_SPANS} spans of {name}.", code=_CODE)
    end = 0
    for span in spans:
        require(span.from_ms >= end, f"Spans of {name} must be in order and apart.", code=_CODE)
        end = span.to_ms
