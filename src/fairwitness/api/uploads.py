"""tus uploads as a plain ASGI callable: bytes in.

`ingest.tus` decides, `ingest.uploads` and `ingest.receiving` do; here is only the way between the
socket and them. The event loop copies what arrives into buffers and never waits for a disk: sealing
and writing have their own threads, and database work runs in `Threads`. A peer that stops talking
is let go by `Exchange`'s limits, and what it sent so far is kept.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fairwitness.api import browsers
from fairwitness.api.exchange import Budget, Exchange, PeerGone, RequestRefused, Threads
from fairwitness.api.room import wait_for_end, wait_for_room
from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Dock
from fairwitness.ingest import ending, identity, receipts, sessions, tus, uploads
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.identity import Sender
from fairwitness.ingest.models import Upload
from fairwitness.ingest.receipts import Issuer, Pending
from fairwitness.ingest.receiving import Incoming, Receiver
from fairwitness.ingest.uploads import Run, UploadUnknown
from fairwitness.vault.vault import Vault

_LOG = logging.getLogger(__name__)

PREFIX = "/uploads"
_HANDOVER = 10.0  # seconds that a running PATCH has to make durable what it took


@dataclass(slots=True)
class _Running:
    """A PATCH in progress in this process."""

    pump: "asyncio.Task[None]"
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Uploads:
    """The tus endpoint of one server process."""

    def __init__(
        self,
        *,
        vault: Vault,
        receiver: Receiver,
        commitments: Commitments,
        issuer: Issuer,
        clock: Callable[[], datetime],
        threads: Threads,
        budget: Budget,
        settle: Callable[[], None],
    ) -> None:
        """Takes its tools; `settle` is called after an upload's last byte, to wake acceptance."""
        self._vault = vault
        self._receiver = receiver
        self._commitments = commitments
        self._issuer = issuer
        self._clock = clock
        self._threads = threads
        self._budget = budget
        self._settle = settle
        self._running: dict[UUID, _Running] = {}

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/uploads`."""
        try:
            await self._route(exchange)
        except FairwitnessError as error:
            await exchange.refuse(error, {"Tus-Resumable": tus.VERSION, **_versions(error)})

    async def _route(self, exchange: Exchange) -> None:
        rest = exchange.path.removeprefix(PREFIX).strip("/")
        name, _, tail = rest.partition("/")
        if tail == "receipt":
            await self._receipt(exchange, _upload_id(name))
            return
        if tail:
            raise UploadUnknown("There is no such upload.")
        decision = tus.decide(
            tus.Request(exchange.method, exchange.headers, names_upload=bool(name))
        )
        if isinstance(decision, tus.Options):
            await exchange.answer(200, tus.options_headers())
            return
        if browsers.PASS in exchange.headers:
            await self._from_browser(exchange, decision, name)
            return
        dock = await self._signed_in(exchange)
        if isinstance(decision, tus.Create):
            await self._create(exchange, decision, dock)
            return
        upload = _upload_id(name)
        if isinstance(decision, tus.Append):
            await self._patch(exchange, upload, decision, dock)
        elif isinstance(decision, tus.Describe):
            await self._head(exchange, upload, dock)
        else:
            await self._delete(exchange, upload, dock)

    async def _from_browser(self, exchange: Exchange, decision: tus.Decision, name: str) -> None:
        """Take bytes from a page, or say how many there are; pages begin and end by other ways."""
        if not isinstance(decision, tus.Append | tus.Describe):
            raise browsers.NotByBrowser("Begin and end uploads on the page Bring in footage.")
        upload = _upload_id(name)
        officer = await self._threads.run(
            browsers.sender_of, exchange.headers, upload=upload, at=self._clock()
        )
        if isinstance(decision, tus.Append):
            await self._patch(exchange, upload, decision, officer)
        else:
            await self._head(exchange, upload, officer)

    async def _create(self, exchange: Exchange, create: tus.Create, dock: Dock) -> None:
        row = await self._threads.run(self._begin, create, dock)
        headers = {"Tus-Resumable": tus.VERSION, "Location": f"{PREFIX}/{row.pk}"}
        facts = uploads.facts(row)
        fresh = facts.phase is tus.Phase.RECEIVING and facts.offset == 0
        if create.body is not None and fresh:
            facts = await self._take(exchange, row.pk, create.body, dock)
        if create.body is not None:
            headers |= {"Upload-Offset": str(facts.offset)}
        await exchange.answer(201, headers | tus.expiry_headers(facts))

    def _begin(self, create: tus.Create, dock: Dock) -> Upload:
        return uploads.begin(
            create=create,
            sender=dock,
            commitments=self._commitments,
            vault=self._vault,
            at=self._clock(),
        )

    async def _head(self, exchange: Exchange, upload: UUID, sender: Sender) -> None:
        await self._interrupt(upload)
        row = await self._threads.run(
            uploads.take_over, upload=upload, sender=sender, at=self._clock()
        )
        facts = uploads.facts(row)
        tus.check_present(facts)
        await exchange.answer(200, {"Tus-Resumable": tus.VERSION} | tus.state_headers(facts))

    async def _patch(
        self, exchange: Exchange, upload: UUID, append: tus.Append, sender: Sender
    ) -> None:
        facts = await self._take(exchange, upload, append, sender)
        await exchange.answer(204, {"Tus-Resumable": tus.VERSION} | tus.progress_headers(facts))

    async def _delete(self, exchange: Exchange, upload: UUID, dock: Dock) -> None:
        await self._interrupt(upload)
        await self._threads.run(ending.terminate, upload=upload, sender=dock, at=self._clock())
        await exchange.answer(204, {"Tus-Resumable": tus.VERSION})

    async def _receipt(self, exchange: Exchange, upload: UUID) -> None:
        if exchange.method not in {"GET", "HEAD"}:
            raise RequestRefused("A receipt is asked for with GET.", code="request.method")
        since = _since(exchange.query.get("since"))
        dock = await self._signed_in(exchange)
        found = await self._threads.run(self._find_receipt, upload, dock, since)
        if isinstance(found, Pending):
            answer = {"state": found.state.value, "message": found.message}
            await exchange.answer_json(202, answer, {"Retry-After": str(found.seconds)})
            return
        head = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        await exchange.answer(200, head, found)

    def _find_receipt(self, upload: UUID, dock: Dock, since: int | None) -> bytes | Pending:
        row = uploads.of_sender(upload=upload, sender=dock)
        found = receipts.answer(
            upload=row,
            issuer=self._issuer,
            at=self._clock(),
            since=since,
            asker=identity.sender_text(dock),
        )
        return found if isinstance(found, Pending) else found.encode()

    async def _take(
        self, exchange: Exchange, upload: UUID, append: tus.Append, sender: Sender
    ) -> tus.Facts:
        """Take a body; the facts after it. A cut body counts as far as it came."""
        with self._budget:
            await self._interrupt(upload)
            run = await self._threads.run(
                uploads.start, upload=upload, sender=sender, append=append, at=self._clock()
            )
            await self._receive(exchange, run, append)
        row = await self._threads.run(uploads.of_sender, upload=upload, sender=sender)
        facts = uploads.facts(row)
        if facts.phase is tus.Phase.COMPLETE:
            self._settle()
        return facts

    async def _receive(self, exchange: Exchange, run: Run, append: tus.Append) -> None:
        if run.offset == run.length:
            await _nothing_more(exchange, append)
            return
        incoming = await self._threads.run(self._receiver.receive, run, checksum=append.checksum)
        pump = asyncio.create_task(self._pump(exchange, incoming, run.length - run.offset))
        running = _Running(pump)
        self._running[run.upload] = running
        problem: Exception | None = None
        try:
            await pump
        except asyncio.CancelledError:
            problem = uploads.Superseded("Another request has taken this upload over.")
        except (FairwitnessError, PeerGone) as error:
            problem = error
        finally:
            await asyncio.shield(self._finish(run, running, incoming, whole=problem is None))
        if problem is not None:
            raise problem

    async def _finish(
        self, run: Run, running: _Running, incoming: Incoming, *, whole: bool
    ) -> None:
        """Make durable what was taken, and let whoever waits for this upload have it."""
        try:
            await wait_for_end(incoming)
            await self._threads.run(incoming.finish, whole=whole)
        except Exception as error:
            await self._threads.run(incoming.abort)
            if whole:
                raise
            if not isinstance(error, FairwitnessError):
                _LOG.exception("What upload %s took was not made durable.", run.upload)
        finally:
            running.done.set()
            if self._running.get(run.upload) is running:
                del self._running[run.upload]

    async def _pump(self, exchange: Exchange, incoming: Incoming, room: int) -> None:
        more = True
        while more:
            data, more = await exchange.chunk()
            room -= len(data)
            if room < 0:
                raise tus.UploadRefused(
                    "These are more bytes than the upload has.", code="upload.too_large"
                )
            rest = memoryview(data)
            while rest:
                rest = rest[incoming.take(rest) :]
                if rest:
                    await wait_for_room(incoming)

    async def _interrupt(self, upload: UUID) -> None:
        """End a PATCH of this upload that runs in this process; others lose their generation."""
        running = self._running.get(upload)
        if running is None:
            return
        running.pump.cancel()
        try:
            await asyncio.wait_for(running.done.wait(), _HANDOVER)
        except TimeoutError:
            return  # its generation is taken all the same; only what it holds must be sent again

    async def _signed_in(self, exchange: Exchange) -> Dock:
        return await self._threads.run(sessions.dock_of, token=bearer(exchange), at=self._clock())


async def _nothing_more(exchange: Exchange, append: tus.Append) -> None:
    """All bytes are there: what comes with this request must be empty, and say so."""
    data, _ = await exchange.chunk()
    if data:
        raise tus.UploadRefused("The upload has all its bytes.", code="upload.too_large")
    if append.checksum is not None:
        append.checksum.check(append.checksum.start())


def bearer(exchange: Exchange) -> str:
    """The token of `Authorization: Bearer`.

    Raises:
        SessionUnknown: there is none.
    """
    scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise sessions.SessionUnknown("Sign in first, and send the token as a bearer token.")
    return token.strip()


def _upload_id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError as error:
        raise UploadUnknown("There is no such upload.") from error


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):  # noqa: PLR2004 - below 2**53
        raise RequestRefused("since is the size of a log, a whole number.", code="request.since")
    return int(text)


def _versions(error: FairwitnessError) -> dict[str, str]:
    return {"Tus-Version": tus.VERSION} if error.stable_code == "upload.version" else {}
