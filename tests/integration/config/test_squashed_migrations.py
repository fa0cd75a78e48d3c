"""A new database and one that came a long way are the same, and nothing is lost on the way.

The old way is gone once, over all its steps: that takes some ten seconds of processor, and it is
the one thing that shows that a folder of an earlier version is carried over whole.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from tests.another_database import another_database, shape

from fairwitness.config import database
from fairwitness.custody import triggers

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
HALF_WAY = (
    ("accountability", "0003_published_figures"),
    ("cases", "0002_critical_incidents"),
    ("custody", "0002_triggers"),
    ("disclosure", "0002_requests_to_keep"),
    ("evidence", "0010_finding"),
    ("force", "0007_duty_roles"),
    ("ingest", "0005_quarantine_bin"),
    ("retention", "0004_dip_samples"),
)


def test_a_new_database_and_one_of_before_come_to_the_same_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    with another_database(tmp_path) as new:
        database.bring_up_to_date()
        made = shape(new)
        steps = recorded(new)
        gone = MigrationRecorder(new).migration_qs.order_by("pk")
        apps = list(gone.values_list("app", flat=True))
        assert "socialaccount" not in apps[apps.index("evidence") :]  # see `database._begin`
        triggers.check_triggers()
    with another_database(tmp_path) as old:
        executor = MigrationExecutor(old)
        executor.loader = MigrationLoader(old, replace_migrations=False)
        executor.migrate([*HALF_WAY])
        rows = fill(executor.loader.project_state([*HALF_WAY]).apps)
        database.bring_up_to_date()
        grown = shape(old)
        assert recorded(old) == steps
        assert_kept(rows)
    assert sorted(made - grown) == []
    assert sorted(grown - made) == []
    assert {("force_issue", "trigger"), ("custody_entry", "trigger")} <= {
        (table, kind) for kind, table, *_ in made
    }


def test_wherever_a_database_of_before_stands_each_step_is_gone_once(tmp_path: Path) -> None:
    """By the list of steps alone, which is what decides: those that follow are those left."""
    with another_database(tmp_path) as base:
        one_by_one = MigrationLoader(None, replace_migrations=False)
        ends = [key for key in one_by_one.graph.leaf_nodes() if "_squashed_" not in key[1]]
        order = [step for end in ends for step in one_by_one.graph.forwards_plan(end)]
        left = list(dict.fromkeys(order))
        assert len(left) > 100
        recorder = MigrationRecorder(base)
        recorder.ensure_schema()
        while left:
            assert sorted(to_go(base)) == sorted(left)
            recorder.record_applied(*left.pop(0))
        assert to_go(base) == []


def to_go(base: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """The steps that bringing this database up to date would go, those made at once by name."""
    executor = MigrationExecutor(base)
    executor.loader.check_consistent_history(base)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    assert not any(backwards for _, backwards in plan)
    return [step for each, _ in plan for step in each.replaces or [(each.app_label, each.name)]]


def recorded(base: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    return set(MigrationRecorder(base).applied_migrations())


def fill(apps: Apps) -> dict[str, list[dict[str, Any]]]:
    """Rows as an earlier version wrote them, and what each table holds then."""
    make = {
        name: apps.get_model(name).objects.create
        for name in (
            *("force.Unit", "force.Officer", "force.Camera", "force.Issue", "evidence.Recording"),
            *("evidence.Annotation", "retention.Hold", "retention.HoldBinding", "cases.Case"),
            *("cases.Exhibit", "custody.Entry"),
        )
    }
    unit = make["force.Unit"](code="LAM", name="Lambeth", kind="borough")
    wearer, manager = (
        make["force.Officer"](
            collar_number=number, name=name, initials="XX", joined_at=AT, unit=unit
        )
        for number, name in (("4101", "Ivo Ray"), ("4102", "Ann Lee"))
    )
    camera = make["force.Camera"](
        serial="00417",
        public_key="key",
        keyid="1" * 64,
        request="{}",
        requested_at=AT,
        profile="body2",
        mount="chest",
        unit=unit,
        station=None,
    )
    make["force.Issue"](camera=camera, officer=wearer, begins_at=AT)
    recording = make["evidence.Recording"](
        id=UUID(int=1),
        reference="417/1",
        camera_serial="00417",
        counter=1,
        activation=1,
        provenance="signed",
        received_at=AT,
        started_at=AT,
        ended_at=AT,
        clock_started_at=AT,
        docked_at=AT,
        size=9,
        sha256="2" * 64,
        commitment="3" * 64,
        media_type="video/mp4",
        claim={"events": [{"kind": "people_told"}]},
        camera=camera,
        unit=unit,
        wearer=wearer,
        hidden_from=AT,
        gone_by=AT,
        keep_reason="31 days",
    )
    make["evidence.Annotation"](
        kind="note", text="a red scooter", first_at=AT, first_officer=wearer, recording=recording
    )
    hold = make["retention.Hold"](
        kind="exhibit",
        reference="XX/1",
        basis="theft",
        review_on=date(2027, 1, 1),
        placed_at=AT,
        owner=manager,
    )
    make["retention.HoldBinding"](hold=hold, recording=recording, bound_at=AT)
    case = make["cases.Case"](
        reference="01/26",
        title="theft",
        opened_at=AT,
        review_on=date(2027, 1, 1),
        officer_in_case=wearer,
        unit=unit,
    )
    make["cases.Exhibit"](
        reference="XX/1",
        initials="XX",
        number=1,
        title="film",
        produced_at=AT,
        case=case,
        hold=hold,
        produced_by=wearer,
        producer=wearer,
        recording=recording,
    )
    make["custody.Entry"](
        subject="force",
        sequence=1,
        act="force.founded",
        at=AT,
        canonical=b"{}",
        leaf=b"leaf",
        leaf_hash=b"4" * 32,
    )
    return {name: list(apps.get_model(name).objects.order_by("pk").values()) for name in make}


def assert_kept(rows: dict[str, list[dict[str, Any]]]) -> None:
    """All that stood there stands there, and what later steps find out of it was found."""
    loader = MigrationLoader(None)
    apps = loader.project_state(loader.graph.leaf_nodes()).apps
    for name, before in rows.items():
        assert before
        now = apps.get_model(name).objects.order_by("pk").values(*before[0])
        assert list(now) == before
    recording = apps.get_model("evidence.Recording").objects.get()
    assert (recording.people_told, recording.force_gone_by) == (True, AT)
    assert recording.force_reason == "31 days"
    words = apps.get_model("evidence.Word").objects.values_list("word", flat=True)
    assert set(words) >= {"red", "scooter"}
