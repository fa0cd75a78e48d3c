"""A whole virtual camera: the state machine, its recorder, its volume and the world around it.

`VirtualCamera.play` runs a script, in accelerated time or at the pace of a clock that is passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from fairwitness.camera import recovery
from fairwitness.camera.behaviour import step
from fairwitness.camera.buttons import next_hold
from fairwitness.camera.clock import DeviceClock
from fairwitness.camera.device import PART_MS, SHUTDOWN_MS, Camera, Mode, next_timer
from fairwitness.camera.device_log import DeviceLog
from fairwitness.camera.identity import Identity, load_camera
from fairwitness.camera.inputs import (
    BatteryLevel,
    Dock,
    Input,
    Memory,
    MemoryLevel,
    Recovered,
    SwitchOff,
    SwitchOn,
    Tick,
    Undock,
)
from fairwitness.camera.outputs import Act, Command, Output
from fairwitness.camera.positions import Trail
from fairwitness.camera.recorder import Recorder
from fairwitness.camera.scene import Scene
from fairwitness.camera.script import Doing, Happening, Line, Script
from fairwitness.camera.settings import Picture, Quality, Settings, SettingsInvalid
from fairwitness.camera.volume import Volume
from fairwitness.errors import FairwitnessError

MakeScene = Callable[[Picture], Scene]
Pace = Callable[[int], None]
"""Waits until the given millisecond has come."""

_STRIDE_MS: Final = 1000
_FULL_MS: Final = 60_000
_LOW_MS: Final = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Played:
    """What a script led to.

    Attributes:
        recordings: names of those finished or recovered, in order.
        outputs: everything that the camera did, in order of time.
    """

    recordings: tuple[str, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What surrounds a camera while it runs.

    Attributes:
        started: true time when its milliseconds begin.
        scene: makes what it films, for the picture that its settings ask for.
        pace: waits for times to come; by default they come at once.
        watch: told everything the camera does.
        trail: where it is, as its receiver would tell; recorded when the settings ask for it.
        settings: in place of those in force; None leaves them.
        quality: of the picture, in place of the one that the settings ask for.
        part_ms: after so long a recording goes on in a new part.
        memory_bytes: of the camera; None for what its kind has.
        stride_ms: film at least so often while it buffers; None leaves out what the buffer would
            drop anyway, which only accelerated time can.
    """

    started: datetime
    scene: MakeScene
    pace: Pace = field(default=lambda _ms: None)
    watch: Callable[[Output], None] = field(default=lambda _output: None)
    trail: Trail | None = None
    settings: Settings | None = None
    quality: Quality | None = None
    part_ms: int = PART_MS
    memory_bytes: int | None = None
    stride_ms: int | None = None


class MemoryFailed(FairwitnessError):
    """The volume could not be written: full, gone, or failing."""

    code = "camera.memory_failed"


class VirtualCamera:
    """A camera that runs. Close it, or use it in a `with`."""

    def __init__(self, *, volume: Path, device: Path, world: World) -> None:
        self._volume = Volume(volume)
        self._identity: Identity = load_camera(volume=volume, device=device)
        self._world = world
        self._clock = DeviceClock(world.started, self._volume.clock())
        self._log = DeviceLog(self._volume.log, self._clock)
        self._now = 0
        self.is_cut = False
        self._charge = 100.0
        self._outputs: list[Output] = []
        self._recordings: list[str] = []
        settings = self._settings()
        self.camera = Camera(
            profile=self._identity.profile,
            settings=settings,
            clock_set=self._clock.card.set,
            part_ms=world.part_ms,
            minutes_left=self._identity.profile.battery_minutes,
        )
        self._scene = world.scene(settings.picture)
        self._recorder = self._make_recorder(settings)

    @property
    def identity(self) -> Identity:
        """Who it is."""
        return self._identity

    @property
    def clock(self) -> DeviceClock:
        """Its time of day."""
        return self._clock

    @property
    def recorder(self) -> Recorder:
        """What films."""
        return self._recorder

    def play(self, script: Script) -> Played:
        """Run a script to its end. A camera that is still on is switched off in order then.

        Raises:
            MemoryFailed: the volume can't be written; what was stored is recovered later.
        """
        try:
            return self._play(script)
        except OSError as error:
            self._recorder.abandon()
            raise MemoryFailed(
                f"The camera's memory can't be written ({error.strerror or error}). What was "
                "stored until then is put in order when the camera starts again.",
            ) from error

    def _play(self, script: Script) -> Played:
        for line in script.lines:
            if not self.take(line):
                return self._played()
        return self.switch_off()

    def take(self, line: Line) -> bool:
        """Let time pass until a line of a script, then do what it says; False after a cut."""
        self.run_until(line.at_ms)
        if not isinstance(line, Happening):
            self.give(line)
        elif line.doing is Doing.CUT:
            self.cut()
        else:
            self._happen(line)
        return not self.is_cut

    def switch_off(self) -> Played:
        """Switch the camera off in order, if it is still on: a running recording is finished."""
        if self.camera.powered:
            self.give(SwitchOff(self.camera.now))
        self.run_until(self.camera.now + SHUTDOWN_MS)
        self._volume.tell_battery(int(self._charge))
        return self._played()

    def run_until(self, at_ms: int) -> None:
        """Let time pass: from one timer to the next, and while recording a second at a stride."""
        while self._now < at_ms:
            before = self._now
            timer = next_timer(self.camera, next_hold(self.camera.buttons))
            stops = [at_ms, timer or at_ms, before + self._stride(at_ms - before)]
            self._now = min(stop for stop in stops if stop > before)
            self._world.pace(self._now)
            self.give(Tick(self._now))
            self._recorder.advance(self._now)
            self._measure(self._now - before)

    def _stride(self, wanted: int) -> int:
        if self._world.stride_ms is not None:
            return self._world.stride_ms
        return _STRIDE_MS if self._recorder.recording else wanted

    def give(self, happened: Input) -> None:
        """Give the camera an input, and do what it then does."""
        result = step(self.camera, happened)
        self.camera = result.camera
        for output in result.outputs:
            self._outputs.append(output)
            self._world.watch(output)
            self._log.record(output)
            if isinstance(output, Command):
                self._carry_out(output)

    def cut(self) -> None:
        """The power goes: nothing is finished."""
        self._recorder.abandon()
        self.is_cut = True
        self.close()

    def close(self) -> None:
        """Close log and scene."""
        self._log.close()
        self._scene.close()

    def _played(self) -> Played:
        return Played(recordings=tuple(self._recordings), outputs=tuple(self._outputs))

    def _happen(self, line: Happening) -> None:
        at = line.at_ms
        if line.doing is Doing.BOOT:
            self.give(SwitchOn(at, interrupted=self._identity.journal.exists()))
            self.give(MemoryLevel(at, self._memory()))
        elif line.doing is Doing.DOCK:
            self.give(Dock(at))
            self._volume.tell_battery(int(self._charge))
        elif line.doing is Doing.UNDOCK:
            self._undock(at)
        elif line.doing is Doing.BATTERY:
            self._charge = float(line.number)
            self._tell_battery()

    def _undock(self, at: int) -> None:
        self._clock = DeviceClock(self._world.started, self._volume.clock())
        self._log.set_clock(self._clock)
        undocked = Undock(
            at,
            settings=self._settings(),
            clock_set=self._clock.card.set,
            interrupted=self._identity.journal.exists(),
        )
        self.give(undocked)
        self.give(MemoryLevel(at, self._memory()))

    def _carry_out(self, command: Command) -> None:
        if command.act is Act.RECOVER:
            self._recover(command.at_ms)
        elif command.act is Act.APPLY_SETTINGS:
            self._scene.close()
            self._scene = self._world.scene(self.camera.settings.picture)
            self._recorder = self._make_recorder(self.camera.settings)
        else:
            name = self._recorder.carry_out(command)
            if name is not None:
                self._recordings.append(name)
                self._log.write(command.at_ms, "recording", f"{name} signed")
                self._log.sync()

    def _recover(self, at_ms: int) -> None:
        found = recovery.recover(volume=self._volume, identity=self._identity)
        if found is not None:
            self._log.write(at_ms, "recovery", f"{found.name}: {found.sentence}")
            if found.kept:
                self._recordings.append(found.name)
        self.give(Recovered(self.camera.now))

    def _settings(self) -> Settings:
        settings = self._world.settings or self._docked_settings()
        quality = self._world.quality
        return settings if quality is None else replace(settings, quality=quality)

    def _docked_settings(self) -> Settings:
        """The settings that the last docking left; those in force when it left none."""
        wanted, runs = self._volume.firmware_wanted(), self._volume.card().firmware
        if wanted is not None and wanted != runs:
            self._log.write(self._now, "firmware", f"{runs}; the force wants {wanted}")
        try:
            pushed = self._volume.pushed_settings()
        except SettingsInvalid as error:
            self._log.write(self._now, "settings", f"refused: {error.message}")
            pushed = None
        if pushed is None:
            return self._identity.settings()
        self._identity.keep_settings(pushed)
        return pushed

    def _make_recorder(self, settings: Settings) -> Recorder:
        return Recorder(
            volume=self._volume,
            identity=self._identity,
            settings=settings,
            clock=self._clock,
            scene=self._scene,
            trail=self._world.trail,
        )

    # Battery and memory

    def _measure(self, passed_ms: int) -> None:
        if self.camera.powered:
            before = int(self._charge)
            full_ms = self._identity.profile.battery_minutes * 60_000
            self._charge = max(0.0, self._charge - 100.0 * passed_ms / full_ms)
            if int(self._charge) != before:
                self._tell_battery()
        if self._recorder.recording:
            self._tell_memory()

    def _tell_battery(self) -> None:
        minutes = int(self._charge * self._identity.profile.battery_minutes / 100)
        self.give(BatteryLevel(self._now, int(self._charge), minutes))

    def _memory(self) -> Memory:
        size = self._world.memory_bytes or self._identity.profile.memory_bytes
        free = size - self._volume.used_bytes()
        left_ms = free * 8 * 1000 // self.camera.settings.picture.bit_rate
        if left_ms >= _LOW_MS:
            return Memory.ENOUGH
        return Memory.FULL if left_ms < _FULL_MS else Memory.LOW

    def _tell_memory(self) -> None:
        memory = self._memory()
        worse = memory is not Memory.ENOUGH and memory is not self.camera.memory
        if worse and self.camera.mode is Mode.EVENT:
            self.give(MemoryLevel(self._now, memory))
