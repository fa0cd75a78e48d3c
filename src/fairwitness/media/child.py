"""Run one job over untrusted video in a fresh child process, and believe nothing it says.

Video is parsed by a million lines of C. So each job gets a new process that holds no key, no open
file, no network and no right to start another program; it reads the input by asking us, over a
socket pair, for ranges, and answers the same way. It has a limit on memory, on processor time, and
here on wall time and on the size of what it returns. However it ends (an answer, a crash, a hang)
the caller gets facts or `MediaUnreadable`, never a dead server. See ADR 0011.
"""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from fairwitness.errors import FairwitnessError
from fairwitness.media import wire
from fairwitness.media.wire import Kind

GIBIBYTE = 1 << 30
_SHORTEST_WAIT = 0.01
_LEAST_SECONDS = 180
_SLOWEST = 25_000_000
"""Bytes a second of processor time that reading is worth; slower is a hang."""
_CODES = frozenset(
    {"media.unreadable", "media.no_index", "media.no_video", "media.unsuited", "media.memory"},
)


class Footage(Protocol):
    """Anything that knows its size and can be read at an offset; `evidence.access` opens these."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, offset: int, length: int) -> bytes:
        """Give `length` bytes at `offset`, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use.

    Attributes:
        memory: bytes of address space.
        cpu_seconds: seconds of processor time.
        wall_seconds: seconds until we stop waiting.
        output: bytes it may return besides the facts.
    """

    memory: int = GIBIBYTE
    cpu_seconds: int = 120
    wall_seconds: float = 300.0
    output: int = 16 * 1024 * 1024


def limits_for(footage: Footage, *, output: int) -> Limits:
    """The usual limits: long footage may take longer, none may take more memory.

    Args:
        footage: what will be read, perhaps twice.
        output: bytes that may be returned.
    """
    cpu_seconds = _LEAST_SECONDS + footage.size // _SLOWEST
    return Limits(cpu_seconds=cpu_seconds, wall_seconds=4.0 * cpu_seconds, output=output)


class MediaUnreadable(FairwitnessError):
    """The child could not make sense of the footage, or died of it, or took too long.

    This is a finding about the footage, not a failure of ours: the original is kept as it came.
    The code says which: `media.unreadable`, `media.no_index`, `media.no_video`, `media.unsuited`,
    `media.crashed`, `media.timeout`, `media.memory`.
    """

    code = "media.unreadable"


@dataclass(frozen=True, slots=True)
class Output:
    """Where the bytes that a job makes go.

    Attributes:
        begin: told once, before the first byte, how many will come; None for jobs that can't know.
        write: given the bytes in order.
    """

    begin: Callable[[int], None] | None
    write: Callable[[bytes], None]


def run(
    job: str,
    footage: Footage,
    *,
    options: Mapping[str, str | int] | None = None,
    output: Output | None = None,
    limits: Limits,
) -> dict[str, object]:
    """Run `job` over `footage` in a child of its own and give the facts it found.

    Args:
        job: one of `worker.jobs`.
        footage: read only as the child asks.
        options: of the job.
        output: for jobs that make bytes; errors that it raises pass through to the caller.
        limits: what the child may use.

    Raises:
        MediaUnreadable: the footage can't be read, or the child crashed, hung or misbehaved.
    """
    ours, theirs = socket.socketpair()
    with ours, _started(theirs, limits) as process:
        deadline = time.monotonic() + limits.wall_seconds
        errand = _Errand(ours, footage, output, limits, deadline)
        try:
            errand.send(
                Kind.JOB,
                json.dumps(
                    {"job": job, "size": footage.size, "options": dict(options or {})},
                ).encode(),
            )
            return errand.serve()
        except TimeoutError:
            raise MediaUnreadable(
                f"Reading this footage took longer than {limits.wall_seconds:.0f} s: we stopped.",
                code="media.timeout",
            ) from None
        except (wire.WireBroken, BrokenPipeError, ConnectionResetError):
            raise _obituary(process) from None


@contextlib.contextmanager
def _started(theirs: socket.socket, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    with theirs:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module, no input in the arguments)
            [
                sys.executable,
                "-I",
                "-m",
                "fairwitness.media.worker",
                str(theirs.fileno()),
                str(limits.memory),
                str(limits.cpu_seconds),
            ],
            pass_fds=(theirs.fileno(),),
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _obituary(process: subprocess.Popen[bytes]) -> MediaUnreadable:
    try:
        ended = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        ended = 0
    how = f"signal {-ended}" if ended < 0 else f"exit {ended}"
    return MediaUnreadable(
        f"The program that reads video stopped working on this footage ({how}).",
        code="media.crashed",
    )


class _Errand:
    """One conversation with one child."""

    def __init__(
        self,
        sock: socket.socket,
        footage: Footage,
        output: Output | None,
        limits: Limits,
        deadline: float,
    ) -> None:
        self._sock = sock
        self._footage = footage
        self._output = output
        self._limits = limits
        self._deadline = deadline
        self._promised: int | None = None
        self._received = 0

    def send(self, kind: Kind, body: bytes) -> None:
        self._wait()
        wire.send(self._sock, kind, body)

    def serve(self) -> dict[str, object]:
        while True:
            kind, body = wire.receive(self._sock, until=self._deadline)
            if kind is Kind.READ:
                offset, length = wire.unpack_range(body)
                self.send(Kind.DATA, self._range(offset, length))
            elif kind is Kind.BEGIN:
                self._begin(wire.unpack_total(body))
            elif kind is Kind.OUTPUT:
                self._write(body)
            elif kind is Kind.DONE:
                return self._done(_facts(body))
            elif kind is Kind.FAIL:
                raise _failure(_facts(body))
            else:
                raise wire.WireBroken("The media child sent what only we send.")

    def _wait(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(max(left, _SHORTEST_WAIT))

    def _range(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self._footage.size - offset))
        return self._footage.read(offset, length) if length else b""

    def _begin(self, total: int) -> None:
        if self._output is None or self._promised is not None:
            raise wire.WireBroken("The media child announced output that nobody asked for.")
        begin = self._output.begin
        if begin is None:
            self._promised = self._limits.output
            return
        if total > self._limits.output:
            raise wire.WireBroken("The media child announced more output than it may make.")
        self._promised = total
        begin(total)

    def _write(self, body: bytes) -> None:
        self._received += len(body)
        if self._output is None or self._promised is None or self._received > self._promised:
            raise wire.WireBroken("The media child sent more than it announced.")
        self._output.write(body)

    def _done(self, facts: dict[str, object]) -> dict[str, object]:
        output = self._output
        if output is not None and output.begin is not None and self._received != self._promised:
            raise wire.WireBroken("The media child sent less than it announced.")
        return facts


def _facts(body: bytes) -> dict[str, object]:
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        raise wire.WireBroken("The media child's answer can't be read.") from None
    if not isinstance(facts, dict):
        raise wire.WireBroken("The media child's answer can't be read.")
    return facts


def _failure(facts: dict[str, object]) -> MediaUnreadable:
    code = facts.get("code")
    message = facts.get("message")
    return MediaUnreadable(
        str(message)[:500] if message else "This footage can't be read.",
        code=code if isinstance(code, str) and code in _CODES else None,
    )
