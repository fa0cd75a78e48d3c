"""The one door for machines: uploads, footage, docks, Axis systems, the log; the rest are pages.

A plain ASGI callable. What it needs is handed in as `Dependencies`; what it does not know goes to
the fallback, which is Django behind a thread pool.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError

from fairwitness.api import exports
from fairwitness.api.axis import Axis
from fairwitness.api.docks import Docks
from fairwitness.api.exchange import (
    App,
    Budget,
    Exchange,
    Limits,
    PeerGone,
    Receive,
    RequestRefused,
    Scope,
    Send,
    Threads,
)
from fairwitness.api.log import PublicLog
from fairwitness.api.machines.door import Machines
from fairwitness.api.playback import Playback
from fairwitness.api.sign_in import SignIn
from fairwitness.api.uploads import Uploads
from fairwitness.disclosure.export import Kit
from fairwitness.errors import FairwitnessError
from fairwitness.ingest.axis import swift
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.receipts import Issuer
from fairwitness.ingest.receiving import Receiver
from fairwitness.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_CAMERAS = "/api/v1/cameras/"
_VOLUMES = "/api/v1/volumes/"

Handler = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the machines' side of a server works with.

    Attributes:
        vault: sealed footage and its keys.
        receiver: takes the bytes of uploads; whoever made it closes it.
        commitments: keyed digests.
        issuer: the log's files and the receipt key.
        trust: the bytes of `trust.json` as they are now.
        clock: the time.
        kit: what a copy for court is made with, as things are now.
        settle: called after an upload's last byte, to wake acceptance.
        limits: time limits and budgets.
    """

    vault: Vault
    receiver: Receiver
    commitments: Commitments
    issuer: Issuer
    trust: Callable[[], bytes]
    clock: Callable[[], datetime]
    kit: Callable[[], Kit]
    settle: Callable[[], None] = lambda: None
    limits: Limits = field(default_factory=Limits)


class Application:
    """Answers what machines ask, and hands every other request to `fallback`."""

    def __init__(self, needs: Dependencies, *, fallback: App) -> None:
        self._limits = needs.limits
        self._fallback = fallback
        threads, clock, log = Threads(), needs.clock, needs.issuer.log
        self._uploads = Uploads(
            vault=needs.vault,
            receiver=needs.receiver,
            commitments=needs.commitments,
            issuer=needs.issuer,
            clock=clock,
            threads=threads,
            budget=Budget(needs.limits.uploads),
            settle=needs.settle,
        )
        self._axis = Axis(
            vault=needs.vault,
            receiver=needs.receiver,
            commitments=needs.commitments,
            clock=clock,
            threads=threads,
            budget=Budget(needs.limits.uploads),
            settle=needs.settle,
        )
        self._playback = Playback(
            vault=needs.vault,
            clock=clock,
            threads=threads,
            budget=Budget(needs.limits.players),
        )
        self._exports = exports.Exports(
            kit=needs.kit, clock=clock, threads=threads, budget=Budget(needs.limits.exports)
        )
        self._docks = Docks(log=log, trust=needs.trust, clock=clock, threads=threads)
        sign_in = SignIn(log=log, clock=clock, threads=threads)
        self._log = PublicLog(log=log, threads=threads)
        self._exact: dict[str, Handler] = {
            "/uploads": self._uploads,
            swift.SIGN_IN: self._axis,
            "/api/v1/nonce": sign_in.nonce,
            "/api/v1/sessions": sign_in.session,
            "/api/v1/enrolments": self._docks.enrolments,
            "/api/v1/volumes": self._docks.volumes,
            "/api/v1/bays": self._docks.bays,
            "/api/v1/erasures": self._docks.erasures,
            "/api/v1/trust": self._docks.trust,
            "/api/v1/log/consistency": self._docks.consistency,
        }
        self._under: dict[str, Handler] = {
            "/uploads/": self._uploads,
            swift.STORAGE: self._axis,
            exports.PREFIX: self._exports,
            "/play/": self._playback,
            "/log/": self._log,
            _CAMERAS: self._camera,
            _VOLUMES: self._volume,
            "/api/v1/": Machines(clock=clock, threads=threads, vault=needs.vault),
            "/api/": _nothing,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._handler(scope["path"]) if scope["type"] == "http" else None
        if handler is None:
            await self._fallback(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._limits)
        try:
            await handler(exchange)
        except PeerGone:
            return
        except FairwitnessError as error:
            await _refuse(exchange, error)
        except (DatabaseError, OSError):
            _LOG.exception("%s %s could not be answered.", exchange.method, exchange.path)
            busy = RequestRefused("The server can't do this now: try again.", code="request.busy")
            await _refuse(exchange, busy)

    def _handler(self, path: str) -> Handler | None:
        handler = self._exact.get(path)
        if handler is not None:
            return handler
        return next((to for start, to in self._under.items() if path.startswith(start)), None)

    async def _camera(self, exchange: Exchange) -> None:
        serial, slash, more = exchange.path.removeprefix(_CAMERAS).partition("/")
        if slash and more == "log":
            await self._docks.log(exchange, serial)
        else:
            await self._docks.camera(exchange, serial + slash + more)

    async def _volume(self, exchange: Exchange) -> None:
        await self._docks.volume(exchange, exchange.path.removeprefix(_VOLUMES))


async def _nothing(_exchange: Exchange) -> None:
    raise RequestRefused("There is nothing here.", code="request.not_found")


async def _refuse(exchange: Exchange, error: FairwitnessError) -> None:
    if exchange.answered:
        _LOG.error("An answer was cut: %s", error)
        raise error  # the head is out, so that only closing the connection tells the peer
    try:
        await exchange.refuse(error)
    except PeerGone:
        return
