"""The other side of ingest: a body received and written with the same syncs, and not sealed.

A plain ASGI callable of the same receiving shape: the event loop copies what arrives into buffers,
two lanes write pieces of 16 MiB, one committer syncs names and commits a row for each piece. What
it leaves out is what Fairwitness is for: keys, sealing, sign-in, leases, offsets, custody.
"""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.plain_server import FOLDER
from benchmarks.unsealed_piece import UnsealedPiece

from fairwitness.vault import sealing
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.pieces import Binding
from fairwitness.vault.sealing import PieceWriter

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class Unsealed:
    """Takes PATCHes; each is a whole body."""

    def __init__(self, folder: Path) -> None:
        vars(sealing)["OpenPiece"] = UnsealedPiece  # the one difference in this process
        self._store = FolderStore(folder / "blobs")
        self._file = folder / "rows.sqlite3"
        self._rows: sqlite3.Connection | None = None
        self._committer: GroupCommitter[str] = GroupCommitter(store=self._store, save=self._save)

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Take one body."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        length = int(dict(scope["headers"])[b"content-length"])
        binding = Binding(bytes(32), uuid4(), "master", length)
        writer = PieceWriter(
            store=self._store, binding=binding, commits=self._committer, tag=str(uuid4())
        )
        more = True
        while more:
            message = await receive()
            rest = memoryview(message.get("body", b""))
            more = bool(message.get("more_body", False))
            while rest:
                rest = rest[writer.try_write(rest) :]
                if rest:
                    await asyncio.to_thread(writer.wait_for_room)
        end = await asyncio.to_thread(writer.finish)
        assert end == length
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _live(self, receive: _Receive, send: _Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def _save(self, group: Sequence[Durable[str]]) -> list[Exception | None]:
        """Commit a row for each piece, as durably as the embedded database does."""
        if self._rows is None:
            self._rows = sqlite3.connect(self._file, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute("PRAGMA synchronous=FULL")
            self._rows.execute("CREATE TABLE IF NOT EXISTS piece (upload, blob, at, length)")
        self._rows.execute("BEGIN IMMEDIATE")
        for durable in group:
            self._rows.executemany(
                "INSERT INTO piece VALUES (?, ?, ?, ?)",
                [(durable.tag, one.blob, one.offset, one.length) for one in durable.pieces],
            )
        self._rows.execute("COMMIT")
        return [None] * len(group)


app = Unsealed(Path(os.environ[FOLDER]))
