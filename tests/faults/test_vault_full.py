"""A full disk is told at once, harms nothing that was kept, and never stops a deletion."""

import hashlib
import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from fairwitness.formats.piece import PIECE_PLAINTEXT
from fairwitness.vault import copies, manifests, repairing
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyMissing, KeyRing, KeyState
from fairwitness.vault.master import MasterKey
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import StoreFull
from fairwitness.vault.reading import read_back
from fairwitness.vault.sealing import PieceWriter

pytestmark = pytest.mark.fault

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
KEY = bytes(range(32))
DATA = bytes(range(251)) * (3 * PIECE_PLAINTEXT // 251)


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    """A disk of this size, if we may mount one."""
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(path)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(folder: Path) -> None:
    """Leaves not a byte of the disk free."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (65_536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def send(store: FolderStore, kept: list[SealedPiece], offset: int, end: int) -> None:
    def save(groups: Sequence[Durable[None]]) -> list[Exception | None]:
        for durable in groups:
            kept.extend(durable.pieces)
        return [None] * len(groups)

    committer: GroupCommitter[None] = GroupCommitter(store=store, save=save)
    bound = Binding(KEY, RECORDING, "master", len(DATA))
    run = PieceWriter(store=store, binding=bound, commits=committer, tag=None, offset=offset)
    try:
        run.write(DATA[offset:end])
        run.finish()
    finally:
        run.abort()
        committer.close()


def test_an_upload_that_fills_the_disk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "40m") as disk:
        store = FolderStore(disk / "vault")
        kept: list[SealedPiece] = []
        with pytest.raises(StoreFull):
            send(store, kept, 0, len(DATA))
        durable = sum(sealed.length for sealed in kept)
        assert sorted(store.names()) == sorted(sealed.blob for sealed in kept)
        assert durable < len(DATA)
        subprocess.run(["mount", "-o", "remount,size=80m", str(disk)], check=True)
        send(store, kept, durable, len(DATA))
        bound = Binding(KEY, RECORDING, "master", len(DATA))
        digest = read_back(kept, store=store, binding=bound)
        assert digest.sha256 == hashlib.sha256(DATA).digest()


def test_a_blob_larger_than_the_file_system_allows_is_told_before_a_byte(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "vault")
    with files_of_at_most(5 << 20):
        with pytest.raises(StoreFull):
            store.create("piece/aa", size=16 << 20)
        assert list(store.names()) == []
        writer = store.create("piece/bb")
        with pytest.raises(StoreFull):
            writer.write(bytes(6 << 20))
        writer.abort()
        with pytest.raises(StoreFull):
            copies.seal_bytes(
                DATA[: 6 << 20], store=store, key=KEY, recording=RECORDING, copy="working"
            )
        with pytest.raises(StoreFull):
            manifests.write(bytes(6 << 20), store=store, key=KEY, recording=RECORDING)
    assert list(store.names()) == []


@pytest.mark.parametrize("full", ["a", "b"])
def test_a_key_is_made_in_both_copies_or_in_none(tmp_path: Path, full: str) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        copies_ = {"a": tmp_path / "a", "b": tmp_path / "b", full: disk / full}
        master = MasterKey.load_or_create(tmp_path / "keys" / "master.key")
        ring = KeyRing((copies_["a"], copies_["b"]), master)
        fill(disk)
        with pytest.raises(StoreFull):
            ring.create(RECORDING)
        assert ring.state(RECORDING) is KeyState.MISSING
        with pytest.raises(KeyMissing):
            ring.get(RECORDING)
        (disk / "filler").unlink()
        key = ring.create(RECORDING)
        assert ring.get(RECORDING) == key
        assert list(repairing.disagreements(ring)) == []


def test_a_key_is_destroyed_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        master = MasterKey.load_or_create(tmp_path / "keys" / "master.key")
        ring = KeyRing((disk / "a", disk / "b"), master)
        ring.create(RECORDING)
        fill(disk)
        assert ring.destroy(RECORDING, at=AT).complete
        assert ring.state(RECORDING) is KeyState.DESTROYED
        assert list(repairing.disagreements(ring)) == []


def test_a_copy_that_is_missing_and_full_places_of_the_ring_keys_delay_no_destruction(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        master = MasterKey.load_or_create(disk / "keys" / "master.key")
        ring = KeyRing((tmp_path / "a", tmp_path / "b"), master)
        ring.create(RECORDING)
        (tmp_path / "b").rename(tmp_path / "away")
        fill(disk)
        done = ring.destroy(RECORDING, at=AT)
        assert (done.confirmed, done.copies) == (1, 2)
        assert not (tmp_path / "a" / "live" / "6f" / str(RECORDING)).exists()
        (tmp_path / "away").rename(tmp_path / "b")
        assert ring.destroy(RECORDING, at=AT).complete
        assert list(repairing.disagreements(ring)) == []


def test_deleting_needs_no_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        store = FolderStore(disk / "vault")
        made = copies.seal_bytes(
            b"poster", store=store, key=KEY, recording=RECORDING, copy="poster"
        )
        fill(disk)
        store.delete(made[0].blob)
        assert list(store.names()) == []
        assert os.statvfs(disk).f_bavail > 0
