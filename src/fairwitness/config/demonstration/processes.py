"""Real processes for the demonstration: the server, the camera, the dock, the verifier.

Each is started as a person would start it, by the `fairwitness` command; one of them is killed.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fairwitness.errors import FairwitnessError

PROGRAM = (sys.executable, "-c", "from fairwitness.config.command import main; main()")


class StepFailed(FairwitnessError):
    """A step of the demonstration did not come out as it must."""

    code = "demo.failed"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    status: int
    output: str


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(*arguments: str | Path, expect: int | None = 0) -> Ran:
    """Run one `fairwitness` command to its end.

    Args:
        arguments: its command line.
        expect: the exit status that it must have; None for any.

    Raises:
        StepFailed: it ended in another way; with what it said.
    """
    line = [*PROGRAM, *(str(argument) for argument in arguments)]
    ended = subprocess.run(  # noqa: S603 - our own program and arguments
        line, capture_output=True, text=True, check=False, timeout=300
    )
    if expect is not None and ended.returncode != expect:
        raise StepFailed(
            f"fairwitness {' '.join(map(str, arguments[:2]))} ended with {ended.returncode}:"
            f" {(ended.stdout + ended.stderr).strip()[-2000:]}"
        )
    return Ran(ended.returncode, ended.stdout)


def run_and_kill(
    arguments: Sequence[str | Path], *, when: Callable[[], bool], after: float
) -> None:
    """Start a command and kill it (SIGKILL) `after` so many seconds from when `when` says so.

    Raises:
        StepFailed: it ended by itself before that.
    """
    child = subprocess.Popen(  # noqa: S603 - our own program and arguments
        [*PROGRAM, *(str(argument) for argument in arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: when() or child.poll() is not None, seconds=60, what="the moment to cut")
        time.sleep(after)
        if child.poll() is not None:
            said = child.stdout.read() if child.stdout else ""
            raise StepFailed(f"It ended before it could be cut: {said.strip()[-1000:]}")
    finally:
        child.kill()
        child.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Look again and again until it is so.

    Raises:
        StepFailed: it was not so in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise StepFailed(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(0.05)


@contextmanager
def server(*, data: Path, port: int) -> Iterator[str]:
    """A running site with its background work; its address. Stopped in order at the end."""
    log = (data / "serve.log").open("wb")
    child = subprocess.Popen(  # noqa: S603 - our own program and arguments
        [*PROGRAM, "serve", "--with-worker", "--port", str(port), "--data", str(data)],
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "FAIRWITNESS_DATA": str(data)},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address) or child.poll() is not None, seconds=60, what=address)
        if child.poll() is not None:
            raise StepFailed(f"The site did not start: {(data / 'serve.log').read_text()[-1500:]}")
        yield address
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        log.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/log/checkpoint", timeout=2):  # noqa: S310 - loopback
            return True
    except (urllib.error.URLError, OSError):
        return False
