"""What granian serves: machines by plain ASGI, people by Django behind a thread pool.

Started by `fairwitness serve`. Lifespan starts the receiver of uploads, the integrator of the
custody log and, when asked for, the sweepers; it stops them in the reverse order.

Django never sees a body of more than 1 MiB and no footage at all (ADR 0012).
"""

import asyncio
import gc
import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import django
from a2wsgi import WSGIMiddleware

if TYPE_CHECKING:
    from a2wsgi.wsgi_typing import WSGIApp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
django.setup()

from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402 # after setup
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 # after setup

from fairwitness.api.application import Application, Dependencies  # noqa: E402 # after setup
from fairwitness.api.exchange import App, Receive, Scope, Send  # noqa: E402 # after setup
from fairwitness.config import composition  # noqa: E402 # after setup
from fairwitness.config.capping import capped  # noqa: E402 # after setup
from fairwitness.config.sweepers import Work  # noqa: E402 # after setup
from fairwitness.errors import FairwitnessError  # noqa: E402 # after setup
from fairwitness.ingest.receiving import Receiver  # noqa: E402 # after setup

PAGE_THREADS = 16
_LOG = logging.getLogger(__name__)


class Server:
    """The ASGI application of one server process."""

    def __init__(self) -> None:
        self._deployment = composition.deployment()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._receiver: Receiver | None = None
        self._work: Work | None = None
        self._application: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self._application is not None:
            await self._application(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await asyncio.to_thread(self._start)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._end)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        deployment = self._deployment
        receiver = Receiver(vault=deployment.vault, clock=deployment.clock)
        self._receiver = receiver
        self._thread("integrator", self._integrate)
        settle: Callable[[], None] = _nothing
        if deployment.environment.with_worker:
            work = Work(deployment)
            work.start()
            self._work = work
            settle = lambda: work.wake("acceptance")  # noqa: E731 # one line, used once
        pages = cast("WSGIApp", StaticFilesHandler(WSGIHandler()))
        self._application = Application(
            Dependencies(
                vault=deployment.vault,
                receiver=receiver,
                commitments=deployment.commitments,
                issuer=deployment.issuer,
                trust=deployment.trust_file,
                clock=deployment.clock,
                kit=deployment.export_kit,
                settle=settle,
            ),
            fallback=capped(cast("App", WSGIMiddleware(pages, workers=PAGE_THREADS))),
        )
        gc.collect()
        gc.freeze()  # it lives as long as this process; looking through it kept a page for 85 ms

    def _end(self) -> None:
        self._stop.set()
        if self._work is not None:
            self._work.stop(wait=10.0)
        if self._receiver is not None:
            self._receiver.close()
        for thread in self._threads:
            thread.join(10.0)

    def _thread(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _integrate(self) -> None:
        """Run the integrator; a log that can't go on is told, and nothing is receipted."""
        try:
            self._deployment.integrator().run(self._stop)
        except FairwitnessError:
            _LOG.critical("The custody log can't go on. Run `fairwitness audit`.", exc_info=True)


def _nothing() -> None:
    """Nobody to wake in this process."""


app = Server()
