"""Footage out, to a player that holds a granted viewing. A plain ASGI callable.

`/play/<token>/<kind>`: each request opens the door anew (`evidence.access.open_viewing`), which
asks again whether this officer may, and whether the recording is still there. A range is at most
4 MiB; a player asks for the next by itself, and without a range the door is asked again after each
4 MiB, so that nothing goes on past its day. Bytes are opened in threads and sent in small parts; a
player that stops reading is let go.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fairwitness.api.exchange import Budget, Exchange, RequestRefused, Threads
from fairwitness.evidence import access, apart
from fairwitness.evidence.access import OpenFootage
from fairwitness.vault.vault import Vault

PREFIX = "/play/"
MOST = 4 << 20
"""Bytes in one answer to a range, at most."""

_PART = 256 << 10
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)
_KINDS = "master|working|poster|waveform|strip|quarantined|transcript(?:-[1-9][0-9]{0,2})?"
_PATH = re.compile(rf"/play/([A-Za-z0-9_-]{{20,100}})/({_KINDS})\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


class Playback:
    """The players' endpoint of one server process."""

    def __init__(
        self, *, vault: Vault, clock: Callable[[], datetime], threads: Threads, budget: Budget
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._threads = threads
        self._budget = budget

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/play/`."""
        if exchange.method not in {"GET", "HEAD"}:
            raise RequestRefused("Footage is asked for with GET.", code="request.method")
        place = _PATH.match(exchange.path)
        if place is None:
            raise RequestRefused("There is nothing here.", code="request.not_found")
        token, kind = place.groups()
        with self._budget:
            opened = await self._open(token, kind)
            try:
                await self._answer(exchange, opened, lambda: self._open(token, kind))
            finally:
                await self._threads.run(opened.close)

    async def _open(self, token: str, kind: str) -> OpenFootage:
        at = self._clock()
        if kind == "quarantined":
            return await self._threads.run(
                apart.open_viewing, token=token, at=at, vault=self._vault
            )
        return await self._threads.run(
            access.open_viewing, token=token, kind=kind, at=at, vault=self._vault
        )

    async def _answer(
        self, exchange: Exchange, opened: OpenFootage, ask: Callable[[], Awaitable[OpenFootage]]
    ) -> None:
        header = exchange.headers.get("range")
        span = span_of(header, opened.size)
        headers = {
            "Content-Type": opened.media_type,
            "Content-Length": str(span.stop - span.start),
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if header is not None:
            headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{opened.size}"
        await exchange.start(200 if header is None else 206, headers)
        if exchange.method == "HEAD":
            await exchange.part(b"", more=False)
            return
        at = asked = span.start
        while at < span.stop:
            if at - asked >= MOST:
                await self._threads.run((await ask()).close)
                asked = at
            data = await self._threads.run(opened.read, at, min(_PART, span.stop - at))
            if not data:
                raise RequestRefused("The footage ends early.", code="request.cut")
            at += len(data)
            await exchange.part(data, more=at < span.stop)


def span_of(header: str | None, size: int) -> Span:
    """What to send for a `Range` header, at most 4 MiB of it; all without one.

    Args:
        header: as received; None when there is none.
        size: of the whole, in bytes.

    Raises:
        RequestRefused: `request.range`, for several ranges, or one that has no byte.
    """
    if header is None:
        return Span(0, size)
    found = _RANGE.match(header.strip())
    first, last = found.groups() if found else ("", "")
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    elif last:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = size, size
    if start >= stop:
        raise RequestRefused(f"One range of bytes, within {size}, please.", code="request.range")
    return Span(start, min(stop, start + MOST))
