"""The door for Axis body-worn systems, as a plain ASGI callable: the content-destination API.

`ingest.axis.swift` decides what is asked, `ingest.axis` does it; here is the way between the socket
and them. Clips go through the same receiver as all footage, sealed as they come. What a system is
answered means what its specification says: 400 is for ever and sends the recording to nowhere, so
whatever may pass is 503, and a full disk 507 (docs/specs/axis-content-destination.md).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from django.db import DatabaseError

from fairwitness.api import errors
from fairwitness.api.exchange import Budget, Exchange, PeerGone, Threads
from fairwitness.api.room import wait_for_end, wait_for_room
from fairwitness.errors import FairwitnessError
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis import clips, connecting, connection_file, containers, swift
from fairwitness.ingest.axis.clips import Desk, Measure
from fairwitness.ingest.axis.connecting import Doorkeeper
from fairwitness.ingest.axis.containers import Telling
from fairwitness.ingest.axis.swift import Describe, Place, PostObject, PutContainer, PutObject, Read
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import AxisSystem
from fairwitness.ingest.receiving import Incoming, Receiver
from fairwitness.ingest.uploads import Run
from fairwitness.retention import categories
from fairwitness.vault.vault import Vault

_LOG = logging.getLogger(__name__)

SMALL: Final = 4 << 20
"""Bytes of a bookmark, key or trail, at most; what is longer is taken for footage."""
_BATCH: Final = 1 << 20
_UNDERSTOOD: Final = frozenset({400, 401, 403, 404, 422, 503, 507})
_BUSY: Final = 503


class Axis:
    """The content destination of one server process."""

    def __init__(
        self,
        *,
        vault: Vault,
        receiver: Receiver,
        commitments: Commitments,
        clock: Callable[[], datetime],
        threads: Threads,
        budget: Budget,
        settle: Callable[[], None],
    ) -> None:
        """Takes its tools; `settle` is called after a clip's last byte, to wake acceptance."""
        self._vault = vault
        self._receiver = receiver
        self._desk = Desk(vault, commitments, clock)
        self._clock = clock
        self._threads = threads
        self._budget = budget
        self._settle = settle
        self._doorkeeper = Doorkeeper()

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/auth/v1.0` or `/v1/`."""
        try:
            await self._route(exchange)
        except FairwitnessError as error:
            await _refuse(exchange, error)
        except (DatabaseError, OSError):
            _LOG.exception("%s %s could not be answered.", exchange.method, exchange.path)
            await _refuse(exchange, swift.Refused("Try again shortly.", code="request.busy"))

    async def _route(self, exchange: Exchange) -> None:
        request = swift.Request(exchange.method, exchange.path, exchange.headers)
        if exchange.path == swift.SIGN_IN:
            await self._sign_in(exchange, swift.sign_in(request))
            return
        token = exchange.headers.get("x-auth-token", "")
        system = await self._threads.run(connecting.system_of, token=token, at=self._clock())
        try:
            decision = swift.decide(request)
            connecting.demand_own(system, decision.place.account)
        except swift.Refused as refusal:
            note = (Act.ACCESS_REFUSED, refusal.message, self._clock())
            await self._threads.run(self._doorkeeper.note, system, *note)
            raise
        if isinstance(decision, Read):
            await self._read(exchange, decision.place)
        elif isinstance(decision, Describe):
            await self._describe(exchange, system, decision.place)
        else:
            await self._write(exchange, system, decision)

    async def _sign_in(self, exchange: Exchange, asked: swift.SignIn) -> None:
        system, token = await self._threads.run(
            self._doorkeeper.open, user=asked.user, key=asked.key, at=self._clock()
        )
        storage = f"{system.url.rstrip('/')}{swift.STORAGE}{connecting.account_of(system)}"
        life = str(int(connecting.TOKEN_LIFE.total_seconds()))
        await exchange.answer(
            200,
            {
                "X-Auth-Token": token,
                "X-Storage-Token": token,
                "X-Storage-Url": storage,
                "X-Auth-Token-Expires": life,
                "Cache-Control": "no-store",
            },
        )

    async def _read(self, exchange: Exchange, place: Place) -> None:
        if place.object == swift.CAPABILITIES:
            body = connection_file.capabilities()
        else:
            table = await self._threads.run(categories.current)
            body = connection_file.categories((line.code, line.name) for line in table.values())
        head = {"Content-Type": "application/json", "Etag": swift.md5(body)}
        await exchange.answer(200, head, body)

    async def _describe(self, exchange: Exchange, system: AxisSystem, place: Place) -> None:
        found = await self._threads.run(containers.describe, system=system, place=place)
        of_object = found.etag is not None
        head = swift.described(found.metadata, of_object=of_object)
        head["Last-Modified"] = format_datetime(found.changed_at, usegmt=True)
        if found.etag is None:
            head |= {
                "X-Container-Object-Count": str(found.objects),
                "X-Container-Bytes-Used": str(found.size),
            }
        else:
            head |= {
                "Etag": found.etag,
                "Content-Length": str(found.size),
                "Content-Type": "application/octet-stream",
            }
        await exchange.answer(200, head)

    async def _write(
        self,
        exchange: Exchange,
        system: AxisSystem,
        decision: PutContainer | PutObject | PostObject,
    ) -> None:
        telling = Telling(
            system=system,
            place=decision.place,
            metadata=decision.metadata,
            method=exchange.method,
            headers=swift.evidence_headers(exchange.headers),
            at=self._clock(),
        )
        if isinstance(decision, PutObject):
            etag = await self._put(exchange, telling, decision.etag)
            await exchange.answer(201, {"Etag": etag})
        elif isinstance(decision, PostObject):
            await self._threads.run(containers.tell_metadata, telling=telling, vault=self._vault)
            await exchange.answer(202)
        else:
            fresh = await self._threads.run(
                containers.tell_container,
                telling=telling,
                creates=decision.creates,
                vault=self._vault,
                commitments=self._desk.commitments,
            )
            await exchange.answer(204 if not decision.creates else 201 if fresh else 202)

    async def _put(self, exchange: Exchange, telling: Telling, etag: str) -> str:
        """Take an object; its MD5."""
        with self._budget:
            body = _Body(exchange)
            if containers.is_small(telling.place.container, telling.place.object):
                small = await body.all_up_to(SMALL)
                if small is not None:
                    return await self._threads.run(
                        containers.tell_object,
                        telling=telling,
                        body=small,
                        etag=etag,
                        vault=self._vault,
                    )
            return await self._footage(body, telling, etag)

    async def _footage(self, body: "_Body", telling: Telling, etag: str) -> str:
        """Seal a body as it comes; nothing of one that is cut is kept."""
        run = await self._threads.run(clips.begin, telling=telling, vault=self._vault)
        measure = Measure()
        try:
            incoming = await self._threads.run(self._receiver.receive, run, checksum=None)
            try:
                await self._pour(body, incoming, measure)
                await wait_for_end(incoming)
                await self._threads.run(incoming.finish, whole=True)
            except BaseException:
                await asyncio.shield(self._threads.run(incoming.abort))
                raise
            await self._threads.run(
                clips.finish,
                run=run,
                telling=telling,
                measure=measure,
                etag=etag,
                desk=self._desk,
            )
        except BaseException as error:
            await asyncio.shield(self._threads.run(self._give_up, run, telling, _why(error)))
            raise
        self._settle()
        return measure.etag

    async def _pour(self, body: "_Body", incoming: Incoming, measure: Measure) -> None:
        """Hash each batch beside its sealing and the coming of the next."""
        hashing: asyncio.Task[None] | None = None
        try:
            async for data in body.batches(_BATCH):
                if hashing is not None:
                    await hashing
                hashing = asyncio.create_task(self._threads.run(measure.update, data))
                rest = memoryview(data)
                while rest:
                    rest = rest[incoming.take(rest) :]
                    if rest:
                        await wait_for_room(incoming)
        finally:
            if hashing is not None:
                await hashing

    def _give_up(self, run: Run, telling: Telling, reason: str) -> None:
        """End what came to nothing; if even that fails, its time runs out."""
        with contextlib.suppress(DatabaseError):
            clips.give_up(run=run, actor=telling.actor, at=self._clock(), reason=reason)


class _Body:
    """A request's body, gathered into batches; what was read ahead is not lost."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._ahead = bytearray()
        self._more = True

    async def all_up_to(self, most: int) -> bytes | None:
        """The whole body; None when it is longer, and then it is still to be read."""
        while self._more and len(self._ahead) <= most:
            await self._gather()
        return bytes(self._ahead) if len(self._ahead) <= most else None

    async def batches(self, size: int) -> AsyncIterator[bytes]:
        """All of it, in batches of at least `size` bytes and a last one."""
        while self._more or self._ahead:
            while self._more and len(self._ahead) < size:
                await self._gather()
            batch = bytes(self._ahead)
            self._ahead.clear()
            if batch:
                yield batch

    async def _gather(self) -> None:
        data, self._more = await self._exchange.chunk()
        self._ahead += data


def _why(error: BaseException) -> str:
    if isinstance(error, FairwitnessError):
        return error.message
    return "its sender hung up" if isinstance(error, PeerGone) else "it was interrupted"


async def _refuse(exchange: Exchange, error: FairwitnessError) -> None:
    """Answer with the status that the system understands; what may pass is never 400."""
    status = errors.status_of(error.stable_code)
    lasting = error.stable_code.startswith("axis.")
    if status not in _UNDERSTOOD or (status in {400, 403, 404} and not lasting):
        status = _BUSY
    head: Mapping[str, str] = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if status == _BUSY:
        head = {**head, "Retry-After": "2"}
    await exchange.answer(status, head, errors.body_of(error))


__all__ = ["SMALL", "Axis"]
