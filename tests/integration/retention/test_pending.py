"""A copy of the key ring that is away when a key is destroyed: pending, said so, then mended."""

import shutil
from pathlib import Path

from tests.retention_world import AT, DAY, HOUR, World, acts, open_vault

from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.formats import dsse, statement
from fairwitness.formats.disposal import DisposalClaim, DisposalStatus
from fairwitness.retention import disposal
from fairwitness.retention.models import Disposal

DUE = AT + 31 * DAY - HOUR


def claim_of(world: World, recording: Recording) -> DisposalClaim:
    row = Disposal.objects.get(recording=recording)
    keys = {world.key.keyid: world.key.public}
    return statement.open_statement(
        dsse.parse(row.statement.encode()), DisposalClaim, keys
    ).predicate


def away(copy: Path) -> Path:
    """As when the disk of a copy is not mounted."""
    return copy.rename(copy.with_name("unmounted"))


def test_the_record_says_pending_until_both_copies_have_confirmed(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    second = world.root / "ring" / "second"
    gone = away(second)

    assert world.sweep(DUE).disposed == (recording.pk,)

    claim = claim_of(world, recording)
    assert claim.status is DisposalStatus.PENDING
    assert (claim.copies_confirmed, claim.ring_copies) == (1, 2)
    assert claim.key_destroyed_at is None
    assert acts(f"recording:{recording.pk}")[-3:] == [
        "key.destruction_pending",
        "disposal.certified",
        "log.body_erased",
    ]
    assert not world.opens(recording, AT + 26 * DAY)

    gone.rename(second)  # the lagging copy still has the key, and is not believed
    assert not world.opens(recording, AT + 26 * DAY, open_vault(world.root))

    disposal.finish(world.tools, at=DUE + DAY)
    claim = claim_of(world, recording)
    assert claim.status is DisposalStatus.CONFIRMED
    assert claim.key_destroyed_at == DUE + DAY
    row = Disposal.objects.get(recording=recording)
    assert (row.state, row.signed_status, row.problem) == ("done", "confirmed", "")
    assert acts(f"recording:{recording.pk}")[-2:] == ["key.destroyed", "disposal.certified"]


def test_no_copy_there_leaves_the_deletion_committed_and_is_tried_again(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    copies = [world.root / "ring" / name for name in ("first", "second")]
    for copy in copies:
        shutil.move(copy, copy.with_suffix(".away"))

    assert world.sweep(DUE).disposed == (recording.pk,)
    row = Disposal.objects.get(recording=recording)
    assert (row.state, row.statement) == ("committed", "")
    assert "key ring" in row.problem
    assert not world.opens(recording, AT + 26 * DAY)
    assert list(world.vault.store.names())

    for copy in copies:
        shutil.move(copy.with_suffix(".away"), copy)
    assert world.sweep(DUE + HOUR).finished == 1
    row.refresh_from_db()
    assert (row.state, row.status, row.problem) == ("done", "confirmed", "")


def test_bytes_that_the_store_keeps_back_stop_no_other_deletion(world: World) -> None:
    stuck, beside, later = (world.record(ended_at=AT + day * DAY) for day in (0, 0, 2))
    for day in (25, 27):
        world.sweep(AT + day * DAY)
    blob = Piece.objects.get(recording_id=stuck.pk).blob
    (path,) = (world.root / "vault").rglob(blob.rpartition("/")[2])
    path.unlink()
    (path / "not to be removed").mkdir(parents=True)

    assert set(world.sweep(DUE).disposed) == {stuck.pk, beside.pk}
    assert world.sweep(DUE + 2 * DAY).disposed == (later.pk,)
    told = {row.pk: (row.state, bool(row.problem)) for row in Disposal.objects.all()}
    assert told == {
        stuck.pk: ("recorded", True),
        beside.pk: ("done", False),
        later.pk: ("done", False),
    }
    assert not Recording.objects.filter(state=State.LIVE).exists()

    shutil.rmtree(path)
    assert world.sweep(DUE + 2 * DAY + HOUR).finished == 1
    row = Disposal.objects.get(recording=stuck)
    assert (row.state, row.problem) == ("done", "")
