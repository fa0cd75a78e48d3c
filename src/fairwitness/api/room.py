"""Waiting for a receiver on the event loop: a crowd of uploads holds no thread."""

import asyncio
import contextlib
from collections.abc import Callable

from fairwitness.ingest.receiving import Incoming


async def wait_for_room(incoming: Incoming) -> None:
    """Wait until it can take something, or has failed and will say so."""
    await _called(incoming.when_room)


async def wait_for_end(incoming: Incoming) -> None:
    """End it, and wait until what it took is on disk, or until it has failed and will say so."""
    await _called(incoming.end)


async def _called(ask: Callable[[Callable[[], None]], None]) -> None:
    """Wait until the call that is asked for comes, from whatever thread."""
    loop = asyncio.get_running_loop()
    there: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not there.done():  # else whoever waited was called away
            there.set_result(None)

    def call() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(tell)

    ask(call)
    await there
