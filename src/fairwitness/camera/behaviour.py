"""How a camera behaves: `step`, the one function that changes a `Camera`."""

from dataclasses import dataclass

from fairwitness.camera import buttons
from fairwitness.camera.buttons import Gesture
from fairwitness.camera.device import (
    BATTERY_LIT_MS,
    BOOT_MS,
    RECOVERED_MS,
    REPEATED,
    SHUTDOWN_MS,
    Camera,
    Mode,
    lights_of,
    next_timer,
    powered_down,
)
from fairwitness.camera.doing import Doing
from fairwitness.camera.inputs import (
    BatteryLevel,
    CableIn,
    CableOut,
    ClockLost,
    Dock,
    Fault,
    Input,
    Memory,
    MemoryLevel,
    PeopleTold,
    Press,
    Recovered,
    Release,
    SwitchOff,
    SwitchOn,
    Tick,
    Undock,
)
from fairwitness.camera.outputs import TELL_PEOPLE, Act, LightsChanged, Output, Prompt
from fairwitness.camera.signals import PATTERNS, Meaning
from fairwitness.errors import FairwitnessError
from fairwitness.formats.recording import NOT_PRACTICABLE, EventKind


class TimeRunsBack(FairwitnessError):
    """An input earlier than the one before it."""

    code = "camera.time"


@dataclass(frozen=True, slots=True)
class Step:
    """The camera after an input, and what it did, in order of time."""

    camera: Camera
    outputs: tuple[Output, ...]


def step(camera: Camera, happened: Input) -> Step:
    """Let time pass until the input, then take it.

    Raises:
        TimeRunsBack: the input is earlier than the camera's own moment.
    """
    if happened.at_ms < camera.now:
        raise TimeRunsBack("Inputs come in order of time.")
    turn = _Turn(camera)
    turn.wait_until(happened.at_ms)
    turn.take(happened)
    return Step(turn.camera, tuple(turn.outputs))


class _Turn(Doing):
    """One step in the making: how time and inputs change the camera."""

    # Time

    def wait_until(self, at_ms: int) -> None:
        while True:
            due = next_timer(self.camera, buttons.next_hold(self.camera.buttons))
            if due is None or due > at_ms:
                break
            self.change(now=due)
            self._run_out(due)
            self._settle()
        self.change(now=at_ms)

    def _run_out(self, due: int) -> None:
        """One moment: whatever is due at it, in a fixed order."""
        if self.camera.part_ends is not None and self.camera.part_ends <= due:
            self._split()
        self._repeat(due)
        if self.camera.battery_dark is not None and self.camera.battery_dark <= due:
            self.change(battery_dark=None)
        if self.camera.mode_ends is not None and self.camera.mode_ends <= due:
            self._mode_ended()
        pressed, gestures = buttons.elapse(self.camera.buttons, at_ms=due)
        self.change(buttons=pressed)
        self._understand(gestures)

    def _mode_ended(self) -> None:
        self.change(mode_ends=None)
        if self.camera.mode is Mode.RECOVERING:
            self.start_buffering()
        elif self.camera.mode is Mode.SHUTDOWN:
            self.change(mode=Mode.OFF)
            if self.camera.switched_on and self.camera.cable_in and self.camera.percent > 0:
                self._boot(interrupted=False)
        elif self.camera.interrupted:
            self.change(mode=Mode.RECOVERING)
            self.command(Act.RECOVER)
        else:
            self.start_buffering()

    def _repeat(self, due: int) -> None:
        repeats = []
        for meaning, at in self.camera.repeats:
            every = PATTERNS[meaning].every_ms
            if at <= due and every is not None:
                self.signal(meaning)
                repeats.append((meaning, at + every))
            else:
                repeats.append((meaning, at))
        self.change(repeats=tuple(repeats))

    def _settle(self) -> None:
        """After any change: repeated signals begin or end with their cause; lights follow."""
        running = dict(self.camera.repeats)
        repeats = []
        for meaning in REPEATED:
            every = PATTERNS[meaning].every_ms
            if not self.camera.repeating(meaning) or every is None:
                continue
            if meaning not in running:
                self._begin(meaning)
            repeats.append((meaning, running.get(meaning, self.camera.now + every)))
        self.change(repeats=tuple(repeats))
        lights = lights_of(self.camera)
        if lights != self.camera.lights:
            self.change(lights=lights)
            self.outputs.append(LightsChanged(self.camera.now, lights))

    def _begin(self, meaning: Meaning) -> None:
        if meaning is Meaning.STILL_RECORDING:
            return  # the start had its own signal; the first repeat is two minutes later
        self.signal(meaning)
        if meaning is Meaning.BATTERY_LOW and self.camera.mode is Mode.EVENT:
            self.note(EventKind.BATTERY_LOW)

    # Inputs

    def take(self, happened: Input) -> None:
        if isinstance(happened, Press | Release):
            self._touch(happened)
        elif isinstance(happened, SwitchOn | SwitchOff | Dock | Undock | CableOut | CableIn):
            self._move(happened)
        elif not isinstance(happened, Tick):
            self._learn(happened)
        self._settle()

    def _touch(self, happened: Press | Release) -> None:
        if self.camera.mode is Mode.OFF:
            return
        pressing = isinstance(happened, Press)
        self.log("button", f"{happened.button} {'down' if pressing else 'up'}")
        if self.camera.powered:
            act = buttons.press if pressing else buttons.release
            pressed, gestures = act(self.camera.buttons, happened.button, at_ms=happened.at_ms)
            self.change(buttons=pressed)
            self._understand(gestures)

    def _move(self, happened: SwitchOn | SwitchOff | Dock | Undock | CableOut | CableIn) -> None:
        match happened:
            case SwitchOn(interrupted=interrupted):
                self.change(switched_on=True)
                self._boot(interrupted=interrupted)
            case SwitchOff():
                self.change(switched_on=False)
                self._switch_off()
            case Dock():
                self._dock()
            case Undock():
                self._undock(happened)
            case CableOut():
                self._cable_out()
            case CableIn():
                self._cable_back()

    def _learn(self, happened: Input) -> None:
        match happened:
            case Recovered() if self.camera.mode is Mode.RECOVERING:
                self.change(interrupted=False, mode_ends=self.camera.now + RECOVERED_MS)
            case BatteryLevel(percent=percent, minutes_left=minutes):
                self._battery(percent, minutes)
            case MemoryLevel(memory=memory):
                self._memory(memory)
            case ClockLost():
                self.change(clock_set=False)
                self.log("clock", "lost its time")
            case Fault() if self.camera.powered:
                self._stop_recording(EventKind.FAULT)
                self.stop_buffering()
                self.log("fault")
                stealth = self.camera.stealth  # an error must not give its wearer away
                self.camera = powered_down(self.camera, Mode.FAULT)
                self.change(stealth=stealth)
            case PeopleTold(practicable=practicable) if self.camera.mode is Mode.EVENT:
                self.log("people told", "" if practicable else NOT_PRACTICABLE)
                self.note(EventKind.PEOPLE_TOLD, None if practicable else NOT_PRACTICABLE)
            case _:
                pass  # what a camera in this mode does not notice

    # Power

    def _boot(self, *, interrupted: bool) -> None:
        if self.camera.mode is not Mode.OFF:
            self.log("power", f"switched on while {self.camera.mode}")
        elif not self.camera.cable_in:
            self.log("power", "switched on without its cable")
        elif self.camera.percent <= 0:
            self.log("power", "switched on with an empty battery")
        else:
            mode_ends = self.camera.now + BOOT_MS
            self.change(mode=Mode.BOOT, mode_ends=mode_ends, interrupted=interrupted)
            self.log("power", "on")
            self.signal(Meaning.POWER)

    def _switch_off(self, reason: EventKind = EventKind.POWER_OFF) -> None:
        if self.camera.powered:
            self._stop_recording(reason)
            self.log("power", "off")
            self.signal(Meaning.POWER)
            self._shut_down()

    def _shut_down(self) -> None:
        self.stop_buffering()
        self._end_stealth()
        self.camera = powered_down(self.camera, Mode.SHUTDOWN, self.camera.now + SHUTDOWN_MS)

    def _cable_out(self) -> None:
        if not self.camera.profile.has_cable or not self.camera.cable_in:
            return
        self.change(cable_in=False)
        if not self.camera.powered:
            return
        self.log("cable", "out")
        self.signal(Meaning.CABLE_OUT)
        self._stop_recording(EventKind.CABLE_OUT, signal=False)
        self._shut_down()

    def _cable_back(self) -> None:
        if self.camera.cable_in:
            return
        self.change(cable_in=True)
        if self.camera.switched_on:
            self._boot(interrupted=False)

    def _dock(self) -> None:
        if self.camera.mode is Mode.DOCKED:
            return
        self._stop_recording(EventKind.DOCKED)
        self.stop_buffering()
        self._end_stealth()
        self.log("dock", "in")
        self.camera = powered_down(self.camera, Mode.DOCKED)

    def _undock(self, happened: Undock) -> None:
        if self.camera.mode is not Mode.DOCKED:
            return
        settings = happened.settings or self.camera.settings
        self.change(mode=Mode.OFF, settings=settings, clock_set=happened.clock_set)
        self.log("dock", "out")
        self.log("settings", f"version {settings.version}")
        self.command(Act.APPLY_SETTINGS)
        if self.camera.switched_on:
            self._boot(interrupted=happened.interrupted)

    # Gestures

    def _understand(self, gestures: tuple[Gesture, ...]) -> None:
        for gesture in gestures:
            match gesture:
                case Gesture.EVENT_DOUBLE:
                    self._start_recording()
                case Gesture.EVENT_HELD:
                    self._stop_recording(None)
                case Gesture.FUNCTION_SHORT:
                    self._mark()
                case Gesture.FUNCTION_HELD:
                    self._hold_function()
                case Gesture.BATTERY_PRESSED:
                    self._check_battery()
                case Gesture.BATTERY_HELD:
                    self._stealth()

    def _start_recording(self) -> None:
        if self.camera.mode is Mode.ASLEEP:
            self.wake()
        if self.camera.mode is not Mode.BUFFERING:
            return
        if self.camera.memory is Memory.FULL:
            self.log("refused", "memory full, will not record")
            self.signal(Meaning.MEMORY_FULL)
            return
        now = self.camera.now
        self.change(mode=Mode.EVENT, muted=False, part_ends=now + self.camera.part_ms)
        self.log("recording", "started")
        self.signal(Meaning.RECORDING_STARTS)
        self.command(Act.START_RECORDING)
        self.outputs.append(Prompt(now, TELL_PEOPLE))
        if not self.camera.clock_set:
            self.note(EventKind.CLOCK_NOT_SET)

    def _stop_recording(self, reason: EventKind | None, *, signal: bool = True) -> None:
        if self.camera.mode is not Mode.EVENT:
            return
        self.change(mode=Mode.BUFFERING, muted=False, part_ends=None)
        self.log("recording", f"stopped: {reason}" if reason else "stopped")
        if signal:
            self.signal(Meaning.RECORDING_STOPS)
        self.command(Act.STOP_RECORDING, reason)

    def _split(self) -> None:
        self.change(part_ends=self.camera.now + self.camera.part_ms)
        self.log("recording", "goes on in a new part")
        self.command(Act.SPLIT)

    def _mark(self) -> None:
        if self.camera.mode is Mode.EVENT:
            self.log("marker")
            self.note(EventKind.MARKER)

    def _hold_function(self) -> None:
        if self.camera.mode is Mode.EVENT:
            self._mute()
        elif self.camera.mode is Mode.BUFFERING:
            self.sleep()
        elif self.camera.mode is Mode.ASLEEP:
            self.wake()

    def _mute(self) -> None:
        if not self.camera.settings.mute_allowed:
            self.log("refused", "mute is not allowed")
            return
        muted = not self.camera.muted
        self.change(muted=muted)
        self.log("mute", "on" if muted else "off")
        self.note(EventKind.MUTE_ON if muted else EventKind.MUTE_OFF)

    def _check_battery(self) -> None:
        self.change(battery_dark=self.camera.now + BATTERY_LIT_MS)
        if self.camera.mode is Mode.EVENT:
            self.note(EventKind.BATTERY_CHECKED)
            if self.camera.profile.beeps_on_battery_check:
                self.signal(Meaning.BATTERY_CHECKED)

    def _stealth(self) -> None:
        if not self.camera.settings.stealth_allowed:
            self.log("refused", "stealth is not allowed")
        elif self.camera.stealth:
            self._end_stealth()
        else:
            self.change(stealth=True)
            self.log("stealth", "on")
            self.note(EventKind.STEALTH_ON)

    def _end_stealth(self) -> None:
        if self.camera.stealth:
            self.change(stealth=False)
            self.log("stealth", "off")
            self.note(EventKind.STEALTH_OFF)

    # Levels

    def _battery(self, percent: int, minutes_left: int) -> None:
        self.change(percent=percent, minutes_left=minutes_left)
        if percent <= 0 and self.camera.powered:
            self.log("battery", "empty")
            self._switch_off(EventKind.BATTERY_EMPTY)

    def _memory(self, memory: Memory) -> None:
        before, recording = self.camera.memory, self.camera.mode is Mode.EVENT
        self.change(memory=memory)
        if memory is before or memory is Memory.ENOUGH:
            return
        self.log("memory", memory)
        if recording and memory is Memory.LOW:
            self.note(EventKind.MEMORY_LOW)
        elif recording:
            self._stop_recording(EventKind.MEMORY_FULL)
            self.signal(Meaning.MEMORY_FULL)
