"""The second clock that deletion asks: footage goes only when two clocks say that its time is up.

In this order:

- a training deployment has one clock only, which may run ahead; it stands in, and the run says so;
- with `FAIRWITNESS_TIME_SERVER` an NTP server is asked over the network (RFC 4330, one packet);
- else the kernel is asked whether NTP keeps this machine's clock. Setting the clock by hand makes
  the kernel say no until NTP has mended it, so nobody hastens deletion by moving the clock.

Where none of them answers, nothing is deleted, and the sweep says why.
"""

import ctypes
import secrets
import socket
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from fairwitness.config.composition import Deployment
from fairwitness.retention.sweep import NoSecondClock

_PORT: Final = 123
_SECONDS: Final = 5.0
_PACKET: Final = 48
_CLIENT: Final = 0x23  # version 4, mode 3
_SERVER: Final = 4
_1900: Final = datetime(1900, 1, 1, tzinfo=UTC)
_ERA: Final = 1 << 32
_UNSYNCHRONISED: Final = 3
_STA_UNSYNC: Final = 0x0040
_TIME_ERROR: Final = 5


def of(deployment: Deployment) -> tuple[str, Callable[[], datetime]]:
    """What this deployment's second clock is, in words, and the clock."""
    if deployment.training:
        return "the same clock, because this is training data", deployment.clock
    server = deployment.environment.time_server
    if server:
        return f"the time server {server}", lambda: ask_server(server)
    return "this machine's clock, as long as NTP keeps it", lambda: _kept_by_ntp(deployment.clock)


def ask_server(server: str, *, port: int = _PORT) -> datetime:
    """The time of an NTP server, UTC, give or take the way there.

    Raises:
        NoSecondClock: it does not answer, or what answers is no server that knows the time.
    """
    token = secrets.token_bytes(8)  # our transmit time, which the answer repeats: here it is random
    question = bytes([_CLIENT]).ljust(_PACKET - len(token), b"\0") + token
    try:
        address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(address[0], socket.SOCK_DGRAM) as udp:
            udp.settimeout(_SECONDS)
            udp.connect(address[4])
            udp.send(question)
            answer = udp.recv(512)
    except OSError as error:
        raise NoSecondClock(f"The time server {server} does not answer: {error}.") from error
    return _read(answer, token, server)


def _read(answer: bytes, token: bytes, server: str) -> datetime:
    if len(answer) < _PACKET or answer[24:32] != token:
        raise NoSecondClock(f"The time server {server} answers something else.")
    leap, mode, stratum = answer[0] >> 6, answer[0] & 7, answer[1]
    if mode != _SERVER or leap == _UNSYNCHRONISED or not stratum:
        raise NoSecondClock(f"The time server {server} does not know the time itself.")
    seconds, fraction = struct.unpack(">II", answer[40:48])
    if seconds < _ERA // 2:
        seconds += _ERA  # after 2036 the count starts anew
    return _1900 + timedelta(seconds=seconds, microseconds=fraction * 1_000_000 // _ERA)


def _kept_by_ntp(clock: Callable[[], datetime]) -> datetime:
    if not kernel_is_synchronised():
        raise NoSecondClock(
            "NTP does not keep this machine's clock, and no FAIRWITNESS_TIME_SERVER is set. "
            "Footage is deleted only when two clocks agree: mend one of them."
        )
    return clock()


class _Timex(ctypes.Structure):
    """The head of Linux's `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def kernel_is_synchronised() -> bool:
    """Whether the kernel says that NTP keeps its clock; False where it can't be asked."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return False
    timex = _Timex()
    state = int(adjtimex(ctypes.byref(timex)))
    return state >= 0 and state != _TIME_ERROR and not timex.status & _STA_UNSYNC
