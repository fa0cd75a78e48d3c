"""A copy for court, out, to whoever was just allowed to make it. A plain ASGI callable.

`/export/<ticket>`: the ticket is signed by a page, names case, officer, recipient and purpose, and
is good for a few minutes and once. The ZIP is made while it is sent.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import close_old_connections

from fairwitness.api.exchange import Budget, Exchange, RequestRefused, Threads
from fairwitness.cases.models import Case
from fairwitness.disclosure import export, exporting, tickets
from fairwitness.disclosure.export import Kit, Order
from fairwitness.disclosure.models import Disclosure
from fairwitness.disclosure.zipped import Download, ZipSink
from fairwitness.force.models import Officer

PREFIX = tickets.PREFIX


class Exports:
    """The exports' endpoint of one server process."""

    def __init__(
        self,
        *,
        kit: Callable[[], Kit],
        clock: Callable[[], datetime],
        threads: Threads,
        budget: Budget,
    ) -> None:
        self._kit = kit
        self._clock = clock
        self._threads = threads
        self._budget = budget

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/export/`."""
        if exchange.method != "GET":
            raise RequestRefused("A copy is asked for with GET.", code="request.method")
        with self._budget:
            case, officer, order = await self._threads.run(
                self._open, exchange.path.removeprefix(PREFIX)
            )
            download = Download(_folder(order), lambda sink: self._make(sink, case, officer, order))
            try:
                await self._send(exchange, download, order)
            finally:
                download.close()

    def _open(self, text: str) -> tuple[Case, Officer, Order]:
        wanted = tickets.read(text)
        if Disclosure.objects.filter(pk=wanted.disclosure).exists():
            raise RequestRefused(
                "This copy was downloaded already. Ask for another on the case's page.",
                code="request.not_found",
            )
        case = Case.objects.get(pk=wanted.case)
        officer = Officer.objects.get(pk=wanted.officer)
        order = exporting.order_for(
            case=case,
            recipient=wanted.recipient,
            purpose=wanted.purpose,
            disclosure=wanted.disclosure,
            hearing_on=wanted.hearing_on,
        )
        export.demand(order.exhibits, officer, self._clock())
        return case, officer, order

    def _make(self, sink: ZipSink, case: Case, officer: Officer, order: Order) -> None:
        close_old_connections()
        try:
            exporting.to_sink(
                case=case,
                order=order,
                sink=sink,
                kit=self._kit(),
                officer=officer,
                at=self._clock(),
            )
        finally:
            close_old_connections()

    async def _send(self, exchange: Exchange, download: Download, order: Order) -> None:
        parts = download.parts()
        part = await self._threads.run(_next, parts)  # what fails at once is told, not cut
        await exchange.start(
            200,
            {
                "Content-Type": "application/zip",
                "Cache-Control": "private, no-store",
                "Content-Disposition": f'attachment; filename="{_folder(order)}.zip"',
            },
        )
        while part is not None:
            await exchange.part(part, more=True)
            part = await self._threads.run(_next, parts)
        await exchange.part(b"", more=False)


def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


def _folder(order: Order) -> str:
    safe = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in order.case
    )
    return f"copy-for-court-{safe}"
