"""Categories, evidential marks, un-marking by two people, recall, and locks."""

from datetime import date, timedelta

import pytest
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import NotAllowed, TaskKind
from fairwitness.retention import announcements, categories, holds, locking, marking
from fairwitness.retention.categories import CategoryUnknown
from fairwitness.retention.holds import Terms
from fairwitness.retention.marking import MarkInvalid
from fairwitness.retention.models import Announcement, CategoryMark, HoldKind, Review
from fairwitness.retention.releasing import AlreadyGone

GONE_BY = AT + 31 * DAY


def mark(world: World, *recordings: Recording, at: timedelta = DAY) -> None:
    marking.mark_evidential(
        recordings=[r.pk for r in recordings],
        incident="CAD 1234",
        codes=["theft"],
        officer=world.ada,
        at=AT + at,
    )


def unmark(world: World, recording: Recording, at: timedelta) -> None:
    marking.ask_unmark(recording=recording.pk, reason="no charge", officer=world.ada, at=AT + at)
    marking.unmark_evidential(recording=recording.pk, officer=world.sergeant, at=AT + at)


def test_marking_evidential_keeps_and_sets_a_day_to_look_again(world: World) -> None:
    recording = world.record()
    mark(world, recording)
    (row,) = fresh([recording])
    assert (row.evidential, row.incident, row.category) == (True, "CAD 1234", "theft")
    assert (row.gone_by, row.keep_reason) == (None, "it is marked evidential for CAD 1234")
    review = Review.objects.get(recording=recording)
    assert review.due_on == (AT + DAY).date() + timedelta(days=2192)
    assert acts(f"recording:{recording.pk}")[-1] == "recording.marked_evidential"
    world.live_through(AT + 25 * DAY, AT + 40 * DAY)
    assert world.opens(recording, AT + 40 * DAY)


def test_marking_evidential_needs_incident_category_and_a_future_day(world: World) -> None:
    recording = world.record()
    for incident, codes, look in (
        (" ", ["theft"], None),
        ("CAD 1", [], None),
        ("CAD 1", ["theft"], AT.date()),
    ):
        with pytest.raises(MarkInvalid):
            marking.mark_evidential(
                recordings=[recording.pk],
                incident=incident,
                codes=codes,
                officer=world.ada,
                at=AT + DAY,
                review_on=look,
            )
    with pytest.raises(CategoryUnknown):
        marking.mark_evidential(
            recordings=[recording.pk],
            incident="CAD 1",
            codes=["thefft"],
            officer=world.ada,
            at=AT + DAY,
        )
    with pytest.raises(NotAllowed):
        marking.mark_evidential(
            recordings=[recording.pk],
            incident="CAD 1",
            codes=["theft"],
            officer=world.dev,
            at=AT + DAY,
        )
    assert not fresh([recording])[0].evidential


def test_a_bulk_mark_is_all_or_nothing(world: World) -> None:
    own, others = world.record(), world.record(wearer=world.dev)
    with pytest.raises(NotAllowed):
        mark(world, own, others)
    assert not any(row.evidential for row in fresh([own, others]))
    more = [world.record() for _ in range(3)]
    mark(world, own, *more)
    assert all(row.evidential for row in fresh([own, *more]))


def test_un_marking_takes_a_second_person_who_did_not_wear_it(world: World) -> None:
    recording = world.record()
    with pytest.raises(NotAllowed):
        marking.ask_unmark(
            recording=recording.pk, reason="never marked", officer=world.ada, at=AT + DAY
        )
    mark(world, recording)
    with pytest.raises(MarkInvalid):
        marking.unmark_evidential(recording=recording.pk, officer=world.sergeant, at=AT + DAY)
    at = AT + 40 * DAY
    marking.ask_unmark(recording=recording.pk, reason="no charge", officer=world.sergeant, at=at)
    for officer in (world.sergeant, world.ada):
        with pytest.raises(NotAllowed):
            marking.unmark_evidential(recording=recording.pk, officer=officer, at=at)
    marking.unmark_evidential(recording=recording.pk, officer=world.manager, at=at)
    (row,) = fresh([recording])
    assert (row.evidential, row.incident, row.category) == (False, "", "")
    assert (row.hidden_from, row.gone_by) == (at, at + 7 * DAY)
    assert not Review.objects.exists()
    assert Announcement.objects.get().officer_id == world.ada.pk
    assert acts(f"recording:{recording.pk}")[-2:] == [
        "recording.unmarked",
        "recording.due_changed",
    ]


def test_the_owner_is_told_once_and_only_of_what_is_still_there(world: World) -> None:
    recording, other = world.record(), world.record()
    mark(world, recording, other)
    for each in (recording, other):
        unmark(world, each, 100 * DAY)
    told = announcements.unseen(officer=world.ada, at=AT + 60 * DAY)
    assert {row.recording_id for row in told} == {recording.pk, other.pk}
    assert recording.reference in next(r.text for r in told if r.recording_id == recording.pk)
    assert announcements.unseen(officer=world.dev, at=AT + 60 * DAY) == []
    assert announcements.mark_seen(officer=world.ada, at=AT + 101 * DAY) == 2
    assert announcements.unseen(officer=world.ada, at=AT + 60 * DAY) == []


def test_a_declined_un_marking_keeps_and_may_be_asked_again(world: World) -> None:
    recording = world.record()
    mark(world, recording)
    at = AT + 2 * DAY
    marking.ask_unmark(recording=recording.pk, reason="no charge", officer=world.ada, at=at)
    with pytest.raises(MarkInvalid):
        marking.ask_unmark(recording=recording.pk, reason="again", officer=world.ada, at=at)
    marking.decline_unmark(
        recording=recording.pk, reason="appeal pending", officer=world.sergeant, at=at
    )
    assert fresh([recording])[0].evidential
    marking.ask_unmark(recording=recording.pk, reason="now", officer=world.ada, at=at)


def test_a_mistake_is_recalled_within_the_seven_days_and_not_later(world: World) -> None:
    recording, other = world.record(), world.record()
    mark(world, recording, other)
    unmark(world, recording, 100 * DAY)
    unmark(world, other, 100 * DAY)
    marking.recall(recording=recording.pk, reason="wrong one", officer=world.ada, at=AT + 103 * DAY)
    (row,) = fresh([recording])
    assert (row.evidential, row.incident, row.gone_by) == (True, "CAD 1234", None)
    world.live_through(AT + 101 * DAY, AT + 108 * DAY)
    assert world.opens(recording, AT + 108 * DAY)
    assert not world.opens(other, AT + 108 * DAY)
    with pytest.raises(NotAllowed):
        marking.recall(recording=other.pk, reason="too late", officer=world.ada, at=AT + 108 * DAY)
    with pytest.raises(MarkInvalid):
        marking.recall(recording=recording.pk, reason="again", officer=world.ada, at=AT + 109 * DAY)


def test_a_category_lengthens_at_once_and_its_removal_leaves_seven_days(world: World) -> None:
    recording = world.record()
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    (row,) = fresh([recording])
    assert (row.gone_by, row.category) == (AT + 366 * DAY, "use-of-force")
    assert not Announcement.objects.exists()
    marking.categorise(
        recordings=[recording.pk],
        codes=["stop-search", "injury-collision"],
        officer=world.ada,
        at=AT + 2 * DAY,
    )
    (row,) = fresh([recording])
    assert (row.gone_by, row.category) == (AT + 1096 * DAY, "injury-collision")
    marking.categorise(recordings=[recording.pk], codes=[], officer=world.ada, at=AT + 30 * DAY)
    (row,) = fresh([recording])
    assert (row.gone_by, row.category) == (AT + 37 * DAY, "")
    assert not CategoryMark.objects.exists()


def test_a_category_without_end_is_for_evidential_footage(world: World) -> None:
    recording = world.record()
    with pytest.raises(MarkInvalid):
        marking.categorise(
            recordings=[recording.pk], codes=["homicide"], officer=world.ada, at=AT + DAY
        )


def test_nothing_is_marked_from_gone_by_on(world: World) -> None:
    recording = world.record()
    with pytest.raises((NotAllowed, AlreadyGone)):
        mark(world, recording, at=31 * DAY)
    mark(world, recording, at=31 * DAY - HOUR)
    assert fresh([recording])[0].gone_by is None


def test_marking_a_part_marks_all_and_what_arrives_later(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, last_part=False)
    mark(world, second)
    third = world.record(counter=7, part=3, docked_at=AT + 20 * DAY)
    rows = fresh([first, second, third])
    assert [(row.evidential, row.incident, row.category) for row in rows] == [
        (True, "CAD 1234", "theft")
    ] * 3


def test_a_part_that_arrives_late_gives_all_parts_seven_days(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    assert first.gone_by == GONE_BY
    second = world.record(counter=7, part=2, ended_at=AT + HOUR, docked_at=AT + 29 * DAY)
    rows = fresh([first, second])
    assert [row.gone_by for row in rows] == [AT + 36 * DAY] * 2
    assert [row.late for row in rows] == [True, True]


def test_a_lock_keeps_and_unlocking_leaves_seven_days(world: World) -> None:
    recording = world.record()
    with pytest.raises(NotAllowed):
        locking.lock(recordings=[recording.pk], reason="no", officer=world.detective, at=AT + DAY)
    locking.lock(
        recordings=[recording.pk], reason="a shooting", officer=world.standards, at=AT + DAY
    )
    world.live_through(AT + 25 * DAY, AT + 40 * DAY)
    with pytest.raises(AccessRefused):
        access.grant_viewing(
            recording=fresh([recording])[0], officer=world.ada, task=None, at=AT + 40 * DAY
        )
    locking.unlock(
        recordings=[recording.pk], reason="over", officer=world.standards, at=AT + 41 * DAY
    )
    assert fresh([recording])[0].gone_by == AT + 48 * DAY


def test_the_wearer_of_silently_held_footage_finds_it_gone_like_any_other(world: World) -> None:
    recording = world.record()
    holds.place(
        terms=Terms(HoldKind.COMPLAINT, "C/1", "a complaint", date(2018, 1, 1), silent=True),
        owner=world.manager,
        recordings=[recording.pk],
        at=AT + DAY,
    )
    (row,) = fresh([recording])
    access.grant_viewing(recording=row, officer=world.ada, task=None, at=AT + 30 * DAY)
    with pytest.raises(AccessRefused, match="reached its day"):
        access.grant_viewing(recording=row, officer=world.ada, task=None, at=AT + 31 * DAY)
    task = Task(TaskKind.REVIEW, "C/1")
    access.grant_viewing(recording=row, officer=world.manager, task=task, at=AT + 31 * DAY)


def test_the_shipped_table_says_where_each_line_comes_from() -> None:
    table = categories.shipped()
    assert len(table) >= 20
    for line in table.values():
        assert line.name
        assert line.trigger
        assert line.source
        assert line.group in {"1", "2", "3", "4", "none"}
        assert (line.days is None) == (line.review_days is not None)
        assert line.days is None or line.days >= 31
    assert categories.policy_of(table).categories.keys() == table.keys()


def test_an_act_under_a_silent_hold_looks_to_the_wearer_as_without_it(world: World) -> None:
    held, twin = world.record(), world.record()
    mark(world, held, twin)
    holds.place(
        terms=Terms(HoldKind.COMPLAINT, "C/1", "a complaint", date(2018, 1, 1), silent=True),
        owner=world.manager,
        recordings=[held.pk],
        at=AT + 2 * DAY,
    )
    for each in (held, twin):
        unmark(world, each, 100 * DAY)
    row, like = fresh([held, twin])
    assert row.gone_by is None
    assert row.shown_gone_by == like.shown_gone_by == AT + 107 * DAY
    assert row.shown_hidden_from == like.shown_hidden_from
    assert row.shown_reason == like.shown_reason
    assert acts(f"recording:{held.pk}") == acts(f"recording:{twin.pk}")
    told = announcements.unseen(officer=world.ada, at=AT + 101 * DAY)
    assert {each.recording_id for each in told} == {held.pk, twin.pk}


def test_what_ended_for_its_wearer_does_not_come_back_by_a_later_mark(world: World) -> None:
    recording = world.record()
    holds.place(
        terms=Terms(HoldKind.COMPLAINT, "C/1", "a complaint", date(2018, 1, 1), silent=True),
        owner=world.manager,
        recordings=[recording.pk],
        at=AT + 2 * DAY,
    )
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="C/1",
        codes=["theft"],
        officer=world.manager,
        at=AT + 40 * DAY,
    )
    (row,) = fresh([recording])
    assert (row.gone_by, row.shown_gone_by) == (None, GONE_BY)
    assert row.keep_reason
    assert row.shown_reason.startswith("nobody has marked it")
