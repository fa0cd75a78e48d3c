"""Figures of what officers say and of broken glass, by unit and month, counted once each."""

from datetime import date
from pathlib import Path

import pytest
from tests.retention_world import AT, DAY, HOUR, World

from fairwitness.accountability import counting, spoken
from fairwitness.accountability.months import Cell
from fairwitness.evidence.leave_rows import BrokenGlass, Emergency
from fairwitness.retention.models import NotRecorded, Said
from fairwitness.retention.saying_rows import Matter

JUNE = date(2017, 6, 1)


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


def test_what_is_said_now_of_people_told_counts_once_a_recording(world: World) -> None:
    first, second, third = world.record(), world.record(), world.record()
    for number, (recording, answer) in enumerate(
        [(first, "danger"), (first, "yes"), (second, "sudden"), (third, "yes"), (third, "")]
    ):
        Said.objects.create(
            recording=recording,
            matter=Matter.TOLD,
            answer=answer,
            by=world.ada,
            at=AT + DAY + number * HOUR,
        )
    Said.objects.create(
        recording=third, matter=Matter.LATE, answer="forgot", by=world.ada, at=AT + DAY
    )
    assert sorted(spoken.told()) == [
        Cell("said told: sudden", JUNE, "LAM", "", 1),
        Cell("said told: yes", JUNE, "LAM", "", 1),
    ]


def test_of_two_things_said_at_one_moment_the_later_row_counts(world: World) -> None:
    recording = world.record()
    for answer in ("yes", "nobody"):
        Said.objects.create(
            recording=recording, matter=Matter.TOLD, answer=answer, by=world.ada, at=AT + DAY
        )
    assert [cell.measure for cell in spoken.told()] == ["said told: nobody"]


def test_what_was_corrected_is_not_counted_as_not_recorded(world: World) -> None:
    wrong = NotRecorded.objects.create(
        officer=world.ada,
        unit=world.ada.unit,
        incident="17/042",
        happened_at=AT,
        reason="forgot",
        at=AT + HOUR,
    )
    NotRecorded.objects.create(
        officer=world.ada,
        unit=world.ada.unit,
        incident="17/042",
        happened_at=AT,
        reason="fault",
        at=AT + 2 * HOUR,
        instead_of=wrong,
    )
    assert list(spoken.not_recorded()) == [Cell("not recorded: fault", JUNE, "LAM", "", 1)]


def test_glass_is_counted_by_the_recordings_unit_and_how_it_was_judged(world: World) -> None:
    recording = world.record()
    for justified in (True, False, None):
        judged = {} if justified is None else {"judged_by": world.standards, "judged_at": AT + DAY}
        BrokenGlass.objects.create(
            recording=recording,
            officer=world.dev,
            emergency=Emergency.LIFE,
            reason="A child was last seen there",
            broken_at=AT,
            ends_at=AT + HOUR,
            justified=justified,
            note="" if justified is None else "looked at",
            **judged,
        )
    assert {cell.measure: cell.number for cell in spoken.glass()} == {
        "glass": 3,
        "glass_right": 1,
        "glass_wrong": 1,
    }
    count = counting.renew(at=AT + 2 * DAY)
    assert count.problems == []
    kept = {cell.measure: cell.number for cell in counting.cells_of(count)}
    assert (kept["glass"], kept["received"]) == (3, 1)
    assert counting.differences(at=AT + 2 * DAY) == []
