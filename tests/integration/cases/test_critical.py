"""A critical incident: one act locks for everyone; only oversight sees and ends it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from tests.critical_world import Critical
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.accountability import log_reading
from fairwitness.accountability.log_reading import Question
from fairwitness.cases import opening, post_incident, producing, workspace
from fairwitness.cases.declaring import IncidentInvalid, would_lock
from fairwitness.cases.models import Case, CriticalIncident, Involvement, Notice
from fairwitness.custody import ledger
from fairwitness.evidence import access, circle, history
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, permissions, rules
from fairwitness.force.asking import Action, Allowed, NotAllowed, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import holds, lifting, locking
from fairwitness.retention.holds import Terms
from fairwitness.retention.lifting import LiftInvalid
from fairwitness.retention.lockdown import LockdownInvalid
from fairwitness.retention.locking import LockInvalid
from fairwitness.retention.models import Hold, HoldKind
from fairwitness.retention.standing import Criteria

ENDED = AT + 10 * timedelta(minutes=1)
DECLARED = AT + HOUR
LATER = AT + 9 * HOUR
INCIDENT = Task(TaskKind.INCIDENT, "CI/1/2017")


@pytest.fixture
def critical(world: World) -> Critical:
    return Critical.make(world, AT)


def _watch(recording: Recording, officer: Officer, task: Task | None, at: object = LATER) -> str:
    (row,) = fresh([recording])
    return access.grant_viewing(recording=row, officer=officer, task=task, at=at).token  # type: ignore[arg-type] # times


def _code(recording: Recording, officer: Officer, task: Task | None = INCIDENT) -> str:
    try:
        _watch(recording, officer, task)
    except AccessRefused as refused:
        return refused.stable_code
    return "watched"


def test_one_act_locks_what_is_here_for_everyone(critical: Critical) -> None:
    world = critical.world
    mine, other = world.record(ended_at=ENDED), world.record(wearer=world.dev, ended_at=ENDED)
    before, after = world.record(ended_at=AT - DAY), world.record(ended_at=AT + DAY)
    declared = critical.declare(LATER + 2 * DAY, ended_at=AT + HOUR)
    assert declared.locked == 1
    locked = [row.locked for row in fresh([mine, other, before, after])]
    assert locked == [True, False, False, False]
    for who in (world.ada, world.sergeant, world.detective, world.manager, world.standards):
        assert _code(mine, who) == "permission.locked"
    for who in (world.dev, critical.duty, critical.manager):
        assert _code(mine, who) == "permission.role"
    assert _code(mine, world.investigator) == "watched"
    assert _code(other, world.dev, None) == "watched"
    assert acts(f"incident:{declared.incident.pk}") == ["incident.declared"]
    assert acts(f"recording:{mine.pk}")[1:3] == ["hold.bound", "recording.locked"]
    assert str(declared.incident) == "CI/1/2017"


def test_every_other_act_of_the_force_on_it_is_refused_too(critical: Critical) -> None:
    world = critical.world
    recording = world.record(ended_at=ENDED)
    critical.declare()
    people = [world.ada, world.dev, world.sergeant, world.detective, world.manager]
    people += [world.second_manager, world.standards, critical.duty, critical.manager]
    (row,) = fresh([recording])
    may_still = {Action.LOCK, Action.PLACE_HOLD, Action.SEE_HISTORY, Action.ASSIGN_WEARER}
    for officer in people:
        facts = authority.facts(officer=officer, at=LATER)
        subject = replace(
            circle.subject_of(recording=row, at=LATER, asking=officer.pk, task=TaskKind.CASE),
            evidential=True,
            first_person=UUID(int=7),
        )
        for action in rules.RECORDING_RULES.keys() - may_still:
            allowed = isinstance(permissions.may(facts, action, subject), Allowed)
            assert not allowed, (officer, action)


def test_what_is_docked_later_is_locked_as_it_arrives(critical: Critical) -> None:
    world = critical.world
    critical.declare(AT + timedelta(minutes=20))
    later = world.record(ended_at=ENDED)
    assert later.locked
    assert "recording.locked" in acts(f"recording:{later.pk}")
    assert _code(later, world.ada, None) == "permission.locked"
    (second,) = fresh([world.record(ended_at=ENDED, counter=1, part=2)])
    assert second.locked


def test_more_is_locked_only_by_whom_may_declare(critical: Critical) -> None:
    """Bringing more under a hold that locks asks what placing it asks, not only for a hold."""
    world = critical.world
    other = world.record(wearer=world.dev, ended_at=AT - DAY)
    critical.declare(LATER)
    hold = Hold.objects.get(locks=True)
    for officer, action in ((world.manager, "declare_incident"), (critical.duty, "place_hold")):
        with pytest.raises(NotAllowed):
            holds.extend(hold=hold, recordings=[other.pk], officer=officer, at=LATER)
        last = ledger.search(actor=f"officer:{officer.pk}", limit=1)[0]
        assert last.body is not None
        assert last.body.detail["action"] == action
    assert not fresh([other])[0].locked


def test_officers_cameras_and_places_add_up(critical: Critical) -> None:
    world = critical.world
    worn_by_dev = world.record(wearer=world.dev, ended_at=ENDED)
    assert [row.pk for row in would_lock(said=critical.said(), at=LATER)] == []
    said = critical.said(officers=(), cameras=(world.camera,))
    (row,) = would_lock(said=said, at=LATER)
    assert (row.pk, row.wearer) == (worn_by_dev.pk, world.dev)
    assert world.camera.station is not None
    for kinds in ({"stations": (world.camera.station,)}, {"units": (world.camera.unit,)}):
        assert critical.declare(LATER, officers=(), **kinds).locked == 1
    assert critical.declare(LATER, officers=(world.ada,), cameras=(world.camera,)).locked == 1
    assert Hold.objects.filter(locks=True, bindings__recording=worn_by_dev).count() == 3


def test_nobody_known_to_have_worn_it_is_bound_in_doubt(critical: Critical) -> None:
    world = critical.world
    unassigned = world.record(ended_at=ENDED)
    Recording.objects.filter(pk=unassigned.pk).update(wearer=None)
    brought = world.record(ended_at=ENDED)
    Recording.objects.filter(pk=brought.pk).update(wearer=None, camera=None, provenance="imported")
    assert critical.declare(LATER).locked == 1
    assert [row.locked for row in fresh([unassigned, brought])] == [True, False]


def test_a_running_playback_ends_at_its_next_request(critical: Critical) -> None:
    world = critical.world
    recording = world.record(ended_at=ENDED)
    token = _watch(recording, world.ada, None)
    opened = access.open_viewing(token=token, kind="master", at=LATER, vault=world.vault)
    opened.close()
    critical.declare(LATER)
    with pytest.raises(AccessRefused) as refused:
        access.open_viewing(token=token, kind="master", at=LATER, vault=world.vault)
    assert refused.value.stable_code == "permission.locked"


def test_only_a_duty_officer_or_manager_declares_and_says_enough(critical: Critical) -> None:
    from fairwitness.cases import declaring  # noqa: PLC0415 - read beside its use

    world = critical.world
    for who in (world.ada, world.sergeant, world.manager, world.standards, world.investigator):
        with pytest.raises(NotAllowed):
            declaring.declare(said=critical.said(), officer=who, at=LATER)
    for wrong in (
        {"about": " "},
        {"place": ""},
        {"began_at": LATER + DAY},
        {"ended_at": AT - DAY},
        {"officers": ()},
    ):
        with pytest.raises(IncidentInvalid):
            critical.declare(LATER, **wrong)
    assert not CriticalIncident.objects.exists()
    assert not Hold.objects.exists()


def test_oversight_is_told_and_nobody_else(critical: Critical) -> None:
    declared = critical.declare()
    assert declared.told == (critical.oversight,)
    assert [row.officer for row in Notice.objects.all()] == [critical.oversight]


def test_the_force_lifts_and_unlocks_nothing_of_it(critical: Critical) -> None:
    world = critical.world
    recording = world.record(ended_at=ENDED)
    hold = critical.declare().incident.hold
    for who in (critical.duty, world.manager, world.second_manager, world.standards):
        with pytest.raises((LiftInvalid, NotAllowed)):
            lifting.lift(hold=hold, officer=who, reason="no longer needed", at=LATER)
        with pytest.raises(NotAllowed):
            locking.unlock(recordings=[recording.pk], reason="enough", officer=who, at=LATER)
    with pytest.raises(LockInvalid):
        locking.unlock(
            recordings=[recording.pk], reason="enough", officer=critical.oversight, at=LATER
        )
    assert fresh([recording])[0].locked


def test_viewing_is_released_officer_by_officer_and_for_what_is_locked_now(
    critical: Critical,
) -> None:
    world = critical.world
    mine, his = world.record(ended_at=ENDED), world.record(wearer=world.dev, ended_at=ENDED)
    declared = critical.declare(officers=(world.ada, world.dev))
    ada = critical.involved(declared)
    with pytest.raises(IncidentInvalid):
        post_incident.release_viewing(
            involvement=ada, reason=" ", officer=critical.manager, at=LATER
        )
    for who in (critical.duty, world.manager, critical.oversight, world.ada):
        with pytest.raises(NotAllowed):
            post_incident.release_viewing(involvement=ada, reason="done", officer=who, at=LATER)
    freed = post_incident.release_viewing(
        involvement=ada, reason="account given", officer=critical.manager, at=LATER
    )
    assert freed == (mine.pk,)
    assert _code(mine, world.ada, None) == "watched"
    assert _code(his, world.dev) == _code(mine, world.sergeant) == "permission.locked"
    assert _code(his, world.ada) == _code(mine, world.dev) == "permission.role"
    assert acts(f"recording:{mine.pk}").count("recording.access_granted") == 1
    later = world.record(ended_at=ENDED)
    assert _code(later, world.ada, None) == "permission.locked"
    sergeants = critical.declare(officers=(world.sergeant,))
    with pytest.raises(LockdownInvalid):
        post_incident.release_viewing(
            involvement=critical.involved(sergeants, world.sergeant),
            reason="account given",
            officer=critical.manager,
            at=LATER,
        )


def test_a_release_opens_no_other_lock(critical: Critical) -> None:
    world = critical.world
    recording = world.record(ended_at=ENDED)
    first, second = critical.declare(), critical.declare()
    for declared, expected in ((first, "permission.locked"), (second, "watched")):
        post_incident.release_viewing(
            involvement=critical.involved(declared),
            reason="account given",
            officer=critical.manager,
            at=LATER,
        )
        assert _code(recording, world.ada, None) == expected
    locking.lock(recordings=[recording.pk], reason="inquiry", officer=world.standards, at=LATER)
    assert _code(recording, world.ada, None) == "permission.locked"


def test_viewed_before_account_follows_from_the_log(critical: Critical) -> None:
    world = critical.world
    mine, his = world.record(ended_at=ENDED), world.record(wearer=world.dev, ended_at=ENDED)
    unrelated = world.record(ended_at=AT - 2 * DAY)
    docked = AT + 8 * HOUR
    _watch(unrelated, world.ada, None, docked)
    _watch(his, world.dev, None, LATER - timedelta(seconds=1))
    declared = critical.declare(LATER, officers=(world.ada, world.dev))
    given = {}
    for officer in (world.ada, world.dev):
        post_incident.enter_account(
            involvement=critical.involved(declared, officer),
            given_at=LATER,
            what="initial account",
            officer=critical.manager,
            at=LATER + 2 * HOUR,
        )
    post_incident.release_viewing(
        involvement=critical.involved(declared),
        reason="account given",
        officer=critical.manager,
        at=LATER + 2 * HOUR,
    )
    _watch(mine, world.ada, None, LATER + 3 * HOUR)
    post_incident.enter_account(
        involvement=critical.involved(declared),
        given_at=LATER + 4 * HOUR,
        what="detailed account",
        officer=critical.manager,
        at=LATER + 4 * HOUR,
    )
    bound = post_incident.bound_by(declared.incident)
    for officer in (world.ada, world.dev):
        told = post_incident.accounts_of(critical.involved(declared, officer), bound=bound)
        given[officer] = [(each.account.what, each.viewed_before) for each in told]
    assert given[world.ada] == [("initial account", False), ("detailed account", True)]
    assert given[world.dev] == [("initial account", True)]
    written = acts(f"incident:{declared.incident.pk}")
    assert written.count("incident.account_entered") == 3


def test_an_account_is_entered_by_who_was_not_there_and_after_it_was_given(
    critical: Critical,
) -> None:
    ada = critical.involved(critical.declare())
    wanted = {"involvement": ada, "given_at": LATER, "what": "initial account", "at": LATER}
    for who in (critical.world.ada, critical.duty, critical.world.manager):
        with pytest.raises(NotAllowed):
            post_incident.enter_account(**wanted, officer=who)  # type: ignore[arg-type] # its own mix
    for wrong in ({"what": " "}, {"given_at": LATER + HOUR}):
        with pytest.raises(IncidentInvalid):
            post_incident.enter_account(**(wanted | wrong), officer=critical.manager)  # type: ignore[arg-type] # the same
    with pytest.raises(IntegrityError), transaction.atomic():
        Involvement.objects.filter(pk=ada.pk).update(
            released_by=critical.world.ada, released_at=LATER, released_because="I say so"
        )


def test_oversights_workspace_holds_gathers_and_checks_unseen_by_the_force(
    critical: Critical,
) -> None:
    world, oversight = critical.world, critical.oversight
    recording = world.record(ended_at=ENDED)
    incident = critical.declare().incident
    workspace.hold(incident=incident, basis="our inquiry", officer=oversight, at=LATER)
    case = workspace.gather(incident=incident, officer=oversight, at=LATER)
    again = workspace.gather(incident=incident, officer=oversight, at=LATER)
    assert case == again
    assert [part.reference for part in producing.parts_of(case)] == ["IO/1"]
    _watch(recording, oversight, INCIDENT)
    said = workspace.read_back(
        incident=incident, recording=recording, vault=world.vault, officer=oversight, at=LATER
    )
    assert said == "its bytes are those that were received"
    (row,) = fresh([recording])
    texts = {
        who: " ".join(
            line.text
            for line in history.in_words(recording=row, to_wearer=False, at=LATER, officer=who)
        )
        for who in (world.manager, oversight)
    }
    assert "Ian Oates" in texts[oversight]
    assert "Ian Oates" not in texts[world.manager]
    shown = history.entries(recording=row, officer=world.manager, to_wearer=False, at=LATER)
    whole = history.entries(recording=row, officer=oversight, to_wearer=False, at=LATER)
    assert [each.leaf for each in shown] == [each.leaf for each in whole][: len(shown)]
    hidden = [each for each in shown if not each.act]
    assert {(each.at, bool(each.leaf)) for each in hidden} == {(None, True)}
    assert "recording.viewed" in {each.act for each in whole}
    for reader in (world.manager, world.standards):
        for question in (
            Question(actor=f"officer:{oversight.pk}"),
            Question(subject=f"recording:{recording.pk}"),
            Question(act=Act.EXHIBIT_PRODUCED),
        ):
            answer = log_reading.read(question=question, officer=reader, reason="audit", at=LATER)
            actors = {row.body.actor for row in answer.rows if row.body}
            assert f"officer:{oversight.pk}" not in actors, question
    for who in (world.manager, world.detective, world.standards, world.ada, critical.manager):
        facts = authority.facts(officer=who, at=LATER)
        seen = permissions.may(facts, Action.SEE_CASE, opening.subject_of(case))
        assert not isinstance(seen, Allowed)
        for call in (workspace.gather, workspace.demand):
            with pytest.raises(NotAllowed):
                call(incident=incident, officer=who, at=LATER)
    assert Case.objects.get().oversight


def test_closing_is_oversights_and_leaves_seven_days(critical: Critical) -> None:
    world = critical.world
    old, held = world.record(ended_at=ENDED), world.record(ended_at=ENDED)
    incident = critical.declare().incident
    holds.place(
        terms=Terms(HoldKind.LITIGATION, "17/1", "claim", (AT + 400 * DAY).date()),
        owner=world.manager,
        recordings=[held.pk],
        at=LATER,
    )
    much_later = AT + 200 * DAY
    for who in (critical.duty, critical.manager, world.manager, world.standards):
        with pytest.raises(NotAllowed):
            post_incident.close(incident=incident, outcome="done", officer=who, at=much_later)
    with pytest.raises(IncidentInvalid):
        post_incident.close(
            incident=incident, outcome="", officer=critical.oversight, at=much_later
        )
    days = post_incident.close(
        incident=incident, outcome="No case", officer=critical.oversight, at=much_later
    )
    assert days == 1
    gone, kept = fresh([old, held])
    assert gone.gone_by is not None
    assert gone.gone_by >= much_later + 7 * DAY
    assert kept.gone_by is None
    assert not gone.locked
    assert not kept.locked
    assert acts(f"incident:{incident.pk}")[-1] == "incident.closed"
    assert acts(f"recording:{old.pk}").count("recording.unlocked") == 1
    incident.refresh_from_db()
    with pytest.raises(LockdownInvalid):
        post_incident.close(
            incident=incident, outcome="again", officer=critical.oversight, at=much_later
        )
    arrived = world.record(ended_at=ENDED, docked_at=much_later + HOUR)
    assert not arrived.locked


def test_closing_one_leaves_another_locks(critical: Critical) -> None:
    recording = critical.world.record(ended_at=ENDED)
    first = critical.declare().incident
    critical.declare()
    post_incident.close(incident=first, outcome="No case", officer=critical.oversight, at=LATER)
    (row,) = fresh([recording])
    assert row.locked
    assert _code(recording, critical.world.ada, None) == "permission.locked"


def test_holds_placed_before_there_were_incidents_still_read() -> None:
    from fairwitness.retention.standing import criteria_from  # noqa: PLC0415 - read beside its use

    told = Criteria(units=("LAM",)).to_json()
    assert isinstance(told, dict)
    del told["any_of"]
    assert criteria_from(told) == Criteria(units=("LAM",))
