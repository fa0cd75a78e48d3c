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

_PATIENCE = 300
PROGRAM = (sys.executable, "-c", "from fairwitness.config.command import main; main()")


class StepFailed(FairwitnessError):
    """A step of the demonstration did not come out as it must."""

    code = "demo.failed"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    status: int
    output: str


def free_port(wanted: int = 0) -> int:
    """A port of this machine that nobody listens on now: `wanted` if that is free, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
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
    return _end(_start(arguments), arguments, expect=expect)


def run_together(*lines: Sequence[str | Path]) -> None:
    """Run commands that do not need each other at the same time, each to its end.

    Raises:
        StepFailed: one did not end with 0.
    """
    children = [_start(arguments) for arguments in lines]
    try:
        for child, arguments in zip(children, lines, strict=True):
            _end(child, arguments, expect=0)
    finally:
        for child in children:
            child.kill()
            child.wait()


def _start(arguments: Sequence[str | Path]) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own program and arguments
        [*PROGRAM, *(str(argument) for argument in arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def _end(
    child: "subprocess.Popen[str]", arguments: Sequence[str | Path], *, expect: int | None
) -> Ran:
    name = f"fairwitness {' '.join(map(str, arguments[:2]))}"
    try:
        said, complained = child.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired as error:
        child.kill()
        child.communicate()
        raise StepFailed(f"{name} did not end in {_PATIENCE} s.") from error
    if expect is not None and child.returncode != expect:
        words = (said + complained).strip()[-2000:]
        raise StepFailed(f"{name} ended with {child.returncode}: {words}")
    return Ran(child.returncode, said)


def run_and_kill(
    arguments: Sequence[str | Path], *, when: Callable[[], bool], after: float
) -> None:
    """Start a command and kill it (SIGKILL) `after` so many seconds from when `when` says so.

    Raises:
        StepFailed: it ended by itself before that.
    """
    child = _start(arguments)
    try:
        wait_until(lambda: when() or child.poll() is not None, seconds=60, what="the moment to cut")
        time.sleep(after)
        if child.poll() is not None:
            said = "".join(child.communicate())
            raise StepFailed(f"It ended before it could be cut: {said.strip()[-1000:]}")
    finally:
        child.kill()
        child.communicate()


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
def witness(folder: Path, *, port: int) -> Iterator[None]:
    """An outside witness of the log, in its own process; ended at the end."""
    with _start(["witness", "run", "--folder", folder, "--listen", f"127.0.0.1:{port}"]) as child:
        try:
            yield
        finally:
            child.terminate()
            child.communicate()


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
