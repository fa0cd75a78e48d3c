"""Killed before any durable step, the integrator leaves a log that the next start completes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction
from tests.custody_log import AT, Log

from fairwitness.custody import erasure, proofs
from fairwitness.formats import merkle, proof
from fairwitness.formats.checkpoint import Checkpoint

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it, and nothing durable happens after it."""


def _drop_connection() -> None:
    """A killed process takes its connection with it, in whatever transaction it was."""
    if connection.connection is not None:
        connection.connection.close()


_DEATHS = (Killed, DatabaseError, InterfaceError)  # Django speaks of the dead connection instead


@contextmanager
def _killed_before(step: int) -> Iterator[list[str]]:
    """Let `step` durable steps happen, then die; yields the names of those that happened."""
    done: list[str] = []

    def _counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def _call(*arguments: object, **named: object) -> object:
            if len(done) >= step:
                _drop_connection()
                raise Killed
            done.append(name)
            return real(*arguments, **named)

        return _call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace", "unlink"):
            patch.setattr(os, name, _counted(name, getattr(os, name)))
        # Django calls this for every commit, on every database.
        patch.setattr(connection, "_commit", _counted("commit", connection._commit))  # type: ignore[attr-defined] # Django's own
        yield done


def _die(log: Log, step: int) -> list[str]:
    """Integrate, killed before durable step number `step`; returns what had happened by then."""
    integrator = log.integrator()
    integrator.recover()
    with _killed_before(step) as done:
        try:
            integrator.step()
        except _DEATHS:
            pass
        else:
            done.append("finished")
    connection.close()
    return done


def _demand_extends(log: Log, old: Checkpoint, new: Checkpoint) -> None:
    if old.size:
        merkle.verify_consistency(
            old_size=old.size,
            new_size=new.size,
            old_root=old.root,
            new_root=new.root,
            proof=proofs.consistency(old.size, new.size, files=log.opened[-1].files),
        )


@pytest.mark.parametrize(("start", "count"), [(0, 1), (10, 5), (250, 10), (510, 3)])
def test_between_every_two_durable_steps(log: Log, start: int, count: int) -> None:
    log.append(count=start)
    seen = [log.integrator().step()]
    steps: list[str] = []
    step = 0
    while "finished" not in steps:
        written = log.append(count=count)
        steps = _die(log, step)
        known = log.opened[-1].files.checkpoint()
        assert known is not None, "what was published stays"
        seen.append(log.integrator().step())
        _demand_extends(log, seen[-2], seen[-1])
        text = proofs.inclusion(written[-1].leaf_hash, files=log.opened[-1].files)
        assert text is not None
        proof.verify(
            proof.parse(text), leaf_hash=written[-1].leaf_hash, verifier=log.signer.verifier
        )
        step += 1
    assert {"commit", "fsync", "replace"} <= set(steps)
    assert step > 10
    assert log.audit() == []
    assert not list(log.folder.rglob(".*"))


def test_dying_twice_in_a_row_changes_nothing(log: Log) -> None:
    log.append(count=250)
    seen = log.integrator().step()
    log.append(count=10)
    for step in range(25):
        _die(log, step)
    tip = log.integrator().step()
    _demand_extends(log, seen, tip)
    assert tip.size == 260
    assert log.audit() == []


def test_an_erasure_is_complete_wherever_it_was_cut(log: Log) -> None:
    written = log.append(count=40)
    log.integrator().step()
    steps: list[str] = []
    step = 0
    while "finished" not in steps:
        with transaction.atomic():
            erasure.erase_body(
                leaf_hash=written[step].leaf_hash, actor="officer:7", reason="", at=AT
            )
        steps = _die(log, step)
        log.integrator().step()
        assert log.audit() == []
        step += 1
    assert step > 10


def test_a_recovery_may_itself_be_killed(log: Log) -> None:
    """Files are lost, and their making anew from the rows is cut again and again."""
    log.append(count=600)
    tip = log.integrator().step()
    for each in list((log.folder / "tile").rglob("*")) + list((log.folder / "sealed").rglob("*")):
        if each.is_file():
            each.unlink()
    (log.folder / "checkpoint").unlink()
    finished = False
    step = 0
    while not finished:
        with _killed_before(step):
            try:
                log.integrator().recover()
                finished = True
            except _DEATHS:
                step += 1
        connection.close()
    assert step > 10
    assert log.integrator().step() == tip
    (log.folder / "checkpoint").write_bytes(log.second_copy.read_bytes())
    assert log.audit() == []
