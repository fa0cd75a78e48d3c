"""Only what neither a row nor a manifest names is removed, and only when it is old."""

import os
import time
from pathlib import Path

import pytest
from tests.retention_world import AT, World

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import strays
from fairwitness.evidence.models import Piece, Recording
from fairwitness.formats import manifest
from fairwitness.vault import copies, manifests

OLD = 4 * 86_400


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


def blobs(world: World) -> set[str]:
    return {name for name in world.vault.store.names() if not name.startswith("manifest/")}


def grow_old(world: World) -> None:
    then = time.time() - OLD
    for path in (world.root / "vault").rglob("*"):
        os.utime(path, (then, then))


def leave_a_stray(world: World, recording: Recording) -> str:
    """What an interrupted making of a copy leaves behind."""
    (stray,) = copies.seal_bytes(
        b"half a copy",
        store=world.vault.store,
        key=world.vault.ring.get(recording.pk),
        recording=recording.pk,
        copy="poster",
    )
    return stray.blob


def test_a_named_blob_stays_however_old(world: World) -> None:
    world.record(ended_at=AT)
    grow_old(world)
    before = blobs(world)
    assert strays.sweep(vault=world.vault) == 0
    assert blobs(world) == before


def test_an_old_stray_goes_and_a_fresh_one_stays(world: World) -> None:
    recording = world.record(ended_at=AT)
    old = leave_a_stray(world, recording)
    grow_old(world)
    fresh = leave_a_stray(world, recording)
    assert strays.sweep(vault=world.vault) == 1
    assert old not in blobs(world)
    assert fresh in blobs(world)


def test_footage_that_only_its_manifest_knows_stays(world: World) -> None:
    recording = world.record(ended_at=AT)
    (piece,) = Piece.objects.filter(recording_id=recording.pk)
    _write_real_manifest(world, recording, piece)
    Piece.objects.all().delete()
    _forget(recording)
    grow_old(world)
    assert strays.sweep(vault=world.vault) == 0
    assert piece.blob in blobs(world)


def test_a_manifest_that_does_not_open_stops_the_sweep(world: World) -> None:
    recording = world.record(ended_at=AT)
    Piece.objects.all().delete()
    _forget(recording)
    grow_old(world)
    before = blobs(world)
    with pytest.raises(FairwitnessError):
        strays.sweep(vault=world.vault)
    assert blobs(world) == before


def _forget(recording: Recording) -> None:
    """The database is that of yesterday: it does not know the recording."""
    recording.copies.all().delete()
    recording.delete()


def _write_real_manifest(world: World, recording: Recording, piece: Piece) -> None:
    manifests.delete(store=world.vault.store, recording=recording.pk)
    made = manifest.Manifest(
        recording=recording.pk,
        reference=recording.reference,
        provenance=manifest.Provenance.UNSIGNED,
        statement=None,
        docking=None,
        camera=None,
        wearer=None,
        unit=None,
        station=None,
        dock=None,
        importer=None,
        filename=None,
        media_type="video/mp4",
        size=recording.size,
        sha256=recording.sha256,
        received_at=recording.received_at,
        docked_at=None,
        started_at=None,
        ended_at=None,
        clock_started_at=recording.clock_started_at,
        gone_by=None,
        late=False,
        pieces=(
            manifest.PieceRef(
                blob=piece.blob,
                offset=0,
                length=piece.length,
                sealed_size=piece.sealed_size,
            ),
        ),
        entry_leaf=None,
    )
    manifests.write(
        manifest.encode(made),
        store=world.vault.store,
        key=world.vault.ring.get(recording.pk),
        recording=recording.pk,
    )
