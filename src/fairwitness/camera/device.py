"""The camera as a pure state machine: inputs with times in, signals and commands out.

`step(camera, input)` first lets every timer before the input run out, in order, then takes the
input; it reads no clock and does no I/O, so the same inputs always give the same outputs, and it
makes no difference how often it is told that time has passed. The behaviour is that of the field
notes; docs/guides/officer.md tells it to the wearer.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from fairwitness.camera import signals
from fairwitness.camera.buttons import UP, Buttons
from fairwitness.camera.inputs import Memory
from fairwitness.camera.profiles import CameraProfile
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import (
    DARK,
    BatteryLight,
    Function,
    Lights,
    Meaning,
    Operation,
    Public,
)

BOOT_MS: Final = 3000
SHUTDOWN_MS: Final = 2000
RECOVERED_MS: Final = 1500
"""So long both lights blink on once a recording is in order, to be seen; the figure is ours."""
PART_MS: Final = 4 * 3600 * 1000
BATTERY_LIT_MS: Final = 10_000
LOW_WHEN_BUFFERING: Final = 20
"""Minutes left at which a buffering camera says that its battery is low."""
LOW_WHEN_RECORDING: Final = 5
"""Minutes left that count as *nearly flat* while recording; the figure is ours."""


class Mode(StrEnum):
    """What the camera is doing."""

    OFF = "off"
    BOOT = "starting"
    RECOVERING = "recovering an interrupted recording"
    BUFFERING = "buffering"
    ASLEEP = "asleep"
    EVENT = "recording"
    SHUTDOWN = "switching off"
    DOCKED = "docked"
    FAULT = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera at one moment. All times are milliseconds since its start.

    Attributes:
        profile: which kind it is.
        settings: those in force.
        mode: what it is doing.
        now: the moment.
        buttons: which are down, and since when.
        switched_on: where its power switch stands; docking does not move it.
        muted: the wearer has silenced the sound.
        stealth: lights, beeps and vibration are off.
        clock_set: it has been set since it last lost its time.
        cable_in: always True for the camera in one piece.
        interrupted: a recording waits to be recovered after the boot.
        memory: how full.
        percent: charge of the battery.
        minutes_left: how long it will last.
        part_ms: after so long a recording goes on in a new part.
        mode_ends: when a boot or shutdown ends.
        part_ends: when the recording goes on in a new part.
        battery_dark: when the battery light goes out.
        repeats: when each repeated signal sounds next.
        lights: as last told.
    """

    profile: CameraProfile
    settings: Settings = field(default_factory=Settings)
    mode: Mode = Mode.OFF
    now: int = 0
    buttons: Buttons = UP
    switched_on: bool = False
    muted: bool = False
    stealth: bool = False
    clock_set: bool = True
    cable_in: bool = True
    interrupted: bool = False
    memory: Memory = Memory.ENOUGH
    percent: int = 100
    minutes_left: int = 720
    part_ms: int = PART_MS
    mode_ends: int | None = None
    part_ends: int | None = None
    battery_dark: int | None = None
    repeats: tuple[tuple[Meaning, int], ...] = ()
    lights: Lights = DARK

    @property
    def powered(self) -> bool:
        """True while it runs by itself: not off, not switching off, not in the dock."""
        return self.mode not in {Mode.OFF, Mode.SHUTDOWN, Mode.DOCKED}

    @property
    def awake(self) -> bool:
        """True while it could record."""
        return self.mode in {Mode.BUFFERING, Mode.EVENT}

    @property
    def battery_low(self) -> bool:
        """True when it should warn of its battery."""
        if self.mode is Mode.EVENT:
            return self.minutes_left <= LOW_WHEN_RECORDING
        return self.mode is Mode.BUFFERING and self.minutes_left <= LOW_WHEN_BUFFERING

    def repeating(self, meaning: Meaning) -> bool:
        """True while the cause of a repeated signal holds."""
        return {
            Meaning.STILL_RECORDING: self.mode is Mode.EVENT,
            Meaning.BATTERY_LOW: self.battery_low,
            Meaning.CLOCK_NOT_SET: self.awake and not self.clock_set,
            Meaning.ASLEEP: self.mode is Mode.ASLEEP,
            Meaning.FAULT: self.mode is Mode.FAULT,
        }[meaning]


REPEATED: Final = (
    Meaning.STILL_RECORDING,
    Meaning.BATTERY_LOW,
    Meaning.CLOCK_NOT_SET,
    Meaning.ASLEEP,
    Meaning.FAULT,
)

_OPERATION: Final = {
    Mode.OFF: Operation.OFF,
    Mode.BOOT: Operation.SOLID_RED,
    Mode.RECOVERING: Operation.BLINK_RED,
    Mode.BUFFERING: Operation.BLINK_GREEN,
    Mode.ASLEEP: Operation.OFF,
    Mode.EVENT: Operation.BLINK_RED,
    Mode.SHUTDOWN: Operation.SOLID_RED,
    Mode.DOCKED: Operation.OFF,
    Mode.FAULT: Operation.SOLID_RED,
}


def lights_of(camera: Camera) -> Lights:
    """The lights that a camera shows, from its state alone; none in stealth."""
    if camera.stealth or not camera.settings.lights:
        return DARK
    function = Function.OFF
    if camera.mode is Mode.FAULT:
        function = Function.SOLID_RED
    elif camera.mode is Mode.RECOVERING:
        function = Function.BLINK_RED
    elif camera.mode is Mode.EVENT and camera.muted:
        function = Function.BLINK_BLUE
    lit = camera.powered and camera.battery_dark is not None
    return Lights(
        operation=_OPERATION[camera.mode],
        function=function,
        battery=signals.battery_light(camera.percent) if lit else BatteryLight.OFF,
        public=Public.FLASHES_RED if camera.mode is Mode.EVENT else Public.OFF,
    )


def next_timer(camera: Camera, next_hold: int | None) -> int | None:
    """When something happens by itself next; None when nothing will."""
    times = [camera.mode_ends, camera.part_ends, camera.battery_dark, next_hold]
    times += [at for _, at in camera.repeats]
    return min((at for at in times if at is not None), default=None)


def powered_down(camera: Camera, mode: Mode, mode_ends: int | None = None) -> Camera:
    """The camera once it has stopped everything, in `mode`."""
    return replace(
        camera,
        mode=mode,
        mode_ends=mode_ends,
        part_ends=None,
        battery_dark=None,
        muted=False,
        stealth=False,
        interrupted=False,
        buttons=UP,
    )
