"""Sealing footage as it arrives: bytes in, durable sealed pieces out.

`PieceWriter` is the path that all footage takes into the vault. Whoever receives bytes copies them
in; full segments go to *lanes*, each of which seals and writes one piece at a time in a thread of a
shared pool, two pieces in flight; a piece that is on disk goes to a committer, which makes names
durable and moves the acknowledged offset (see `fairwitness.vault.committing`).

Rules that this module keeps:

1. A piece's salt and prefix are fresh at every attempt, its blob's name is random and new, and it
   is never extended: an upload that is cut ends its piece, and the next bytes start another.
2. The segment in hand is held back until a further byte, the end or the cut says if it is the last.
3. What is told durable is a prefix of the upload without a hole.
4. Plaintext is in memory only, in at most `BUFFERS` buffers of 1 MiB for each writer, and in no
   more than `FEW` while the lanes of all writers are crowded.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.vault.buffers import SHARED
from fairwitness.vault.lanes import Lane, OpenPiece, Segment, crowded
from fairwitness.vault.pieces import Binding, SealedPiece, new_name
from fairwitness.vault.port import BlobStore, Bytes

T = TypeVar("T")

LANES: Final = 2
"""Pieces of one upload in flight."""
BUFFERS: Final = 8
"""Buffers of 1 MiB that one writer may hold."""
FEW: Final = 2
"""The same in a crowd: one that fills and one that is sealed; with fewer a writer stood still."""


class WriterAborted(FairwitnessError):
    """The upload was given up before these bytes were durable; they must be sent again."""

    code = "vault.aborted"


class Commits(Protocol[T]):
    """Where a writer's pieces go when their bytes are on disk."""

    def submit(self, writer: "PieceWriter[T]", sealed: SealedPiece) -> None:
        """Takes a piece; in its own time calls `writer.advance` or `writer.fail`."""


class PieceWriter(Generic[T]):
    """Seals the bytes of one run of an upload, from one offset to its end or its cut.

    Used by one caller at a time. `try_write`, `when_room`, `end` and `when_done` never wait and may
    be called on an event loop; `write`, `wait_for_room`, `finish` and `abort` wait and must not be.

    Attributes:
        tag: the caller's own name for this upload, which its committer sees.
    """

    def __init__(
        self, *, store: BlobStore, binding: Binding, commits: Commits[T], tag: T, offset: int = 0
    ) -> None:
        """Starts at `offset`, the acknowledged end of what was durable before."""
        self.tag = tag
        self._store = store
        self._binding = binding
        self._commits = commits
        self._group = secrets.token_hex(1)
        self._lanes = [Lane(self._seal) for _ in range(LANES)]
        self._changed = threading.Condition()
        self._failure: Exception | None = None
        self._waiting: tuple[Callable[[], bool], Callable[[], None]] | None = None
        self._held_buffers = 0
        self._arrived: dict[int, SealedPiece] = {}
        self._durable = offset
        self._committing = offset
        self._position = offset
        self._pieces = 0
        self._piece: OpenPiece | None = None
        self._index = 0
        self._buffer: memoryview | None = None
        self._fill = 0
        self._ended = False

    @property
    def position(self) -> int:
        """The offset after the last byte taken, durable or not."""
        return self._position

    @property
    def durable(self) -> int:
        """The offset up to which every byte is durable and committed."""
        with self._changed:
            return self._durable

    def try_write(self, data: Bytes) -> int:
        """Copies in as many bytes as there is room for; returns how many.

        Raises:
            FairwitnessError: an earlier byte could not be made durable; nothing more can be.
            ValueError: more bytes than the upload has, or the writer has ended.
        """
        rest = memoryview(data)
        if self._ended:
            raise ValueError("this writer has ended")
        if 0 < self._binding.upload_length < self._position + len(rest):
            raise ValueError("more bytes than the upload has")
        taken = 0
        while taken < len(rest) and (buffer := self._room()) is not None:
            room = piece.SEGMENT - piece.TAG - (0 if self._index else piece.HEADER)
            size = min(room - self._fill, len(rest) - taken)
            buffer[self._fill : self._fill + size] = rest[taken : taken + size]
            self._fill += size
            self._position += size
            taken += size
            full = self._fill == room and self._index == piece.PIECE_SEGMENTS - 1
            if full or self._position == self._binding.upload_length:
                self._post(buffer, last=True)
        return taken

    def wait_for_room(self) -> None:
        """Waits until `try_write` can take at least a byte, or the writer has failed."""
        with self._changed:
            self._changed.wait_for(self._may_go_on)

    def when_room(self, call: Callable[[], None]) -> None:
        """As `wait_for_room`, without waiting: calls once, now or later, from any thread."""
        self._call_when(self._may_go_on, call)

    def write(self, data: Bytes) -> None:
        """Copies in all bytes, waiting for room; raises as `try_write`."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.try_write(rest) :]
            if rest:
                self.wait_for_room()

    def end(self) -> None:
        """Ends the piece in hand, whether the upload is complete or was cut; takes no more."""
        if not self._ended and self._buffer is not None and self._fill:
            self._post(self._buffer, last=True)
        self._ended = True

    def when_done(self, call: Callable[[], None]) -> None:
        """Calls once, now or later, from any thread, when `finish` needs to wait no more."""
        self._call_when(self._is_done, call)

    def finish(self) -> int:
        """As `end`; then waits until all that was taken is durable and committed.

        Returns:
            The offset up to which every byte is durable: `position`.

        Raises:
            FairwitnessError: not everything could be made durable; see `durable`. Call `abort`.
        """
        self.end()
        with self._changed:
            self._changed.wait_for(self._is_done)
        self._check()
        return self._position

    def abort(self) -> None:
        """Gives up what is not durable yet and deletes its blobs; harmless after `finish`.

        What the committer holds at that moment may still become durable, or be left as a stray.
        """
        self._ended = True
        if self._durable != self._position:
            self.fail(WriterAborted("The upload was given up."))
        with self._changed:
            buffer = self._buffer or SHARED.take()
            self._held_buffers += self._buffer is None
            self._buffer = None
        if self._piece is not None:  # having failed, its lane gives the piece up
            self._lane().post(Segment(self._piece, buffer, 0, last=True))
            self._piece = None
        else:
            self._release(buffer)
        with self._changed:
            self._changed.wait_for(lambda: not self._held_buffers)
            strays = list(self._arrived.values())
            self._arrived.clear()
        for stray in strays:
            self._store.delete(stray.blob)

    # What a committer calls.

    def next_run(self, sealed: SealedPiece) -> list[SealedPiece]:
        """Notes a piece whose bytes are on disk; returns what now follows without a hole.

        What it returns is the committer's to make durable, in this order, exactly once.
        """
        run = []
        with self._changed:
            self._arrived[sealed.offset] = sealed
            while not self._failure and (found := self._arrived.pop(self._committing, None)):
                run.append(found)
                self._committing += found.length
        return run

    def advance(self, end: int) -> None:
        """Every byte before `end` is durable and committed."""
        with self._changed:
            self._durable = end
            self._changed.notify_all()
        self._wake()

    def fail(self, error: Exception) -> None:
        """No further byte can be made durable; the first reason is kept."""
        with self._changed:
            self._failure = self._failure or error
            self._changed.notify_all()
        self._wake()

    def _seal(self, segment: Segment, into: memoryview) -> None:
        """Seals one segment, in a lane's thread."""
        try:
            if self._failure:
                segment.piece.abort()
                return
            done = segment.piece.seal(segment.buffer[: segment.size], into, last=segment.last)
            if done is not None:
                self._commits.submit(self, done)
        except Exception as error:  # noqa: BLE001 # whatever it is, the receiver must hear of it
            self.fail(error)
            with contextlib.suppress(OSError):  # what can't be deleted is a stray
                segment.piece.abort()
        finally:
            self._release(segment.buffer)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _may_go_on(self) -> bool:
        """Whether there is room, or a failure to be told."""
        most = FEW if crowded() else BUFFERS
        return self._failure is not None or self._held_buffers < most

    def _is_done(self) -> bool:
        """Whether all that was taken is committed, or there is a failure to be told."""
        return self._failure is not None or self._durable == self._position

    def _call_when(self, ready: Callable[[], bool], call: Callable[[], None]) -> None:
        with self._changed:
            self._waiting = ready, call
        self._wake()

    def _wake(self) -> None:
        """Calls whoever waits, if it is time; a crowd that goes ends by own buffers coming back."""
        with self._changed:
            if self._waiting is None or not self._waiting[0]():
                return
            _, call = self._waiting
            self._waiting = None
        call()

    def _room(self) -> memoryview | None:
        """The buffer to fill, posting the one held back if a byte is known to follow it."""
        self._check()
        room = piece.SEGMENT - piece.TAG - (0 if self._index else piece.HEADER)
        if self._buffer is not None and self._fill < room:
            return self._buffer
        with self._changed:
            if not self._may_go_on():
                return None
            self._held_buffers += 1
        if self._buffer is not None:
            self._post(self._buffer, last=False)
        self._buffer = SHARED.take()
        return self._buffer

    def _lane(self) -> Lane:
        return self._lanes[self._pieces % LANES]

    def _post(self, buffer: memoryview, *, last: bool) -> None:
        if self._piece is None:
            start = self._position - self._fill
            self._piece = OpenPiece(self._binding, self._store, start, new_name(self._group))
        self._lane().post(Segment(self._piece, buffer, self._fill, last=last))
        self._buffer = None
        self._fill = 0
        self._index += 1
        if last:
            self._piece = None
            self._index = 0
            self._pieces += 1

    def _release(self, buffer: memoryview) -> None:
        SHARED.give(buffer)
        with self._changed:
            self._held_buffers -= 1
            self._changed.notify_all()
        self._wake()


__all__ = [
    "BUFFERS",
    "FEW",
    "LANES",
    "Binding",
    "Commits",
    "PieceWriter",
    "SealedPiece",
    "WriterAborted",
]
