"""How the server and its media child talk over their socket pair: short frames, nothing clever.

A frame is one byte of kind, four of length (big endian) and that many bytes. The child asks for
ranges of the input and hands back results; the parent never believes a length above its own limit.
"""

import socket
import struct
import time
from enum import IntEnum

from fairwitness.errors import FairwitnessError

LONGEST = 4 * 1024 * 1024
"""The longest body of a frame, in bytes. Nothing that we send comes near it."""
LONGEST_READ = 1024 * 1024
"""The longest range that a child may ask for at once, in bytes."""

OPEN = (1 << 64) - 1
"""What a BEGIN promises when the job can't know: as much as will come."""

_HEAD = struct.Struct(">BI")
_RANGE = struct.Struct(">QI")
_TOTAL = struct.Struct(">Q")


class Kind(IntEnum):
    """What a frame carries."""

    JOB = 1  # parent to child: JSON, what to do
    DATA = 2  # parent to child: the bytes asked for
    READ = 3  # child to parent: offset and length wanted
    BEGIN = 4  # child to parent: how many bytes of output will follow
    OUTPUT = 5  # child to parent: output bytes
    DONE = 6  # child to parent: JSON, the facts found; the last frame
    FAIL = 7  # child to parent: JSON, code and sentence; the last frame


class WireBroken(FairwitnessError):
    """The other side went away in the middle, or sent what no frame may be."""

    code = "media.wire"


def send(sock: socket.socket, kind: Kind, body: bytes | memoryview = b"") -> None:
    """Send one frame.

    Raises:
        OSError: the other side is gone.
    """
    sock.sendall(_HEAD.pack(kind, len(body)))
    if body:
        sock.sendall(body)


def receive(sock: socket.socket, *, until: float | None = None) -> tuple[Kind, bytes]:
    """Receive one frame, all of it before `until` on the monotonic clock.

    Raises:
        WireBroken: the stream ended, or the frame is of no known kind, or too long.
        TimeoutError: it was not all there in time.
    """
    number, length = _HEAD.unpack(_exactly(sock, _HEAD.size, until))
    try:
        kind = Kind(number)
    except ValueError:
        raise WireBroken("The media child sent what is not a frame.") from None
    if length > LONGEST:
        raise WireBroken("The media child sent too long a frame.")
    return kind, _exactly(sock, length, until)


def pack_range(offset: int, length: int) -> bytes:
    """The body of a READ."""
    return _RANGE.pack(offset, length)


def unpack_range(body: bytes) -> tuple[int, int]:
    """Offset and length of a READ.

    Raises:
        WireBroken: the body is not twelve bytes, or asks for more than LONGEST_READ.
    """
    if len(body) != _RANGE.size:
        raise WireBroken("The media child asked for no range.")
    offset, length = _RANGE.unpack(body)
    if length > LONGEST_READ:
        raise WireBroken("The media child asked for too long a range.")
    return offset, length


def pack_total(total: int) -> bytes:
    """The body of a BEGIN."""
    return _TOTAL.pack(total)


def unpack_total(body: bytes) -> int:
    """The number of bytes that a BEGIN promises.

    Raises:
        WireBroken: the body is not eight bytes.
    """
    if len(body) != _TOTAL.size:
        raise WireBroken("The media child announced no size.")
    (total,) = _TOTAL.unpack(body)
    return int(total)


def _exactly(sock: socket.socket, length: int, until: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        if until is not None:  # for the whole frame: a trickle of bytes buys no time
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
        part = sock.recv(min(length - len(parts), 1 << 18))
        if not part:
            raise WireBroken("The media child went away.")
        parts += part
    return bytes(parts)
