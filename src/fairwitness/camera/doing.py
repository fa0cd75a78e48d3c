"""What one step of a camera does, gathered in order: signals, commands, log lines, changes."""

from dataclasses import replace

from fairwitness.camera.device import Camera, Mode
from fairwitness.camera.outputs import Act, Command, Log, Output, Signal
from fairwitness.camera.signals import PATTERNS, Meaning
from fairwitness.formats.recording import EventKind


class Doing:
    """A camera as it changes within one step, and its outputs so far."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.outputs: list[Output] = []

    def signal(self, meaning: Meaning) -> None:
        """Beep and vibrate, unless stealth or the settings keep it quiet."""
        pattern, settings = PATTERNS[meaning], self.camera.settings
        beeps = pattern.beeps if settings.beeps else 0
        buzzes = pattern.buzzes if settings.vibration else 0
        if not self.camera.stealth and (beeps or buzzes):
            self.outputs.append(Signal(self.camera.now, meaning, beeps, buzzes, pattern.pace))

    def command(self, act: Act, kind: EventKind | None = None) -> None:
        """Tell the recorder to do something."""
        self.outputs.append(Command(self.camera.now, act, kind))

    def note(self, kind: EventKind, text: str | None = None) -> None:
        """Tell the recorder to note something in the recording."""
        self.outputs.append(Command(self.camera.now, Act.NOTE, kind, text))

    def log(self, what: str, detail: str = "") -> None:
        """Write a line into the device log."""
        self.outputs.append(Log(self.camera.now, what, detail))

    def start_buffering(self) -> None:
        """Film into memory from now on."""
        self.change(mode=Mode.BUFFERING)
        self.command(Act.START_BUFFERING)

    def stop_buffering(self) -> None:
        """Forget what is in memory."""
        if self.camera.mode is Mode.BUFFERING:
            self.command(Act.STOP_BUFFERING)

    def sleep(self) -> None:
        """Keep no buffer until woken, if the settings allow it."""
        if not self.camera.settings.sleep_allowed:
            self.log("refused", "sleep is not allowed")
            return
        self.stop_buffering()
        self.log("sleep", "on")
        self.change(mode=Mode.ASLEEP)

    def wake(self) -> None:
        """Buffer again."""
        self.log("sleep", "off")
        self.start_buffering()

    def change(self, **changes: object) -> None:
        """Change some fields of the camera."""
        self.camera = replace(self.camera, **changes)  # type: ignore[arg-type] # by name
