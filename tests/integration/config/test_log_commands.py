"""Reading the log, publishing figures, the log's first start: each leaves its entry."""

import hashlib
import json
from pathlib import Path
from uuid import uuid4

import pytest
import typer
from django.db import transaction
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force
from typer.testing import CliRunner

from fairwitness.accountability import log_reading
from fairwitness.accountability.log_reading import Question, ReadingInvalid
from fairwitness.config import composition, environment
from fairwitness.config.commands import figures, log
from fairwitness.custody import ledger, reading
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force import officers, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

PHRASE = "long enough, dear"
RUNNER = CliRunner()


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    return make_force()


@pytest.fixture
def auditor(force: Force) -> Officer:
    roles.grant(officer=force.dev, role=Role.AUDITOR, unit=None, actor=SETUP, at=AT)
    officers.set_password(officer=force.dev, password=PHRASE, actor=SETUP, at=AT)
    return force.dev


def run(app: typer.Typer, *words: str) -> str:
    result = RUNNER.invoke(app, words, input=f"{PHRASE}\n", catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def last(subject: str) -> dict[str, object]:
    body = reading.history(subject)[-1].body
    assert body is not None
    return dict(body.detail)


def test_an_auditor_reads_the_log_and_that_is_in_it(force: Force, auditor: Officer) -> None:
    words = ("--by", "702LX", "--reason", "yearly check", "--act", "officer.registered", "--json")
    rows = json.loads(run(log.app, *words))
    assert len(rows) == 6
    assert f"officer:{force.ada.pk}" in {row["subject"] for row in rows}
    (entry,) = reading.search(act=Act.LOG_READ)
    assert entry.body is not None
    assert (entry.entry.subject, entry.body.reason) == ("log", "yearly check")
    assert entry.body.actor == f"officer:{auditor.pk}"
    assert last("log") | {"shown": 6, "act": "officer.registered", "actor": None} == last("log")
    told = run(log.app, "--by", "702LX", "--reason", "who read it", "--subject", "log")
    assert "log.read" in told
    assert "yearly check" in told


def test_who_may_not_read_it_is_refused_and_that_is_in_it(force: Force) -> None:
    for one in (force.administrator, force.sergeant, force.ada):
        with pytest.raises(NotAllowed):
            log_reading.read(question=Question(), officer=one, reason="curious", at=AT)
    assert acts("log") == ["access.refused"] * 3


def test_a_reader_who_wore_a_camera_reads_of_that_on_its_page_alone(
    force: Force, auditor: Officer
) -> None:
    recordings = [
        Recording.objects.create(
            id=uuid4(),
            provenance=Provenance.UNSIGNED,
            reference=f"00417-{number}",
            wearer=wearer,
            unit=force.lambeth,
            received_at=AT,
            docked_at=AT,
            clock_started_at=AT,
            commitment="c",
            size=1,
            sha256="a" * 64,
            media_type="video/mp4",
        )
        for number, wearer in enumerate((auditor, force.ada), 1)
    ]
    with transaction.atomic():
        for one in recordings:
            ledger.append(
                subject=f"recording:{one.pk}",
                act=Act.RECORDING_VIEWED,
                actor="system:oversight",
                at=AT,
            )
    found = log_reading.read(
        question=Question(act=Act.RECORDING_VIEWED), officer=auditor, reason="yearly", at=AT
    )
    assert [row.entry.subject for row in found.rows] == [f"recording:{recordings[1].pk}"]
    assert last("log")["shown"] == 1


def test_it_is_not_read_without_a_reason(auditor: Officer) -> None:
    with pytest.raises(ReadingInvalid):
        log_reading.read(question=Question(), officer=auditor, reason="  ", at=AT)
    assert acts("log") == []


def test_published_figures_are_bound_to_the_log_by_their_digest(
    force: Force, tmp_path: Path
) -> None:
    run(figures.app)
    assert acts("figures") == []
    officers.set_password(officer=force.manager, password=PHRASE, actor=SETUP, at=AT)
    file = tmp_path / "figures.json"
    run(figures.app, "--publish", str(file), "--by", "4101")
    assert json.loads(file.read_text())["adds_up"] is True
    assert acts("figures") == ["figures.published"]
    said = last("figures")
    assert said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (said["adds_up"], said["received"]) == (True, 0)


@pytest.mark.django_db(transaction=True)
def test_the_first_start_of_a_log_is_written_down_once(tmp_path: Path) -> None:
    settings = environment.read({"FAIRWITNESS_DATA": str(tmp_path)})
    deployment = composition.build(settings, lambda: AT)
    for _ in range(2):
        deployment.recover_log()
    assert acts("log") == ["log.started"]
    assert last("log") == {"origin": deployment.signer.name}
    with deployment.integrator() as integrator:
        assert integrator.step().size == 1
    composition.build(settings, lambda: AT).recover_log()
    assert acts("log") == ["log.started"]
