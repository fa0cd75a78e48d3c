"""A copy of the key ring that is away when a key is destroyed: pending, said so, then mended."""

import shutil
from pathlib import Path

from tests.retention_world import AT, DAY, HOUR, World, acts, open_vault

from fairwitness.evidence.models import Recording
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
