"""A made-up force's months of footage stand on the domain's own verbs: an audit finds nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from fairwitness.accountability import audit, figures
from fairwitness.accountability.models import Loss
from fairwitness.cases.models import CriticalIncident, Exhibit
from fairwitness.config import composition
from fairwitness.config.composition import Deployment
from fairwitness.config.environment import Environment, read
from fairwitness.config.seeding import plan, story
from fairwitness.config.seeding.plan import Plan, Worn
from fairwitness.config.seeding.story import Recorded
from fairwitness.custody import reading
from fairwitness.disclosure.models import Disclosure
from fairwitness.evidence import unassigned
from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.force import seed
from fairwitness.force.models import Camera, Dock, Officer, Station, Unit
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import StoredReceipt, Upload, UploadState
from fairwitness.retention import dates
from fairwitness.retention.models import (
    Disposal,
    DisposalState,
    EarlyDeletion,
    EarlyState,
    HoldBinding,
)

if TYPE_CHECKING:
    from fairwitness.formats.keys import SigningKey

pytestmark = pytest.mark.usefixtures("statistics_forgotten")
NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
COUNT = 260


def _deployment(tmp_path: Path) -> Deployment:
    environment: Environment = read({"FAIRWITNESS_DATA": str(tmp_path)})
    return composition.build(environment, lambda: NOW)


def _tell(deployment: Deployment, *, stop_after: int = COUNT) -> Recorded:
    keys: dict[str, SigningKey] = {}
    seed.seed(scale=0.002, at=NOW, keep_key=keys.__setitem__)
    done = 0

    def told(number: int, _of: int) -> None:
        nonlocal done
        done = number

    return story.tell(
        deployment=deployment,
        keys=keys,
        count=COUNT,
        number=1,
        told=told,
        stopped=lambda: done >= stop_after,
    )


def _findings(deployment: Deployment) -> list[str]:
    report = audit.run(vault=deployment.vault, log=deployment.log_on_disk(), at=NOW, deep=True)
    return [f"{each.code}: {each.message}" for each in report.findings]


@pytest.mark.django_db(transaction=True)
def test_months_of_footage_are_sound_and_add_up(tmp_path: Path) -> None:
    deployment = _deployment(tmp_path)
    made = _tell(deployment)
    assert _findings(deployment) == []
    counted = figures.count(at=NOW)
    assert counted.problems == ()
    assert made.recordings == COUNT
    assert counted.total.received == COUNT + made.quarantined
    assert counted.total.deleted_by_rule + counted.total.deleted_by_person == made.deleted
    assert counted.total.deleted_by_rule > COUNT // 3
    assert counted.total.deleted_by_person == made.deleted_early > 0
    assert EarlyDeletion.objects.filter(state=EarlyState.ASKED).exists()
    assert counted.total.kept["evidential"] > 0
    assert counted.total.late == made.late
    assert made.unassigned == unassigned.waiting().count()
    assert Exhibit.objects.exists()
    assert HoldBinding.objects.filter(hold__silent=True).exists()
    assert not Disposal.objects.exclude(state=DisposalState.DONE).exists()
    live = set(Recording.objects.filter(state=State.LIVE).values_list("pk", flat=True))
    held = Upload.objects.filter(state=UploadState.QUARANTINED)
    apart = set(held.values_list("recording_id", flat=True))
    assert set(Piece.objects.values_list("recording_id", flat=True)) == live | apart
    assert len(apart) == made.quarantined > 0
    assert StoredReceipt.objects.count() == made.docked == Upload.objects.count() - len(apart) > 2
    assert made.with_footage >= made.live
    assert Loss.objects.filter(resolved_at=None, recording__state=State.DISPOSED).exists()
    acts = reading.count_by_act()
    assert acts[Act.BUNDLE_EXPORTED] == made.copies_for_court == Disclosure.objects.count() > 0
    assert acts[Act.RECORDING_FOUND_LOST] == made.once_lost == 2
    assert acts[Act.RECORDING_REPAIRED] == 1
    assert acts[Act.RECORDING_DISPOSED] == acts[Act.DISPOSAL_CERTIFIED] == made.deleted
    assert acts[Act.RECORDING_VIEWED] > 0
    assert acts[Act.INCIDENT_DECLARED] == acts[Act.FIGURES_PUBLISHED] == 1
    assert CriticalIncident.objects.get().involvements.filter(released_at__isnull=False).exists()
    assert Act.ACCESS_REFUSED not in acts
    stored = list(Recording.objects.order_by("pk").values())
    with transaction.atomic():
        dates.recompute_many(live, NOW)
    assert list(Recording.objects.order_by("pk").values()) == stored, "as the rules say"


@pytest.mark.django_db(transaction=True)
def test_stopped_in_the_middle_what_is_there_is_whole(tmp_path: Path) -> None:
    deployment = _deployment(tmp_path)
    made = _tell(deployment, stop_after=COUNT // 2)
    assert made.interrupted
    assert COUNT // 2 <= made.recordings < COUNT
    assert _findings(deployment) == []
    assert figures.count(at=NOW).problems == ()


@pytest.mark.django_db
def test_a_force_without_issued_cameras_records_nothing(tmp_path: Path) -> None:
    with pytest.raises(story.NothingToRecordWith):
        story.tell(
            deployment=_deployment(tmp_path),
            keys={},
            count=1,
            number=1,
            told=lambda _done, _of: None,
            stopped=lambda: False,
        )


def _plan(number: int) -> Plan:
    unit = Unit(code="LAM", name="Lambeth")
    station = Station(code="LAM1", name="Brixton", unit=unit)
    own = [
        Worn(Camera(serial=f"{n:05}"), Officer(), NOW - timedelta(days=ago), unit, station, Dock())
        for n, ago in enumerate([200] * 18 + [60, 2])
    ]
    pool = [replace(own[0], camera=Camera(serial="90001"), wearer=None)]
    return plan.make(own=own, pool=pool, count=3000, at=NOW, number=number)


def test_the_same_number_gives_the_same_nights() -> None:
    def told(made: Plan) -> list[tuple[object, ...]]:
        return [
            (each.worn.camera.serial, each.counter, each.docked_at, each.category, each.events)
            for each in made.recordings
        ]

    assert told(_plan(1)) == told(_plan(1))
    assert told(_plan(1)) != told(_plan(2))


def test_a_plan_is_of_the_past_and_counts_without_going_back() -> None:
    made = _plan(733)
    counters: dict[str, list[int]] = {}
    for each in sorted(made.recordings, key=lambda each: (each.started_at, each.counter)):
        assert each.started_at < each.ended_at <= each.docked_at < NOW
        assert each.started_at >= each.worn.since, "nobody had it yet"
        counters.setdefault(each.worn.camera.serial, []).append(each.counter)
    for serial, numbers in counters.items():
        missing = made.missing.get(serial, ())
        assert sorted([*numbers, *missing]) == list(range(1, len(numbers) + len(missing) + 1))
    assert len({each.started_at for each in made.recordings}) > 0.97 * len(made.recordings)
    fates = Counter(bool(each.incident) for each in made.recordings)
    assert 0.1 < fates[True] / len(made.recordings) < 0.2
