"""One evidence manager: public notice and delay for the second person, and every way it ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.db.models.signals import pre_save
from django.db.utils import IntegrityError
from tests.retention_world import AT, DAY, SETUP, World, acts, fresh

from fairwitness.evidence.models import Recording
from fairwitness.force import one_manager, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.force.one_manager import OneManagerInvalid
from fairwitness.retention import early_deletion, holds, marking, notices, rule_changes
from fairwitness.retention.models import (
    Disposal,
    EarlyDeletion,
    HoldKind,
    OutsideNotice,
    RuleChange,
    Unmarking,
)
from fairwitness.retention.notices import NoticeInvalid

OPERATOR = System("operator")
NOW = AT + DAY
WHY = "ten cameras, one manager"


def dismiss_second(world: World, at: datetime = NOW) -> None:
    for grant in RoleGrant.objects.filter(
        officer=world.second_manager, role=Role.EVIDENCE_MANAGER, ends_at__isnull=True
    ):
        roles.end(grant=grant, actor=SETUP, at=at)


def appoint_second(world: World, at: datetime) -> None:
    roles.grant(
        actor=SETUP, officer=world.second_manager, role=Role.EVIDENCE_MANAGER, unit=None, at=at
    )


@pytest.fixture
def small(world: World) -> World:
    """The same force with one evidence manager, which says so."""
    dismiss_second(world)
    one_manager.begin(actor=OPERATOR, reason=WHY, at=NOW)
    return world


def decided(world: World, recording: Recording) -> EarlyDeletion:
    asked = early_deletion.ask(
        recording=recording.pk, for_person=False, reason="a mistake", officer=world.ada, at=NOW
    )
    early_deletion.decide(
        asked=asked, agreed=True, reason="nothing of use", officer=world.manager, at=NOW
    )
    asked.refresh_from_db()
    return asked


def proposed(world: World) -> RuleChange:
    return rule_changes.propose(
        code="use-of-force", days=60, reason="new policy", officer=world.manager, at=NOW
    )


def asked_unmark(world: World, recording: Recording) -> Unmarking:
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 1",
        codes=["use-of-force"],
        officer=world.ada,
        at=NOW,
    )
    return marking.ask_unmark(
        recording=recording.pk, reason="no evidence", officer=world.manager, at=NOW
    )


def test_it_begins_only_with_exactly_one_manager_and_for_a_reason(world: World) -> None:
    with pytest.raises(OneManagerInvalid, match="2 evidence managers"):
        one_manager.begin(actor=OPERATOR, reason=WHY, at=NOW)
    dismiss_second(world)
    with pytest.raises(OneManagerInvalid, match="Say why"):
        one_manager.begin(actor=OPERATOR, reason=" ", at=NOW)
    with pytest.raises(NotAllowed):
        one_manager.begin(actor=world.manager, reason=WHY, at=NOW)
    row = one_manager.begin(actor=OPERATOR, reason=WHY, at=NOW)
    assert one_manager.in_force(at=NOW) == row
    with pytest.raises(OneManagerInvalid, match="already"):
        one_manager.begin(actor=OPERATOR, reason=WHY, at=NOW)
    one_manager.end(actor=OPERATOR, reason="merged", at=NOW + DAY)
    with pytest.raises(OneManagerInvalid, match="does not run"):
        one_manager.end(actor=OPERATOR, reason="merged", at=NOW + DAY)
    assert acts("force")[-2:] == ["one_manager.begun", "one_manager.ended"]


def test_an_administrator_begins_it_but_not_for_himself(world: World) -> None:
    dismiss_second(world)
    for officer in (world.manager, world.sergeant):
        roles.grant(actor=SETUP, officer=officer, role=Role.ADMINISTRATOR, unit=None, at=NOW)
    with pytest.raises(NotAllowed, match="for yourself"):
        one_manager.begin(actor=world.manager, reason=WHY, at=NOW)
    assert one_manager.begin(actor=world.sergeant, reason=WHY, at=NOW).standing


def test_a_second_manager_ends_it_in_the_same_moment(small: World) -> None:
    appoint_second(small, NOW + DAY)
    assert one_manager.standing() is None
    assert one_manager.in_force(at=NOW + DAY) is None
    assert acts("force")[-1] == "one_manager.ended"


def test_a_manager_who_comes_another_way_ends_it_too(small: World) -> None:
    RoleGrant.objects.create(
        officer=small.second_manager, role=Role.EVIDENCE_MANAGER, begins_at=NOW + DAY
    )
    assert one_manager.in_force(at=NOW) is not None
    assert one_manager.in_force(at=NOW + DAY) is None, "at once, whatever the row says"
    assert one_manager.standing() is not None
    notices.carry_out_due(at=NOW + DAY)
    assert one_manager.standing() is None


def test_a_rule_waits_a_fortnight_in_public_and_then_changes(small: World) -> None:
    change = proposed(small)
    with pytest.raises(NotAllowed):
        rule_changes.approve(change=change, officer=small.manager, at=NOW)
    notice = notices.give(about=change, officer=small.manager, at=NOW)
    assert notice.due_at == NOW + 14 * DAY, "what it waits with two people, and seven days more"
    assert list(notices.waiting()) == [notice]
    assert acts("retention")[-1] == "notice.given"
    assert notices.carry_out_due(at=NOW + 14 * DAY - DAY) == 0
    small.sweep(NOW + 13 * DAY)
    assert not RuleChange.objects.filter(applied_at__isnull=False).exists()
    assert notices.carry_out_due(at=NOW + 14 * DAY) == 1
    assert notices.carry_out_due(at=NOW + 14 * DAY) == 0, "once"
    small.sweep(NOW + 14 * DAY)
    change.refresh_from_db()
    assert (change.applied_at, change.approved_by) == (NOW + 14 * DAY, None)
    assert acts("retention").count("rule.approved") == 1
    assert not notices.waiting().exists()


def test_early_deletion_goes_after_notice_and_its_record_says_so(small: World) -> None:
    recording = small.record()
    asked = decided(small, recording)
    notice = notices.give(about=asked, officer=small.manager, at=NOW)
    assert fresh([recording])[0].gone_by == AT + 31 * DAY, "notice alone changes nothing"
    assert notices.carry_out_due(at=notice.due_at) == 1
    (row,) = fresh([recording])
    assert row.gone_by == notice.due_at + 7 * DAY
    asked.refresh_from_db()
    assert (asked.state, asked.agreed_by, asked.after_notice) == ("agreed", None, True)
    small.list_at(notice.due_at)
    small.sweep(notice.due_at + 7 * DAY)
    record = Disposal.objects.get(recording=recording)
    assert "one agreed after public notice" in record.because
    assert not OutsideNotice.objects.exists(), "it goes with the footage"
    assert "notice.given" in acts(f"recording:{recording.pk}")


def test_unmarking_waits_and_can_be_recalled_afterwards(small: World) -> None:
    recording = small.record()
    asked = asked_unmark(small, recording)
    notice = notices.give(about=asked, officer=small.manager, at=NOW)
    notices.carry_out_due(at=notice.due_at)
    (row,) = fresh([recording])
    assert not row.evidential
    asked.refresh_from_db()
    assert (asked.agreed, asked.decided_by) == (True, None)
    marking.recall(
        recording=recording.pk, reason="it is", officer=small.detective, at=notice.due_at + DAY
    )
    assert fresh([recording])[0].evidential


def test_without_the_setting_or_of_anothers_act_no_notice_is_given(world: World) -> None:
    change = proposed(world)
    with pytest.raises(NotAllowed, match="second person"):
        notices.give(about=change, officer=world.manager, at=NOW)
    dismiss_second(world)
    one_manager.begin(actor=OPERATOR, reason=WHY, at=NOW)
    for officer in (world.standards, world.sergeant, world.ada):
        with pytest.raises(NotAllowed):
            notices.give(about=change, officer=officer, at=NOW)
    own = world.record(wearer=world.manager)
    with pytest.raises(NotAllowed, match="You wore"):
        notices.give(about=asked_unmark_own(world, own), officer=world.manager, at=NOW)
    assert not OutsideNotice.objects.exists()


def asked_unmark_own(world: World, recording: Recording) -> Unmarking:
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 1",
        codes=["use-of-force"],
        officer=world.manager,
        at=NOW,
    )
    return marking.ask_unmark(
        recording=recording.pk, reason="no evidence", officer=world.manager, at=NOW
    )


@pytest.mark.parametrize("who", ["standards", "investigator", "manager"])
def test_one_person_stops_it_and_then_only_a_second_person_agrees(small: World, who: str) -> None:
    change = proposed(small)
    notice = notices.give(about=change, officer=small.manager, at=NOW)
    officer: Officer = getattr(small, who)
    with pytest.raises(NoticeInvalid, match="Say why"):
        notices.stop(notice=notice, reason="", officer=officer, at=NOW + DAY)
    for nobody in (small.ada, small.sergeant, small.detective):
        with pytest.raises(NotAllowed):
            notices.stop(notice=notice, reason="no", officer=nobody, at=NOW + DAY)
    notices.stop(notice=notice, reason="too short", officer=officer, at=NOW + DAY)
    with pytest.raises(NoticeInvalid, match="ended"):
        notices.stop(notice=notice, reason="again", officer=officer, at=NOW + DAY)
    assert notices.carry_out_due(at=NOW + 30 * DAY) == 0
    change.refresh_from_db()
    assert change.approved_at is None
    with pytest.raises(NoticeInvalid, match="given before"):
        notices.give(about=change, officer=small.manager, at=NOW + 2 * DAY)
    rule_changes.approve(change=change, officer=small.standards, at=NOW + 2 * DAY)
    assert acts("retention")[-2:] == ["notice.stopped", "rule.approved"]


def test_a_second_manager_appointed_meanwhile_is_needed_again_and_stays_so(small: World) -> None:
    change = proposed(small)
    notice = notices.give(about=change, officer=small.manager, at=NOW)
    appoint_second(small, NOW + DAY)
    dismiss_second(small, NOW + 2 * DAY)
    one_manager.begin(actor=OPERATOR, reason="again", at=NOW + 3 * DAY)
    notices.carry_out_due(at=notice.due_at)
    notice.refresh_from_db()
    change.refresh_from_db()
    assert (notice.lapsed_at, notice.done_at) == (notice.due_at, None), "another time, another row"
    assert change.approved_at is None
    assert acts("retention")[-1] == "notice.lapsed"


def test_what_a_second_person_agreed_to_meanwhile_is_not_done_twice(small: World) -> None:
    change = proposed(small)
    notice = notices.give(about=change, officer=small.manager, at=NOW)
    rule_changes.approve(change=change, officer=small.standards, at=NOW + DAY)
    assert not notices.waiting().exists()
    notices.carry_out_due(at=notice.due_at)
    notice.refresh_from_db()
    assert notice.lapsed_at
    assert acts("retention").count("rule.approved") == 1


def test_a_manager_who_left_or_footage_that_is_held_lets_it_lapse(small: World) -> None:
    recording = small.record()
    change, asked = proposed(small), decided(small, recording)
    first = notices.give(about=change, officer=small.manager, at=NOW)
    second = notices.give(about=asked, officer=small.manager, at=NOW)
    holds.place(
        terms=holds.Terms(HoldKind.COMPLAINT, "C/7", "a complaint", (NOW + 90 * DAY).date()),
        owner=small.standards,
        at=NOW + DAY,
        recordings=[recording.pk],
    )
    notices.carry_out_due(at=second.due_at)
    second.refresh_from_db()
    assert second.lapsed_at
    assert fresh([recording])[0].gone_by is None
    for grant in RoleGrant.objects.filter(officer=small.manager, ends_at__isnull=True):
        roles.end(grant=grant, actor=SETUP, at=NOW + 8 * DAY)
    notices.carry_out_due(at=first.due_at)
    first.refresh_from_db()
    assert first.lapsed_at


def test_a_category_given_meanwhile_says_that_it_is_needed_after_all(small: World) -> None:
    recording = small.record()
    notice = notices.give(about=decided(small, recording), officer=small.manager, at=NOW)
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=small.ada, at=NOW + DAY
    )
    assert notices.carry_out_due(at=NOW + DAY) == 1
    notice.refresh_from_db()
    assert notice.lapsed_at == NOW + DAY
    assert fresh([recording])[0].gone_by == AT + 366 * DAY


@contextmanager
def cut() -> Iterator[None]:
    """The process dies as the notice is noted as done: after the act, before the commit."""

    def die(instance: OutsideNotice, **_rest: object) -> None:
        if instance.done_at is not None:
            raise KeyboardInterrupt

    pre_save.connect(die, sender=OutsideNotice)
    try:
        yield
    finally:
        pre_save.disconnect(die, sender=OutsideNotice)


def test_cut_short_nothing_is_done_and_then_it_is_done_once(small: World) -> None:
    recordings = [small.record(), small.record()]
    given = [
        notices.give(about=decided(small, each), officer=small.manager, at=NOW)
        for each in recordings
    ]
    with cut(), pytest.raises(KeyboardInterrupt):
        notices.carry_out_due(at=given[0].due_at)
    assert [row.gone_by for row in fresh(recordings)] == [AT + 31 * DAY] * 2
    assert notices.carry_out_due(at=given[0].due_at) == 2
    assert notices.carry_out_due(at=given[0].due_at) == 0
    for recording in recordings:
        done = acts(f"recording:{recording.pk}")
        assert done.count("recording.reviewed") == 2, "decided, and agreed after notice"
        assert done.count("recording.due_changed") == 1


def test_carrying_out_and_appointing_at_once_leave_one_of_two_worlds(small: World) -> None:
    for _ in range(4):
        change = proposed(small)
        at = NOW
        notice = notices.give(about=change, officer=small.manager, at=at)
        start = threading.Barrier(2)

        def run(act: Callable[[], object], start: threading.Barrier = start) -> None:
            start.wait()
            try:
                act()
            finally:
                connection.close()

        due = notice.due_at
        doings = (
            lambda due=due: notices.carry_out_due(at=due),
            lambda due=due: appoint_second(small, due),
        )
        threads = [threading.Thread(target=run, args=[act]) for act in doings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        notices.carry_out_due(at=due)
        notice.refresh_from_db()
        change.refresh_from_db()
        assert (notice.done_at is None) == (change.approved_at is None)
        assert (notice.done_at is None) != (notice.lapsed_at is None)
        assert one_manager.standing() is None
        dismiss_second(small, due)
        one_manager.begin(actor=OPERATOR, reason=WHY, at=due)


def test_the_database_refuses_what_the_rules_refuse(small: World) -> None:
    notice = notices.give(about=proposed(small), officer=small.manager, at=NOW)
    rows = OutsideNotice.objects.filter(pk=notice.pk)
    for wrong in (
        {"done_at": NOW},
        {"done_at": notice.due_at, "lapsed_at": notice.due_at},
        {"stopped_at": NOW},
        {"kind": "early"},
        {"due_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
