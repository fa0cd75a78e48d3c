"""The second clock over the network: what it believes and what it refuses."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from fairwitness.config import second_clock
from fairwitness.retention.sweep import NoSecondClock

AT = datetime(2017, 7, 9, 20, 13, 0, 500000, tzinfo=UTC)
Answer = Callable[[bytes], bytes]


def packet(question: bytes, *, first: int = 0x24, stratum: int = 2, at: datetime = AT) -> bytes:
    since = (at - datetime(1900, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    seconds, fraction = int(since), int(since % 1 * (1 << 32))
    head = bytes([first, stratum]).ljust(24, b"\0")
    return head + question[40:48] + bytes(8) + struct.pack(">II", seconds % (1 << 32), fraction)


@contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A time server on this machine that answers one question."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(10)

        def serve() -> None:
            question, who = udp.recvfrom(512)
            udp.sendto(answer(question), who)

        thread = threading.Thread(target=serve)
        thread.start()
        yield udp.getsockname()[1]
        thread.join()


def test_a_server_that_knows_the_time_is_believed() -> None:
    with server(packet) as port:
        said = second_clock.ask_server("127.0.0.1", port=port)
    assert abs(said - AT) < timedelta(milliseconds=1)


def test_the_count_that_starts_anew_in_2036_is_understood() -> None:
    late = datetime(2040, 1, 1, tzinfo=UTC)
    with server(lambda question: packet(question, at=late)) as port:
        assert second_clock.ask_server("127.0.0.1", port=port) == late


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: packet(question, first=0xE4),  # it says that its clock is not set
        lambda question: packet(question, first=0x23),  # it is no server
        lambda question: packet(question, stratum=0),  # it refuses
        lambda _question: packet(bytes(48)),  # the answer to another one
        lambda question: question[:20],
    ],
)
def test_anything_else_is_refused(answer: Answer) -> None:
    with server(answer) as port, pytest.raises(NoSecondClock):
        second_clock.ask_server("127.0.0.1", port=port)


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        port = udp.getsockname()[1]
    with pytest.raises(NoSecondClock):
        second_clock.ask_server("127.0.0.1", port=port)
