"""Recordings are found by place while they are kept, and by nobody who has only the database."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.integration.media.test_trail import camm_full
from tests.media_samples import encoded, with_track
from tests.retention_world import AT, World

from fairwitness.accountability import ring as ring_audit
from fairwitness.evidence import copies, places
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import (
    PlacedRecording,
    PlaceEpoch,
    PlaceMark,
    Recording,
    State,
)
from fairwitness.formats.keys import SigningKey
from fairwitness.retention import disposal
from fairwitness.vault.keyring import KeyState

LAMBETH = (51.4952, -0.1176)
DAY = timedelta(days=1)


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


def filmed(world: World, north: float, east: float) -> Recording:
    """A recording that walked 40 m north from there, with its copies made."""
    walk = [camm_full(north + step * 1e-4, east) for step in range(5)]
    recording = world.record(data=with_track(encoded(pictures=50), b"camm", walk))
    copies.make_due(Making(world.vault, SigningKey.generate(), lambda: AT))
    return recording


def near(world: World, metres: int = 100, place: tuple[float, float] = LAMBETH) -> set[object]:
    north, east = (round(each * 1e7) for each in place)
    found = places.near(latitude=north, longitude=east, metres=metres, ring=world.vault.ring)
    return {UUID(bytes=each) for each in found}


def test_what_was_near_is_found_and_what_was_not_is_not(world: World) -> None:
    here, there = filmed(world, *LAMBETH), filmed(world, 51.53, -0.10)
    plain = world.record()
    assert near(world) == set(), "it is marked in the background"
    assert places.work_due(vault=world.vault, at=AT) == 2
    assert near(world) == {here.pk}
    assert near(world, place=(51.53, -0.10)) == {there.pk}
    assert near(world, 1000, (51.4952, -0.1300)) == {here.pk}
    assert near(world, 1000, (51.60, -0.30)) == set()
    assert not PlacedRecording.objects.filter(recording=plain).exists()
    assert places.work_due(vault=world.vault, at=AT) == 0


def test_the_database_alone_tells_neither_where_nor_who_was_together(world: World) -> None:
    both = [filmed(world, *LAMBETH), filmed(world, *LAMBETH)]
    places.work_due(vault=world.vault, at=AT)
    marks = list(PlaceMark.objects.all())
    labels = [mark.label for mark in marks]
    assert len(marks) == 2 * len(set(labels)), "each cell has one name"
    assert len({bytes(mark.who) for mark in marks}) == len(marks), (
        "whose it is, looks new each time"
    )
    assert not {bytes(mark.who) for mark in marks} & {each.pk.bytes for each in both}
    sealed = [bytes(row.sealed) for row in PlacedRecording.objects.all()]
    assert len(set(sealed)) == 2
    assert len({len(each) for each in sealed}) == 1


def test_a_new_epoch_marks_all_anew_and_the_old_key_dies(world: World) -> None:
    here = filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    old = PlaceEpoch.objects.get()
    before = set(PlaceMark.objects.values_list("label", flat=True))
    assert places.work_due(vault=world.vault, at=AT + 6 * DAY) == 0
    assert PlaceEpoch.objects.get() == old
    assert places.work_due(vault=world.vault, at=AT + 7 * DAY) == 1
    assert near(world) == {here.pk}
    assert PlaceEpoch.objects.get() != old
    assert world.vault.ring.state(old.pk) is KeyState.DESTROYED
    assert not before & set(PlaceMark.objects.values_list("label", flat=True))


def test_while_it_is_marked_anew_everything_is_found_once(world: World) -> None:
    known = {filmed(world, *LAMBETH).pk for _ in range(3)}
    places.work_due(vault=world.vault, at=AT)
    places.BATCH, kept = 1, places.BATCH  # type: ignore[misc] # so that it stops in the middle
    try:
        places.work_due(vault=world.vault, at=AT + 8 * DAY, limit=1)
    finally:
        places.BATCH = kept  # type: ignore[misc] # as it was
    assert PlaceEpoch.objects.count() == 2
    assert near(world) == known
    places.work_due(vault=world.vault, at=AT + 20 * DAY)
    assert PlaceEpoch.objects.count() == 1, "no third was begun"
    assert near(world) == known


def test_deletion_takes_the_marks_with_the_key(world: World) -> None:
    here = filmed(world, *LAMBETH)
    stays = filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    many = PlaceMark.objects.count()
    disposal.leave_tombstones([here.pk])
    disposal.destroy_keys([here.pk], world.tools, at=AT)
    assert near(world) == {stays.pk}
    assert PlaceMark.objects.count() == many // 2
    assert not PlacedRecording.objects.filter(recording=here).exists()


def test_what_could_not_be_told_at_deletion_ends_with_its_epoch(
    world: World, tmp_path: Path
) -> None:
    here = filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    roots = [copy.root for copy in world.vault.ring.copies]
    for number, root in enumerate(roots):
        root.rename(tmp_path / f"away-{number}")
    places.forget([here.pk], ring=world.vault.ring)
    for number, root in enumerate(roots):
        (tmp_path / f"away-{number}").rename(root)
    assert not PlacedRecording.objects.exists()
    assert PlaceMark.objects.exists()
    places.work_due(vault=world.vault, at=AT + 8 * DAY)
    assert not PlaceMark.objects.exists()


def test_a_tombstone_is_not_marked_anew(world: World) -> None:
    here = filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    Recording.objects.filter(pk=here.pk).update(state=State.DISPOSED, sha256="", claim=None)
    places.work_due(vault=world.vault, at=AT + 8 * DAY)
    assert not PlaceMark.objects.exists()
    assert not PlacedRecording.objects.exists()


def test_a_database_older_than_the_ring_is_marked_anew_from_trails(world: World) -> None:
    here = filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    world.vault.ring.destroy(PlaceEpoch.objects.get().pk, at=AT)
    assert near(world) == set()
    assert places.work_due(vault=world.vault, at=AT + DAY) == 1
    assert near(world) == {here.pk}


def test_an_epochs_key_has_an_owner(world: World) -> None:
    filmed(world, *LAMBETH)
    places.work_due(vault=world.vault, at=AT)
    unowned = list(ring_audit.unowned(vault=world.vault))
    assert not [each for each in unowned if str(PlaceEpoch.objects.get().pk) in each.message]
    stray = uuid4()
    world.vault.ring.create(stray)
    assert any(str(stray) in each.message for each in ring_audit.unowned(vault=world.vault))
