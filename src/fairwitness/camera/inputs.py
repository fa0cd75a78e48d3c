"""What can happen to a camera. Each input has its time: milliseconds since the camera's start."""

from dataclasses import dataclass
from enum import StrEnum

from fairwitness.camera.buttons import Button
from fairwitness.camera.settings import Settings


class Memory(StrEnum):
    """How full the memory is."""

    ENOUGH = "enough"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Press:
    """A button goes down."""

    at_ms: int
    button: Button


@dataclass(frozen=True, slots=True)
class Release:
    """A button comes up."""

    at_ms: int
    button: Button


@dataclass(frozen=True, slots=True)
class SwitchOn:
    """The wearer switches the camera on. `interrupted`: a recording of before must be recovered."""

    at_ms: int
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """The wearer switches the camera off."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """The recorder has recovered what was interrupted."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class CableOut:
    """The cable between camera and controller comes out (helmet camera only)."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class CableIn:
    """The cable is back in."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Dock:
    """The camera is put into a bay."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Undock:
    """The camera is taken out of its bay, with what the dock pushed.

    Attributes:
        settings: those that hold from now on; None when the dock pushed none.
        clock_set: what the camera now knows of its clock.
        interrupted: a recording of before must be recovered.
    """

    at_ms: int
    settings: Settings | None = None
    clock_set: bool = True
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class BatteryLevel:
    """The charge, in percent, and how many minutes it will last."""

    at_ms: int
    percent: int
    minutes_left: int


@dataclass(frozen=True, slots=True)
class MemoryLevel:
    """How full the memory is."""

    at_ms: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class ClockLost:
    """The clock has lost its time (it can only be set in the dock)."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something inside has failed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class PeopleTold:
    """The wearer says that people were told they are being recorded, or that it was not possible.

    Attributes:
        practicable: False for *not practicable*.
    """

    at_ms: int
    practicable: bool = True


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; nothing else."""

    at_ms: int


Input = (
    Press
    | Release
    | SwitchOn
    | SwitchOff
    | Recovered
    | CableOut
    | CableIn
    | Dock
    | Undock
    | BatteryLevel
    | MemoryLevel
    | ClockLost
    | Fault
    | PeopleTold
    | Tick
)
