"""Figures by month are a recount's, add up to the public ones, and follow the log's views once."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.retention_world import AT, DAY, World

from fairwitness.accountability import counting, figures, months
from fairwitness.accountability.models import FigureCell, FiguresCount
from fairwitness.accountability.months import VIEWED
from fairwitness.config import composition
from fairwitness.config.environment import read
from fairwitness.evidence import access
from fairwitness.evidence.access import Task
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import TaskKind
from fairwitness.retention import marking

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + 40 * DAY


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path)


def _integrate(tmp_path: Path, at: datetime) -> None:
    deployment = composition.build(read({"FAIRWITNESS_DATA": str(tmp_path / "log")}), lambda: at)
    with deployment.integrator() as integrator:
        integrator.step()


def _numbers(count: FiguresCount, measure: str) -> dict[tuple[date, str, str], int]:
    cells = FigureCell.objects.filter(count=count, measure=measure)
    return {(cell.month, cell.unit, cell.category): cell.number for cell in cells}


def test_each_recording_is_in_one_month_unit_and_category(world: World) -> None:
    kept = world.record(ended_at=AT)
    world.record(ended_at=AT + timedelta(hours=1))
    marking.categorise(recordings=[kept.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY)
    count = counting.renew(at=AT + DAY)
    assert count.problems == []
    unit = kept.unit.code if kept.unit else ""
    month = months.month_of(kept.received_at)
    assert _numbers(count, "received") == {(month, unit, "use-of-force"): 1, (month, unit, ""): 1}
    assert sum(_numbers(count, "not_yet_due").values()) == 2
    assert count.total["received"] == 2


def test_what_is_kept_is_what_a_recount_says(world: World, tmp_path: Path) -> None:
    recordings = [world.record(ended_at=AT + timedelta(hours=n)) for n in range(6)]
    _watch(world, recordings[0], AT + DAY)
    _integrate(tmp_path, AT + DAY)
    counting.renew(at=AT + DAY)
    _watch(world, recordings[1], AT + 2 * DAY)
    _watch(world, recordings[1], AT + 3 * DAY, review=True)
    _integrate(tmp_path, AT + 3 * DAY)
    count = counting.renew(at=LATER)
    assert counting.cells_of(count) == counting.recounted(at=LATER)
    assert counting.differences(at=LATER) == []
    FigureCell.objects.filter(count=count, measure="viewed: review").update(number=2)
    assert {cell.number for cell in counting.differences(at=LATER)} == {1, 2}
    FigureCell.objects.filter(count=count, measure="viewed: review").update(number=1)
    views = Counter(
        {cell.measure: cell.number for cell in count.cells.filter(measure__startswith=VIEWED)}
    )
    assert views == {"viewed: own recording": 2, "viewed: review": 1}
    assert FiguresCount.objects.get() == count


def test_a_month_is_londons(world: World) -> None:
    """A quarter past eleven in the evening, UTC, of 30 June is 1 July in London."""
    recording = world.record(ended_at=AT)
    late = datetime.fromisoformat("2017-06-30T23:15:00+00:00")
    Recording.objects.filter(pk=recording.pk).update(received_at=late, docked_at=late)
    cells = [cell for cell in months.recordings(late + DAY) if cell.measure == "received"]
    assert [cell.month for cell in cells] == [date(2017, 7, 1)]


def test_a_row_behind_our_back_is_told(world: World) -> None:
    recording = world.record(ended_at=AT)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE evidence_recording SET state = 'disposed', sha256 = '' WHERE reference = %s",
            [recording.reference],
        )
    count = counting.renew(at=AT + DAY)
    assert any("1 received, 0 accounted for" in problem for problem in count.problems)


def test_counting_anew_takes_turns_with_what_it_costs(world: World) -> None:
    world.record(ended_at=AT)
    first = counting.latest(at=AT + DAY)
    FiguresCount.objects.filter(pk=first.pk).update(took_ms=10)
    assert counting.latest(at=first.at + timedelta(seconds=1)).pk == first.pk
    second = counting.latest(at=first.at + timedelta(seconds=3))
    assert second.pk != first.pk
    FiguresCount.objects.filter(pk=second.pk).update(took_ms=9_000)
    much_later = second.at + timedelta(hours=2)
    assert counting.latest(at=much_later).pk == second.pk, "no page counts that long"
    assert counting.renew_due(at=much_later) == 1
    assert counting.renew_due(at=much_later) == 0


def test_no_query_is_asked_for_each_recording(world: World) -> None:
    for number in range(12):
        world.record(ended_at=AT + timedelta(minutes=number))
    with CaptureQueriesContext(connection) as queries:
        counting.renew(at=AT + DAY)
    assert len(queries) <= 30


def test_figures_say_why_something_is_kept(world: World) -> None:
    recording = world.record(ended_at=AT)
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 1",
        codes=["arrest"],
        officer=world.ada,
        at=AT + DAY,
    )
    counted = figures.count(at=AT + DAY)
    assert counted.total.kept == {"evidential": 1}
    assert counted.problems == ()


def _watch(world: World, recording: Recording, at: datetime, *, review: bool = False) -> None:
    access.grant_viewing(
        recording=recording,
        officer=world.sergeant if review else world.ada,
        task=Task(TaskKind.REVIEW, "monthly sample") if review else None,
        at=at,
    )
