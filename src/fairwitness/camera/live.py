"""A camera that runs in real time while others press its buttons: what stands behind both faces.

One thread runs the camera; whoever presses a button only notes what happens and when, so the time
that a button is held is the time it was really held, however busy the encoder is.
"""

import contextlib
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import numpy as np

from fairwitness.camera.buttons import Button
from fairwitness.camera.inputs import Press, Release
from fairwitness.camera.journal import OpenRecording
from fairwitness.camera.outputs import Act, Command, LightsChanged, Log, Output, Prompt, Signal
from fairwitness.camera.positions import Trail
from fairwitness.camera.running import MakeScene, VirtualCamera, World
from fairwitness.camera.scene import Pixels, Samples, Scene
from fairwitness.camera.script import Doing, Happening, Line, lines_of
from fairwitness.camera.settings import Picture, Quality
from fairwitness.errors import FairwitnessError
from fairwitness.formats.recording import EventKind

STRIDE_MS: Final = 100
_REMEMBERED: Final = 100
_CUT: Final = "The power was cut. Switch it on: it puts its recording in order."
_UNSAID: Final = {"button", "lights", "signal", "prompt"}
"""Lines of the device log that the face shows in another way."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the camera told its wearer.

    Attributes:
        number: counts on for the life of the face.
        at: by the camera's clock.
        output: what it was: a signal, a prompt or a line of its log.
        operation: what the Operation light showed then.
    """

    number: int
    at: datetime
    output: Signal | Prompt | Log
    operation: str


@dataclass(slots=True)
class People:
    """Whether people were told: not asked, to be told, told, or *not practicable*."""

    asked: bool = False
    answer: bool | None = None


@dataclass(slots=True)
class _Waiting:
    """What has been noted and not yet happened, in order of time."""

    lines: list[tuple[int, int, Line]] = field(default_factory=list)
    order: "itertools.count[int]" = field(default_factory=itertools.count)

    def add(self, line: Line) -> None:
        heapq.heappush(self.lines, (line.at_ms, next(self.order), line))

    def take(self, until_ms: int) -> list[Line]:
        due = []
        while self.lines and self.lines[0][0] <= until_ms:
            due.append(heapq.heappop(self.lines)[2])
        return due


class LiveCamera:
    """A camera in real time. Use it in a `with`: leaving switches the camera off in order."""

    def __init__(
        self,
        *,
        volume: Path,
        device: Path,
        scenes: MakeScene,
        clock: Callable[[], datetime],
        quality: Quality | None = None,
        trail: Trail | None = None,
        bays: Path | None = None,
    ) -> None:
        """Make it ready; it runs from `__enter__` on.

        Args:
            volume: the camera's memory.
            device: its own folder.
            scenes: makes what it films.
            clock: true time.
            quality: of the picture, in place of the one that the settings ask for.
            trail: where it is, as its receiver would tell.
            bays: a folder that a dock watches; a docked camera shows there, by its serial.
        """
        self.volume, self.bays, self.clock = volume, bays, clock
        self._device, self._scenes, self._quality = device, scenes, quality
        self._trail = trail
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._wake = threading.Event()
        self._ending = False
        self._waiting = _Waiting()
        self._reached = 0
        self._numbers = itertools.count(1)
        self._said: deque[Said] = deque(maxlen=_REMEMBERED)
        self._seen: _Seen | None = None
        self._camera = self._fresh()
        self.people = People()
        self.trouble: str | None = None
        self.version = 0
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._show_in_bay(docked=False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._wake.set()
        self._thread.join()
        if not self._camera.is_cut:
            self._camera.switch_off()
            self._camera.close()
        self._show_in_bay(docked=False)

    # What others do to it

    def press(self, button: Button, *, ago_ms: int = 0) -> None:
        """A button went down, so long ago."""
        self._note(lambda at: (Press(at, button),), ago_ms)

    def release(self, button: Button, *, ago_ms: int = 0) -> None:
        """A button came up, so long ago."""
        self._note(lambda at: (Release(at, button),), ago_ms)

    def do(self, words: str) -> None:
        """Something happens, in the words of a script: `people-told`, `dock`, `battery-level 15%`.

        Raises:
            ScriptInvalid: there is no such word.
        """
        self._note(lambda at: lines_of(words, at_ms=at), 0)

    def _note(self, lines: Callable[[int], tuple[Line, ...]], ago_ms: int) -> None:
        with self._lock:
            at = max(self._reached, self._ms() - ago_ms)
            for line in lines(at):
                self._waiting.add(line)
        self._wake.set()

    # What others see of it

    @property
    def camera(self) -> VirtualCamera:
        """The camera itself, to look at."""
        return self._camera

    @property
    def recording(self) -> OpenRecording | None:
        """What is known of the recording that is being made."""
        return self._camera.recorder.being_written

    @property
    def said(self) -> tuple[Said, ...]:
        """The last things it said, oldest first."""
        with self._lock:
            return tuple(self._said)

    def await_change(self, version: int, *, seconds: float) -> int:
        """Wait until something has happened since `version`, or so long; gives the version."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != version, timeout=seconds)
            return self.version

    def picture(self) -> tuple[Pixels, int, int] | None:
        """The last picture filmed, with its width and height; None while it films nothing."""
        seen = self._seen
        if seen is None or seen.last is None or not self._camera.camera.awake:
            return None
        return seen.last, seen.width, seen.height

    # The thread that runs it

    def _ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def _fresh(self) -> VirtualCamera:
        self._began = time.monotonic()
        self._reached = 0
        world = World(
            started=self.clock(),
            scene=self._watched,
            watch=self._watch,
            quality=self._quality,
            trail=self._trail,
            stride_ms=STRIDE_MS,
        )
        return VirtualCamera(volume=self.volume, device=self._device, world=world)

    def _watched(self, picture: Picture) -> Scene:
        self._seen = _Seen(self._scenes(picture), picture.width, picture.height)
        return self._seen

    def _run(self) -> None:
        while not self._ending:
            with self._lock:
                now = self._reached = self._ms()
                due = self._waiting.take(now)
            try:
                self._pass(now, due)
            except (OSError, FairwitnessError) as error:
                with contextlib.suppress(OSError, FairwitnessError):  # tried again at each pass
                    self._fail(error)
            self._wake.wait(STRIDE_MS / 2000)
            self._wake.clear()

    def _pass(self, now: int, due: list[Line]) -> None:
        if self._camera.is_cut:  # its memory could not be opened again
            self._camera = self._fresh()
            return
        for line in due:
            if isinstance(line, Happening) and line.doing is Doing.BOOT:
                self.trouble = None
            if not self._camera.take(line):
                self._start_afresh(_CUT)
                return
            if isinstance(line, Happening) and line.doing in {Doing.DOCK, Doing.UNDOCK}:
                self._show_in_bay(docked=line.doing is Doing.DOCK)
            self._tell_change()
        self._camera.run_until(now)

    def _fail(self, error: OSError | FairwitnessError) -> None:
        why = error.message if isinstance(error, FairwitnessError) else error.strerror or str(error)
        if not self._camera.is_cut:
            self._camera.cut()
        self._start_afresh(f"The camera stopped: {why}")

    def _start_afresh(self, trouble: str) -> None:
        with self._lock:
            self._waiting = _Waiting()
            self.people = People()
            self.trouble = trouble
        self._tell_change()
        self._camera = self._fresh()
        self._tell_change()

    def _show_in_bay(self, *, docked: bool) -> None:
        """A docked camera is where its dock looks; out of the dock it is not."""
        if self.bays is None:
            return
        place = self.bays / self._camera.identity.serial
        if docked and not place.exists():
            self.bays.mkdir(parents=True, exist_ok=True)
            place.symlink_to(self.volume.absolute(), target_is_directory=True)
        elif not docked and place.is_symlink():
            place.unlink()

    def _tell_change(self) -> None:
        with self._changed:
            self.version += 1
            self._changed.notify_all()

    def _watch(self, output: Output) -> None:
        match output:
            case Prompt():
                self.people = People(asked=True)
            case Command(act=Act.NOTE, kind=EventKind.PEOPLE_TOLD, text=text):
                self.people = People(asked=True, answer=text is None)
            case Command(act=Act.STOP_RECORDING):
                self.people = People()
            case _:
                pass
        logged = isinstance(output, Log) and output.what not in _UNSAID
        if isinstance(output, Signal | Prompt) or (isinstance(output, Log) and logged):
            at = self._camera.clock.at(output.at_ms)
            light = self._camera.camera.lights.operation
            with self._lock:
                self._said.append(Said(next(self._numbers), at, output, light))
        if isinstance(output, Signal | Prompt | LightsChanged):
            self._tell_change()


class _Seen:
    """A scene, and the last picture that was filmed of it, with all that was burnt into it."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self._scene = scene
        self.width, self.height = width, height
        self.last: Pixels | None = None

    @property
    def has_picture(self) -> bool:
        """The scene's."""
        return self._scene.has_picture

    def picture(self, at_ms: float) -> Pixels:
        """The scene's picture; the recorder burns its strip into this very array."""
        self.last = self._scene.picture(at_ms)
        return self.last

    def sound(self, start: int, count: int) -> Samples:
        """The scene's sound."""
        return self._scene.sound(start, count)

    def close(self) -> None:
        """Let go of the scene."""
        self._scene.close()


def colours(pixels: Pixels, width: int, height: int, *, step: int) -> tuple[bytes, int, int]:
    """A small copy of a picture: YCbCr triples of every `step`th point, its width and height."""
    small = [
        pixels[:height:step, ::step],
        *(
            np.repeat(np.repeat(plane, 2, axis=0), 2, axis=1)[::step, ::step]
            for plane in pixels[height:].reshape(2, height // 2, width // 2)
        ),
    ]
    stacked = np.ascontiguousarray(np.stack(small, axis=-1))
    return stacked.tobytes(), stacked.shape[1], stacked.shape[0]
