"""The public log: checkpoint, tiles and entry bundles, as C2SP tlog-tiles serves them.

Anybody may read it. Leaves are salted digests, so nothing in it says what was done to what.
"""

from fairwitness.api.exchange import Exchange, RequestRefused, Threads
from fairwitness.custody.files import LogFiles

PREFIX = "/log/"
_YEAR = "public, max-age=31536000, immutable"


class PublicLog:
    """The log's files, in one server process."""

    def __init__(self, *, log: LogFiles, threads: Threads) -> None:
        self._log = log
        self._threads = threads

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/log/`."""
        if exchange.method not in {"GET", "HEAD"}:
            raise RequestRefused("The log is read with GET.", code="request.method")
        path = exchange.path.removeprefix(PREFIX)
        data = await self._threads.run(self._log.public, path)
        if data is None:
            raise RequestRefused("The log has no such file.", code="request.not_found")
        note = path == "checkpoint"
        headers = {
            "Content-Type": "text/plain; charset=utf-8" if note else "application/octet-stream",
            "Cache-Control": "no-cache" if note else _YEAR,
            "Access-Control-Allow-Origin": "*",
        }
        await exchange.answer(200, headers, data)
