"""The key ring: two copies or none, and destroyed anywhere is destroyed."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.rings import AT, OTHER, RECORDING, live_file, master_in, mount, ring_in, unmount

from fairwitness.formats import canonical
from fairwitness.vault import durable, rekeying, repairing
from fairwitness.vault.keyring import (
    KeyDestroyed,
    KeyExists,
    KeyMissing,
    KeyRing,
    KeyState,
    KeyUnreadable,
)
from fairwitness.vault.master import MasterKey, MasterKeyInvalid
from fairwitness.vault.ringcopy import CopyUnavailable
from fairwitness.vault.ringkeys import RingKeysInvalid

# Creating and getting.


def test_a_key_is_there_for_every_process(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    assert len(key) == 32
    assert ring.get(RECORDING) == key == ring_in(folder).get(RECORDING)
    assert ring.state(RECORDING) is KeyState.LIVE
    assert list(ring.ids()) == [RECORDING]


def test_keys_differ_and_lie_nowhere_in_plain(ring: KeyRing, folder: Path) -> None:
    keys = [ring.create(uuid4()) for _ in range(5)]
    assert len(set(keys)) == 5
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    for key in keys:
        assert key not in written
        assert key.hex().encode() not in written


def test_files_are_for_us_alone(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_key_is_made_once(ring: KeyRing) -> None:
    key = ring.create(RECORDING)
    with pytest.raises(KeyExists):
        ring.create(RECORDING)
    assert ring.get(RECORDING) == key


def test_a_key_is_ensured_in_both_copies_and_never_changed(ring: KeyRing, folder: Path) -> None:
    key = ring.ensure(RECORDING)
    assert ring.ensure(RECORDING) == key == ring.get(RECORDING)
    for root in ring.copies:  # as an attempt leaves it that was cut short between the two
        root.forget(RECORDING)
        assert ring.ensure(RECORDING) == key
        assert [copy.read(RECORDING) is not None for copy in ring.copies] == [True, True]
    unmount(folder, "a")
    with pytest.raises(CopyUnavailable):
        ring.ensure(RECORDING)
    mount(folder, "a")
    ring.destroy(RECORDING, at=AT)
    with pytest.raises(KeyDestroyed):
        ring.ensure(RECORDING)


def test_of_many_who_create_one_key_one_does(ring: KeyRing, folder: Path) -> None:
    made: list[bytes] = []
    refused: list[Exception] = []

    def race() -> None:
        try:
            made.append(ring_in(folder).create(RECORDING))
        except KeyExists as error:
            refused.append(error)

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(refused) == 5
    assert ring.get(RECORDING) == made[0]


def test_a_key_that_never_was_is_missing(ring: KeyRing) -> None:
    assert ring.state(RECORDING) is KeyState.MISSING
    with pytest.raises(KeyMissing):
        ring.get(RECORDING)


@pytest.mark.parametrize("away", ["a", "b"])
def test_with_a_copy_away_keys_open_but_none_is_made(
    ring: KeyRing, folder: Path, away: str
) -> None:
    key = ring.create(RECORDING)
    unmount(folder, away)
    assert ring.get(RECORDING) == key
    with pytest.raises(CopyUnavailable):
        ring.create(OTHER)
    with pytest.raises(CopyUnavailable):
        rekeying.rekey(ring, at=AT)
    assert [found.recording for found in repairing.disagreements(ring)] == [None]
    mount(folder, away)
    ring.create(OTHER)


def test_with_both_copies_away_nothing_is_believed(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    unmount(folder, "a")
    unmount(folder, "b")
    for use in (ring.get, ring.state):
        with pytest.raises(CopyUnavailable):
            use(RECORDING)
    with pytest.raises(CopyUnavailable):
        ring.destroy(RECORDING, at=AT)
    with pytest.raises(CopyUnavailable):
        list(ring.ids())
    with pytest.raises(CopyUnavailable):
        repairing.repair(ring)


def test_copies_in_each_others_place_are_not_taken_for_the_right_ones(
    ring: KeyRing, folder: Path
) -> None:
    ring.create(RECORDING)
    (folder / "a").rename(folder / "c")
    (folder / "b").rename(folder / "a")
    (folder / "c").rename(folder / "b")
    with pytest.raises(CopyUnavailable):
        ring.get(RECORDING)


def test_a_damaged_copy_does_not_hide_the_good_one(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    live_file(folder, "a").write_bytes(b"{}")
    assert ring.get(RECORDING) == key
    wrong = list(repairing.disagreements(ring))
    assert [found.recording for found in wrong] == [RECORDING]
    assert "one copy only" in wrong[0].what
    assert repairing.repair(ring).restored == 1
    assert list(repairing.disagreements(ring)) == []
    live_file(folder, "b").unlink()
    assert ring.get(RECORDING) == key


def test_a_key_damaged_in_both_copies_is_told_and_left(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    for copy in ("a", "b"):
        live_file(folder, copy).write_bytes(b"damaged")
    with pytest.raises(KeyUnreadable):
        ring.get(RECORDING)
    left = repairing.repair(ring).left
    assert [found.recording for found in left] == [RECORDING]
    assert "opens in no copy" in left[0].what
    assert live_file(folder, "a").read_bytes() == b"damaged"


def test_two_different_keys_are_never_chosen_between(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    entry = live_file(folder, "a").read_bytes()
    for copy in ("a", "b"):
        live_file(folder, copy).unlink()
    ring.create(RECORDING)
    live_file(folder, "a").write_bytes(entry)
    with pytest.raises(KeyUnreadable):
        ring.get(RECORDING)
    assert "different keys" in repairing.repair(ring).left[0].what
    assert "different keys" in next(iter(repairing.disagreements(ring))).what
    rekeying.rekey(ring, at=AT)  # keeps each as it is
    assert "different keys" in repairing.repair(ring).left[0].what


def test_an_entry_in_another_recordings_place_does_not_open(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    ring.create(OTHER)
    for copy in ("a", "b"):
        shutil.copy(live_file(folder, copy, OTHER), live_file(folder, copy))
    with pytest.raises(KeyUnreadable):
        ring.get(RECORDING)
    for copy in ("a", "b"):
        text = live_file(folder, copy, OTHER).read_text().replace(str(OTHER), str(RECORDING))
        live_file(folder, copy).write_text(text)
    with pytest.raises(KeyUnreadable):
        ring.get(RECORDING)


# Destroying.


def test_a_destroyed_key_is_gone_from_every_copy(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    entry = live_file(folder, "a").read_bytes()
    done = ring.destroy(RECORDING, at=AT)
    assert (done.confirmed, done.copies, done.destroyed_at) == (2, 2, AT)
    assert done.complete
    assert ring.state(RECORDING) is KeyState.DESTROYED
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    with pytest.raises(KeyDestroyed):
        ring.create(RECORDING)
    assert list(ring.ids()) == []
    sealed = str(_json(entry)["sealed"])
    for file in folder.rglob("*"):
        assert not file.is_file() or sealed[24:] not in file.read_text()


def test_destroying_again_keeps_the_first_time(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    ring.destroy(RECORDING, at=AT)
    again = ring_in(folder).destroy(RECORDING, at=AT + timedelta(days=1))
    assert (again.confirmed, again.destroyed_at) == (2, AT)


def test_an_id_that_never_had_a_key_can_be_used_up(ring: KeyRing) -> None:
    assert ring.destroy(RECORDING, at=AT).complete
    with pytest.raises(KeyDestroyed):
        ring.create(RECORDING)


def test_a_copy_that_lagged_can_not_bring_a_key_back(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    ring.create(OTHER)
    unmount(folder, "b")
    done = ring.destroy(RECORDING, at=AT)
    assert (done.confirmed, done.copies) == (1, 2)
    assert not done.complete
    mount(folder, "b")
    assert live_file(folder, "b").exists()
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    unmount(folder, "a")  # now only the copy that missed it is there
    for use in (ring.get, ring.state, ring_in(folder).get):
        with pytest.raises(CopyUnavailable):
            use(RECORDING)
    with pytest.raises(CopyUnavailable):
        repairing.repair(ring)
    mount(folder, "a")
    wrong = [found.what for found in repairing.disagreements(ring)]
    assert any("missed a destruction" in what for what in wrong)
    assert any("not wholly" in what for what in wrong)
    assert repairing.repair(ring).destroyed == 1
    assert not live_file(folder, "b").exists()
    assert list(repairing.disagreements(ring)) == []
    unmount(folder, "a")
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert len(ring.get(OTHER)) == 32


def test_destroying_reaches_a_copy_that_is_back(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    unmount(folder, "a")
    assert ring.destroy(RECORDING, at=AT).confirmed == 1
    mount(folder, "a")
    again = ring.destroy(RECORDING, at=AT + timedelta(days=2))
    assert (again.confirmed, again.destroyed_at) == (2, AT)
    assert not live_file(folder, "a").exists()


def test_a_record_that_was_cut_short_still_destroys(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    ring.destroy(RECORDING, at=AT)
    for copy in ("a", "b"):
        record = folder / copy / "destroyed" / str(RECORDING)[:2] / str(RECORDING)
        record.write_bytes(b'{"destr')
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert repairing.repair(ring).destroyed == 2
    assert ring.state(RECORDING) is KeyState.DESTROYED
    assert ring.destroy(RECORDING, at=AT).destroyed_at == AT


def test_a_live_entry_put_back_by_hand_is_destroyed_again(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    kept = live_file(folder, "a").read_bytes()
    ring.destroy(RECORDING, at=AT)
    for copy in ("a", "b"):
        live_file(folder, copy).write_bytes(kept)
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert list(ring.ids()) == []
    repairing.repair(ring)
    assert not live_file(folder, "a").exists()
    assert ring.destroy(RECORDING, at=AT + timedelta(1)).destroyed_at == AT


def test_a_lagging_copy_whose_twin_is_lost_is_told_what_it_missed(
    ring: KeyRing, folder: Path
) -> None:
    ring.create(RECORDING)
    other = ring.create(OTHER)
    unmount(folder, "b")
    ring.destroy(RECORDING, at=AT)
    mount(folder, "b")
    shutil.rmtree(folder / "a")
    with pytest.raises(CopyUnavailable):
        ring.get(OTHER)
    assert repairing.catch_up(ring, destroyed=[(RECORDING, AT)]) == 1
    assert ring.get(OTHER) == other
    with pytest.raises(KeyDestroyed):
        ring.get(RECORDING)
    assert repairing.repair(ring, adopt=True).left == ()
    assert len(ring.create(uuid4())) == 32
    for copy in ("a", "b"):
        shutil.rmtree(folder / copy)
    with pytest.raises(CopyUnavailable):
        repairing.catch_up(ring, destroyed=[])


# Repair of whole copies.


def test_an_exchanged_disk_becomes_a_copy_only_when_told(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    ring.create(OTHER)
    ring.destroy(OTHER, at=AT)
    shutil.rmtree(folder / "b")
    (folder / "b").mkdir()
    left = repairing.repair(ring).left
    assert "not there" in left[0].what
    assert list((folder / "b").iterdir()) == []
    done = repairing.repair(ring, adopt=True)
    assert done.left == ()
    unmount(folder, "a")
    assert ring.get(RECORDING) == key
    with pytest.raises(KeyDestroyed):
        ring.get(OTHER)


def test_repair_clears_what_was_cut_short_but_not_what_it_is_a_name_of(
    ring: KeyRing, folder: Path
) -> None:
    key = ring.create(RECORDING)
    entry = live_file(folder, "a")
    cut = entry.with_name(".attempt")
    cut.write_bytes(b"half a key")
    also = entry.with_name(".also")
    also.hardlink_to(entry)
    repairing.repair(ring)
    assert not cut.exists()
    assert not also.exists()
    live_file(folder, "b").unlink()
    assert ring.get(RECORDING) == key


def test_a_stranger_in_the_ring_stops_repair(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    live_file(folder, "a").with_name("notes.txt").touch()
    with pytest.raises(CopyUnavailable, match="does not belong"):
        repairing.repair(ring)


# Re-keying.


def test_rekeying_keeps_every_key_and_kills_stray_copies(ring: KeyRing, folder: Path) -> None:
    keys = {recording: ring.create(recording) for recording in (uuid4() for _ in range(12))}
    ring.create(RECORDING)
    ring.destroy(RECORDING, at=AT)
    shutil.copytree(folder / "a", folder / "stray-a")
    shutil.copytree(folder / "b", folder / "stray-b")
    stray = KeyRing((folder / "stray-a", folder / "stray-b"), master_in(folder))
    assert all(stray.get(recording) == key for recording, key in keys.items())
    done = rekeying.rekey(ring, at=AT)
    assert (done.entries, done.destroyed) == (12, 1)
    assert rekeying.ring_key_age(ring) == rekeying.RingKeyAge(1, AT)
    for recording, key in keys.items():
        assert ring.get(recording) == key == ring_in(folder).get(recording)
        with pytest.raises(KeyUnreadable):
            stray.get(recording)
    assert rekeying.rekey(ring, at=AT + timedelta(days=1)).entries == 12
    assert ring.state(RECORDING) is KeyState.DESTROYED


def test_an_open_ring_forgets_a_ring_key_that_another_process_destroyed(
    ring: KeyRing, folder: Path
) -> None:
    key = ring.create(RECORDING)
    assert ring.get(RECORDING) == key
    before = set(ring.keys._unwrapped)
    rekeying.rekey(ring_in(folder), at=AT)
    assert ring.get(RECORDING) == key
    assert not before & set(ring.keys._unwrapped)


def test_one_rekeying_at_a_time(ring: KeyRing) -> None:
    with (
        durable.locked(ring.lock_folder / ".rekey.lock"),
        pytest.raises(rekeying.RekeyingAlready),
    ):
        rekeying.rekey(ring, at=AT)


def test_rekeying_is_due_once_a_day_and_after_one_that_was_cut_short(ring: KeyRing) -> None:
    assert rekeying.rekey_if_due(ring, at=AT) is not None
    assert rekeying.rekey_if_due(ring, at=AT + timedelta(hours=19)) is None
    with ring.lock():
        ring.keys.add(at=AT + timedelta(hours=19))
    done = rekeying.rekey_if_due(ring, at=AT + timedelta(hours=19))
    assert done is not None
    assert done.destroyed == 2
    assert rekeying.rekey_if_due(ring, at=AT + timedelta(hours=39)) is not None
    with durable.locked(ring.lock_folder / ".rekey.lock"):
        assert rekeying.rekey_if_due(ring, at=AT + timedelta(days=9)) is None


def test_a_clock_that_ran_ahead_does_not_put_rekeying_off(ring: KeyRing) -> None:
    assert rekeying.rekey_if_due(ring, at=AT + timedelta(days=400)) is not None
    assert rekeying.rekey_if_due(ring, at=AT) is not None
    assert rekeying.rekey_if_due(ring, at=AT - timedelta(seconds=1)) is None


def test_keys_made_and_destroyed_while_it_is_rekeyed_end_right(ring: KeyRing, folder: Path) -> None:
    before = {recording: ring.create(recording) for recording in (uuid4() for _ in range(24))}
    made: dict[UUID, bytes] = {}
    gone: list[UUID] = list(before)[:8]
    other = ring_in(folder)

    def meanwhile() -> None:
        for recording in gone:
            other.destroy(recording, at=AT)
            fresh = uuid4()
            made[fresh] = other.create(fresh)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    for day in range(3):
        rekeying.rekey(ring, at=AT + timedelta(days=day))
    thread.join()
    rekeying.rekey(ring, at=AT + timedelta(days=3))
    for recording, key in {**before, **made}.items():
        if recording in gone:
            assert ring.state(recording) is KeyState.DESTROYED
        else:
            assert ring.get(recording) == key
    assert list(repairing.disagreements(ring)) == []


# What lies beside the master key.


def test_the_ring_keys_survive_the_loss_of_either_place(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    for place in ("keys", "keys/twin"):
        (folder / place / "ring-keys").unlink()
        assert ring_in(folder).get(RECORDING) == key
        assert (folder / place / "ring-keys").exists()


def test_an_older_place_does_not_win(ring: KeyRing, folder: Path) -> None:
    key = ring.create(RECORDING)
    old = (folder / "keys" / "ring-keys").read_bytes()
    rekeying.rekey(ring, at=AT)
    (folder / "keys" / "ring-keys").write_bytes(old)
    assert ring_in(folder).get(RECORDING) == key
    assert (folder / "keys" / "ring-keys").read_bytes() != old


def test_without_ring_keys_no_new_ring_is_made_over_the_old(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    for place in ("keys", "keys/twin"):
        (folder / place / "ring-keys").unlink()
    with pytest.raises(RingKeysInvalid, match="gone"):
        ring_in(folder)
    with pytest.raises(RingKeysInvalid, match="gone"):
        ring.get(RECORDING)
    for place in ("keys", "keys/twin"):
        (folder / place / "ring-keys").write_bytes(b"damaged")
    with pytest.raises(RingKeysInvalid, match="damaged"):
        ring_in(folder)


def test_what_a_killed_start_left_of_the_master_key_is_swept_and_nothing_else(
    folder: Path,
) -> None:
    twin = folder / "keys" / "twin" / "master.key"
    key = MasterKey.load_or_create(folder / "keys" / "master.key")
    secret = (folder / "keys" / "master.key").read_bytes()
    left = [place / f".master.key.{'0a' * 8}" for place in (folder / "keys", twin.parent)]
    others = [folder / "keys" / name for name in (".master.lock", ".log.pem.tmp", ".master.keyx")]
    for file in left:
        file.write_bytes(secret)
    for file in others:
        file.write_bytes(b"another's")
    with left[0].open("rb") as still:
        again = MasterKey.load_or_create(folder / "keys" / "master.key")
        assert still.read().strip() == b""  # on the disk, too, nothing of it is left
    assert again.unwrap(key.wrap(bytes(32))) == bytes(32)
    assert not any(file.exists() for file in left)
    assert all(file.exists() for file in others)
    assert twin.read_bytes() == secret


def test_an_attempt_that_another_process_is_writing_is_not_swept(folder: Path) -> None:
    """Whoever writes holds the lock, and who sweeps waits for it."""
    path = folder / "keys" / "master.key"
    MasterKey.load_or_create(path)
    attempt = path.with_name(f".master.key.{'0b' * 8}")
    with durable.locked(path.parent / ".master.lock"):
        attempt.write_bytes(b"being written")
        start = threading.Thread(target=MasterKey.load_or_create, args=[path])
        start.start()
        start.join(0.2)
        assert start.is_alive()
        assert attempt.exists()
    start.join(30)
    assert not attempt.exists()


def test_without_the_master_key_no_new_one_is_made_over_ring_keys(
    ring: KeyRing, folder: Path
) -> None:
    key = ring.create(RECORDING)
    safe = (folder / "keys" / "master.key").read_bytes()
    (folder / "keys" / "master.key").unlink()
    assert ring_in(folder).get(RECORDING) == key  # from the twin
    for place in ("keys", "keys/twin"):
        (folder / place / "master.key").unlink()
    with pytest.raises(MasterKeyInvalid, match="safe"):
        master_in(folder)
    (folder / "keys" / "master.key").write_bytes(safe)
    assert ring_in(folder).get(RECORDING) == key


def test_a_wrong_or_damaged_master_key_is_told(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    wrong = MasterKey.load_or_create(folder / "other" / "master.key")
    with pytest.raises(MasterKeyInvalid, match="does not open"):
        MasterKey(key=wrong._key, places=ring.keys._master.places).unwrap(
            ring.keys.require().keys[-1].wrapped
        )
    text = (folder / "other" / "master.key").read_text()
    (folder / "keys" / "master.key").write_text(text)
    with pytest.raises(MasterKeyInvalid, match="not the same"):
        master_in(folder)
    for damaged in ("", "fairwitness-master-key-v1 zz", text[:-5], "other " + text):
        (folder / "keys" / "master.key").write_text(damaged)
        with pytest.raises(MasterKeyInvalid, match="damaged"):
            master_in(folder)


def test_the_twin_may_lie_on_another_disk(folder: Path) -> None:
    twin = folder / "elsewhere" / "twin.key"
    master = MasterKey.load_or_create(folder / "keys" / "master.key", twin=twin)
    ring = KeyRing((folder / "a", folder / "b"), master)
    key = ring.create(RECORDING)
    shutil.rmtree(folder / "keys")
    again = MasterKey.load_or_create(folder / "keys" / "master.key", twin=twin)
    assert KeyRing((folder / "a", folder / "b"), again).get(RECORDING) == key


def _json(data: bytes) -> dict[str, object]:
    value = canonical.decode(data)
    assert isinstance(value, dict)
    return value
