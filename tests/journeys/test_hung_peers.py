"""Peers that stop in the middle: 200 uploads, 200 players, 200 half heads; pages go on."""

import socket
import statistics
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.ingest_world import long_video, video
from tests.serving import BODY, Site, serving

pytestmark = [pytest.mark.journey, pytest.mark.fault]

MIB = 1 << 20
EACH = 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


def connect(site: Site) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    connection.connect(("127.0.0.1", site.port))
    return connection


def head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def median_page(site: Site, count: int = 40) -> float:
    """Milliseconds of a page that asks the database, each on a fresh connection."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        assert httpx.get(f"{site.url}/figures", timeout=20).status_code < 500
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def test_six_hundred_hung_peers_do_not_slow_a_page(site: Site) -> None:
    data = long_video(4 * MIB)
    upload = site.create(data, counter=1)
    assert site.patch(upload, data, 0).status_code == 204
    recording = site.recording_of(site.receipt(upload, data))
    token = site.inside("grant", recording)["token"]
    uploads = [site.create(video(), counter=100 + number) for number in range(EACH)]
    quiet = median_page(site)
    peers = []
    try:
        for number in range(EACH):
            peer = connect(site)
            path = uploads[number].removeprefix(site.url)
            headers = BODY | site.auth | {"Upload-Offset": "0", "Content-Length": "1000"}
            peer.sendall(head("PATCH", path, headers) + b"x")
            peers.append(peer)
        for _ in range(EACH):
            peer = connect(site)
            peer.sendall(head("GET", f"/play/{token}/master", {"Range": "bytes=0-"}))
            peers.append(peer)
        for _ in range(EACH):
            peer = connect(site)
            peer.sendall(b"GET / HTTP/1.1\r\nHost: half")
            peers.append(peer)
        time.sleep(1)
        busy = median_page(site)
        # other tests come and go beside this one; a page that waited for a peer would take seconds
        assert busy < 10 * quiet + 200, f"{quiet:.0f} ms before, {busy:.0f} ms with hung peers"
        assert freed(peers[-EACH:], within=120) == EACH, "half-sent heads are let go"
        assert freed(peers[:EACH], within=120) == EACH, "hung uploads are let go"
        assert site.offset(uploads[0]) == 1, "and what they sent is kept"
    finally:
        for peer in peers:
            peer.close()


def freed(peers: list[socket.socket], *, within: float) -> int:
    """How many of these the server has hung up on."""
    deadline = time.monotonic() + within
    waiting = list(peers)
    while waiting and time.monotonic() < deadline:
        still = []
        for peer in waiting:
            peer.setblocking(False)  # noqa: FBT003 # the socket's own signature
            try:
                closed = not peer.recv(4096)
            except BlockingIOError:
                closed = False
            except ConnectionError:
                closed = True
            if not closed:
                still.append(peer)
        waiting = still
        time.sleep(0.5)
    return len(peers) - len(waiting)
