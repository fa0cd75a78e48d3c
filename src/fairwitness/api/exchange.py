"""One HTTP exchange over plain ASGI, with time limits of our own.

The server gives us `receive` and `send` without any limit: a peer that stops talking would be
waited for until the machine is restarted. Every wait here ends by itself; every body has a bound.
"""

import asyncio
import json
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

from fairwitness.api import errors
from fairwitness.errors import FairwitnessError

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SMALL_BODY = 1 << 20

P = ParamSpec("P")
R = TypeVar("R")


class RequestRefused(FairwitnessError):
    """A request that can't be answered as it stands."""

    code = "request.refused"


class PeerGone(Exception):
    """The other side hung up; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait for the other side, in seconds, and how many may wait at once."""

    receive: float = 20.0
    send: float = 20.0
    uploads: int = 400
    players: int = 400
    exports: int = 4


@dataclass(slots=True)
class Budget:
    """How many exchanges of one kind run at once; the next one is told to come back."""

    most: int
    running: int = 0

    def __enter__(self) -> None:
        if self.running >= self.most:
            raise RequestRefused("The server is busy: try again shortly.", code="request.busy")
        self.running += 1

    def __exit__(self, *_: object) -> None:
        self.running -= 1


@dataclass(slots=True)
class Threads:
    """Where database and disk work of the byte paths runs; never on the event loop."""

    most: int = 24
    _pool: ThreadPoolExecutor | None = field(default=None, init=False)

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `call` in a thread whose stale database connections are closed first and last."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.most, thread_name_prefix="fairwitness-api")

        def work() -> R:
            close_old_connections()
            try:
                return call(*args, **kwargs)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


class Exchange:
    """A request and the way to answer it.

    Attributes:
        method: upper case.
        path: decoded, as the server gave it.
        headers: names lower case; repeated ones joined by a comma.
        query: the last value of each parameter.
        query_text: the query as it was sent.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: Limits) -> None:
        self.method: str = scope["method"].upper()
        self.path: str = scope["path"]
        self.headers = _headers(scope["headers"])
        self.query_text: str = scope.get("query_string", b"").decode("latin-1")
        self.query = dict(urllib.parse.parse_qsl(self.query_text))
        self.scheme: str = scope.get("scheme", "http")
        self.answered = False
        self._receive, self._send, self._limits = receive, send, limits

    async def chunk(self) -> tuple[bytes, bool]:
        """The next bytes of the body, and whether more may follow.

        Raises:
            PeerGone: it hung up.
            RequestRefused: `request.slow`, nothing came for too long.
        """
        try:
            async with asyncio.timeout(self._limits.receive):
                message = await self._receive()
        except TimeoutError as error:
            raise RequestRefused(
                f"Nothing came for {self._limits.receive:g} seconds.", code="request.slow"
            ) from error
        if message["type"] == "http.disconnect":
            raise PeerGone
        return message.get("body", b""), bool(message.get("more_body", False))

    async def body(self, *, most: int = SMALL_BODY) -> bytes:
        """A whole small body.

        Raises:
            RequestRefused: `request.too_long` or `request.slow`.
            PeerGone: it hung up.
        """
        parts, size, more = [], 0, True
        while more:
            part, more = await self.chunk()
            size += len(part)
            if size > most:
                raise RequestRefused(f"At most {most} bytes here.", code="request.too_long")
            parts.append(part)
        return b"".join(parts)

    async def answer(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> None:
        """Send a whole answer; the length is ours to say."""
        head = {"Content-Length": str(len(body))} | dict(headers or {})
        await self.start(status, head)
        await self.part(b"" if self.method == "HEAD" else body, more=False)

    async def answer_json(
        self, status: int, value: object, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send JSON; never stored by anything on the way."""
        head = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        await self.answer(status, head | dict(headers or {}), json.dumps(value).encode())

    async def refuse(
        self, error: FairwitnessError, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a refusal by the one table."""
        status = errors.status_of(error.stable_code)
        head = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if status in {503, 423}:
            head["Retry-After"] = "2"
        await self.answer(status, head | dict(headers or {}), errors.body_of(error))

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer whose parts follow."""
        self.answered = True
        pairs = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        pairs.append((b"x-content-type-options", b"nosniff"))
        await self._out({"type": "http.response.start", "status": status, "headers": pairs})

    async def part(self, data: bytes, *, more: bool) -> None:
        """Send some of the body; a peer that stops reading is let go."""
        await self._out({"type": "http.response.body", "body": data, "more_body": more})

    async def _out(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._limits.send):
                await self._send(message)
        except (TimeoutError, OSError) as error:
            raise PeerGone from error


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
