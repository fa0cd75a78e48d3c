"""A restore never forks the log: what it forgot comes back, or nothing is signed."""

import shutil
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.custody_log import AT, Log
from tests.database_copy import DatabaseCopy

from fairwitness.custody import erasure, gaps, ledger, proofs, recovery
from fairwitness.custody.files import LogFileMissing
from fairwitness.custody.memory import LogForked
from fairwitness.custody.models import BodyState, Leaf
from fairwitness.custody.reimport import SealedEntriesWrong
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import custody, merkle, proof
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.custody import Act
from fairwitness.formats.errors import FormatError

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


def _note(log: Log) -> bytes:
    note = log.opened[-1].files.checkpoint()
    assert note is not None
    return note


def _demand_extends(log: Log, old: Checkpoint, new: Checkpoint) -> None:
    """What a dock does with the checkpoint that it saw last."""
    merkle.verify_consistency(
        old_size=old.size,
        new_size=new.size,
        old_root=old.root,
        new_root=new.root,
        proof=proofs.consistency(old.size, new.size, files=log.opened[-1].files),
    )


@pytest.mark.parametrize(("before", "after"), [(5, 3), (255, 1), (256, 1), (300, 700), (0, 40)])
def test_yesterdays_database_gets_its_entries_back_and_a_gap_opens(
    log: Log, tmp_path: Path, before: int, after: int
) -> None:
    log.append(count=before)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    lost = log.append(count=after)
    log.append(count=2, subject="camera:1")
    seen_by_docks = log.opened[-1].step()
    log.close()

    yesterday.restore()
    assert Leaf.objects.count() == before
    found = log.integrator().recover()
    assert (found.rows, found.log, found.reimported) == (before, before + after + 2, after + 2)
    assert found.bodies_lost == after + 2
    tip = log.opened[-1].step()
    assert tip.size == seen_by_docks.size + 1, "the gap itself is an entry"
    _demand_extends(log, seen_by_docks, tip)

    gap = gaps.open_gap()
    assert gap is not None
    assert (gap.first, gap.size) == (before, before + after + 2)
    rows = ledger.history("recording:1")
    assert [row.entry.sequence for row in rows] == list(range(1, before + after + 1))
    assert {row.body_state for row in rows[before:]} == {BodyState.LOST}
    for row, each in zip(rows[before:], lost, strict=True):
        assert (row.canonical, row.leaf_hash, row.salt) == (each.entry, each.leaf_hash, each.salt)
        assert custody.leaf_hash(row.canonical, each.salt) == row.leaf_hash
    text = proofs.inclusion(lost[-1].leaf_hash, files=log.opened[-1].files)
    assert text is not None
    proof.verify(proof.parse(text), leaf_hash=lost[-1].leaf_hash, verifier=log.signer.verifier)


def test_the_log_goes_on_after_a_restore_and_is_sound_once_the_gap_is_closed(
    log: Log, tmp_path: Path
) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=3)
    log.opened[-1].step()
    yesterday.restore()
    log.integrator().step()
    (next_,) = log.append()
    assert next_.sequence == 9
    assert {each.code for each in log.audit()} == {"custody.body_lost"}
    for officer in ("officer:1", "officer:2"):
        with transaction.atomic():
            gaps.close_gap(actor=officer, reason="compared", at=AT)
    assert gaps.open_gap() is None
    log.opened[-1].step()
    assert log.audit() == []
    assert log.integrator().recover().reimported == 0


def test_restoring_twice_finds_two_gaps(log: Log, tmp_path: Path) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    seen = []
    for _ in range(2):
        log.append(count=3)
        seen.append(log.opened[-1].step())
        log.close()
        yesterday.restore()
        assert log.integrator().recover().reimported == seen[-1].size - 5
        seen.append(log.opened[-1].step())
    for old in seen:
        _demand_extends(log, old, seen[-1])
    acts = [row.entry.act for row in ledger.history("log")]
    assert acts == [Act.LOG_GAP_FOUND, Act.LOG_GAP_FOUND]
    gap = gaps.open_gap()
    assert gap is not None
    assert gap.sequence == 2


def test_a_copy_taken_between_commit_and_integration_keeps_its_bodies(
    log: Log, tmp_path: Path
) -> None:
    log.append(count=5)
    log.integrator().step()
    log.append(count=3)
    yesterday = DatabaseCopy(tmp_path)
    log.opened[-1].step()
    yesterday.restore()
    found = log.integrator().recover()
    assert (found.reimported, found.bodies_lost) == (3, 0)
    assert all(row.body is not None for row in ledger.history("recording:1"))
    log.opened[-1].step()
    assert log.audit() == []


def test_erased_bodies_do_not_come_back_with_a_restore(log: Log, tmp_path: Path) -> None:
    written = log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    with transaction.atomic():
        erasure.erase_body(leaf_hash=written[2].leaf_hash, actor="officer:7", reason="", at=AT)
    log.opened[-1].step()
    yesterday.restore()
    assert ledger.history("recording:1")[2].body is not None
    log.integrator().step()
    assert ledger.history("recording:1")[2].body_state is BodyState.ERASED
    assert {each.code for each in log.audit()} == {"custody.body_lost"}


def test_a_restored_database_that_went_on_by_itself_is_refused(log: Log, tmp_path: Path) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=3)
    seen = log.opened[-1].step()
    note = _note(log)
    yesterday.restore()
    log.append(count=1)
    for _ in range(2):
        with pytest.raises(LogForked, match="went on by itself"):
            log.integrator().step()
        assert _note(log) == note
    yesterday.restore()
    log.integrator().recover()
    log.append(count=1)
    _demand_extends(log, seen, log.opened[-1].step())


@pytest.mark.parametrize("before", [100, 300, 511])
def test_a_restore_under_a_running_server_opens_a_gap(
    log: Log, tmp_path: Path, before: int
) -> None:
    """Nobody restarts anything; the last tile signed is full, so that no row of it is looked at."""
    log.append(count=before)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=512 - before)
    seen = log.opened[-1].step()
    yesterday.restore()
    log.opened[-1].step()
    gap = gaps.open_gap()
    assert gap is not None
    assert (gap.first, gap.size) == (before, 512)
    log.append(count=600)
    _demand_extends(log, seen, log.opened[-1].step())
    assert {each.code for each in log.audit()} == {"custody.body_lost"}


@pytest.mark.parametrize("before", [100, 300])
def test_a_database_restored_under_a_running_server_that_went_on_is_refused(
    log: Log, tmp_path: Path, before: int
) -> None:
    log.append(count=before)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=512 - before)
    log.opened[-1].step()
    note = _note(log)
    yesterday.restore()
    log.append(count=600)
    with pytest.raises(LogForked, match="went on by itself"):
        log.opened[-1].step()
    assert _note(log) == note


def test_a_database_of_another_history_is_refused(log: Log, tmp_path: Path) -> None:
    empty = DatabaseCopy(tmp_path)
    log.append(count=5)
    log.integrator().step()
    note = _note(log)
    empty.restore()
    elsewhere = Log.make(tmp_path / "elsewhere")
    elsewhere.append(count=5)
    elsewhere.integrator().step()
    elsewhere.close()
    with pytest.raises(LogForked, match="differ"):
        log.integrator().step()
    assert _note(log) == note


def test_the_logs_folder_is_made_anew_from_the_rows(log: Log) -> None:
    log.append(count=700)
    tip = log.integrator().step()
    before = {
        str(each.relative_to(log.folder)): each.read_bytes()
        for each in (log.folder / "tile").rglob("*")
        if each.is_file()
    }
    log.close()
    shutil.rmtree(log.folder)
    found = log.integrator().recover()
    assert found.rewritten_from == 0
    assert {path: (log.folder / path).read_bytes() for path in before} == before
    log.append()
    _demand_extends(log, tip, log.opened[-1].step())
    assert log.audit() == []


def test_yesterdays_folder_beside_todays_database_is_brought_up_to_date(
    log: Log, tmp_path: Path
) -> None:
    log.append(count=300)
    log.integrator().step()
    shutil.copytree(log.folder, tmp_path / "yesterday")
    log.append(count=300)
    tip = log.opened[-1].step()
    log.close()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    assert log.integrator().step() == tip
    assert log.audit() == []


def test_yesterdays_folder_and_database_are_refused_by_our_own_memory(
    log: Log, tmp_path: Path
) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    shutil.copytree(log.folder, tmp_path / "yesterday")
    log.append(count=3)
    log.opened[-1].step()
    log.close()
    yesterday.restore()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    with pytest.raises(LogForked, match="once had 8 entries and now has 5"):
        log.integrator().step()


def test_when_we_forgot_everything_a_witness_remembers(log: Log, tmp_path: Path) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    shutil.copytree(log.folder, tmp_path / "yesterday")
    log.append(count=3)
    log.opened[-1].step()
    held_by_dock = _note(log)
    log.close()
    yesterday.restore()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    shutil.copy(log.folder / "checkpoint", log.second_copy)
    with pytest.raises(LogForked, match="once had 8 entries and now has 5"):
        log.integrator().recover([held_by_dock])


def test_a_witness_that_saw_more_than_our_checkpoint_but_not_than_our_rows_is_extended(
    log: Log, tmp_path: Path
) -> None:
    log.append(count=300)
    log.integrator().step()
    shutil.copytree(log.folder, tmp_path / "yesterday")
    shutil.copy(log.second_copy, tmp_path / "second")
    log.append(count=300)
    tip = log.opened[-1].step()
    held_by_dock = _note(log)
    log.append(count=7)
    log.close()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    shutil.copy(tmp_path / "second", log.second_copy)
    found = log.integrator().recover([held_by_dock])
    assert found.log == 600
    assert found.rewritten_from < 600
    _demand_extends(log, tip, log.opened[-1].step())
    assert log.audit(witnessed=(held_by_dock,)) == []


def test_a_witness_of_a_fork_stops_the_log(log: Log) -> None:
    log.append(count=5)
    log.integrator().step()
    other = Checkpoint(log.signer.name, 4, merkle.leaf_hash(b"other"))
    with pytest.raises(LogForked, match="first 4 entries"):
        log.integrator().recover([checkpoints.sign(other, signer=log.signer)])


@pytest.mark.parametrize("path", ["sealed/000.p/8", "tile/0/000.p/8", "tile/entries/000.p/8"])
@pytest.mark.parametrize("how", ["flip", "remove"])
def test_without_sound_sealed_entries_nothing_is_invented(
    log: Log, tmp_path: Path, path: str, how: str
) -> None:
    log.append(count=5)
    log.integrator().step()
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=3)
    log.opened[-1].step()
    note = _note(log)
    log.close()
    yesterday.restore()
    data = bytearray((log.folder / path).read_bytes())
    data[-1] ^= 1
    (log.folder / path).unlink()
    if how == "flip":
        (log.folder / path).write_bytes(data)
    with pytest.raises((LogForked, LogFileMissing, FormatError, SealedEntriesWrong)):
        log.integrator().step()
    assert log.opened[-1].files.checkpoint() == note
    assert Leaf.objects.count() == 5
    assert gaps.open_gap() is None


def test_no_other_process_goes_on_with_a_database_that_is_behind(log: Log, tmp_path: Path) -> None:
    log.append(count=5)
    log.integrator().step()
    memory = log.on_disk().memory
    recovery.demand_not_behind(memory)
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=3)
    recovery.demand_not_behind(memory)
    log.opened[-1].step()
    yesterday.restore()
    with pytest.raises(recovery.LogBehind, match="5 entries of the custody log, which has 8"):
        recovery.demand_not_behind(memory)
    log.integrator().step()
    recovery.demand_not_behind(memory)


@pytest.mark.parametrize("complete", [True, False])
def test_entries_written_to_files_but_never_signed_come_back_if_they_are_whole(
    log: Log, tmp_path: Path, *, complete: bool
) -> None:
    """The server died between writing files and signing, and its database disk with it."""
    log.append(count=5)
    log.integrator().step()
    note = _note(log)
    yesterday = DatabaseCopy(tmp_path)
    log.append(count=3)
    log.opened[-1].step()
    log.close()
    yesterday.restore()
    for path in (log.folder / "checkpoint", log.second_copy):
        path.write_bytes(note)
    if not complete:
        (log.folder / "tile" / "0" / "000.p" / "8").unlink()
    found = log.integrator().recover()
    assert (found.log, found.reimported) == (5, 3 if complete else 0)
    assert (gaps.open_gap() is not None) == complete
    log.append(count=1)
    _demand_extends(log, checkpoints.parse(note)[0], log.opened[-1].step())
    assert {each.code for each in log.audit()} == ({"custody.body_lost"} if complete else set())


def test_a_lost_tile_at_the_right_edge_is_made_anew(log: Log) -> None:
    log.append(count=300)
    tip = log.integrator().step()
    path = log.folder / "tile" / "0" / "001.p" / "44"
    before = path.read_bytes()
    path.unlink()
    log.integrator().recover()
    assert path.read_bytes() == before
    assert log.opened[-1].step() == tip


def test_files_are_not_made_anew_from_rows_with_a_hole(log: Log) -> None:
    log.append(count=300)
    log.integrator().step()
    log.close()
    shutil.rmtree(log.folder)
    on = "" if connection.vendor == "sqlite" else " ON custody_leaf"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER custody_leaf_no_delete{on}")
    Leaf.objects.filter(index=17).delete()
    with pytest.raises(LogForked, match="gone"):
        log.integrator().recover()
    assert log.opened[-1].files.checkpoint() is None
