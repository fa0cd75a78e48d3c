"""Every store against the contract of the port, and what each adds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contracts.blob_store import BlobStoreContract, content, put
from tests.contracts.memory_store import MemoryStore

from fairwitness.vault.folder import FolderStore
from fairwitness.vault.port import BlobStore


class TestFolderStore(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        return FolderStore(tmp_path / "vault")

    @pytest.fixture
    def again(self, tmp_path: Path) -> Callable[[], BlobStore]:
        return lambda: FolderStore(tmp_path / "vault")

    def test_its_files_are_for_us_alone_and_spread_over_folders(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        put(store, "piece/aabb")
        path = tmp_path / "vault" / "piece" / "_aa" / "aabb"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    def test_files_that_are_no_blobs_are_not_listed(self, store: BlobStore, tmp_path: Path) -> None:
        put(store, "piece/aabb")
        (tmp_path / "vault" / "piece" / "_aa" / ".DS_Store").touch()
        (tmp_path / "vault" / "piece" / "_aa" / "ccdd").touch()
        (tmp_path / "vault" / "piece" / "eeff").touch()
        assert list(store.names()) == ["piece/aabb"]

    def test_opening_cold_drops_what_memory_holds(self, store: BlobStore, tmp_path: Path) -> None:
        put(store, "piece/aabb", bytes(1 << 20))
        assert isinstance(store, FolderStore)
        path = tmp_path / "vault" / "piece" / "_aa" / "aabb"
        if not _can_drop(tmp_path / "control"):
            pytest.skip("this file system keeps everything in memory")
        assert _cached(path)
        blob = store.open_cold("piece/aabb")
        assert not _cached(path)
        assert blob.read_at(0, 1 << 20) == bytes(1 << 20)
        blob.close()

    def test_a_reader_that_nobody_closes_holds_no_file(self, store: BlobStore) -> None:
        put(store, "piece/aabb")
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            content(store, "piece/aabb")
            store.open("piece/aabb")
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


class TestMemoryStore(BlobStoreContract):
    @pytest.fixture
    def blobs(self) -> dict[str, bytes | None]:
        return {}

    @pytest.fixture
    def store(self, blobs: dict[str, bytes | None]) -> BlobStore:
        return MemoryStore(blobs)

    @pytest.fixture
    def again(self, blobs: dict[str, bytes | None]) -> Callable[[], BlobStore]:
        return lambda: MemoryStore(blobs)


def _cached(path: Path) -> bool:
    """Whether reading the file would ask the disk for nothing."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.preadv(descriptor, [bytearray(4096)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _can_drop(path: Path) -> bool:
    path.write_bytes(bytes(1 << 20))
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    return not _cached(path)
