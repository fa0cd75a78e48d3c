"""What a camera does: signals to people, commands to its recorder, lines in its log."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fairwitness.camera.signals import Lights, Meaning, Pace
from fairwitness.formats.recording import EventKind

TELL_PEOPLE: Final = "Tell people they are being recorded."


@dataclass(frozen=True, slots=True)
class Signal:
    """Beeps and vibration, at one moment. None are sent in stealth."""

    at_ms: int
    meaning: Meaning
    beeps: int
    buzzes: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class LightsChanged:
    """The lights, from this moment on."""

    at_ms: int
    lights: Lights


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words on the camera's face."""

    at_ms: int
    text: str


class Act(StrEnum):
    """What the recorder is told to do."""

    START_BUFFERING = "start buffering"
    STOP_BUFFERING = "stop buffering"
    START_RECORDING = "start recording"
    STOP_RECORDING = "stop recording"
    SPLIT = "split"
    NOTE = "note"
    RECOVER = "recover"
    APPLY_SETTINGS = "apply settings"


@dataclass(frozen=True, slots=True)
class Command:
    """An order to the recorder.

    Attributes:
        at_ms: when it takes effect.
        act: what to do.
        kind: what to note; for STOP_RECORDING the reason, when it was not the wearer's.
        text: words to note with it.
    """

    at_ms: int
    act: Act
    kind: EventKind | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """A line for the device log."""

    at_ms: int
    what: str
    detail: str = ""


Output = Signal | LightsChanged | Prompt | Command | Log
