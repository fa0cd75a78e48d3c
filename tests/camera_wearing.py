"""A camera worn on a screen, for tests: a process of its own with a page."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairwitness.camera.live import LiveCamera

PROGRAM = str(Path(sys.executable).with_name("fairwitness"))


@dataclass
class Face:
    """The page's address, and the process that serves it."""

    url: str
    process: "subprocess.Popen[str]"

    def end(self) -> str:
        """Ctrl-C, as the wearer would; gives what it still said."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said
        return said


@contextlib.contextmanager
def face(folder: Path, *more: str) -> Iterator[Face]:
    """`fairwitness camera --face` on the camera in `folder`, or one that is made there."""
    process = subprocess.Popen(
        [
            *(PROGRAM, "camera", "--face", "--port", "0"),
            *("--volume", "volume", "--device", "device", *more),
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said: list[str] = []
        while not (line := process.stdout.readline()).startswith("The camera's face: "):
            assert line, said
            said.append(line)
        yield Face(line.split()[3].rstrip("/"), process)
    finally:
        process.kill()  # nothing, when it has ended
        process.communicate(timeout=60)


def wait_for_mode(live: LiveCamera, mode: str, *, seconds: float = 20) -> None:
    """Until the camera is in a mode."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if live.camera.camera.mode.value == mode:
            return
        live.await_change(live.version, seconds=0.1)
    raise AssertionError(f"It is {live.camera.camera.mode.value}, not {mode}.")
