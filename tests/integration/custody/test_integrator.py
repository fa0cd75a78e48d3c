"""Committed entries come into the public log, provable, by one integrator at a time."""

import threading
import time
from datetime import UTC

import pytest
from django.db import connection, transaction
from tests.custody_log import AT, Log

from fairwitness.custody import ledger, proofs
from fairwitness.custody.election import NotElected
from fairwitness.custody.integrator import Integrator
from fairwitness.custody.memory import LogForked
from fairwitness.custody.models import Entry, Leaf
from fairwitness.custody.rows import BATCH
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, proof
from fairwitness.formats.custody import Act


def _demand_proof(log: Log, integrator: Integrator, leaf_hash: bytes) -> None:
    text = proofs.inclusion(leaf_hash, files=integrator.files)
    assert text is not None
    proof.verify(proof.parse(text), leaf_hash=leaf_hash, verifier=log.signer.verifier)


@pytest.mark.django_db
def test_an_empty_log_has_a_checkpoint(log: Log) -> None:
    assert log.audit() == []
    integrator = log.integrator()
    assert integrator.files.checkpoint() is None
    assert integrator.step().size == 0
    note = integrator.files.checkpoint()
    assert note is not None
    opened = checkpoints.open_checkpoint(note, verifier=log.signer.verifier)
    assert (opened.size, opened.root) == (0, merkle.EMPTY_ROOT)
    assert log.audit() == []


@pytest.mark.django_db
def test_entries_are_provable_and_every_tree_extends_the_ones_before(log: Log) -> None:
    integrator = log.integrator()
    tips, written = [], []
    for count in (1, 3, 250, 1, 1, 255, 256, 257, 700):
        written += log.append(count=count)
        tips.append(integrator.step())
        assert tips[-1].size == len(written)
        for each in (written[0], written[-count], written[-1], written[len(written) // 2]):
            _demand_proof(log, integrator, each.leaf_hash)
    for old in tips:
        for new in tips:
            if old.size <= new.size:
                merkle.verify_consistency(
                    old_size=old.size,
                    new_size=new.size,
                    old_root=old.root,
                    new_root=new.root,
                    proof=proofs.consistency(old.size, new.size, files=integrator.files),
                )
    assert log.audit() == []


@pytest.mark.django_db
def test_more_entries_than_one_transaction_or_one_growth_takes(log: Log) -> None:
    written = log.append(count=2 * BATCH + 100)
    integrator = log.integrator()
    assert integrator.step().size == len(written)
    _demand_proof(log, integrator, written[-1].leaf_hash)
    assert log.audit() == []


@pytest.mark.django_db
def test_many_entries_are_proved_under_one_checkpoint(log: Log) -> None:
    written = [each.leaf_hash for each in log.append(count=600)]
    integrator = log.integrator()
    tip = integrator.step()
    log.append()
    texts = proofs.inclusions([*written, bytes(32)], files=integrator.files)
    assert set(texts) == set(written)
    for leaf_hash, text in texts.items():
        parsed = proof.parse(text)
        assert proof.verify(parsed, leaf_hash=leaf_hash, verifier=log.signer.verifier) == tip


@pytest.mark.django_db
def test_what_no_checkpoint_covers_has_no_proof_yet(log: Log) -> None:
    (first,) = log.append()
    integrator = log.integrator()
    assert proofs.inclusion(first.leaf_hash, files=integrator.files) is None
    integrator.step()
    (second,) = log.append()
    assert proofs.inclusion(second.leaf_hash, files=integrator.files) is None
    Leaf.objects.create(index=1, entry_id=second.entry_id)
    assert proofs.inclusion(second.leaf_hash, files=integrator.files) is None
    assert proofs.inclusion(bytes(32), files=integrator.files) is None


@pytest.mark.django_db
def test_trees_that_never_were_have_no_consistency_proof(log: Log) -> None:
    log.append(count=3)
    files = log.integrator().files
    with pytest.raises(proofs.NoSuchTree):
        proofs.consistency(0, 1, files=files)
    log.opened[-1].step()
    assert proofs.consistency(0, 3, files=files) == proofs.consistency(3, 3, files=files) == []
    for old, new in ((1, 4), (2, 1), (-1, 2)):
        with pytest.raises(proofs.NoSuchTree):
            proofs.consistency(old, new, files=files)


@pytest.mark.django_db
def test_a_step_without_new_entries_writes_nothing(log: Log) -> None:
    log.append(count=5)
    integrator = log.integrator()
    integrator.step()
    before = {each: each.stat().st_mtime_ns for each in log.folder.rglob("*")}
    assert integrator.step().size == 5
    assert {each: each.stat().st_mtime_ns for each in log.folder.rglob("*")} == before


@pytest.mark.django_db
def test_a_restart_goes_on_where_the_log_was(log: Log) -> None:
    tips = []
    for count in (5, 300, 512):
        log.append(count=count)
        tips.append(log.integrator().step())
    found = log.integrator().recover()
    assert (found.rows, found.log, found.reimported) == (817, 817, 0)
    assert found.rewritten_from == 817
    assert log.opened[-1].step() == tips[-1]


@pytest.mark.django_db
def test_only_one_integrates(log: Log) -> None:
    first = log.integrator()
    first.step()
    log.opened.clear()
    second = log.integrator()
    for call in (second.step, second.recover):
        with pytest.raises(NotElected):
            call()
    first.close()
    second.step()
    with pytest.raises(NotElected):
        first.step()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="SQLite is on one machine")
def test_on_postgresql_only_one_integrates_even_on_another_machine(log: Log) -> None:
    elsewhere = Log.make(log.root / "elsewhere")
    refused: list[BaseException] = []

    def _step_elsewhere() -> None:
        try:
            elsewhere.integrator().step()
        except NotElected as error:
            refused.append(error)
        finally:
            connection.close()

    with log.integrator() as integrator:
        integrator.step()
        thread = threading.Thread(target=_step_elsewhere)
        thread.start()
        thread.join()
        assert len(refused) == 1
        connection.close()  # the lock goes with the connection, and is taken again
        integrator.step()


@pytest.mark.django_db(transaction=True)
def test_a_running_integrator_is_woken_and_covers_entries_within_a_second(log: Log) -> None:
    integrator, stop = log.integrator(), threading.Event()
    thread = threading.Thread(target=integrator.run, args=(stop,))
    thread.start()
    try:
        lags = []
        for _ in range(5):
            with transaction.atomic():
                appended = ledger.append(
                    subject="log", act=Act.LOG_READ, actor="officer:1", at=AT.astimezone(UTC)
                )
            start = time.monotonic()
            while proofs.inclusion(appended.leaf_hash, files=integrator.files) is None:
                assert time.monotonic() - start < 20
                time.sleep(0.01)
            lags.append(time.monotonic() - start)
    finally:
        stop.set()
        thread.join()
    assert sorted(lags)[2] < 1
    assert log.integrator().step().size == 5


@pytest.mark.django_db
def test_an_entry_that_commits_late_is_indexed_all_the_same(log: Log) -> None:
    """On PostgreSQL an entry may become visible after others with higher ids were indexed."""
    written = log.append(count=10)
    Leaf.objects.bulk_create(
        Leaf(index=i, entry_id=each.entry_id) for i, each in enumerate(written[5:])
    )
    tip = log.integrator().step()
    assert tip.size == 10
    assert list(Leaf.objects.order_by("index").values_list("entry_id", flat=True)[:10]) == [
        each.entry_id for each in [*written[5:], *written[:5]]
    ]


@pytest.mark.django_db
def test_rows_that_changed_under_a_running_integrator_stop_it(log: Log) -> None:
    written = log.append(count=10)
    integrator = log.integrator()
    integrator.step()
    note = integrator.files.checkpoint()
    table = "custody_entry"
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else f" ON {table}"
        cursor.execute(f"DROP TRIGGER {table}_no_change{on}")
    Entry.objects.filter(id=written[3].entry_id).update(leaf_hash=bytes(32))
    log.append()
    for _ in range(2):
        with pytest.raises(LogForked, match="no longer"):
            integrator.step()
    assert integrator.files.checkpoint() == note
    with pytest.raises(LogForked, match="differ"):
        log.integrator().step()
    assert integrator.files.checkpoint() == note


@pytest.mark.django_db
def test_rows_that_are_gone_stop_it(log: Log) -> None:
    log.append(count=10)
    integrator = log.integrator()
    integrator.step()
    log.append(count=3)
    Leaf.objects.create(index=11, entry_id=Entry.objects.order_by("-id")[0].id)
    with pytest.raises(LogForked, match="gone"):
        integrator.step()
