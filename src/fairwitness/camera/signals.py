"""What the camera says with beeps, vibration and lights: the tables of the field notes, as data.

Tests hold each row against the table printed in docs/guides/officer.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND


class Meaning(StrEnum):
    """Why the camera beeps or vibrates."""

    POWER = "power on or off"
    RECORDING_STARTS = "recording starts"
    STILL_RECORDING = "still recording"
    BATTERY_CHECKED = "battery button while recording"
    RECORDING_STOPS = "recording stops"
    BATTERY_LOW = "low battery"
    CABLE_OUT = "cable disconnected"
    MEMORY_FULL = "memory full, will not record"
    CLOCK_NOT_SET = "clock not set"
    ASLEEP = "asleep, keeps no buffer"
    FAULT = "error, switch it off and on"


class Pace(StrEnum):
    """How the beeps and vibrations of one signal are timed."""

    ORDINARY = "ordinary"
    QUICK = "quick"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the table.

    Attributes:
        beeps: how many; heard.
        buzzes: how many; felt.
        pace: of both.
        every_ms: repeated so often while what it means holds; None for once.
    """

    beeps: int
    buzzes: int
    pace: Pace = Pace.ORDINARY
    every_ms: int | None = None


PATTERNS: Final = {
    Meaning.POWER: Pattern(1, 1),
    Meaning.RECORDING_STARTS: Pattern(2, 2),
    Meaning.STILL_RECORDING: Pattern(2, 2, every_ms=2 * MINUTE),
    Meaning.BATTERY_CHECKED: Pattern(2, 0),
    Meaning.RECORDING_STOPS: Pattern(1, 1, Pace.LONG),
    Meaning.BATTERY_LOW: Pattern(4, 4, Pace.QUICK, every_ms=20 * SECOND),
    Meaning.CABLE_OUT: Pattern(3, 6),
    Meaning.MEMORY_FULL: Pattern(3, 3),
    Meaning.CLOCK_NOT_SET: Pattern(5, 5, Pace.QUICK, every_ms=20 * SECOND),
    Meaning.ASLEEP: Pattern(0, 1, every_ms=15 * MINUTE),
    Meaning.FAULT: Pattern(5, 5, Pace.QUICK, every_ms=20 * SECOND),
}


class Operation(StrEnum):
    """The Operation light."""

    OFF = "off"
    SOLID_RED = "solid red"  # boot, shutdown or error
    BLINK_GREEN = "blinks green"  # buffering
    BLINK_RED = "blinks red"  # recording; with Function blinking red: recovering


class Function(StrEnum):
    """The Function light."""

    OFF = "off"
    BLINK_BLUE = "blinks blue"  # muted
    SOLID_BLUE = "solid blue"  # Bluetooth starting: this camera has none, so never lit
    SOLID_RED = "solid red"  # error: switch it off and on
    BLINK_RED = "blinks red"  # recovering an interrupted recording


class BatteryLight(StrEnum):
    """The Battery light, lit for ten seconds after a press."""

    OFF = "off"
    GREEN = "green"  # 41 to 100 %
    YELLOW = "yellow"  # 20 to 40 %
    RED = "red"  # under 20 %
    CRITICAL = "blinks red and yellow"


class Public(StrEnum):
    """The light that the public sees, in the centre of the camera."""

    OFF = "off"
    FLASHES_RED = "flashes red"  # recording


@dataclass(frozen=True, slots=True)
class Lights:
    """All lights at one moment."""

    operation: Operation = Operation.OFF
    function: Function = Function.OFF
    battery: BatteryLight = BatteryLight.OFF
    public: Public = Public.OFF


DARK: Final = Lights()
GREEN_FROM: Final = 41
YELLOW_FROM: Final = 20
CRITICAL_BELOW: Final = 5
"""Percent; the field notes say *critical* without a figure, so this one is ours."""


def battery_light(percent: int) -> BatteryLight:
    """The colour that a press shows for `percent` of charge."""
    if percent >= GREEN_FROM:
        return BatteryLight.GREEN
    if percent >= YELLOW_FROM:
        return BatteryLight.YELLOW
    return BatteryLight.RED if percent >= CRITICAL_BELOW else BatteryLight.CRITICAL
