"""Many keys destroyed together: as if one by one."""

import errno
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.rings import AT, OTHER, RECORDING, live_file, mount, ring_in, unmount

from fairwitness.vault import durable, repairing, syncing
from fairwitness.vault.keyring import KeyDestroyed, KeyRing
from fairwitness.vault.ringcopy import CopyUnavailable


def test_many_destroyed_together_are_as_if_one_by_one(
    ring: KeyRing, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    used, never, gone = [uuid4() for _ in range(12)], [uuid4() for _ in range(12)], uuid4()
    for each in (*used, gone):
        ring.create(each)
    ring.destroy(gone, at=AT)
    other = tmp_path_factory.mktemp("one by one") / "ring"
    shutil.copytree(folder, other)
    later = AT + timedelta(days=1)
    every = [*used, *never, gone]
    together = ring.destroy_many(every, at=later)
    assert together == {each: ring_in(other).destroy(each, at=later) for each in every}
    assert together[gone].destroyed_at == AT

    def told(root: Path) -> dict[str, bytes]:
        found = [path for path in root.glob("[ab]/*/*/*") if path.is_file()]
        return {str(path.relative_to(root)): path.read_bytes() for path in found}

    assert told(folder) == told(other)
    assert len(told(folder)) == 2 * len(every)
    assert list(repairing.disagreements(ring)) == []
    assert ring.destroy_many(every, at=later + timedelta(days=1)) == together


def test_of_many_the_disk_keeps_back_one(
    ring: KeyRing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (RECORDING, OTHER):
        ring.create(each)
    stuck = live_file(folder, "b", OTHER)
    rename = Path.rename

    def refusing(path: Path, target: Path) -> Path:
        if path == stuck:
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refusing)
    done = ring.destroy_many([OTHER, RECORDING], at=AT)
    assert (done[RECORDING].confirmed, done[OTHER].confirmed) == (2, 1)
    monkeypatch.undo()
    unmount(folder, "a")  # the copy that missed one is not believed alone
    with pytest.raises(CopyUnavailable):
        ring.get(OTHER)
    mount(folder, "a")
    assert ring.destroy_many([OTHER, RECORDING], at=AT)[OTHER].complete


@pytest.mark.parametrize("full", [["keys"], ["keys/twin"], ["keys", "keys/twin"]])
def test_no_destruction_waits_for_the_note_of_who_missed_it(
    ring: KeyRing, folder: Path, monkeypatch: pytest.MonkeyPatch, full: list[str]
) -> None:
    ring.create(RECORDING)
    unmount(folder, "b")
    replace = durable.replace

    def no_room(path: Path, data: bytes) -> None:
        if path in {folder / place / "ring-keys" for place in full}:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(path, data)

    monkeypatch.setattr(durable, "replace", no_room)
    assert ring.destroy(RECORDING, at=AT).confirmed == 1
    assert not live_file(folder, "a").exists()
    mount(folder, "b")
    with pytest.raises(KeyDestroyed):
        ring_in(folder).get(RECORDING)
    if len(full) == 1:  # the other place remembers that this copy missed one
        unmount(folder, "a")
        with pytest.raises(CopyUnavailable):
            ring_in(folder).get(RECORDING)
        mount(folder, "a")
    assert ring.destroy(RECORDING, at=AT).complete


def test_a_key_destroyed_alone_waits_for_nothing_else_on_its_disk(
    ring: KeyRing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file and folder that it changes is synced, and never the whole disk."""
    ring.create(RECORDING)
    synced: set[Path] = set()

    def noting(descriptor: int) -> None:
        synced.add(Path(f"/proc/self/fd/{descriptor}").readlink())

    def whole(disk: Path) -> None:
        raise AssertionError(f"all of the disk of {disk} was waited for")

    monkeypatch.setattr(syncing, "file", noting)
    monkeypatch.setattr(syncing, "disk", whole)
    for _ in range(2):  # what one before left unsynced, as a kill does, is synced by the next
        synced.clear()
        assert ring.destroy(RECORDING, at=AT).complete
        part = str(RECORDING)[:2]
        for copy in (folder / "a", folder / "b"):
            gone = copy / "destroyed" / part
            assert {gone / str(RECORDING), gone, copy / "live" / part} <= synced


def test_of_none_a_copy_that_is_missing_has_missed_nothing(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    unmount(folder, "a")
    assert ring.destroy_many([], at=AT) == {}
    mount(folder, "a")
    unmount(folder, "b")
    assert ring.get(RECORDING) == key
