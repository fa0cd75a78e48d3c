"""`fairwitness ring`: a copy whose disk was exchanged comes back when an administrator says so."""

import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force
from typer.testing import CliRunner

from fairwitness.config import clock, composition
from fairwitness.config.commands import ring as command
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers as people
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.vault import rekeying
from fairwitness.vault.keyring import KeyDestroyed
from fairwitness.vault.ringcopy import CopyUnavailable

PHRASE = "long enough, dear"
RUNNER = CliRunner()


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    made = make_force()
    for officer in (made.administrator, made.manager):
        people.set_password(officer=officer, password=PHRASE, actor=SETUP, at=AT)
    return made


def run(*words: str, status: int = 0) -> str:
    result = RUNNER.invoke(command.app, words, input=f"{PHRASE}\n")
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.usefixtures("force")
def test_a_copy_whose_disk_was_exchanged_is_made_anew_when_told() -> None:
    ring = composition.deployment().vault.ring
    kept, gone = uuid4(), uuid4()
    key = ring.create(kept)
    ring.create(gone)
    ring.destroy(gone, at=AT)
    assert "alike" in run("show")
    shutil.rmtree(ring.copies[1].root)
    ring.copies[1].root.mkdir()
    assert "Copy 2 of the key ring is not there" in run("show", status=1)
    assert "not there" in run("repair", "--by", "4140", status=1)
    with pytest.raises(CopyUnavailable):
        ring.create(uuid4())
    said = run("repair", "--by", "4140", "--replace", "--reason", "disk exchanged")
    assert "alike" in said
    assert ring.copies[1].read(kept) is not None
    assert ring.get(kept) == key
    with pytest.raises(KeyDestroyed):
        ring.get(gone)
    ring.create(uuid4())
    assert acts("retention")[-2:] == ["key.ring_repaired"] * 2


@pytest.mark.usefixtures("force")
def test_only_an_administrator_repairs() -> None:
    result = RUNNER.invoke(command.app, ["repair", "--by", "4101"], input=f"{PHRASE}\n")
    assert isinstance(result.exception, FairwitnessError), result.output
    assert "key.ring_repaired" not in acts("retention")


def test_the_age_of_the_ring_is_told() -> None:
    ring = composition.deployment().vault.ring
    rekeying.rekey(ring, at=clock.now() - timedelta(days=3))
    assert "never yet" not in run("show")


@pytest.mark.usefixtures("force")
def test_the_one_copy_left_is_told_by_the_log_what_it_missed() -> None:
    ring = composition.deployment().vault.ring
    kept, gone = uuid4(), uuid4()
    key = ring.create(kept)
    ring.create(gone)
    second = ring.copies[1].root
    away = second.rename(second.with_name("away"))
    ring.destroy(gone, at=AT)
    with transaction.atomic():
        ledger.append(
            subject=recording_subject(gone), act=Act.RECORDING_DISPOSED, actor="system:test", at=AT
        )
    away.rename(second)
    shutil.rmtree(ring.copies[0].root)
    with pytest.raises(CopyUnavailable):
        ring.get(kept)
    asked = ["catch-up", "--by", "4140"]
    unsure = RUNNER.invoke(command.app, asked, input=f"{PHRASE}\n")
    assert isinstance(unsure.exception, FairwitnessError)
    assert "1 deletions carried over" in run(
        *asked, "--other-copy-is-lost", "--reason", "disk dead"
    )
    assert ring.get(kept) == key
    with pytest.raises(KeyDestroyed):
        ring.get(gone)
    assert acts("retention")[-1] == "key.ring_repaired"
    ring.copies[0].root.mkdir()
    assert "alike" in run("repair", "--by", "4140", "--replace")


@pytest.mark.usefixtures("force")
def test_only_an_administrator_has_a_copy_caught_up() -> None:
    asked = ["catch-up", "--by", "4101", "--other-copy-is-lost"]
    result = RUNNER.invoke(command.app, asked, input=f"{PHRASE}\n")
    assert isinstance(result.exception, FairwitnessError), result.output
    assert "key.ring_repaired" not in acts("retention")
