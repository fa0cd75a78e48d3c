"""Many write at once, and one integrates meanwhile: chains stay whole and nothing is left out."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from tests.custody_log import AT, Log

from fairwitness.custody import ledger, triggers
from fairwitness.custody.ledger import Draft
from fairwitness.custody.models import Entry, Leaf
from fairwitness.custody.rows import OVERTAKEN, Indexer
from fairwitness.formats.custody import Act

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, TURNS = 6, 12


def _at_once(work: Callable[[int], None], *, count: int = THREADS) -> None:
    failures: list[BaseException] = []

    def _run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=_run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _demand_chain(subject: str, length: int) -> None:
    rows = ledger.history(subject)
    assert [row.entry.sequence for row in rows] == list(range(1, length + 1))
    names = [None, *(row.leaf_hash.hex() for row in rows)]
    assert [row.entry.previous for row in rows] == names[:-1]


def test_writers_of_the_same_subjects_take_turns(log: Log) -> None:
    def _write(number: int) -> None:
        for turn in range(TURNS):
            with transaction.atomic():
                ledger.append(
                    subject="recording:1",
                    act=Act.RECORDING_VIEWED,
                    actor=f"officer:{number}",
                    at=AT,
                )
            with transaction.atomic():
                ledger.append_many(
                    [
                        Draft(f"camera:{(number + turn + i) % 4}", Act.CAMERA_DOCKED, "dock:1", AT)
                        for i in range(4)
                    ]
                )

    stop = threading.Event()
    integrator = log.integrator()
    running = threading.Thread(target=integrator.run, args=(stop,))
    running.start()
    try:
        _at_once(_write)
    finally:
        stop.set()
        running.join()
    _demand_chain("recording:1", THREADS * TURNS)
    for number in range(4):
        _demand_chain(f"camera:{number}", THREADS * TURNS)
    assert log.integrator().step().size == 5 * THREADS * TURNS == Entry.objects.count()
    assert log.audit() == []


def test_undone_acts_leave_no_hole_in_a_chain(log: Log) -> None:
    def _write(number: int) -> None:
        for turn in range(TURNS):
            with transaction.atomic():
                ledger.append(
                    subject="recording:1",
                    act=Act.RECORDING_VIEWED,
                    actor=f"officer:{number}",
                    at=AT,
                )
                if turn % 3 == number % 3:
                    transaction.set_rollback(True)

    _at_once(_write)
    _demand_chain("recording:1", THREADS * TURNS * 2 // 3)
    assert log.integrator().step().size == THREADS * TURNS * 2 // 3
    assert log.audit() == []


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="SQLite has one writer")
def test_an_entry_overtaken_by_others_is_indexed_when_it_commits(log: Log) -> None:
    """Its id is lower than those that have a place already."""
    entered, overtaken = threading.Event(), threading.Event()

    def _write(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                ledger.append(subject="camera:0", act=Act.CAMERA_DOCKED, actor="dock:1", at=AT)
                entered.set()
                overtaken.wait(30)
            return
        entered.wait(30)
        log.append(count=5, subject="camera:1")
        assert indexer.index() == 5
        overtaken.set()

    indexer = Indexer()
    assert indexer.index() == 0
    _at_once(_write, count=2)
    late = Entry.objects.get(subject="camera:0")
    assert late.id < min(Leaf.objects.values_list("entry_id", flat=True))
    assert indexer.index() == 1
    assert Leaf.objects.get(entry_id=late.id).index == 5
    assert OVERTAKEN > 0


def test_locks_are_few_and_the_same_for_the_same_subject() -> None:
    recordings = {ledger.lock_of(f"recording:{number}") for number in range(20_000)}
    others = {ledger.lock_of(f"hold:{number}") for number in range(20_000)}
    assert len(recordings) == len(others) == 1024
    assert ledger.lock_of("recording:7") in recordings
    assert max(others) < min(recordings)


def test_the_tests_put_the_triggers_up_again_after_emptying_tables() -> None:
    triggers.check_triggers()
    assert Entry.objects.count() == 0
