"""What the recorder knows of the recording it is writing, kept durably so that a cut loses nothing.

`OpenRecording` is pure: notes give a new one. The recorder writes it to the device folder before
the first picture and after every note; recovery reads it. `claim` turns it into the statement.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fairwitness.camera.identity import FIRMWARE, Identity
from fairwitness.camera.storing import remove, write_whole
from fairwitness.formats import canonical, records
from fairwitness.formats.recording import ClockState, Event, EventKind, RecordingClaim, Span

MEDIA_TYPE: Final = "video/mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecording:
    """A recording in the making. All milliseconds count from its first picture.

    Attributes:
        counter: its number.
        activation: number of the first part.
        part: 1, 2 ...
        width: of the picture.
        height: of the picture.
        frames_per_second: of the picture.
        settings_version: in force.
        started_at: the camera's time of its first picture.
        buffer_ms: how much of it is buffer.
        clock: what the camera knows of its clock.
        events: so far.
        mute: stretches that have ended.
        mute_since: when the running one began.
        stealth: stretches that have ended.
        stealth_since: when the running one began.
    """

    counter: int
    activation: int
    part: int
    width: int
    height: int
    frames_per_second: int
    settings_version: int
    started_at: datetime
    buffer_ms: int
    clock: ClockState
    events: tuple[Event, ...] = ()
    mute: tuple[Span, ...] = ()
    mute_since: int | None = None
    stealth: tuple[Span, ...] = ()
    stealth_since: int | None = None

    def name(self, serial: str) -> str:
        """The name of its files on the volume."""
        return f"{serial}-{self.counter}-{self.part}"

    def noted(self, kind: EventKind, *, at_ms: int, text: str | None = None) -> "OpenRecording":
        """With an event more; mute and stealth begin and end their stretches."""
        at_ms = max(at_ms, self.events[-1].at_ms if self.events else 0)
        more = replace(self, events=(*self.events, Event(at_ms=at_ms, kind=kind, note=text)))
        if kind is EventKind.MUTE_ON:
            return replace(more, mute_since=at_ms)
        if kind is EventKind.STEALTH_ON:
            return replace(more, stealth_since=at_ms)
        if kind is EventKind.MUTE_OFF:
            return replace(more, mute=_closed(self.mute, self.mute_since, at_ms), mute_since=None)
        if kind is EventKind.STEALTH_OFF:
            stealth = _closed(self.stealth, self.stealth_since, at_ms)
            return replace(more, stealth=stealth, stealth_since=None)
        return more

    def claim(
        self,
        identity: Identity,
        *,
        size: int,
        sha256: str,
        duration_ms: int,
        last_part: bool,
        interrupted: bool,
    ) -> RecordingClaim:
        """What the camera states of the finished file; nothing lies after its last picture."""
        events = tuple(replace(event, at_ms=min(event.at_ms, duration_ms)) for event in self.events)
        return RecordingClaim(
            camera=identity.serial,
            profile=identity.card.profile,
            firmware=FIRMWARE,
            volume_id=identity.card.volume_id,
            mount=identity.card.mount,
            lens_degrees=identity.profile.lens_degrees,
            width=self.width,
            height=self.height,
            frames_per_second=self.frames_per_second,
            counter=self.counter,
            activation=self.activation,
            part=self.part,
            last_part=last_part,
            media_type=MEDIA_TYPE,
            size=size,
            sha256=sha256,
            started_at=self.started_at,
            ended_at=self.started_at + timedelta(milliseconds=duration_ms),
            buffer_ms=min(self.buffer_ms, duration_ms),
            mute=_within(_closed(self.mute, self.mute_since, duration_ms), duration_ms),
            stealth=_within(_closed(self.stealth, self.stealth_since, duration_ms), duration_ms),
            events=events,
            clock=self.clock,
            settings_version=self.settings_version,
            interrupted=interrupted,
        )


def _closed(spans: tuple[Span, ...], since: int | None, at_ms: int) -> tuple[Span, ...]:
    if since is None or at_ms <= since:
        return spans
    return (*spans, Span(from_ms=since, to_ms=at_ms))


def _within(spans: tuple[Span, ...], duration_ms: int) -> tuple[Span, ...]:
    return tuple(
        Span(from_ms=span.from_ms, to_ms=min(span.to_ms, duration_ms), reason=span.reason)
        for span in spans
        if span.from_ms < duration_ms
    )


def keep(path: Path, recording: OpenRecording) -> None:
    """Write it down, durably."""
    write_whole(path, canonical.encode(records.to_json(recording)))


def load(path: Path) -> OpenRecording | None:
    """Read it; None when no recording is being written.

    Raises:
        FormatError: the journal is damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return records.from_json(OpenRecording, canonical.decode(data))


def forget(path: Path) -> None:
    """The recording is finished: nothing is left to recover."""
    remove(path)
