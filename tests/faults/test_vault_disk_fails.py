"""A disk that fails is told with a code, and a key's destruction counts only where it was done."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.contracts.blob_store import put

from fairwitness.vault import rekeying, repairing
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyDestroyed, KeyMissing, KeyRing, KeyState
from fairwitness.vault.master import MasterKey
from fairwitness.vault.port import StoreFailed, StoreFull
from fairwitness.vault.ringcopy import CopyUnavailable
from fairwitness.vault.ringkeys import RingKeysInvalid

pytestmark = pytest.mark.fault

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
Break = Callable[..., None]


@pytest.fixture
def break_disk(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Makes a function of the operating system fail, for paths below a folder or always."""

    def fail(function: str, *, below: Path | None = None, number: int = errno.EIO) -> None:
        real = getattr(os, function)

        def failing(first: int | str | Path, *rest: object, **more: object) -> object:
            if below is None or (not isinstance(first, int) and str(below) in str(first)):
                raise OSError(number, os.strerror(number))
            return real(first, *rest, **more)

        monkeypatch.setattr(os, function, failing)

    return fail


@pytest.mark.parametrize(
    ("function", "use"),
    [
        ("open", lambda store: store.create("piece/bb")),
        ("open", lambda store: store.open("piece/aa")),
        ("posix_fallocate", lambda store: store.create("piece/bb", size=10)),
        ("write", lambda store: put(store, "piece/bb")),
        ("fdatasync", lambda store: put(store, "piece/bb")),
        ("fsync", lambda store: store.sync(["piece/aa"])),
        ("mkdir", lambda store: store.create("piece/cc")),
        ("unlink", lambda store: store.delete("piece/aa")),
        ("stat", lambda store: store.facts("piece/aa")),
        ("scandir", lambda store: list(store.names("piece/"))),
        ("pread", lambda store: store.open("piece/aa").read_at(0, 1)),
        ("preadv", lambda store: store.open("piece/aa").read_into(0, memoryview(bytearray(1)))),
    ],
)
def test_a_failing_disk_is_told(
    tmp_path: Path, break_disk: Break, function: str, use: Callable[[FolderStore], object]
) -> None:
    store = FolderStore(tmp_path / "vault")
    put(store, "piece/aa")
    put(store, "piece/bbold")
    break_disk(function)
    with pytest.raises(StoreFailed, match="disk failed"):
        use(store)


def test_a_full_disk_is_told_apart(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "vault")
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "posix_fallocate", _raising(number))
            with pytest.raises(StoreFull):
                store.create("piece/bb", size=10)
    assert list(store.names()) == []


def _raising(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    master = MasterKey.load_or_create(tmp_path / "keys" / "master.key")
    return KeyRing((tmp_path / "a", tmp_path / "b"), master)


@pytest.mark.parametrize("copy", ["a", "b"])
def test_a_copy_that_fails_makes_no_key(
    ring: KeyRing, tmp_path: Path, break_disk: Break, copy: str
) -> None:
    break_disk("link", below=tmp_path / copy)
    with pytest.raises(CopyUnavailable, match="failed"):
        ring.create(RECORDING)
    with pytest.raises(KeyMissing):
        ring.get(RECORDING)


@pytest.mark.parametrize("function", ["stat", "open"])
def test_a_copy_that_can_not_be_read_is_as_if_away(
    ring: KeyRing, tmp_path: Path, break_disk: Break, function: str
) -> None:
    key = ring.create(RECORDING)
    break_disk(function, below=tmp_path / "a" / "live")
    break_disk(function, below=tmp_path / "a" / "destroyed")
    assert ring.get(RECORDING) == key
    assert ring.state(RECORDING) is KeyState.LIVE
    break_disk(function, below=tmp_path / "b" / "live")
    break_disk(function, below=tmp_path / "b" / "destroyed")
    with pytest.raises(CopyUnavailable, match="can be read"):
        ring.get(RECORDING)


@pytest.mark.parametrize("copy", ["a", "b"])
def test_a_copy_that_fails_does_not_confirm_and_is_not_believed_alone(
    ring: KeyRing, tmp_path: Path, copy: str
) -> None:
    ring.create(RECORDING)
    with pytest.MonkeyPatch.context() as patch:
        real = os.rename

        def rename(source: Path, target: Path) -> None:
            if str(tmp_path / copy) in str(source):
                raise OSError(errno.EIO, "I/O error")
            real(source, target)

        patch.setattr(os, "rename", rename)
        assert ring.destroy(RECORDING, at=AT).confirmed == 1
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    other = "a" if copy == "b" else "b"
    (tmp_path / other).rename(tmp_path / "away")
    with pytest.raises(CopyUnavailable):
        ring.get(RECORDING)
    (tmp_path / "away").rename(tmp_path / other)
    assert repairing.repair(ring).destroyed == 1
    assert ring.destroy(RECORDING, at=AT).complete


def test_a_copy_whose_records_can_not_be_read_stops_no_destruction(
    ring: KeyRing, tmp_path: Path
) -> None:
    ring.create(RECORDING)
    with pytest.MonkeyPatch.context() as patch:
        real = os.open

        def failing(path: str | Path, *rest: int, **more: int) -> int:
            if str(tmp_path / "a" / "destroyed") in str(path):
                raise OSError(errno.EIO, "I/O error")
            return real(path, *rest, **more)

        patch.setattr(os, "open", failing)
        assert ring.destroy(RECORDING, at=AT).confirmed == 1
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert ring.destroy(RECORDING, at=AT).complete


def test_two_copies_that_fail_destroy_nothing_and_are_still_believed(ring: KeyRing) -> None:
    key = ring.create(RECORDING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", _raising(errno.EIO))
        with pytest.raises(CopyUnavailable, match="try again"):
            ring.destroy(RECORDING, at=AT)
    assert ring.get(RECORDING) == key
    assert ring.destroy(RECORDING, at=AT).complete


def test_a_note_that_can_not_be_written_stops_no_destruction_and_is_told(
    ring: KeyRing, tmp_path: Path, break_disk: Break, caplog: pytest.LogCaptureFixture
) -> None:
    ring.create(RECORDING)
    (tmp_path / "b").rename(tmp_path / "away")
    break_disk("rename", below=tmp_path / "keys" / "twin")
    assert ring.destroy(RECORDING, at=AT).confirmed == 1
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert "could not be written" in caplog.text
    assert ring.keys.require().behind, "one place remembers for both"


def test_no_new_ring_is_begun_where_both_places_can_not_be_read(
    ring: KeyRing, tmp_path: Path
) -> None:
    ring.create(RECORDING)
    for copy in ("a", "b"):
        (tmp_path / copy).rename(tmp_path / f"{copy}-away")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pread", _raising(errno.EIO))
        with pytest.raises(RingKeysInvalid, match="damaged in both"):
            KeyRing((tmp_path / "a", tmp_path / "b"), ring.keys._master)


@pytest.mark.parametrize("place", ["keys", "keys/twin"])
def test_a_place_of_ring_keys_that_fails_stops_no_reading(
    ring: KeyRing, tmp_path: Path, place: str
) -> None:
    key = ring.create(RECORDING)
    kept = tmp_path / place / "ring-keys"
    with pytest.MonkeyPatch.context() as patch:
        real = {name: getattr(os, name) for name in ("open", "rename", "stat")}

        def failing(name: str) -> Callable[..., object]:
            def fail(path: object, *rest: object, **more: object) -> object:
                if str(path) == str(kept) or str(path).startswith(str(kept.parent / ".ring-keys")):
                    raise OSError(errno.EIO, "I/O error")
                return real[name](path, *rest, **more)

            return fail

        for name in real:
            patch.setattr(os, name, failing(name))
        assert ring.get(RECORDING) == key
        with pytest.raises(RingKeysInvalid, match="both places"):
            rekeying.rekey(ring, at=AT)
        assert ring.get(RECORDING) == key
    assert ring.get(RECORDING) == key
    assert len({(tmp_path / one / "ring-keys").read_bytes() for one in ("keys", "keys/twin")}) == 1
    assert rekeying.rekey(ring, at=AT).entries == 1
