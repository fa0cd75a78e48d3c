"""The device audit log: one line for each button, signal, change and recording, on the volume.

Lines are JSON objects: `at` (the camera's own time), `ms` (since it was started), `what`, `detail`.
The log is uploaded with the footage; after a cut its last line may be torn, so a new line always
begins on a fresh one.
"""

import json
import os
from pathlib import Path

from fairwitness.camera.clock import DeviceClock
from fairwitness.camera.outputs import Command, LightsChanged, Log, Output, Prompt, Signal
from fairwitness.formats import timestamp


class DeviceLog:
    """Appends to the device log. Close it, or use it in a `with`."""

    def __init__(self, path: Path, clock: DeviceClock) -> None:
        self._clock = clock
        self._file = path.open("ab+")
        if self._file.tell() and not _ends_a_line(path):
            self._file.write(b"\n")

    def set_clock(self, clock: DeviceClock) -> None:
        """Write by another clock from now on: a dock has set it."""
        self._clock = clock

    def write(self, at_ms: int, what: str, detail: str = "") -> None:
        """Add a line."""
        line = {
            "at": timestamp.text(self._clock.at(at_ms)),
            "ms": at_ms,
            "what": what,
            "detail": detail,
        }
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()

    def record(self, output: Output) -> None:
        """Add what the camera did."""
        match output:
            case Log(at_ms=at_ms, what=what, detail=detail):
                self.write(at_ms, what, detail)
            case Signal(at_ms=at_ms, meaning=meaning, beeps=beeps, buzzes=buzzes):
                self.write(at_ms, "signal", f"{meaning}: {beeps} beeps, {buzzes} vibrations")
            case LightsChanged(at_ms=at_ms, lights=lights):
                shown = (lights.operation, lights.function, lights.battery, lights.public)
                self.write(at_ms, "lights", ", ".join(shown))
            case Prompt(at_ms=at_ms, text=text):
                self.write(at_ms, "prompt", text)
            case Command():
                pass  # what it leads to is logged by the recorder

    def sync(self) -> None:
        """Make the lines durable."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Make the lines durable and close the file. May be repeated."""
        if not self._file.closed:
            self.sync()
            self._file.close()


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
