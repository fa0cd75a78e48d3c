"""Leave for a whole case: what it opens, what comes later, what it never opens, and its end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.retention_world import AT, DAY, SETUP, World, acts

from fairwitness.accountability import finding
from fairwitness.accountability.search import Sought
from fairwitness.cases import case_leave, producing
from fairwitness.cases.case_leave import CaseLeaveInvalid
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.cases.models import Case
from fairwitness.custody import reading
from fairwitness.evidence import access, circle, history, knowing, looks
from fairwitness.evidence.access import Task
from fairwitness.evidence.models import AccessClass, CircleMember, Recording
from fairwitness.force import authority, permissions, roles
from fairwitness.force.asking import Action, Allowed, NotAllowed, TaskKind
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.retention.models import HoldBinding

UNTIL = AT + 10 * DAY


def produce(world: World, case: Case, **said: object) -> Recording:
    """A recording that is an exhibit of the case."""
    recording = world.record(**said)  # type: ignore[arg-type] # the test's own mix
    producing.produce(
        case=case,
        recording=recording,
        producer=world.ada,
        title="The arrest",
        officer=world.detective,
        at=AT + DAY,
    )
    return recording


def give(world: World, case: Case, **changes: object) -> CaseLeave:
    said: dict[str, object] = {
        "case": case,
        "officer": world.dev,
        "by": world.manager,
        "reason": "helps with 17/042",
        "until": UNTIL,
        "at": AT + 2 * DAY,
    }
    return case_leave.give(**(said | changes))  # type: ignore[arg-type] # the test's own mix


def sees(world: World, officer: Officer, recording: Recording, days: float) -> bool:
    """Whether this officer may see it, by the rules and in a search alike."""
    at = AT + days * DAY
    recording.refresh_from_db()
    facts = authority.facts(officer=officer, at=at)
    subject = circle.subject_of(recording=recording, at=at, asking=officer.pk)
    may = isinstance(permissions.may(facts, Action.SEE_RECORDING, subject), Allowed)
    ring = world.vault.ring
    found = finding.find(sought=Sought(camera="00417"), facts=facts, at=at, ring=ring)
    assert may is (recording.pk in {each.pk for each in found.recordings})
    known = knowing.find(recording=recording.pk, officer=officer, at=at, task=None)
    assert may is (known is not None)
    return may


def test_all_that_a_case_has_is_open_until_the_day_and_no_longer(world: World, case: Case) -> None:
    first, second, apart = produce(world, case), produce(world, case), world.record()
    assert not sees(world, world.dev, first, 2)
    give(world, case)
    for recording in (first, second):
        assert sees(world, world.dev, recording, 2)
        assert sees(world, world.dev, recording, 9.9)
        assert not sees(world, world.dev, recording, 10), "before any sweeper came"
    assert not sees(world, world.dev, apart, 2)
    assert case_leave.work_due(at=UNTIL) == 1
    assert not CircleMember.objects.filter(officer=world.dev).exists()
    assert acts(f"case:{case.pk}")[-2:] == ["case.member_added", "case.member_removed"]
    about_leave = [act for act in acts(f"recording:{first.pk}") if ".access_" in act]
    assert about_leave == ["recording.access_granted", "recording.access_ended"]
    assert case_leave.work_due(at=UNTIL) == 0


def test_what_comes_later_is_open_and_what_is_withdrawn_no_more(world: World, case: Case) -> None:
    first = produce(world, case)
    leave = give(world, case)
    later = produce(world, case)
    assert sees(world, world.dev, later, 3)
    granted = reading.history(f"recording:{later.pk}")[-1]
    assert granted.body is not None
    assert granted.entry.act == "recording.access_granted"
    assert granted.body.actor == authority.text(world.manager)
    assert granted.body.detail["case"] == case.reference
    producing.withdraw(
        exhibit=case.exhibits.get(recording=first),
        reason="another camera",
        officer=world.detective,
        at=AT + 4 * DAY,
    )
    assert not sees(world, world.dev, first, 4.1)
    assert case_leave.reached(leave=leave) == {later.pk}
    assert acts(f"recording:{first.pk}").count("recording.access_ended") == 1


def test_a_part_that_arrives_later_is_open_within_a_minute(world: World, case: Case) -> None:
    first = world.record(last_part=False)
    producing.produce(
        case=case,
        recording=first,
        producer=world.ada,
        title="The arrest",
        officer=world.detective,
        at=AT + DAY,
    )
    give(world, case)
    part = world.record(part=2, counter=first.counter)
    hold = case.exhibits.get().hold
    HoldBinding.objects.get_or_create(
        hold=hold, recording=part, defaults={"bound_at": AT + 3 * DAY}
    )
    case_leave.work_due(at=AT + 3 * DAY)
    assert sees(world, world.dev, part, 3)


def test_what_the_giver_could_not_open_to_others_stays_closed(world: World, case: Case) -> None:
    plain = produce(world, case)
    confidential = produce(world, case)
    Recording.objects.filter(pk=confidential.pk).update(access_class=AccessClass.CONFIDENTIAL)
    worn = produce(world, case, wearer=world.dev)
    foretold = {
        each.recording.pk: (bool(each.why_not), each.sees_already)
        for each in case_leave.foretell(
            case=case, officer=world.dev, by=world.manager, at=AT + 2 * DAY
        )
    }
    assert foretold == {
        plain.pk: (False, False),
        confidential.pk: (True, False),
        worn.pk: (True, True),
    }
    assert not CircleMember.objects.filter(officer=world.dev).exists()
    leave = give(world, case)
    assert case_leave.reached(leave=leave) == {plain.pk}
    assert not sees(world, world.dev, confidential, 3)
    case_leave.end(leave=leave, by=world.manager, reason="no more", at=AT + 3 * DAY)
    give(world, case, by=world.standards, at=AT + 3 * DAY)
    assert sees(world, world.dev, confidential, 3.1), "professional standards open it to others"


def test_a_giver_who_lost_the_role_opens_nothing_more(world: World, case: Case) -> None:
    first = produce(world, case)
    give(world, case)
    standing = RoleGrant.objects.get(officer=world.manager, role="evidence_manager")
    roles.end(grant=standing, actor=SETUP, at=AT + 3 * DAY)
    later = world.record()
    producing.produce(
        case=case,
        recording=later,
        producer=world.ada,
        title="The cell",
        officer=world.detective,
        at=AT + 4 * DAY,
    )
    case_leave.work_due(at=AT + 4 * DAY)
    assert sees(world, world.dev, first, 4)
    assert not sees(world, world.dev, later, 4)


def test_what_is_refused_stands_in_the_way_of_nothing_after_it(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_leave, "MOST", 2)
    rows = sorted((produce(world, case) for _ in range(7)), key=lambda row: row.pk)
    shut, last = rows[:5], rows[5:]
    Recording.objects.filter(pk__in=[row.pk for row in shut]).update(locked=True)
    leave = give(world, case)
    goes = [case_leave.work_due(at=AT + (2 + n) * DAY) for n in range(3)]
    assert case_leave.reached(leave=leave) == {row.pk for row in last}
    assert sum(goes) == len(last)
    Recording.objects.filter(pk=shut[0].pk).update(locked=False)
    for n in range(3):
        case_leave.work_due(at=AT + (5 + n) * DAY)
    assert sees(world, world.dev, shut[0], 8), "what was refused is asked about again"


def test_what_comes_to_a_large_case_is_reached_behind_what_is_refused(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_leave, "MOST", 3)
    worn = [produce(world, case, wearer=world.dev) for _ in range(2)]
    leave = give(world, case)
    assert leave.walked_to is None, "all that there is was asked about"
    later = produce(world, case)
    assert case_leave.reached(leave=leave) == {later.pk}
    assert worn[0].pk not in case_leave.reached(leave=leave)


def test_what_comes_to_a_large_case_waits_for_no_walk(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_leave, "MOST", 2)
    shut = [produce(world, case) for _ in range(5)]
    Recording.objects.filter(pk__in=[row.pk for row in shut]).update(locked=True)
    leave = give(world, case)
    for day in range(3, 9):  # whatever its id is, and wherever the walk is
        later = world.record()
        producing.produce(
            case=case,
            recording=later,
            producer=world.ada,
            title="Later",
            officer=world.detective,
            at=AT + day * DAY,
        )
        assert sees(world, world.dev, later, day)
    assert not case_leave.reached(leave=leave) & {row.pk for row in shut}


def test_it_opens_no_lock(world: World, case: Case) -> None:
    locked = produce(world, case)
    Recording.objects.filter(pk=locked.pk).update(locked=True)
    give(world, case, by=world.standards)
    assert not sees(world, world.dev, locked, 3)


def test_whom_standards_let_in_the_wearer_does_not_learn(world: World, case: Case) -> None:
    recording = produce(world, case)
    give(world, case, by=world.standards)
    access.grant_viewing(
        recording=recording,
        officer=world.dev,
        task=Task(TaskKind.CASE, case.reference),
        at=AT + 3 * DAY,
    )
    for to_wearer, told in ((True, False), (False, True)):
        lines = history.in_words(recording=recording, to_wearer=to_wearer, at=AT + 4 * DAY)
        assert any(world.dev.title in line.text for line in lines) is told
    told_to_ada = looks.of(recording=recording, reader=world.ada, at=AT + 4 * DAY)
    assert not [look for look in told_to_ada if look.who == world.dev.title]


def test_who_may_not_give_it_does_not(world: World, case: Case) -> None:
    produce(world, case)
    for by in (world.detective, world.sergeant, world.ada):
        with pytest.raises(NotAllowed):
            give(world, case, by=by)
    with pytest.raises(NotAllowed):
        give(world, case, officer=world.manager)
    assert not CaseLeave.objects.exists()
    assert acts(f"case:{case.pk}")[-4:] == ["access.refused"] * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": " "},
        {"until": AT},
        {"until": AT + timedelta(days=190)},
    ],
)
def test_it_needs_a_reason_and_an_end(world: World, case: Case, changes: dict[str, object]) -> None:
    with pytest.raises(CaseLeaveInvalid):
        give(world, case, **changes)
    assert not CaseLeave.objects.exists()


def test_it_stands_once_and_ends_once_with_a_reason(world: World, case: Case) -> None:
    recording = produce(world, case)
    leave = give(world, case)
    with pytest.raises(CaseLeaveInvalid, match="already"):
        give(world, case)
    with pytest.raises(CaseLeaveInvalid, match="Say why"):
        case_leave.end(leave=leave, by=world.manager, reason="", at=AT + 3 * DAY)
    case_leave.end(leave=leave, by=world.second_manager, reason="done", at=AT + 3 * DAY)
    ended = reading.history(f"recording:{recording.pk}")[-1]
    assert ended.body is not None
    assert ended.body.actor == authority.text(world.second_manager)
    assert (ended.body.reason, ended.body.detail["by_itself"]) == ("done", False)
    with pytest.raises(CaseLeaveInvalid, match="over already"):
        case_leave.end(leave=leave, by=world.manager, reason="done", at=AT + 3 * DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLeave.objects.filter(pk=leave.pk).update(given_by=world.dev)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLeave.objects.filter(pk=leave.pk).update(ends_at=leave.given_at)


def test_a_case_without_leave_costs_the_worker_nothing_more(world: World, case: Case) -> None:
    produce(world, case)
    with CaptureQueriesContext(connection) as caught:
        assert case_leave.work_due(at=AT + DAY) == 0
    assert len(caught) == 2


def test_whatever_changes_what_a_case_opens_waits_for_the_case_first(
    world: World, case: Case
) -> None:
    """One order of locks for all, before the log's own: nobody waits for who waits for them."""
    first, second = produce(world, case), produce(world, case)
    leave = give(world, case)
    exhibit = case.exhibits.get(recording=first)
    for act in (
        lambda: producing.withdraw(
            exhibit=exhibit, reason="another", officer=world.detective, at=AT + 3 * DAY
        ),
        lambda: case_leave.end(leave=leave, by=world.manager, reason="done", at=AT + 4 * DAY),
    ):
        with CaptureQueriesContext(connection) as caught:
            act()
        asked = [query["sql"] for query in caught]
        turn = next(n for n, sql in enumerate(asked) if 'FROM "cases_case" WHERE' in sql)
        write = next(n for n, sql in enumerate(asked) if sql.startswith(("UPDATE", "INSERT")))
        assert turn < write
    assert not sees(world, world.dev, second, 5)
