"""Waiting for a receiver's buffers on the event loop: a crowd of uploads holds no thread."""

import asyncio
import contextlib

from fairwitness.ingest.receiving import Incoming


async def wait_for_room(incoming: Incoming) -> None:
    """Wait until it can take something, or has failed and will say so."""
    loop = asyncio.get_running_loop()
    there: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not there.done():  # else whoever waited was called away
            there.set_result(None)

    def call() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(tell)

    incoming.when_room(call)
    await there
