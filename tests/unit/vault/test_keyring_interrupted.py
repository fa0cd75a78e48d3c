"""The key ring when a kill or a flapping disk comes in the middle of something."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rings import AT, OTHER, RECORDING, live_file, mount, ring_in, unmount

from fairwitness.vault import rekeying, repairing
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.ringcopy import CopyUnavailable


def test_a_destroyed_key_is_in_no_attempt_that_was_cut_short(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    ring.create(OTHER)
    sealed = json.loads(live_file(folder, "a").read_bytes())["sealed"]
    for copy in ("a", "b"):  # as a kill in the middle of re-keying leaves them
        for recording in (RECORDING, OTHER):
            entry = live_file(folder, copy, recording)
            shutil.copy(entry, entry.with_name(f".{recording}.0123456789abcdef"))
    assert ring.destroy(RECORDING, at=AT).complete
    for file in folder.rglob("*"):
        assert not file.is_file() or sealed[24:] not in file.read_text()
    assert len(ring.get(OTHER)) == 32


def test_a_copy_away_for_a_moment_of_its_repair_stays_behind(
    ring: KeyRing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for recording in (OTHER, RECORDING):
        ring.create(recording)
    unmount(folder, "b")
    ring.destroy(RECORDING, at=AT)
    mount(folder, "b")

    def flapping() -> Iterator[str]:
        yield str(OTHER)[:2]
        unmount(folder, "b")
        yield str(RECORDING)[:2]
        mount(folder, "b")

    monkeypatch.setattr(ring, "groups", flapping)
    repairing.repair(ring)
    monkeypatch.undo()
    unmount(folder, "a")
    with pytest.raises(CopyUnavailable):
        ring.get(RECORDING)
    mount(folder, "a")
    assert repairing.repair(ring).destroyed == 1


def test_a_destruction_that_is_missed_during_a_repair_is_not_forgotten(
    ring: KeyRing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for recording in (OTHER, RECORDING):
        ring.create(recording)
    unmount(folder, "b")
    ring.destroy(RECORDING, at=AT)  # so that the copy is behind already
    mount(folder, "b")

    def missing_another() -> Iterator[str]:
        yield str(OTHER)[:2]
        unmount(folder, "b")
        ring_in(folder).destroy(OTHER, at=AT)
        mount(folder, "b")
        yield str(RECORDING)[:2]

    monkeypatch.setattr(ring, "groups", missing_another)
    repairing.repair(ring)
    monkeypatch.undo()
    unmount(folder, "a")
    with pytest.raises(CopyUnavailable):
        ring.get(OTHER)


def test_a_ring_key_is_in_no_attempt_that_was_cut_short(ring: KeyRing, folder: Path) -> None:
    ring.create(RECORDING)
    old = ring.keys.require().keys[0]
    for place in ("keys", "keys/twin"):  # as a kill in the middle of writing leaves it
        kept = folder / place / "ring-keys"
        shutil.copy(kept, kept.with_name(".ring-keys.0123456789abcdef"))
    rekeying.rekey(ring, at=AT)
    for file in folder.rglob("*"):
        assert not file.is_file() or old.id not in file.read_text()
