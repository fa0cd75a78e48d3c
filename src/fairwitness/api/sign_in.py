"""`GET /api/v1/nonce` and `POST /api/v1/sessions`: how a dock signs in."""

from collections.abc import Callable
from datetime import datetime

from fairwitness.api.exchange import Exchange, RequestRefused, Threads
from fairwitness.custody.files import LogFiles
from fairwitness.formats import timestamp
from fairwitness.formats.canonical import Json
from fairwitness.ingest import sessions

_MOST = 16 << 10


class SignIn:
    """The sign-in of docks, in one server process."""

    def __init__(self, *, log: LogFiles, clock: Callable[[], datetime], threads: Threads) -> None:
        self._log = log
        self._clock = clock
        self._threads = threads

    async def nonce(self, exchange: Exchange) -> None:
        """Give a nonce; nothing is remembered of it until it is used."""
        if exchange.method != "GET":
            raise RequestRefused("A nonce is asked for with GET.", code="request.method")
        await exchange.answer_json(200, {"nonce": sessions.make_nonce(at=self._clock())})

    async def session(self, exchange: Exchange) -> None:
        """Take a signed nonce and give a token, our time, and the latest checkpoint."""
        if exchange.method != "POST":
            raise RequestRefused("Sign in with POST.", code="request.method")
        envelope = await exchange.body(most=_MOST)
        await exchange.answer_json(200, await self._threads.run(self._open, envelope))

    def _open(self, envelope: bytes) -> Json:
        at = self._clock()
        opened = sessions.open_session(envelope=envelope, at=at)
        note = self._log.checkpoint()
        return {
            "token": opened.token,
            "expires_at": timestamp.text(opened.expires_at),
            "time": timestamp.text(at),
            "checkpoint": note.decode() if note else "",
        }
