"""Reading sealed footage: any range of it, or all of it as proof that it is there.

`SealedReader` is what `evidence.access` opens for players and exports. `read_back` is what a
receipt rests on: it reads every piece from the medium, opens every segment and hashes what comes
out, reading and opening in one thread while another hashes.
"""

import bisect
import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.formats.piece import PieceInvalid
from fairwitness.vault.buffers import SHARED
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobReader, BlobStore, OpensCold

_AHEAD: Final = 4  # opened segments that may wait for the hash


class PiecesIncomplete(FairwitnessError):
    """The list of a copy's pieces has a hole, an overlap or a wrong end."""

    code = "vault.pieces_incomplete"


@dataclass(frozen=True, slots=True)
class Digest:
    """What was read back.

    Attributes:
        size: in bytes of plaintext.
        sha256: of the plaintext, 32 bytes.
    """

    size: int
    sha256: bytes


def _in_order(pieces: Sequence[SealedPiece], upload_length: int) -> tuple[SealedPiece, ...]:
    """The pieces from first to last, if they cover the copy without a hole."""
    ordered = tuple(sorted(pieces, key=lambda sealed: sealed.offset))
    end = 0
    for sealed in ordered:
        if sealed.offset != end:
            raise PiecesIncomplete(f"No piece, or two, hold the recording's byte {end}.")
        end += sealed.length
    if upload_length and end != upload_length:
        raise PiecesIncomplete(f"The pieces end at byte {end} of {upload_length}.")
    return ordered


def _open(
    sealed: SealedPiece,
    *,
    binding: Binding,
    blob: BlobReader,
    read_at: piece.ReadAt,
    scratch: memoryview,
) -> piece.PieceReader:
    """A reader of one piece, which must be as large as it is recorded to be."""
    if blob.size != sealed.sealed_size or piece.sealed_size(sealed.length) != blob.size:
        raise PieceInvalid(f"A sealed piece at byte {sealed.offset} has not its recorded size.")
    return piece.PieceReader(
        key=binding.key,
        associated_data=binding.associated_data(sealed.offset),
        size=blob.size,
        read_at=read_at,
        scratch=scratch,
    )


class SealedReader:
    """One copy's plaintext, at any offset; opens only the segments that a read touches.

    Keeps the piece read last open, and its last segment opened. Used by one thread at a time, in a
    `with` statement or until `close`.

    Attributes:
        size: of the copy, in bytes.
    """

    def __init__(
        self, pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding
    ) -> None:
        """Opens nothing yet.

        Raises:
            PiecesIncomplete: the pieces do not make up one whole copy.
        """
        self._pieces = _in_order(pieces, binding.upload_length)
        self._starts = [sealed.offset for sealed in self._pieces]
        self.size = self._starts[-1] + self._pieces[-1].length if self._pieces else 0
        self._store = store
        self._binding = binding
        self._current: tuple[SealedPiece, BlobReader, piece.PieceReader] | None = None
        self._scratch: memoryview | None = None
        self._gathered: memoryview | None = None

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset` on: `length` of them, or as many as there are.

        Raises:
            PieceInvalid: a segment that it takes is damaged or in the wrong place.
            BlobMissing: a piece is not in the store.
            ValueError: a negative offset or length.
        """
        if offset < 0 or length < 0:
            raise ValueError("an offset and a length are never negative")
        wanted = max(0, min(length, self.size - offset))
        if wanted > piece.SEGMENT:
            return b"".join(self.chunks(offset, offset + wanted))
        if self._gathered is None:
            self._gathered = SHARED.take()
        done = 0
        while done < wanted:  # gathered first: parts that are joined cost a page fault each 4 KiB
            sealed, reader = self._reader_at(offset + done)
            at = offset + done - sealed.offset
            done += reader.read_into(at, self._gathered[done:wanted])
        return bytes(self._gathered[:wanted])

    def chunks(
        self, start: int = 0, stop: int | None = None, *, size: int = piece.SEGMENT
    ) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, at most `size` at a time; raises as `read`."""
        end = self.size if stop is None else min(stop, self.size)
        while start < end:
            data = self.read(start, min(size, end - start))
            start += len(data)
            yield data

    def close(self) -> None:
        """Lets go of files and buffers; harmless when repeated."""
        if self._current is not None:
            self._current[1].close()
            self._current = None
        for buffer in (self._scratch, self._gathered):
            if buffer is not None:
                SHARED.give(buffer)
        self._scratch = self._gathered = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _reader_at(self, offset: int) -> tuple[SealedPiece, piece.PieceReader]:
        sealed = self._pieces[bisect.bisect_right(self._starts, offset) - 1]
        if self._current is not None and self._current[0] is sealed:
            return sealed, self._current[2]
        if self._current is not None:
            self._current[1].close()
            self._current = None
        if self._scratch is None:
            self._scratch = SHARED.take()
        blob = self._store.open(sealed.blob)
        try:
            reader = _open(
                sealed,
                binding=self._binding,
                blob=blob,
                read_at=blob.read_at,
                scratch=self._scratch,
            )
        except PieceInvalid:
            blob.close()
            raise
        self._current = sealed, blob, reader
        return sealed, reader


class _Opener(threading.Thread):
    """Reads and opens all segments of all pieces, in order, ahead of the one who hashes."""

    def __init__(
        self, pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding
    ) -> None:
        super().__init__(name="reading back", daemon=True)
        self._pieces = pieces
        self._store = store
        self._binding = binding
        self._room = threading.Semaphore(_AHEAD)
        self._stopped = False
        self._opened: queue.SimpleQueue[tuple[memoryview, int] | Exception | None] = (
            queue.SimpleQueue()
        )

    def run(self) -> None:
        try:
            for sealed in self._pieces:
                if not self._stopped:
                    self._open_piece(sealed)
            self._opened.put(None)
        except Exception as error:  # noqa: BLE001 # it is raised again where the result is awaited
            self._opened.put(error)

    def segments(self) -> Iterator[memoryview]:
        """Every segment's plaintext, valid until the next is asked for."""
        while (found := self._opened.get()) is not None:
            if isinstance(found, Exception):
                raise found
            buffer, size = found
            yield buffer[:size]
            SHARED.give(buffer)
            self._room.release()

    def stop(self) -> None:
        """Ends the thread soon, whether or not anyone takes what it has opened."""
        self._stopped = True
        self._room.release()
        self.join()

    def _open_piece(self, sealed: SealedPiece) -> None:
        store, name = self._store, sealed.blob
        blob = store.open_cold(name) if isinstance(store, OpensCold) else store.open(name)
        scratch = SHARED.take()

        def read_at(offset: int, length: int) -> memoryview:
            return scratch[: blob.read_into(offset, scratch[:length])]

        try:
            reader = _open(
                sealed, binding=self._binding, blob=blob, read_at=read_at, scratch=scratch
            )
            for index in range(reader.segments):
                self._room.acquire()
                if self._stopped:
                    return
                buffer = SHARED.take()
                self._opened.put((buffer, reader.open_segment(index, buffer)))
        finally:
            SHARED.give(scratch)
            blob.close()


def read_back(
    pieces: Sequence[SealedPiece],
    *,
    store: BlobStore,
    binding: Binding,
    reached: Callable[[int], None] = lambda _end: None,
) -> Digest:
    """Reads a whole copy back from the medium and says what it is.

    Every segment of every piece is opened, so the digest is that of bytes that the store really
    has. Where the store can drop its cache (`OpensCold`) what is read is what is on the medium.

    Args:
        pieces: of the copy, in any order.
        store: where they lie.
        binding: what they are sealed for.
        reached: told again and again how many bytes have been read back by now.

    Raises:
        PiecesIncomplete: the pieces do not make up one whole copy.
        PieceInvalid: a piece is damaged.
        BlobMissing: a piece is not there.
    """
    ordered = _in_order(pieces, binding.upload_length)
    opener = _Opener(ordered, store=store, binding=binding)
    digest = hashlib.sha256()
    size = 0
    opener.start()
    try:
        for segment in opener.segments():
            digest.update(segment)
            size += len(segment)
            reached(size)
    finally:
        opener.stop()
    return Digest(size, digest.digest())
