"""Lanes: the threads that seal and write, segment by segment, while more bytes arrive.

A lane does its segments in order and one at a time, in whatever thread of a shared pool is free;
so a thousand uploads that hang hold no thread, and one upload that streams keeps two busy.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from fairwitness.formats import piece
from fairwitness.vault.buffers import SHARED
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobStore, BlobWriter, Bytes

_WORKERS: Final = 16
_THREADS: Final = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="sealing")


class _Backlog:
    """The segments of this process that are posted and not yet done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.segments = 0

    def add(self, change: int) -> None:
        with self._lock:
            self.segments += change


_BACKLOG: Final = _Backlog()


def crowded() -> bool:
    """Whether so much waits for the threads that more of it would only fill memory.

    A segment that waits long has left the processor's caches when its turn comes, and needs memory
    that the kernel must clear first. Uploads that hang have nothing posted and make no crowd.
    """
    return _BACKLOG.segments > 2 * _WORKERS


class OpenPiece:
    """One piece being sealed and written, by one thread at a time."""

    def __init__(self, binding: Binding, store: BlobStore, offset: int, name: str) -> None:
        self._binding = binding
        self._store = store
        self._name = name
        self._writer: BlobWriter | None = None
        self._sealer: piece.PieceSealer | None = None
        self._length = 0
        self._sealed = 0
        self.offset = offset

    def seal(self, plaintext: memoryview, into: memoryview, *, last: bool) -> SealedPiece | None:
        """Seals and writes the next segment; at the last one returns the finished piece."""
        if self._sealer is None or self._writer is None:
            self._sealer = piece.PieceSealer(
                key=self._binding.key, associated_data=self._binding.associated_data(self.offset)
            )
            self._writer = self._store.create(self._name, size=self._most())
            self._write(self._sealer.header)
        size = self._sealer.seal_segment(plaintext, into, last=last)
        self._write(into[:size])
        self._length += len(plaintext)
        if not last:
            return None
        self._writer.finish()
        return SealedPiece(self._name, self.offset, self._length, self._sealed)

    def abort(self) -> None:
        """Gives the piece up and deletes what there is of it; harmless when it is finished."""
        if self._writer is not None:
            self._writer.abort()

    def _most(self) -> int | None:
        left = self._binding.upload_length - self.offset
        return piece.sealed_size(min(left, piece.PIECE_PLAINTEXT)) if left > 0 else None

    def _write(self, data: Bytes) -> None:
        if self._writer is not None:
            self._writer.write(data)
            self._sealed += len(data)


@dataclass(frozen=True, slots=True)
class Segment:
    """One buffer on its way through a lane."""

    piece: OpenPiece
    buffer: memoryview
    size: int
    last: bool


class Lane:
    """Does its segments in order, in any thread of the shared pool, one at a time."""

    def __init__(self, seal: Callable[[Segment, memoryview], None]) -> None:
        self._seal = seal
        self._todo: deque[Segment] = deque()
        self._running = False
        self._lock = threading.Lock()

    def post(self, segment: Segment) -> None:
        """Adds a segment to do, after all that were posted before; never waits."""
        _BACKLOG.add(1)
        with self._lock:
            self._todo.append(segment)
            if self._running:
                return
            self._running = True
        _THREADS.submit(self._run)

    def _run(self) -> None:
        into = SHARED.take()
        try:
            while True:
                with self._lock:
                    if not self._todo:
                        self._running = False
                        return
                    segment = self._todo.popleft()
                try:
                    self._seal(segment, into)
                finally:
                    _BACKLOG.add(-1)
        finally:
            SHARED.give(into)
