"""A line between docks and a server that is cut again and again, in the middle of anything."""

import asyncio
import random
import threading
from dataclasses import dataclass, field

STEP = 1 << 16


@dataclass
class Line:
    """Passes bytes on, both ways, until it cuts a connection; whatever was on the way is lost.

    Attributes:
        port: where docks connect to.
        to: the server's port.
        cuts: how many connections were cut so far.
        quiet: nothing is cut while this is so.
    """

    to: int
    chance: random.Random
    port: int = 0
    cuts: int = 0
    quiet: bool = False
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _server: asyncio.Server | None = None

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._pass, "127.0.0.1", 0, backlog=1000)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def stop(self) -> None:
        """Cut what is left and end."""
        if self._thread is None or self._server is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; about every third is cut in a request, every third in an answer."""
        up = self.chance.randrange(150_000) if self.chance.random() < 1 / 3 else None
        down = self.chance.randrange(4_000) if self.chance.random() < 1 / 3 else None
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:  # a server that was killed
            writer.transport.abort()
            return
        ways = [
            asyncio.ensure_future(self._copy(reader, back, up)),
            asyncio.ensure_future(self._copy(there, writer, down)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            back.transport.abort()
            writer.transport.abort()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None
    ) -> None:
        """Pass bytes on until one side ends, or so many have passed that it is cut."""
        passed = 0
        try:
            while data := await reader.read(STEP):
                passed += len(data)
                if most is not None and passed > most and not self.quiet:
                    self.cuts += 1
                    writer.write(data[: len(data) - (passed - most)])
                    return
                writer.write(data)
                await writer.drain()
        except OSError:
            return
