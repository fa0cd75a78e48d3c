"""Frames between the server and its media child: strict on both sides."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.media import wire
from fairwitness.media.wire import Kind, WireBroken

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@given(kind=st.sampled_from(Kind), body=st.binary(max_size=2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_sent_is_received(pair: Pair, kind: Kind, body: bytes) -> None:
    wire.send(pair[0], kind, body)
    assert wire.receive(pair[1]) == (kind, body)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x01",
        struct.pack(">BI", 99, 0),
        struct.pack(">BI", 0, 0),
        struct.pack(">BI", Kind.DATA, wire.LONGEST + 1),
        struct.pack(">BI", Kind.DATA, 0xFFFFFFFF),
        struct.pack(">BI", Kind.DATA, 10) + b"short",
    ],
)
def test_what_is_no_frame_is_refused(pair: Pair, sent: bytes) -> None:
    pair[0].sendall(sent)
    pair[0].close()
    with pytest.raises(WireBroken):
        wire.receive(pair[1])


def test_a_trickle_of_bytes_buys_no_time(pair: Pair) -> None:
    theirs, ours = pair
    stop = threading.Event()

    def trickle() -> None:
        with contextlib.suppress(OSError):
            theirs.sendall(struct.pack(">BI", Kind.OUTPUT, 200))
            for _ in range(200):
                theirs.sendall(b"x")
                if stop.wait(0.05):
                    return

    child = threading.Thread(target=trickle)
    child.start()
    try:
        with pytest.raises(TimeoutError):
            wire.receive(ours, until=time.monotonic() + 1)
    finally:
        stop.set()
        child.join()


@given(offset=st.integers(0, (1 << 64) - 1), length=st.integers(0, wire.LONGEST_READ))
def test_ranges_survive(offset: int, length: int) -> None:
    assert wire.unpack_range(wire.pack_range(offset, length)) == (offset, length)


@given(st.binary(max_size=40))
def test_any_range_is_read_or_refused_and_never_too_long(body: bytes) -> None:
    try:
        _, length = wire.unpack_range(body)
    except WireBroken:
        return
    assert len(body) == 12
    assert length <= wire.LONGEST_READ


@pytest.mark.parametrize("body", [b"", b"1234567", b"123456789"])
def test_totals_are_eight_bytes(body: bytes) -> None:
    assert wire.unpack_total(wire.pack_total(1 << 40)) == 1 << 40
    with pytest.raises(WireBroken):
        wire.unpack_total(body)
