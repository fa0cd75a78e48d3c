"""What oversight goes on holding after a critical incident shows to nobody of the force."""

from datetime import timedelta

import pytest
from tests.critical_world import Critical
from tests.retention_world import AT, DAY, HOUR, World, fresh

from fairwitness.accountability import finding, search
from fairwitness.cases import post_incident, workspace
from fairwitness.evidence import access, looks
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import TaskKind
from fairwitness.force.models import Officer

ENDED = AT + 10 * timedelta(minutes=1)
LATER = AT + 9 * HOUR
TASK = Task(TaskKind.INCIDENT, "CI/1/2017")


@pytest.fixture
def critical(world: World) -> Critical:
    return Critical.make(world, AT)


@pytest.fixture
def held(critical: Critical) -> Recording:
    """Locked by an incident, held, gathered and watched by oversight; the incident is closed."""
    oversight, row = critical.oversight, critical.world.record(ended_at=ENDED)
    incident = critical.declare().incident
    workspace.hold(incident=incident, basis="our inquiry", officer=oversight, at=LATER)
    workspace.gather(incident=incident, officer=oversight, at=LATER)
    (row,) = fresh([row])
    assert row.force_reason == "it is locked"
    access.grant_viewing(recording=row, officer=oversight, task=TASK, at=LATER)
    post_incident.close(incident=incident, outcome="done", officer=oversight, at=LATER)
    return fresh([row])[0]


def test_its_dates_are_the_rules_and_oversight_keeps_it(
    critical: Critical, held: Recording
) -> None:
    day = ENDED + 31 * DAY
    assert held.gone_by is None
    assert held.force_gone_by == held.shown_gone_by == day
    assert "kept" not in held.force_reason
    with pytest.raises(AccessRefused) as refused:
        access.grant_viewing(recording=held, officer=critical.world.manager, task=TASK, at=day)
    assert refused.value.stable_code == "permission.gone"
    grant = access.grant_viewing(recording=held, officer=critical.oversight, task=TASK, at=day)
    assert grant.recording == held.pk


def test_who_looked_leaves_oversight_out(critical: Critical, held: Recording) -> None:
    theirs = looks.of(recording=held, reader=critical.world.manager, at=LATER)
    assert theirs == []
    (look,) = looks.of(recording=held, reader=critical.oversight, at=LATER)
    assert look.who == "Ian Oates"


def test_oversights_exhibits_find_nothing_for_the_force(
    critical: Critical, held: Recording
) -> None:
    def found(officer: Officer) -> list[Recording]:
        return list(
            finding.find(
                sought=search.read({"exhibit": ["IO/1"]}),
                facts=authority.facts(officer=officer, at=LATER),
                at=LATER,
                ring=critical.world.vault.ring,
                limit=10,
            ).recordings
        )

    assert found(critical.oversight) == [held]
    for who in (critical.world.manager, critical.world.standards, critical.world.detective):
        assert found(who) == []


def test_another_incident_locks_nothing_that_is_gone_for_the_force(
    critical: Critical, held: Recording
) -> None:
    after = ENDED + 32 * DAY
    declared = critical.declare(after, ended_at=AT + HOUR)
    assert declared.locked == 0
    (row,) = fresh([held])
    assert not row.locked
    assert row.force_gone_by == held.force_gone_by
