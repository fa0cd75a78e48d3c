"""Why a number of a camera's counter never came is said once, by somebody it is not about."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from tests.retention_world import AT, DAY, SETUP, World, acts

from fairwitness.evidence.models import Recording
from fairwitness.force import issue, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.counter_gaps import ExplanationInvalid
from fairwitness.ingest.models import CounterGap


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asked for its effect
    made = World.make(tmp_path)
    with transaction.atomic():
        counter_gaps.note(camera=made.camera, missing=[4, 5, 9], actor="dock:1", at=AT)
    return made


def explain(world: World, officer: Officer, *counters: int, reason: str = "A test press") -> int:
    return counter_gaps.explain(
        camera=world.camera, counters=counters, reason=reason, officer=officer, at=AT + DAY
    )


def numbers() -> list[int]:
    return sorted(counter_gaps.unexplained().values_list("counter", flat=True))


def test_a_supervisor_explains_and_it_stays_counted(world: World) -> None:
    assert explain(world, world.sergeant, 4, 5) == 2
    assert numbers() == [9]
    assert counter_gaps.open_gaps().count() == 3
    gap = CounterGap.objects.get(counter=4)
    assert (gap.explanation, gap.explained_by) == ("A test press", world.sergeant)
    assert acts(f"camera:{world.camera.pk}")[-1] == "camera.counter_gap_explained"


def test_who_may_not_is_refused_and_it_is_written_down(world: World) -> None:
    for officer in (world.dev, world.detective, world.standards):
        with pytest.raises(NotAllowed):
            explain(world, officer, 4)
    assert acts(f"camera:{world.camera.pk}").count("access.refused") == 3
    assert numbers() == [4, 5, 9]


def test_nobody_explains_what_their_own_camera_missed(world: World) -> None:
    issue.issue_camera(actor=SETUP, camera=world.camera, officer=world.ada, at=AT - DAY / 2)
    roles.grant(actor=SETUP, officer=world.ada, role=Role.SUPERVISOR, unit=world.ada.unit, at=AT)
    with pytest.raises(NotAllowed):
        explain(world, world.ada, 4)
    assert explain(world, world.sergeant, 4) == 1


def test_what_came_after_all_or_was_explained_needs_no_words(world: World) -> None:
    row = world.record()
    Recording.objects.filter(pk=row.pk).update(counter=9)
    explain(world, world.sergeant, 4)
    for counters in ((9,), (4,), (77,), ()):
        with pytest.raises(ExplanationInvalid):
            explain(world, world.sergeant, *counters)
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(ExplanationInvalid):
            explain(world, world.sergeant, 5, reason=reason)


def test_an_explanation_without_a_person_is_refused_by_the_database(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CounterGap.objects.filter(camera=world.camera).update(explanation="lost")
