"""What a dock makes of each answer; the peer is a small server that gives just that answer."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fairwitness.dock import identity, witnessing
from fairwitness.dock.answers import Waiting
from fairwitness.dock.journal import Journal
from fairwitness.dock.sending import ServerAway
from fairwitness.dock.server import (
    CertificateWrong,
    Greeting,
    Server,
    ServerFull,
    ServerRefused,
)
from fairwitness.dock.witnessing import ClockWrong, LogChanged
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint, merkle, timestamp, trust
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner
from fairwitness.formats.trust import TrustedLog


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def answering(
    status: int,
    body: bytes = b"{}",
    context: ssl.SSLContext | None = None,
    *,
    after: int = 0,
) -> Iterator[int]:
    """A peer that gives one answer to everything, or another `after` the sign-in; its port."""

    class Peer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            signing_in = self.path in {"/api/v1/nonce", "/api/v1/sessions"}
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status if signing_in or not after else after)
            said = body if signing_in or not after else b"{}"
            self.send_header("Retry-After", "Fri, 09 Jun 2017 07:00:00 GMT")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_POST = do_HEAD = do_GET  # noqa: N815 - names that the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    peer = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    peer.daemon_threads = True
    if context is not None:
        peer.socket = context.wrap_socket(peer.socket, server_side=True)
    threading.Thread(target=peer.serve_forever, daemon=True).start()
    try:
        yield peer.server_address[1]
    finally:
        peer.shutdown()
        peer.server_close()


def dock(folder: Path, server: str) -> identity.Dock:
    return identity.set_up(folder=folder / "dock", serial="D-1", station="LAM1", server=server)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (408, ServerAway, "dock.server_away"),
        (423, ServerAway, "dock.server_away"),
        (429, ServerAway, "dock.server_away"),
        (503, ServerAway, "dock.server_away"),
        (507, ServerFull, "dock.server_full"),
        (403, ServerRefused, "dock.server_refused"),
        (200, ServerAway, "dock.server_away"),
    ],
)
def test_each_answer_is_told_by_its_code(
    tmp_path: Path, status: int, error: type[FairwitnessError], code: str
) -> None:
    with (
        answering(status) as port,
        Server(dock=dock(tmp_path, f"http://127.0.0.1:{port}"), clock=now) as server,
    ):
        with pytest.raises(error) as told:
            server.enter()
        assert told.value.stable_code == code


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b"[]", b'"nonce"', b"null", b'{"other": 1}']
)
def test_an_answer_of_another_program_is_no_answer_of_ours(tmp_path: Path, body: bytes) -> None:
    """A captive portal, a router's page, another service at the same address."""
    with (
        answering(200, body) as port,
        Server(dock=dock(tmp_path, f"http://127.0.0.1:{port}"), clock=now) as server,
    ):
        for ask in (server.enter, lambda: server.consistency(old=1, new=2)):
            with pytest.raises(ServerAway) as told:
                ask()
            assert told.value.stable_code == "dock.server_away"


SESSION = b"""{"nonce": "0123456789abcdef", "token": "t", "checkpoint": "", "time": "%s",
    "expires_at": "2099-01-01T00:00:00.000000Z"}"""


def test_a_program_that_speaks_half_of_it_is_believed_in_nothing(tmp_path: Path) -> None:
    said = SESSION % timestamp.text(now()).encode()
    with (
        answering(200, said) as port,
        Server(dock=dock(tmp_path, f"http://127.0.0.1:{port}"), clock=now) as server,
    ):
        server.enter()
        with pytest.raises(ServerAway):
            server.log_line("00417")
        with pytest.raises(ServerAway):
            server.offset("/uploads/1")
        with pytest.raises(ServerRefused):
            server.begin(size=1, promised={"statement": b""})
        with pytest.raises(ServerAway):
            server.enrol(b"{}")


def test_created_without_a_place_and_later_without_a_number_are_told(tmp_path: Path) -> None:
    said = SESSION % timestamp.text(now()).encode()
    with (
        answering(200, said, after=201) as port,
        Server(dock=dock(tmp_path / "1", f"http://127.0.0.1:{port}"), clock=now) as server,
        pytest.raises(ServerRefused),
    ):
        server.begin(size=1, promised={"statement": b""})
    with (
        answering(200, said, after=202) as port,
        Server(dock=dock(tmp_path / "2", f"http://127.0.0.1:{port}"), clock=now) as server,
    ):
        assert server.receipt("/uploads/1", since=None) == Waiting(seconds=1.0)
        with pytest.raises(ServerAway):
            server.enrol(b"{}")


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[str]]]:
    """A peer that closes each second connection as it is asked; its port, and what it was asked."""
    asked: list[str] = []

    class Peer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.append(self.command)
            if len(asked) % 2:
                return
            self.send_response(200)
            self.send_header("Content-Length", "14")
            self.end_headers()
            self.wfile.write(b'{"hashes": []}')

        do_POST = do_GET  # noqa: N815 - a name that the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    peer = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    peer.daemon_threads = True
    threading.Thread(target=peer.serve_forever, daemon=True).start()
    try:
        yield peer.server_address[1], asked
    finally:
        peer.shutdown()
        peer.server_close()


def test_a_question_on_a_connection_that_was_just_closed_is_asked_once_more(tmp_path: Path) -> None:
    with (
        hanging_up() as (port, asked),
        Server(dock=dock(tmp_path, f"http://127.0.0.1:{port}"), clock=now) as server,
    ):
        assert server.consistency(old=1, new=2) == []
        assert asked == ["GET", "GET"]
        with pytest.raises(ServerAway):
            server.enrol(b"{}")
        assert asked == ["GET", "GET", "POST"]


def test_each_of_two_hundred_bays_has_a_connection_of_its_own(tmp_path: Path) -> None:
    bays = 200
    with socket.create_server(("127.0.0.1", 0), backlog=bays) as peer:
        port = peer.getsockname()[1]
        with Server(dock=dock(tmp_path, f"http://127.0.0.1:{port}"), clock=now) as server:
            asking = [
                threading.Thread(target=_ask_in_vain, args=(server,), daemon=True)
                for _ in range(bays)
            ]
            for bay in asking:
                bay.start()
            peer.settimeout(20)
            waiting = [peer.accept()[0] for _ in asking]  # and are never answered
            peer.close()  # who asks once more is not kept waiting
            for one in waiting:
                one.close()
            for bay in asking:
                bay.join(20)


def _ask_in_vain(server: Server) -> None:
    with contextlib.suppress(ServerAway):
        server.consistency(old=1, new=2)


def test_a_server_with_a_wrong_certificate_is_sent_nothing(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody else")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with (
        answering(200, context=context) as port,
        Server(dock=dock(tmp_path, f"https://127.0.0.1:{port}"), clock=now) as server,
        pytest.raises(CertificateWrong) as told,
    ):
        server.enter()
    assert told.value.stable_code == "dock.certificate"


class Log:
    """A log of its own, and a dock that trusts its key."""

    def __init__(self, folder: Path) -> None:
        self.signer = NoteSigner.generate("fairwitness.example/log")
        self.leaves = [merkle.leaf_hash(bytes([number])) for number in range(8)]
        self.dock = dock(folder, "http://127.0.0.1:9")
        known = trust.make_trust_list(
            force="A force",
            issued_at=now(),
            log=TrustedLog(vkey=self.signer.vkey, origin=self.signer.name),
            keys=(),
        )
        identity.bring_trust(dock=self.dock, data=trust.encode(known))
        self.journal = Journal(self.dock.journal_path)

    def root(self, size: int) -> bytes:
        """The root of the first leaves, by its definition."""
        if size == 0:
            return merkle.EMPTY_ROOT
        level = self.leaves[:size]
        return self._root(level)

    def _root(self, level: list[bytes]) -> bytes:
        if len(level) == 1:
            return level[0]
        split = 1
        while split * 2 < len(level):
            split *= 2
        return merkle.node_hash(self._root(level[:split]), self._root(level[split:]))

    def greeting(self, size: int, signer: NoteSigner | None = None) -> Greeting:
        by = signer or self.signer
        note = checkpoint.sign(Checkpoint(by.name, size, self.root(size)), signer=by)
        return Greeting(checkpoint=note.decode(), off_us=(0, 1000))

    def greet(self, greeting: Greeting) -> None:
        with Server(dock=self.dock, clock=now) as server:
            witnessing.greet(server, greeting, dock=self.dock, journal=self.journal)


def test_the_first_checkpoint_is_kept_and_the_same_one_is_no_news(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.greet(Greeting(checkpoint="", off_us=(0, 0)))
    assert log.journal.checkpoint() is None
    log.greet(log.greeting(5))
    log.greet(log.greeting(5))
    seen = log.journal.checkpoint()
    assert seen is not None
    assert seen[0] == 5


def test_a_log_that_was_seen_has_begun(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.greet(log.greeting(5))
    with pytest.raises(LogChanged, match="has not begun"):
        log.greet(Greeting(checkpoint="", off_us=(0, 0)))


def test_another_history_of_the_same_length_is_told_and_not_followed(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.greet(log.greeting(5))
    before = log.journal.checkpoint()
    log.leaves[2] = merkle.leaf_hash(b"rewritten")
    with pytest.raises(LogChanged) as told:
        log.greet(log.greeting(5))
    assert told.value.stable_code == "dock.log_changed"
    assert log.journal.checkpoint() == before


def test_a_log_under_another_key_is_not_believed(tmp_path: Path) -> None:
    log = Log(tmp_path)
    with pytest.raises(LogChanged) as told:
        log.greet(log.greeting(5, NoteSigner.generate("fairwitness.example/log")))
    assert told.value.stable_code == "dock.log_unknown"
    assert log.journal.checkpoint() is None


@pytest.mark.parametrize(("seconds", "fine"), [(59, True), (-59, True), (62, False), (-62, False)])
def test_clocks_may_be_a_minute_apart(tmp_path: Path, seconds: int, *, fine: bool) -> None:
    log = Log(tmp_path)
    off = timedelta(seconds=seconds) // timedelta(microseconds=1)
    greeting = Greeting(checkpoint="", off_us=(off, off + 1000))
    if fine:
        log.greet(greeting)
        return
    with pytest.raises(ClockWrong, match=r"6[12] seconds (ahead of|behind) the server's"):
        log.greet(greeting)


def test_a_receipt_is_asked_for_four_times_in_the_first_second_then_as_the_server_says() -> None:
    waiting = Waiting(seconds=1.0)
    pauses = [waiting.pause(asked) for asked in range(1, 7)]
    assert pauses == [0.25, 0.25, 0.25, 0.25, 1.0, 1.0]
