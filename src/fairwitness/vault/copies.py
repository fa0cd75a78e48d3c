"""Sealing copies that we make ourselves: working copies, posters, waveforms.

Unlike an upload's, their pieces count only together, when the copy is whole.
"""

import threading
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobStore, Bytes
from fairwitness.vault.sealing import PieceWriter


class _Collects:
    """A committer for copies that count only when all of them is there."""

    def __init__(self) -> None:
        self.pieces: list[SealedPiece] = []
        self._lock = threading.Lock()

    def submit(self, writer: PieceWriter[None], sealed: SealedPiece) -> None:
        with self._lock:
            run = writer.next_run(sealed)
            self.pieces += run
            if run:
                writer.advance(run[-1].offset + run[-1].length)


class CopyWriter:
    """Seals a copy that we make ourselves; its pieces count only when all are there."""

    def __init__(self, *, store: BlobStore, binding: Binding) -> None:
        self._store = store
        self._collects = _Collects()
        self._writer = PieceWriter(store=store, binding=binding, commits=self._collects, tag=None)

    def write(self, data: Bytes) -> None:
        """Takes these bytes, waiting for room."""
        self._writer.write(data)

    def finish(self) -> tuple[SealedPiece, ...]:
        """All pieces, in order, durable; none for an empty copy."""
        self._writer.finish()
        self._store.sync([sealed.blob for sealed in self._collects.pieces])
        return tuple(self._collects.pieces)

    def abort(self) -> None:
        """Gives the copy up and deletes what there is of it."""
        self._writer.abort()
        for sealed in self._collects.pieces:
            self._store.delete(sealed.blob)


def seal_bytes(
    data: Bytes, *, store: BlobStore, key: bytes, recording: UUID, copy: str
) -> tuple[SealedPiece, ...]:
    """Seals a small copy that is in memory: a poster, a waveform.

    Returns:
        Its pieces, durable; none for no bytes.

    Raises:
        StoreFull: there is no room; nothing of it is kept.
    """
    writer = CopyWriter(store=store, binding=Binding(key, recording, copy, len(data)))
    try:
        writer.write(data)
        return writer.finish()
    except FairwitnessError:
        writer.abort()
        raise
