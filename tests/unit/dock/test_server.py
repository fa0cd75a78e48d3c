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
from fairwitness.formats import checkpoint, merkle, trust
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner
from fairwitness.formats.trust import TrustedLog


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def answering(
    status: int, body: bytes = b"{}", context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A peer that gives one answer to everything; its port."""

    class Peer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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
