"""Peers that are slow, long-winded or gone, and the one table of refusals."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from fairwitness.api.errors import STATUS, status_of
from fairwitness.api.exchange import Budget, Exchange, Limits, Message, PeerGone, RequestRefused
from fairwitness.errors import FairwitnessError

LIMITS = Limits(receive=0.05, send=0.05)


class Peer:
    """Says what it is given to say, then nothing; keeps what it hears."""

    def __init__(self, *messages: Message, reads: bool = True) -> None:
        self.messages = list(messages)
        self.heard: list[Message] = []
        self.reads = reads

    async def receive(self) -> Message:
        if not self.messages:
            await asyncio.sleep(60)
        return self.messages.pop(0)

    async def send(self, message: Message) -> None:
        if not self.reads:
            await asyncio.sleep(60)
        self.heard.append(message)

    def exchange(self, method: str = "GET", *headers: tuple[bytes, bytes]) -> Exchange:
        scope = {
            "type": "http",
            "method": method,
            "path": "/x",
            "headers": headers,
            "query_string": b"a=1&a=2&b=%2F",
        }
        return Exchange(scope, self.receive, self.send, LIMITS)


def body(data: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def run(work: Callable[[], Awaitable[object]]) -> object:
    async def main() -> object:
        return await work()

    return asyncio.run(main())


def test_a_request_is_read_as_it_was_sent() -> None:
    exchange = Peer().exchange("post", (b"X-A", b"1"), (b"x-a", b"2"), (b"Host", b"h"))
    assert exchange.method == "POST"
    assert exchange.headers == {"x-a": "1, 2", "host": "h"}
    assert exchange.query == {"a": "2", "b": "/"}


def test_a_whole_body_comes_together_and_a_long_one_is_refused() -> None:
    peer = Peer(body(b"foot", more=True), body(b"age", more=False))
    assert run(lambda: peer.exchange().body()) == b"footage"
    long = Peer(body(b"x" * 9, more=True), body(b"x" * 9, more=True))
    with pytest.raises(RequestRefused) as caught:
        run(lambda: long.exchange().body(most=10))
    assert caught.value.stable_code == "request.too_long"


def test_a_peer_that_stops_talking_is_refused_and_one_that_hangs_up_is_gone() -> None:
    silent = Peer(body(b"x", more=True))
    with pytest.raises(RequestRefused) as caught:
        run(lambda: silent.exchange().body())
    assert caught.value.stable_code == "request.slow"
    gone = Peer(body(b"x", more=True), {"type": "http.disconnect"})
    with pytest.raises(PeerGone):
        run(lambda: gone.exchange().body())


def test_a_peer_that_stops_reading_is_let_go() -> None:
    deaf = Peer(reads=False)
    with pytest.raises(PeerGone):
        run(lambda: deaf.exchange().answer(200, body=b"hello"))


def test_answers_have_a_length_and_head_has_no_body() -> None:
    for method, expected in (("GET", b"hello"), ("HEAD", b"")):
        peer = Peer()
        exchange = peer.exchange(method)
        run(lambda one=exchange: one.answer(200, {"X-B": "1"}, b"hello"))  # type: ignore[misc] # bound early
        head, part = peer.heard
        assert head["status"] == 200
        assert (b"content-length", b"5") in head["headers"]
        assert (b"x-b", b"1") in head["headers"]
        assert part["body"] == expected
        assert not part["more_body"]


def test_refusals_carry_code_sentence_and_the_tables_status() -> None:
    peer = Peer()
    error = FairwitnessError("Try again.", code="request.busy")
    run(lambda: peer.exchange().refuse(error))
    head, part = peer.heard
    assert head["status"] == 503
    assert (b"retry-after", b"2") in head["headers"]
    assert json.loads(part["body"]) == {"code": "request.busy", "message": "Try again."}


def test_a_code_is_looked_up_whole_then_by_its_area() -> None:
    assert status_of("keyring.destroyed") == 410
    assert status_of("keyring.missing") == 503
    assert status_of("format.receipt") == 400
    assert status_of("never.heard_of") == 400
    assert set(STATUS.values()) <= {
        400,
        401,
        403,
        404,
        405,
        408,
        409,
        410,
        412,
        413,
        415,
        416,
        422,
        423,
        429,
        460,
        503,
        507,
    }


def test_a_budget_lets_in_so_many_and_frees_on_the_way_out() -> None:
    budget = Budget(1)
    with budget:
        with pytest.raises(RequestRefused) as caught, budget:
            pass
        assert caught.value.stable_code == "request.busy"
    with budget:
        assert budget.running == 1
    assert budget.running == 0
