"""What a sweep does to recordings whose day has come, and to those whose day has not."""

import json
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import F, QuerySet
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.custody import gaps, ledger
from fairwitness.evidence import seals
from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats import dsse, statement
from fairwitness.formats.acts import Act
from fairwitness.formats.disposal import DisposalClaim, DisposalStatus
from fairwitness.retention import disposal, marking, stopping, sweep
from fairwitness.retention.models import (
    Disposal,
    DisposalListing,
    DisposalRun,
    DisposalState,
    ListedDisposal,
    RunState,
)
from fairwitness.vault.keyring import KeyState

GONE_BY = AT + 31 * DAY


def test_the_whole_way_of_a_recording_nobody_marked(world: World) -> None:
    recording = world.record()
    assert recording.gone_by == GONE_BY
    assert recording.hidden_from == GONE_BY - 3 * DAY
    world.live_through(AT + DAY, AT + 30 * DAY)
    assert world.opens(recording, AT + 30 * DAY)

    outcome = world.sweep(GONE_BY - HOUR)

    assert outcome.disposed == (recording.pk,)
    assert outcome.stopped is None
    assert world.vault.ring.state(recording.pk) is KeyState.DESTROYED
    assert not world.opens(recording, GONE_BY - HOUR)
    assert not Piece.objects.filter(recording_id=recording.pk).exists()
    assert list(world.vault.store.names()) == []
    row = Disposal.objects.get(recording=recording)
    assert (row.state, row.status, row.rule) == (DisposalState.DONE, "confirmed", "default")
    assert acts(f"recording:{recording.pk}")[-4:] == [
        "recording.disposed",
        "key.destroyed",
        "disposal.certified",
        "log.body_erased",
    ]


def test_the_record_of_deletion_is_signed_and_true(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    world.sweep(GONE_BY - HOUR)
    row = Disposal.objects.get(recording=recording)
    envelope = dsse.parse(row.statement.encode())
    claim = statement.open_statement(
        envelope, DisposalClaim, {world.key.keyid: world.key.public}
    ).predicate
    assert claim.recording == recording.pk
    assert claim.status is DisposalStatus.CONFIRMED
    assert (claim.due, claim.disposed_at) == (GONE_BY, GONE_BY - HOUR)
    assert claim.commitment == recording.commitment
    assert claim.entry_leaf == row.entry_leaf


def test_the_tombstone_keeps_nothing_personal_but_who_wore_it(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    world.sweep(GONE_BY - HOUR)
    (tomb,) = fresh([recording])
    assert tomb.state == State.DISPOSED
    assert tomb.commitment == recording.commitment
    assert (tomb.sha256, tomb.claim, tomb.started_at, tomb.ended_at) == ("", None, None, None)
    assert (tomb.counter, tomb.unit_id, tomb.wearer_id) == (1, recording.unit_id, world.ada.pk)
    assert recording.sha256 not in json.dumps(
        list(Disposal.objects.values()) + list(Recording.objects.values()), default=str
    )


def test_what_was_found_and_written_of_it_goes_with_it(world: World) -> None:
    recording = world.record()
    found = seals.Found(None, None, "no picture at 00:07")
    seals.keep(recording=recording, found=found, at=AT)
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 4711",
        codes=["theft"],
        officer=world.ada,
        at=AT + DAY,
    )
    reason = "Mrs Smith withdrew"
    marking.ask_unmark(recording=recording.pk, reason=reason, officer=world.ada, at=AT + DAY)
    marking.unmark_evidential(recording=recording.pk, officer=world.sergeant, at=AT + DAY)
    world.sweep(AT + 25 * DAY)
    assert world.sweep(GONE_BY - HOUR).disposed == (recording.pk,)
    models = [
        each
        for label in ("evidence", "retention")
        for each in apps.get_app_config(label).get_models()
    ]
    left = json.dumps([list(QuerySet(each).values()) for each in models], default=str)
    assert [word for word in ("00:07", "CAD 4711", "Mrs Smith") if word in left] == []


def test_nothing_goes_that_was_not_listed_48_hours_before(world: World) -> None:
    recording = world.record()
    first = world.sweep(GONE_BY - HOUR)
    assert (first.due, first.listed, first.unlisted, first.disposed) == (1, 1, 1, ())
    assert world.sweep(GONE_BY + 46 * HOUR).disposed == ()
    assert not world.opens(recording, GONE_BY + 46 * HOUR)
    assert world.sweep(GONE_BY + 47 * HOUR).disposed == (recording.pk,)


def test_a_server_that_was_down_for_a_week_sweeps_what_was_listed_before(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 28 * DAY)
    assert world.sweep(AT + 35 * DAY).disposed == (recording.pk,)


def test_nothing_goes_before_its_time_by_either_clock(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    due = GONE_BY - 2 * HOUR
    assert world.sweep(due - HOUR / 60).disposed == ()
    second_behind = world.sweep(due, second=due - HOUR / 20)
    assert second_behind.disposed == ()
    assert second_behind.stopped is None
    first_behind = world.sweep(due - HOUR / 20, second=due)
    assert first_behind.disposed == ()
    assert world.sweep(due).disposed == (recording.pk,)


def test_clocks_that_disagree_stop_the_sweep(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    outcome = world.sweep(GONE_BY + 400 * DAY, second=AT + 26 * DAY)
    assert outcome.stopped is not None
    assert outcome.stopped.code == "disposal.clocks_disagree"
    assert world.opens(recording, AT + 26 * DAY)
    world.sweep(GONE_BY + 400 * DAY, second=AT + 26 * DAY)
    assert DisposalRun.objects.filter(state=RunState.STOPPED).count() == 1
    assert acts("retention").count("clock.disagreed") == 1


def test_far_more_than_ordinary_stops_the_sweep_until_two_people_look(world: World) -> None:
    for _ in range(sweep.ORDINARY + 1):
        world.record()
    world.sweep(AT + 25 * DAY)
    outcome = world.sweep(GONE_BY - HOUR)
    assert outcome.stopped is not None
    assert outcome.stopped.code == "disposal.too_many"
    assert Recording.objects.filter(state=State.LIVE).count() == sweep.ORDINARY + 1

    run = DisposalRun.objects.get(state=RunState.STOPPED)
    say = "A whole shift was on that day, so this is right."
    assert not stopping.let_on(run=run, reason=say, officer=world.manager, at=GONE_BY)
    assert world.sweep(GONE_BY).disposed == ()
    with pytest.raises(stopping.StopInvalid):
        stopping.let_on(run=run, reason=say, officer=world.manager, at=GONE_BY)
    with pytest.raises(NotAllowed):
        stopping.let_on(run=run, reason=say, officer=world.ada, at=GONE_BY)
    assert stopping.let_on(run=run, reason=say, officer=world.standards, at=GONE_BY)
    assert len(world.sweep(GONE_BY).disposed) == sweep.ORDINARY + 1


def test_one_person_stops_deletion_and_two_let_it_go_on(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    with pytest.raises(NotAllowed):
        stopping.stop(reason="Something looks wrong.", officer=world.ada, at=AT)
    run = stopping.stop(reason="Something looks wrong.", officer=world.manager, at=AT + 26 * DAY)
    outcome = world.sweep(GONE_BY - HOUR)
    assert outcome.stopped is not None
    assert outcome.stopped.message == "Something looks wrong."
    stopping.let_on(run=run, reason="It was nothing.", officer=world.manager, at=GONE_BY)
    assert world.sweep(GONE_BY).disposed == ()
    stopping.let_on(run=run, reason="It was nothing.", officer=world.second_manager, at=GONE_BY)
    assert world.sweep(GONE_BY).disposed == (recording.pk,)


def _managers_of_lambeth(*numbers: str) -> list[Officer]:
    """Evidence managers of that unit, and of nothing else."""
    new = [
        NewOfficer(number, f"Unit Manager {number}", "UM", "LAM", "", (Role.EVIDENCE_MANAGER,))
        for number in numbers
    ]
    return list(officers.register_officers_many(actor=System("test"), officers=new, at=AT - DAY))


def test_a_unit_stops_deletion_and_does_not_let_it_go_on_alone(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    one, other = _managers_of_lambeth("4201", "4202")
    run = stopping.stop(reason="Something looks wrong.", officer=one, at=AT + 26 * DAY)
    assert not stopping.let_on(run=run, reason="It was nothing.", officer=one, at=GONE_BY)
    with pytest.raises(NotAllowed, match=r"let it go on: it takes .* for the whole force"):
        stopping.let_on(run=run, reason="Nor do I see anything.", officer=other, at=GONE_BY)
    assert acts("retention").count("access.refused") == 1
    assert world.sweep(GONE_BY).disposed == ()
    assert stopping.let_on(run=run, reason="Looked.", officer=world.manager, at=GONE_BY)
    assert world.sweep(GONE_BY).disposed == (recording.pk,)


def test_who_asked_for_the_whole_force_is_joined_by_a_unit(world: World) -> None:
    (one,) = _managers_of_lambeth("4201")
    run = stopping.stop(reason="Something looks wrong.", officer=world.standards, at=AT)
    assert not stopping.let_on(run=run, reason="Looked.", officer=world.standards, at=AT)
    assert stopping.let_on(run=run, reason="So did I.", officer=one, at=AT)


def test_a_unit_manager_who_works_elsewhere_stops_deletion_too(world: World) -> None:
    (one,) = _managers_of_lambeth("4201")
    one.unit = world.standards.unit
    one.save()
    assert stopping.stop(reason="Something looks wrong.", officer=one, at=AT).state == "stopped"


def test_parts_of_one_activation_go_together(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    last = world.record(counter=7, part=2, ended_at=AT + 4 * HOUR, docked_at=AT + 7 * HOUR)
    assert [row.gone_by for row in fresh([first, last])] == [GONE_BY + 4 * HOUR] * 2
    world.sweep(AT + 25 * DAY)
    assert world.sweep(GONE_BY).disposed == ()
    assert set(world.sweep(GONE_BY + 3 * HOUR).disposed) == {first.pk, last.pk}


def test_a_run_can_be_repeated_and_does_nothing_twice(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    world.sweep(GONE_BY - HOUR)
    before = acts(f"recording:{recording.pk}")
    disposal.finish(world.tools, at=GONE_BY)
    again = world.sweep(GONE_BY)
    assert (again.due, again.disposed, again.finished) == (0, (), 0)
    assert acts(f"recording:{recording.pk}") == before


def test_a_list_changed_behind_the_logs_back_is_not_believed(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    other = world.record(ended_at=AT + HOUR)
    assert other.gone_by is not None
    ListedDisposal.objects.create(
        listing=DisposalListing.objects.get(), recording_id=other.pk, due=other.gone_by
    )
    outcome = world.sweep(GONE_BY + HOUR)
    assert outcome.stopped is not None
    assert outcome.stopped.code == "disposal.list_mismatch"
    assert world.vault.ring.state(recording.pk) is KeyState.LIVE
    assert world.vault.ring.state(other.pk) is KeyState.LIVE

    run = DisposalRun.objects.get(state=RunState.STOPPED)
    for officer in (world.manager, world.standards):
        stopping.let_on(run=run, reason="Compared.", officer=officer, at=GONE_BY + HOUR)
    assert world.sweep(GONE_BY + 2 * HOUR).disposed == ()
    assert set(world.sweep(GONE_BY + 50 * HOUR).disposed) == {recording.pk, other.pk}


def test_a_date_moved_in_the_database_is_decided_again_from_the_facts(world: World) -> None:
    recording = world.record()
    Recording.objects.filter(pk=recording.pk).update(gone_by=F("gone_by") - 20 * DAY)
    world.sweep(AT + 5 * DAY)
    assert world.sweep(AT + 12 * DAY).disposed == ()
    assert world.opens(recording, AT + 12 * DAY)
    assert fresh([recording])[0].gone_by == GONE_BY


def test_forecast_changes_nothing(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    before = acts("retention")
    outcome = sweep.forecast(at=GONE_BY)
    assert outcome.disposed == (recording.pk,)
    assert acts("retention") == before
    assert world.opens(recording, AT + 26 * DAY)


def test_nothing_at_all_happens_while_the_log_has_a_gap(world: World) -> None:
    recording, begun = world.record(), world.record()
    world.sweep(AT + 25 * DAY)
    disposal.commit([begun.pk], at=GONE_BY - HOUR)
    with transaction.atomic():
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_GAP_FOUND,
            actor="system:integrator",
            at=GONE_BY - HOUR,
            detail={gaps.FIRST: 3, gaps.SIZE: 9},
        )
    outcome = world.sweep(GONE_BY - HOUR)
    assert outcome.stopped is not None
    assert (outcome.stopped.code, outcome.finished) == ("disposal.gap_open", 0)
    assert world.vault.ring.state(begun.pk) is KeyState.LIVE
    run = DisposalRun.objects.get(state=RunState.STOPPED)
    with pytest.raises(stopping.StopInvalid):
        stopping.let_on(run=run, reason="never mind", officer=world.manager, at=GONE_BY)

    for officer in (world.manager, world.standards):
        with transaction.atomic():
            gaps.close_gap(actor=f"officer:{officer.pk}", reason="compared", at=GONE_BY)
    assert world.sweep(GONE_BY).disposed == (recording.pk,)
    assert world.vault.ring.state(begun.pk) is KeyState.DESTROYED


def test_without_a_second_clock_nothing_goes(world: World) -> None:
    world.record()
    world.sweep(AT + 25 * DAY)

    def silent() -> datetime:
        raise sweep.NoSecondClock("Nobody answers.")

    outcome = sweep.run(world.tools, at=GONE_BY, second_clock=silent)
    assert outcome.stopped is not None
    assert outcome.stopped.code == "disposal.no_second_clock"
    assert outcome.disposed == ()


def test_what_was_never_registered_ends_by_both_clocks_or_not_at_all(world: World) -> None:
    at = AT + 31 * DAY

    def agreed(second: datetime) -> datetime | None:
        return sweep.agreed_time(at=at, second_clock=lambda: second)

    def silence() -> datetime:
        raise sweep.NoSecondClock("Nobody answers.")

    assert agreed(at - timedelta(minutes=1)) == at - timedelta(minutes=1)
    assert agreed(at - 40 * DAY) is None  # the server's clock has jumped
    assert sweep.agreed_time(at=at, second_clock=silence) is None
    stopping.stop(reason="a look", officer=world.manager, at=at)
    assert agreed(at) is None
