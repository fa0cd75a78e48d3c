"""The part of the camera that films: buffer in memory, recordings on the volume.

Pictures lie on a fixed grid of times. While buffering, encoded pictures wait in memory, without
sound, and those older than the buffer are dropped; what a buffer will have dropped by the time it
is needed is not even made, so that hours pass quickly in accelerated time. When recording starts
they are written first, silent; from then on every picture and sample goes to the file.
"""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from fairwitness.camera import gpmf, journal, signing
from fairwitness.camera.burning import Burner
from fairwitness.camera.clock import DeviceClock
from fairwitness.camera.footage import POSITION_EVERY_MS, Encoder, FootageFile, Kept
from fairwitness.camera.identity import FIRMWARE, Identity
from fairwitness.camera.journal import OpenRecording
from fairwitness.camera.outputs import Act, Command
from fairwitness.camera.positions import Trail
from fairwitness.camera.scene import SOUND_RATE, Samples, Scene
from fairwitness.camera.settings import Settings
from fairwitness.camera.video_signing import PictureSigner
from fairwitness.camera.volume import Volume
from fairwitness.formats.recording import EventKind

_SAMPLES_PER_MS: Final = SOUND_RATE // 1000


@dataclass(slots=True)
class _Writing:
    """The recording that is being written.

    Attributes:
        begins: time of its first picture, exact, in milliseconds since the camera's start.
        noticed: seconds of it for which it was seen whether there is a position.
        located: seconds of it whose position was written.
        found: whether there was a position at the last of them; None before the first.
    """

    file: FootageFile
    facts: OpenRecording
    begins: Fraction
    noticed: int = 0
    located: int = 0
    found: bool | None = None


class Recorder:
    """Films a scene for one camera and carries out its commands, in order of time."""

    def __init__(
        self,
        *,
        volume: Volume,
        identity: Identity,
        settings: Settings,
        clock: DeviceClock,
        scene: Scene,
        trail: Trail | None = None,
    ) -> None:
        self._volume = volume
        self._identity = identity
        self._settings = settings
        self._picture = settings.picture
        self._clock = clock
        self._scene = scene
        self._trail = trail if settings.position else None
        label = f"{identity.serial}   {identity.profile.title}"
        self._burner = Burner(self._picture.width, self._picture.height, label=label)
        self._encoder: Encoder | None = None
        self._buffer: deque[Kept] = deque()
        self._encoder_first = 0  # the grid number of the encoder's first picture
        self._next = 0  # the grid number of the next picture
        self._writing: _Writing | None = None
        self._muted = False
        self._stealth = False
        self._lens_lost = False

    @property
    def recording(self) -> bool:
        """True while a recording is being written."""
        return self._writing is not None

    @property
    def buffered_ms(self) -> int:
        """How much picture waits in memory."""
        return len(self._buffer) * 1000 // self._picture.frames_per_second

    @property
    def being_written(self) -> OpenRecording | None:
        """What is known of the recording that is being written."""
        return None if self._writing is None else self._writing.facts

    def advance(self, to_ms: int) -> None:
        """Film until `to_ms`, that moment left out."""
        if self._encoder is None:
            return
        if self._writing is None:
            self._skip(to_ms)
        while self._next * 1000 < to_ms * self._picture.frames_per_second:
            self._film()
        if self._writing is None:
            self._forget_old(to_ms)
        else:
            self._listen(Fraction(to_ms))

    def carry_out(self, command: Command) -> str | None:
        """Carry out a command at its time; gives the name of a recording that it finished."""
        self.advance(command.at_ms)
        match command.act:
            case Act.START_BUFFERING:
                self._start_encoder(command.at_ms)
            case Act.STOP_BUFFERING:
                self._encoder = None
                self._buffer.clear()
            case Act.START_RECORDING:
                self._start(command.at_ms)
            case Act.STOP_RECORDING:
                return self._stop(command)
            case Act.SPLIT:
                return self._split(command.at_ms)
            case Act.NOTE if command.kind is not None:
                self._note(command.kind, command.at_ms, command.text)
            case _:
                pass  # RECOVER and APPLY_SETTINGS are the camera's own
        return None

    def abandon(self) -> None:
        """Stop as a power cut would: nothing is finished, nothing more is written."""
        if self._writing is not None:
            self._writing.file.abandon()
            self._writing = None
        self._encoder = None
        self._buffer.clear()

    # The buffer

    @property
    def _buffer_ms(self) -> int:
        return self._settings.buffer_seconds * 1000

    def _start_encoder(self, at_ms: int) -> None:
        self._next = _ceil(Fraction(at_ms * self._picture.frames_per_second, 1000))
        self._fresh_encoder()

    def _fresh_encoder(self) -> None:
        self._encoder = Encoder(self._picture, positions=self._trail is not None)
        self._encoder_first = self._next
        self._buffer.clear()

    def _skip(self, to_ms: int) -> None:
        """Leave out pictures that will be too old for the buffer when `to_ms` comes."""
        oldest = (to_ms - self._buffer_ms) * self._picture.frames_per_second
        first = _ceil(Fraction(oldest, 1000))
        if first > self._next:
            self._next = first
            self._fresh_encoder()

    def _forget_old(self, to_ms: int) -> None:
        """Drop whole groups of pictures from the front while the first is too old."""
        while self._buffer and self._time(self._buffer[0]) < to_ms - self._buffer_ms:
            self._buffer.popleft()
            while self._buffer and not self._buffer[0].key:
                self._buffer.popleft()

    def _time(self, kept: Kept) -> Fraction:
        return self._grid(self._encoder_first + kept.number)

    def _grid(self, number: int) -> Fraction:
        return Fraction(number * 1000, self._picture.frames_per_second)

    # Filming

    def _film(self) -> None:
        at = self._grid(self._next)
        self._next += 1
        pixels = self._scene.picture(float(at))
        self._watch_lens(int(at))
        self._burner.burn(pixels, self._clock.at(int(at)))
        encoder = self._encoder
        if encoder is None:
            return
        kept = encoder.encode(pixels)
        if self._writing is None:
            self._buffer.extend(kept)
        else:
            self._listen(at)
            self._notice(at)
            self._locate(at)
            self._writing.file.add_pictures(kept)

    def _watch_lens(self, at_ms: int) -> None:
        """Note when a live source loses its picture; the recording goes on, and shows that."""
        lost = not self._scene.has_picture
        if lost is not self._lens_lost:
            self._lens_lost = lost
            self._note(EventKind.PICTURE_LOST if lost else EventKind.PICTURE_FOUND, at_ms, None)

    def _listen(self, until: Fraction) -> None:
        """Record sound up to a time; silence while it is muted."""
        writing = self._writing
        if writing is None:
            return
        wanted = int((until - writing.begins) * _SAMPLES_PER_MS) - writing.file.samples
        if wanted <= 0:
            return
        first = int(writing.begins * _SAMPLES_PER_MS) + writing.file.samples
        silent = _silence(wanted) if self._muted else None
        writing.file.add_sound(self._scene.sound(first, wanted) if silent is None else silent)

    # Where it is: once a second, in the buffer too

    def _notice(self, until: Fraction) -> None:
        """Note when the position is found or lost, up to a time."""
        writing, trail = self._writing, self._trail
        if writing is None or trail is None:
            return
        while (at := writing.begins + writing.noticed * POSITION_EVERY_MS) <= until:
            writing.noticed += 1
            found = trail.at(int(at)) is not None
            if found is not writing.found:
                writing.found = found
                kind = EventKind.POSITION_FOUND if found else EventKind.POSITION_LOST
                self._note(kind, _ceil(at), None)

    def _locate(self, until: Fraction) -> None:
        """Write where the camera is, up to a time."""
        writing, trail = self._writing, self._trail
        if writing is None or trail is None:
            return
        while (at := writing.begins + writing.located * POSITION_EVERY_MS) <= until:
            data = gpmf.sample(
                trail.at(int(at)), at=self._clock.at(int(at)), serial=self._identity.serial
            )
            writing.file.add_position(data, at_ms=writing.located * POSITION_EVERY_MS)
            writing.located += 1

    # Recordings

    def _start(self, at_ms: int) -> None:
        counter = self._identity.next_counter(self._volume)
        begins = self._time(self._buffer[0]) if self._buffer else self._grid(self._next)
        buffer_ms = max(0, at_ms - int(begins)) if self._buffer else 0
        self._open(counter=counter, activation=counter, part=1, begins=begins, buffer_ms=buffer_ms)
        self._notice(Fraction(at_ms))
        self._note(EventKind.START, at_ms, None)
        if self._lens_lost:
            self._note(EventKind.PICTURE_LOST, at_ms, None)
        writing, waiting = self._need_writing(), list(self._buffer)
        self._buffer.clear()
        for kept in waiting:
            self._hush(writing, self._time(kept))
            self._locate(self._time(kept))
            writing.file.add_pictures([kept])
        self._hush(writing, Fraction(at_ms))

    def _hush(self, writing: _Writing, until: Fraction) -> None:
        """Silence under the buffer: it has no sound, by law and by signed statement."""
        wanted = int((until - writing.begins) * _SAMPLES_PER_MS) - writing.file.samples
        if wanted > 0:
            writing.file.add_sound(_silence(wanted))

    def _open(
        self,
        *,
        counter: int,
        activation: int,
        part: int,
        begins: Fraction,
        buffer_ms: int,
    ) -> None:
        started_at = self._clock.at(int(begins))
        facts = OpenRecording(
            counter=counter,
            activation=activation,
            part=part,
            width=self._picture.width,
            height=self._picture.height,
            frames_per_second=self._picture.frames_per_second,
            settings_version=self._settings.version,
            started_at=started_at,
            buffer_ms=buffer_ms,
            clock=self._clock.card.state,
            mute_since=0 if self._muted else None,
            stealth_since=0 if self._stealth else None,
        )
        encoder = self._encoder
        if encoder is None:
            raise RuntimeError("A camera records only while it films.")
        journal.keep(self._identity.journal, facts)
        path = self._volume.unfinished(facts.name(self._identity.serial))
        signer = PictureSigner(
            key=self._identity.key,
            serial=self._identity.serial,
            firmware=FIRMWARE,
            started_at=started_at,
            frames_per_second=self._picture.frames_per_second,
        )
        file = encoder.begin(path, created_at=started_at, signer=signer)
        file.positions = encoder.positions
        self._writing = _Writing(file=file, facts=facts, begins=begins)

    def _stop(self, command: Command) -> str | None:
        if self._writing is None:
            return None
        if command.kind is not None:
            self._note(command.kind, command.at_ms, None)
        self._note(EventKind.STOP, command.at_ms, None)
        name = self._finish(last_part=True)
        self._muted = False
        self._start_encoder(command.at_ms)
        return name

    def _split(self, at_ms: int) -> str | None:
        if self._writing is None:
            return None
        before = self._writing.facts
        self._note(EventKind.SPLIT, at_ms, None)
        name = self._finish(last_part=False)
        self._fresh_encoder()
        self._open(
            counter=self._identity.next_counter(self._volume),
            activation=before.activation,
            part=before.part + 1,
            begins=self._grid(self._next),
            buffer_ms=0,
        )
        self._note(EventKind.SPLIT, at_ms, None)
        return name

    def _finish(self, *, last_part: bool) -> str:
        writing = self._need_writing()
        if writing.file.pictures == 0:
            self._film()
        size, sha256 = writing.file.finish()
        claim = writing.facts.claim(
            self._identity,
            size=size,
            sha256=sha256,
            duration_ms=writing.file.duration_ms,
            last_part=last_part,
            interrupted=False,
        )
        self._writing = None
        return signing.publish(claim, volume=self._volume, identity=self._identity)

    def _note(self, kind: EventKind, at_ms: int, text: str | None) -> None:
        if kind in {EventKind.MUTE_ON, EventKind.MUTE_OFF}:
            self._muted = kind is EventKind.MUTE_ON
        if kind in {EventKind.STEALTH_ON, EventKind.STEALTH_OFF}:
            self._stealth = kind is EventKind.STEALTH_ON
        writing = self._writing
        if writing is not None:
            at = max(0, int(at_ms - writing.begins))
            writing.facts = writing.facts.noted(kind, at_ms=at, text=text)
            journal.keep(self._identity.journal, writing.facts)

    def _need_writing(self) -> _Writing:
        if self._writing is None:
            raise RuntimeError("No recording is being written.")
        return self._writing


def _silence(count: int) -> Samples:
    return np.zeros(count, dtype=np.float32)


def _ceil(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)
