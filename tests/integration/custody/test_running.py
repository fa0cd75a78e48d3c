"""The integrator of a server goes on through whatever passes by itself."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from tests.custody_log import Log

from fairwitness.custody import proofs
from fairwitness.custody.integrator import Integrator

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def _running(integrator: Integrator) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=integrator.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _demand_covered(integrator: Integrator, leaf_hash: bytes) -> None:
    deadline = time.monotonic() + 30
    while proofs.inclusion(leaf_hash, files=integrator.files) is None:
        assert time.monotonic() < deadline, "the integrator did not go on"
        time.sleep(0.02)


def test_it_waits_for_its_turn(log: Log) -> None:
    first = log.integrator()
    first.step()
    log.opened.clear()
    second = log.integrator()
    with _running(second):
        (written,) = log.append()
        time.sleep(0.3)
        assert proofs.inclusion(written.leaf_hash, files=second.files) is None
        first.close()
        _demand_covered(second, written.leaf_hash)
    assert log.audit() == []


def test_it_goes_on_when_a_full_disk_has_room_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.Event()
    failed = threading.Event()
    real = os.fsync

    def _fsync(handle: int) -> None:
        if full.is_set():
            failed.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", _fsync)
    integrator = log.integrator()
    with _running(integrator):
        (before,) = log.append()
        _demand_covered(integrator, before.leaf_hash)
        full.set()
        (after,) = log.append()
        assert failed.wait(10)
        assert proofs.inclusion(after.leaf_hash, files=integrator.files) is None
        full.clear()
        _demand_covered(integrator, after.leaf_hash)
    assert not list(log.folder.rglob(".*"))
    assert log.audit() == []


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="SQLite is no server")
def test_it_goes_on_when_the_database_server_dropped_it(log: Log) -> None:
    integrator = log.integrator()
    with _running(integrator):
        (before,) = log.append()
        _demand_covered(integrator, before.leaf_hash)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            assert cursor.fetchone()[0] >= 1
        (after,) = log.append()
        _demand_covered(integrator, after.leaf_hash)
    assert log.audit() == []


def test_elected_anew_it_looks_at_what_another_did_meanwhile(log: Log) -> None:
    log.append(count=3)
    first = log.integrator()
    first.step()
    log.opened.clear()
    first._election.resign()
    log.append(count=3)
    second = log.integrator()
    tip = second.step()
    second.close()
    assert first.step() == tip
    assert first.step().size == 6
    first.close()
