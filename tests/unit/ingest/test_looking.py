"""A child looks at footage while it is read back, and is given nothing before that."""

import hashlib
import threading
from pathlib import Path
from uuid import UUID

import pytest
from tests.ingest_world import long_video

from fairwitness.formats.piece import SEGMENT, PieceInvalid
from fairwitness.ingest import looking
from fairwitness.vault.copies import CopyWriter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobMissing, BlobReader

DATA = long_video(6 * SEGMENT)
BINDING = Binding(bytes(range(32)), UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11"), "master", 0)


class Reading:
    """A blob that is read through; it tells its store how far."""

    def __init__(self, inner: BlobReader, store: "Watched", *, cold: bool) -> None:
        self._inner, self._store, self._cold = inner, store, cold
        self.size = inner.size

    def read_at(self, offset: int, length: int) -> bytes:
        data = self._inner.read_at(offset, length)
        self._store.told(offset + len(data), cold=self._cold)
        return data

    def read_into(self, offset: int, into: memoryview) -> int:
        if self._cold and offset >= 2 * SEGMENT:
            self._store.looked.wait(60)
            self._store.overtaken.wait(0.2)
        size = self._inner.read_into(offset, into)
        self._store.told(offset + size, cold=self._cold)
        return size

    def close(self) -> None:
        self._inner.close()


class Watched(FolderStore):
    """Reads back slowly, once somebody looks, and sees whether they overtake."""

    def __init__(self, folder: Path, *, lost: bool = False) -> None:
        super().__init__(folder)
        self._lost = lost
        self._back = 0
        self.looked, self.overtaken = threading.Event(), threading.Event()

    def told(self, end: int, *, cold: bool) -> None:
        if cold:
            self._back = max(self._back, end)
        elif end > self._back:
            self.overtaken.set()

    def open(self, name: str) -> Reading:  # type: ignore[override]  # it is read through
        if self._lost:
            raise BlobMissing(f"There is no {name}.")
        self.looked.set()
        return Reading(super().open(name), self, cold=False)

    def open_cold(self, name: str) -> Reading:  # type: ignore[override]  # it is read through
        return Reading(super().open_cold(name), self, cold=not self._lost)


def sealed(store: FolderStore) -> tuple[SealedPiece, ...]:
    writer = CopyWriter(store=store, binding=BINDING)
    writer.write(DATA)
    return writer.finish()


def test_the_child_begins_before_all_is_read_back_and_never_overtakes(tmp_path: Path) -> None:
    store = Watched(tmp_path)
    digest, seen = looking.read_back(sealed(store), store=store, binding=BINDING)
    assert digest.sha256 == hashlib.sha256(DATA).digest()
    assert (seen.media_type, seen.truncated, seen.problem) == ("video/mp4", False, None)
    assert 1500 < seen.duration_ms < 2500
    assert store.looked.is_set()
    assert not store.overtaken.is_set()


def test_what_cannot_be_read_back_ends_the_look(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    pieces = sealed(store)
    (path,) = tmp_path.rglob(pieces[0].blob.rpartition("/")[2])
    raw = bytearray(path.read_bytes())
    raw[-SEGMENT // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)
    with pytest.raises(PieceInvalid):
        looking.read_back(pieces, store=store, binding=BINDING)
    assert "looking" not in {thread.name for thread in threading.enumerate()}


def test_what_is_lost_after_it_was_read_back_says_nothing_of_the_footage(tmp_path: Path) -> None:
    store = Watched(tmp_path, lost=True)
    with pytest.raises(looking.NotLookedAt):
        looking.read_back(sealed(store), store=store, binding=BINDING)
