"""`fairwitness dispose` and `fairwitness hold`, on training data and on data that is real."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.retention_world import DAY, World
from typer.testing import CliRunner

from fairwitness.config import clock, composition, deletion, settings
from fairwitness.config.commands import deletions, dispose, hold, rule
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording, State
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.retention.models import Hold
from fairwitness.vault.vault import Vault

RUNNER = CliRunner()


@pytest.fixture
def training() -> Iterator[Path]:
    data = settings.ENVIRONMENT.data
    clock.set_training(data, ahead=timedelta())
    yield data
    (data / clock.FILE).unlink()


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asked for its effect
    made = World.make(tmp_path)
    deployment = composition.deployment()
    made.vault = Vault(deployment.vault.store, deployment.vault.ring)
    return made


def london(at: datetime) -> str:
    return at.isoformat()


def told(*words: str, status: int = 0) -> dict[str, object]:
    result = RUNNER.invoke(dispose.app, [*words, "--json"])
    assert result.exit_code == status, result.output
    answer = json.loads(result.stdout)
    assert isinstance(answer, dict)
    return answer


def test_a_dry_run_says_what_would_go_and_changes_nothing(world: World, training: Path) -> None:
    del training
    recording = world.record(ended_at=clock.now() - DAY)
    then = london(clock.now() + 31 * DAY)
    answer = told("--dry-run", "--at", then)
    assert (answer["due"], answer["deleted"], answer["dry_run"]) == (1, [], True)
    assert answer["waiting_for_notice"] == 1
    recording.refresh_from_db()
    assert recording.state == State.LIVE


def test_training_data_lives_through_the_days_and_deletes(world: World, training: Path) -> None:
    del training
    recording = world.record(ended_at=clock.now() - DAY)
    answer = told("--at", london(clock.now() + 31 * DAY))
    assert answer["deleted"] == [{"recording": str(recording.pk), "reference": recording.reference}]
    assert "training" in str(answer["second_clock"])
    recording.refresh_from_db()
    assert recording.state == State.DISPOSED


def test_people_are_told_in_words(world: World, training: Path) -> None:
    del training
    world.record(ended_at=clock.now() - DAY)
    result = RUNNER.invoke(dispose.app, ["--at", london(clock.now() + 31 * DAY)])
    assert "1 deleted of 1 due." in result.output
    assert "00417-1/1" in result.output


def test_real_data_has_no_other_time_than_now(world: World) -> None:
    world.record(ended_at=clock.now() - DAY)
    result = RUNNER.invoke(dispose.app, ["--at", london(clock.now() + 31 * DAY)])
    assert isinstance(result.exception, FairwitnessError)
    assert result.exception.stable_code == "dispose.time"
    assert Recording.objects.get().state == State.LIVE


def test_a_hold_is_placed_listed_and_lifted(world: World, training: Path) -> None:
    del training
    recording = world.record(ended_at=clock.now() - DAY)
    review = (clock.now() + 90 * DAY).strftime("%Y-%m-%d")
    words = ["--by", "4101", "--kind", "litigation", "--reference", "17/0042"]
    words += ["--basis", "letter before claim", "--review", review]
    placed = RUNNER.invoke(hold.app, ["place", recording.reference, *words])
    assert placed.exit_code == 0, placed.output
    assert "keeps 1 recording(s)" in placed.output
    assert "can't be played" in placed.output  # these bytes are no video, and that is said at once

    listed = RUNNER.invoke(hold.app, ["list", "--json"])
    (row,) = json.loads(listed.stdout)
    assert (row["kind"], row["recordings"], row["unplayable"]) == ("litigation", "1", "1")
    assert told("--at", london(clock.now() + 40 * DAY))["due"] == 0

    lifted = RUNNER.invoke(
        hold.app, ["lift", row["id"], "--by", "4101", "--reason", "the claim is settled"]
    )
    assert "at least seven days" in lifted.output
    assert Hold.objects.get().lifted_at is not None
    assert RUNNER.invoke(hold.app, ["list"]).output.startswith("No hold stands.")


def test_what_nobody_knows_is_refused(world: World, training: Path) -> None:
    del training, world
    words = ["--by", "4101", "--kind", "litigation", "--reference", "17/0042"]
    words += ["--basis", "letter", "--review", "2099-01-01"]
    result = RUNNER.invoke(hold.app, ["place", "99999-1", *words])
    assert isinstance(result.exception, FairwitnessError)
    assert not Hold.objects.exists()


def test_one_person_stops_and_two_let_on(world: World, training: Path) -> None:
    del training, world
    stopped = RUNNER.invoke(deletions.app, ["stop", "--by", "4101", "--reason", "looks wrong"])
    assert "Nothing is deleted until two people" in stopped.output
    (row,) = json.loads(RUNNER.invoke(deletions.app, ["list", "--json"]).stdout)
    assert (row["state"], row["problem"]) == ("stopped", "disposal.by_person")
    answer = told(status=1)
    assert isinstance(answer["stopped"], dict)
    assert answer["stopped"]["code"] == "disposal.by_person"
    for collar, words in (("4101", "Asked."), ("4102", "Deletion goes on")):
        on = RUNNER.invoke(
            deletions.app, ["let-on", row["run"], "--by", collar, "--reason", "it was nothing"]
        )
        assert words in on.output
    assert told()["stopped"] is None


def test_a_rule_is_simulated_proposed_approved_and_withdrawn(world: World, training: Path) -> None:
    del training, world
    table = json.loads(RUNNER.invoke(rule.app, ["list", "--json"]).stdout)
    assert {"code", "days", "source"} <= table[0].keys()
    tried = RUNNER.invoke(rule.app, ["simulate", "use-of-force", "--days", "92"])
    assert "0 recording(s) have the category" in tried.output
    words = ["use-of-force", "--days", "92", "--by", "4101", "--reason", "new policy"]
    assert "Proposed as" in RUNNER.invoke(rule.app, ["propose", *words]).output
    (row,) = json.loads(RUNNER.invoke(rule.app, ["changes", "--json"]).stdout)
    assert row["state"] == "proposed"
    assert (
        "takes effect on" in RUNNER.invoke(rule.app, ["approve", row["id"], "--by", "4102"]).output
    )
    gone = RUNNER.invoke(rule.app, ["withdraw", row["id"], "--by", "4101", "--reason", "not now"])
    assert gone.output.strip() == "Withdrawn."


def test_abandoned_uploads_end_only_when_a_second_clock_agrees(world: World) -> None:
    at = clock.now()
    upload = Upload.objects.create(
        id=uuid.uuid4(),
        recording_id=uuid.uuid4(),
        identity="officer:x",
        commitment="0" * 64,
        officer=world.ada,
        length=10,
        created_at=at - 31 * DAY,
        expires_at=at - DAY,
    )
    real = composition.deployment()
    asking = dataclasses.replace(real.environment, time_server="127.0.0.1")  # nobody answers there
    assert deletion.end_unregistered(dataclasses.replace(real, environment=asking)) == 0
    clock.set_training(settings.ENVIRONMENT.data, ahead=timedelta())
    try:
        assert deletion.end_unregistered(real) == 1
    finally:
        (settings.ENVIRONMENT.data / clock.FILE).unlink()
    upload.refresh_from_db()
    assert upload.state == UploadState.ENDED
