"""Group commit: many finished pieces, one folder sync, one transaction.

One thread takes whatever pieces are waiting, of all uploads, makes their names durable together
and hands every upload's next contiguous run to `save`, which writes rows and moves offsets in one
transaction. While that runs the next group gathers: with one upload a group is one or two pieces,
with sixteen about twenty.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from fairwitness.errors import FairwitnessError
from fairwitness.vault.pieces import SealedPiece
from fairwitness.vault.port import BlobStore
from fairwitness.vault.sealing import PieceWriter, WriterAborted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Durable(Generic[T]):
    """The next pieces of one upload, durable in the store, about to count.

    Attributes:
        tag: the upload's, as its `PieceWriter` was given.
        pieces: in order, without a hole.
        start: where the first begins; the upload's offset must still be this.
        end: where the last ends; the upload's offset is to become this.
    """

    tag: T
    pieces: tuple[SealedPiece, ...]
    start: int
    end: int


Save: TypeAlias = Callable[[Sequence[Durable[T]]], Sequence[Exception | None]]
"""Commits a group in one transaction. Answers each with None, or with why it alone was refused
(its pieces are then deleted). If it raises, all fail and nothing is deleted: the commit may have
happened, and what no row names is swept later."""

_Item: TypeAlias = "tuple[PieceWriter[T], SealedPiece] | None"


class GroupCommitter(Generic[T]):
    """One thread that makes finished pieces count, group by group."""

    def __init__(
        self, *, store: BlobStore, save: Save[T], at_end: Callable[[], None] | None = None
    ) -> None:
        """Starts its thread; `save`, and at its end `at_end`, are called in that thread only."""
        self._store = store
        self._at_end = at_end
        self._save: Final = save
        self._queue: queue.SimpleQueue[_Item[T]] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="committing", daemon=True)
        self._thread.start()

    def submit(self, writer: PieceWriter[T], sealed: SealedPiece) -> None:
        """Takes a piece whose bytes are on disk."""
        if self._closed:
            writer.fail(WriterAborted("The server is stopping; send the rest again."))
        self._queue.put((writer, sealed))

    def close(self) -> None:
        """Commits what is waiting, then ends the thread; returns when it has."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._commit_groups()
        finally:
            if self._at_end is not None:
                self._at_end()

    def _commit_groups(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            ending = False
            while not self._queue.empty() and not ending:
                item = self._queue.get()
                if item is None:
                    ending = True
                else:
                    group.append(item)
            self._commit(group)
            if ending:
                return

    def _commit(self, group: Sequence[tuple[PieceWriter[T], SealedPiece]]) -> None:
        runs: dict[PieceWriter[T], list[SealedPiece]] = {}
        for writer, sealed in group:
            runs.setdefault(writer, []).extend(writer.next_run(sealed))
        ready = [(writer, run) for writer, run in runs.items() if run]
        try:
            self._store.sync([sealed.blob for _, run in ready for sealed in run])
            answers = self._save([self._durable(writer, run) for writer, run in ready])
            for (writer, run), answer in zip(ready, answers, strict=True):
                self._answer(writer, run, answer)
        except Exception as error:  # noqa: BLE001 # whatever it is, the receivers must hear of it
            for writer, _ in ready:
                writer.fail(error)

    def _answer(
        self, writer: PieceWriter[T], run: Sequence[SealedPiece], refusal: Exception | None
    ) -> None:
        if refusal is None:
            writer.advance(run[-1].offset + run[-1].length)
            return
        for sealed in run:
            with contextlib.suppress(FairwitnessError):  # what can't be deleted is a stray
                self._store.delete(sealed.blob)
        writer.fail(refusal)

    @staticmethod
    def _durable(writer: PieceWriter[T], run: Sequence[SealedPiece]) -> Durable[T]:
        return Durable(
            tag=writer.tag,
            pieces=tuple(run),
            start=run[0].offset,
            end=run[-1].offset + run[-1].length,
        )
