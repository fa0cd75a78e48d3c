"""A witness answers on HTTP as the text of C2SP tlog-witness says, row by row."""

import hashlib
import http.client
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.unit.custody.test_witness import AT, KEY, LOG, Tree

from fairwitness.custody.witness import Request, Witness
from fairwitness.custody.witness_server import WitnessServer
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import note
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner

MONITORED = f"/{hashlib.sha256(LOG.name.encode()).hexdigest()}/checkpoint"


class Answered(NamedTuple):
    status: int
    kind: str
    body: bytes


class Asker:
    """One kept-alive connection to a running witness that remembers a tree of 5."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def __call__(self, method: str, path: str, body: bytes | None = None) -> Answered:
        self.connection.request(method, path, body)
        answer = self.connection.getresponse()
        return Answered(answer.status, answer.headers.get("Content-Type", ""), answer.read())

    def add(self, request: Request) -> Answered:
        return self("POST", "/add-checkpoint", request.encode())


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asker]:
    kept = Witness(tmp_path, logs={LOG.name: LOG.verifier}, signer=KEY)
    server = WitnessServer(("127.0.0.1", 0), witness=kept, clock=lambda: AT)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    asker = Asker(server.server_address[1])
    assert asker.add(Tree().request(0, 5)).status == 200
    yield asker
    asker.connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def _empty_with_a_root() -> bytes:
    text = Checkpoint(LOG.name, 0, bytes(32)).text()
    return LOG.sign(text).encode()


# What the text of C2SP tlog-witness says (the last row: its editor's draft), and a request for it.
ANSWERS = {
    "200: all the checks above pass": (Tree().request(5, 9), 200, None),
    "200: the same checkpoint once more": (Tree().request(5, 5), 200, None),
    "404: the checkpoint origin is unknown": (
        Request(0, (), Tree().note(9, signer=NoteSigner.generate("x.example"))),
        *(404, None),
    ),
    "403: none of the signatures verify against a trusted public key": (
        Request(5, (), Tree().note(9, signer=NoteSigner.generate(LOG.name))),
        *(403, None),
    ),
    "400: the old size MUST be equal to or lower than the checkpoint size": (
        Request(7, (), Tree().note(6)),
        *(400, None),
    ),
    "400: the request is not as described": (
        replace(Tree().request(5, 9), checkpoint=b"x"),
        400,
        None,
    ),
    "409: the old size is not that of the latest cosigned checkpoint": (
        Tree().request(3, 9),
        *(409, b"5\n"),
    ),
    "409: a client MAY ask with an old size of zero to obtain it": (
        Tree().request(0, 9),
        *(409, b"5\n"),
    ),
    "409: the sizes are the same and the root hashes are not": (
        Tree(fork=2).request(5, 5),
        *(409, None),
    ),
    "422: the Merkle Consistency Proof doesn't verify": (Tree(fork=2).request(5, 9), 422, None),
    "422: a proof is missing": (Request(5, (), Tree().note(9)), 422, None),
    "422: an empty log with another root": (Request(0, (), _empty_with_a_root()), 422, None),
}


@pytest.mark.parametrize(("request_", "status", "size"), ANSWERS.values(), ids=list(ANSWERS))
def test_each_answer_is_that_of_the_specification(
    ask: Asker, request_: Request, status: int, size: bytes | None
) -> None:
    before = ask("GET", MONITORED).body
    answered = ask.add(request_)
    assert answered.status == status
    assert (answered.kind == "text/x.tlog.size") == (size is not None)
    if size is not None:
        assert answered.body == size
    if status == 200:
        lines = note.parse(request_.checkpoint + answered.body)
        assert [each.name for each in lines.signatures] == [LOG.name, KEY.name]
        (seen,) = checkpoints.cosignatures(lines.encode(), witnesses=[KEY.verifier])
        assert seen.at == AT
        assert ask("GET", MONITORED) == (200, "text/plain; charset=utf-8", lines.encode())
    else:
        assert ask("GET", MONITORED).body == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/", b"x", 404),
        ("POST", MONITORED, b"x", 404),
        ("GET", "/add-checkpoint", None, 404),
        ("GET", f"/{'0' * 64}/checkpoint", None, 404),
        ("GET", "/../key.pem", None, 404),
        ("PUT", "/add-checkpoint", b"x", 405),
        ("POST", "/add-checkpoint", None, 400),
        ("POST", "/add-checkpoint", bytes(128 * 1024 + 1), 413),
    ],
)
def test_anything_else_is_refused_and_the_next_is_answered(
    ask: Asker, method: str, path: str, body: bytes | None, status: int
) -> None:
    try:
        assert ask(method, path, body).status == status
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413, "only a body that nobody reads may meet a closed door"
    ask.connection.close()
    assert ask("GET", MONITORED).status == 200


def test_signatures_that_anybody_could_add_are_not_kept(ask: Asker) -> None:
    request = Tree().request(5, 9)
    junk = note.NoteSignature(KEY.name, KEY.key_id, bytes(72))
    more = note.add_signatures(note.parse(request.checkpoint), [junk]).encode()
    answered = ask.add(replace(request, checkpoint=more))
    assert answered.status == 200
    kept = ask("GET", MONITORED).body
    assert kept == request.checkpoint + answered.body


def test_who_sends_less_than_announced_is_let_go(ask: Asker) -> None:
    ask.connection.putrequest("POST", "/add-checkpoint")
    ask.connection.putheader("Content-Length", "100")
    ask.connection.endheaders(b"old 5\n")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask.connection.getresponse()
    ask.connection.close()
    assert ask("GET", MONITORED).status == 200
