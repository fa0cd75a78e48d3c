"""A docked camera's own log goes to the server: whole lines, from the first that it lacks.

The server says which line it wants, so that nothing about it need be remembered here. The log stays
on the camera; only the camera writes it.
"""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

from fairwitness.dock import folder
from fairwitness.errors import FairwitnessError

NAME: Final = "device-log.jsonl"
LARGEST: Final = 256 << 10


class Wanting(Protocol):
    """The server, as far as a log is concerned."""

    def log_line(self, serial: str) -> int:
        """The number of the line that it wants next."""

    def send_log(self, serial: str, *, first_line: int, lines: bytes) -> int:
        """Send whole lines; gives the number of the line that it wants next."""


def bring(*, server: Wanting, serial: str, root: Path, said: Callable[[str], None]) -> None:
    """Have a docked camera's log go along; what can't go now goes at its next docking."""
    try:
        send(server=server, serial=serial, log=root / NAME)
    except FairwitnessError as error:
        said(f"Camera {serial}: its log was not sent. {error.message}")
    except OSError as error:
        said(f"Camera {serial}: its log can't be read: {error.strerror or type(error).__name__}.")


def send(*, server: Wanting, serial: str, log: Path) -> int:
    """Send what the server lacks of one camera's log; gives how many lines went.

    Raises:
        ServerAway, ServerRefused: it goes on at the next docking.
        OSError: the camera fails.
    """
    if not log.exists():
        return 0
    wanted = first = server.log_line(serial)
    for lines in _chunks(log, after=wanted - 1):
        wanted = server.send_log(serial, first_line=wanted, lines=lines)
    return wanted - first


def _chunks(log: Path, *, after: int) -> Iterator[bytes]:
    """Whole lines but for the first `after`, as many at once as the server takes."""
    chunk, number = b"", 0
    with folder.open_plain(log) as file:
        while (line := file.readline(LARGEST)).endswith(b"\n"):
            number += 1
            if number <= after:
                continue
            if chunk and len(chunk) + len(line) > LARGEST:
                yield chunk
                chunk = b""
            chunk += line
    if chunk:
        yield chunk
    if len(line) == LARGEST:
        raise OSError(errno.EFBIG, "a line of it is longer than any")
