"""Bytes on their way into the vault: one writer for each PATCH, one committer for all of them.

`Receiver` gives a PATCH a writer that seals as bytes come (`vault.sealing`) and commits what is
durable in groups (`vault.committing`, `uploads.save_pieces`). A PATCH that announces a checksum is
different: until all of its body has been seen and agrees, none of it may count, so that its pieces
are withheld and committed together at the end.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from django.db import close_old_connections, connection

from fairwitness.ingest import tus, uploads
from fairwitness.ingest.uploads import Run
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.port import BlobStore
from fairwitness.vault.sealing import Binding, PieceWriter, SealedPiece
from fairwitness.vault.vault import Vault


class Incoming(Protocol):
    """One PATCH being received. `take`, `when_room` and `end` never wait; the others do."""

    def take(self, data: memoryview) -> int:
        """Copy in as many bytes as there is room for; returns how many."""

    def wait_for_room(self) -> None:
        """Wait until `take` can take something."""

    def when_room(self, call: Callable[[], None]) -> None:
        """Call, once and from any thread, when `take` can take something; never waits."""

    def end(self, call: Callable[[], None]) -> None:
        """Take no more; call, once and from any thread, when `finish` will wait for no other."""

    def finish(self, *, whole: bool) -> None:
        """Make durable and commit what was taken; `whole` when the body was not cut."""

    def abort(self) -> None:
        """Give up what is not durable; harmless after `finish`."""


class Receiver:
    """The receiving side of one server process; close it before the process ends."""

    def __init__(self, *, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._vault = vault
        self._clock = clock
        self._committer: GroupCommitter[Run] = GroupCommitter(
            store=vault.store, save=self._save, at_end=_close_connection
        )

    def receive(self, run: Run, *, checksum: tus.Checksum | None) -> Incoming:
        """Begin to take bytes at the offset of this run."""
        binding = Binding(
            key=self._vault.ring.get(run.recording),
            recording=run.recording,
            copy="master",
            upload_length=run.length,
        )
        if checksum is None:
            return _Streaming(
                PieceWriter(
                    store=self._vault.store,
                    binding=binding,
                    commits=self._committer,
                    tag=run,
                    offset=run.offset,
                )
            )
        return _Withholding(self._vault.store, binding, run, checksum, self._clock)

    def close(self) -> None:
        """Commit what is waiting and stop."""
        self._committer.close()

    def _save(self, group: Sequence[Durable[Run]]) -> list[Exception | None]:
        """Commit a group in the committer's thread, on a connection that is not stale."""
        close_old_connections()
        return uploads.save_pieces(group, clock=self._clock)


def _close_connection() -> None:
    """Close the connection of the thread that calls it; `connection` is another in each."""
    connection.close()


class _Streaming:
    """Without a checksum every piece counts as soon as it is durable."""

    def __init__(self, writer: PieceWriter[Run]) -> None:
        self._writer = writer

    def take(self, data: memoryview) -> int:
        return self._writer.try_write(data)

    def wait_for_room(self) -> None:
        self._writer.wait_for_room()

    def when_room(self, call: Callable[[], None]) -> None:
        self._writer.when_room(call)

    def end(self, call: Callable[[], None]) -> None:
        self._writer.end()
        self._writer.when_done(call)

    def finish(self, *, whole: bool) -> None:  # noqa: ARG002 # a cut body counts as far as it came
        self._writer.finish()

    def abort(self) -> None:
        self._writer.abort()


class _Withheld:
    """A committer that keeps pieces back."""

    def __init__(self) -> None:
        self.pieces: list[SealedPiece] = []
        self._lock = threading.Lock()

    def submit(self, writer: PieceWriter[Run], sealed: SealedPiece) -> None:
        with self._lock:
            run = writer.next_run(sealed)
            self.pieces += run
            if run:
                writer.advance(run[-1].offset + run[-1].length)


class _Withholding:
    """With a checksum nothing counts until all of it agrees."""

    def __init__(
        self,
        store: BlobStore,
        binding: Binding,
        run: Run,
        checksum: tus.Checksum,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._run = run
        self._checksum = checksum
        self._clock = clock
        self._seen = checksum.start()
        self._withheld = _Withheld()
        self._saved = False
        self._writer: PieceWriter[Run] = PieceWriter(
            store=store, binding=binding, commits=self._withheld, tag=run, offset=run.offset
        )

    def take(self, data: memoryview) -> int:
        taken = self._writer.try_write(data)
        self._seen.update(data[:taken])
        return taken

    def wait_for_room(self) -> None:
        self._writer.wait_for_room()

    def when_room(self, call: Callable[[], None]) -> None:
        self._writer.when_room(call)

    def end(self, call: Callable[[], None]) -> None:
        self._writer.end()
        self._writer.when_done(call)

    def finish(self, *, whole: bool) -> None:
        end = self._writer.finish()
        refused = self._disagrees(whole=whole) or self._save(end)
        if refused is not None:
            self._discard()
            raise refused

    def abort(self) -> None:
        self._writer.abort()
        self._discard()

    def _disagrees(self, *, whole: bool) -> Exception | None:
        if not whole:
            return tus.UploadRefused(
                "The body was cut, so its checksum can't be checked.",
                code="upload.checksum_mismatch",
            )
        try:
            self._checksum.check(self._seen)
        except tus.UploadRefused as mismatch:
            return mismatch
        return None

    def _save(self, end: int) -> Exception | None:
        """Commit all; an exception raised here leaves the blobs, which may have come to count."""
        pieces = tuple(self._withheld.pieces)
        if not pieces:
            return None
        self._store.sync([piece.blob for piece in pieces])
        durable = Durable(tag=self._run, pieces=pieces, start=self._run.offset, end=end)
        self._saved = True  # from here on it may be; only a clear refusal says that it is not
        (refused,) = uploads.save_pieces([durable], clock=self._clock)
        self._saved = refused is None
        return refused

    def _discard(self) -> None:
        if self._saved:
            return
        for piece in self._withheld.pieces:
            self._store.delete(piece.blob)
        self._withheld.pieces.clear()
