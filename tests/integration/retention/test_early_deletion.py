"""Deleting early: three people, seven days, never what is kept, and the record says so."""

import base64
import json
from datetime import timedelta
from uuid import UUID

import pytest
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.accountability import figures
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.retention import early_deletion, holds, lifting, marking
from fairwitness.retention.early_deletion import EarlyInvalid
from fairwitness.retention.models import Announcement, Disposal, EarlyDeletion, Hold, HoldKind

NOW = AT + DAY


def asked(world: World, recording: Recording, *, for_person: bool = False) -> EarlyDeletion:
    return early_deletion.ask(
        recording=recording.pk,
        for_person=for_person,
        reason="left on in the changing room",
        officer=world.ada,
        at=NOW,
    )


def decided(world: World, request: EarlyDeletion) -> EarlyDeletion:
    early_deletion.decide(
        asked=request, agreed=True, reason="nothing of use", officer=world.manager, at=NOW
    )
    request.refresh_from_db()
    return request


def agreed(world: World, request: EarlyDeletion) -> EarlyDeletion:
    early_deletion.agree(asked=decided(world, request), officer=world.second_manager, at=NOW)
    request.refresh_from_db()
    return request


def test_three_people_let_it_go_in_seven_days_and_its_record_says_so(world: World) -> None:
    recording = world.record()
    request = asked(world, recording)
    (row,) = fresh([recording])
    assert row.gone_by == AT + 31 * DAY, "asking alone changes nothing"
    decided(world, request)
    assert fresh([recording])[0].gone_by == AT + 31 * DAY, "nor does one person's decision"
    assert (
        early_deletion.agree(asked=request, officer=world.second_manager, at=NOW) == NOW + 7 * DAY
    )
    (row,) = fresh([recording])
    assert (row.hidden_from, row.gone_by) == (NOW, NOW + 7 * DAY)
    assert Announcement.objects.filter(officer=world.ada, recording=recording).exists()
    assert acts(f"recording:{recording.pk}")[-4:] == [
        "recording.deletion_requested",
        "recording.reviewed",
        "recording.reviewed",
        "recording.due_changed",
    ]
    world.list_at(NOW)
    assert world.sweep(NOW + 6 * DAY).disposed == ()
    assert world.opens(recording, NOW + 6 * DAY)
    assert world.sweep(NOW + 7 * DAY).disposed == (recording.pk,)
    record = Disposal.objects.get(recording=recording)
    assert record.rule == "early-deletion"
    assert "two people agreed" in record.because
    assert "early-deletion" in _payload(record.statement)
    assert not EarlyDeletion.objects.exists(), "the request goes with the footage"
    total = figures.count(at=NOW + 8 * DAY).total
    assert (total.deleted_by_person, total.deleted_by_rule) == (1, 0)


def _payload(envelope: str) -> str:
    return base64.b64decode(json.loads(envelope)["payload"]).decode()


def test_nobody_is_two_of_the_three(world: World) -> None:
    request = asked(world, world.record())
    with pytest.raises(NotAllowed):
        early_deletion.decide(asked=request, agreed=True, reason="mine", officer=world.ada, at=NOW)
    with pytest.raises(EarlyInvalid):
        early_deletion.agree(asked=request, officer=world.sergeant, at=NOW)
    decided(world, request)
    for officer in (world.manager, world.ada, world.detective):
        with pytest.raises(NotAllowed):
            early_deletion.agree(asked=request, officer=officer, at=NOW)
    by_manager = early_deletion.ask(
        recording=world.record().pk,
        for_person=True,
        reason="a child in the bath",
        officer=world.manager,
        at=NOW,
    )
    with pytest.raises(NotAllowed):
        early_deletion.decide(
            asked=by_manager, agreed=True, reason="yes", officer=world.manager, at=NOW
        )
    early_deletion.decide(
        asked=by_manager, agreed=True, reason="yes", officer=world.second_manager, at=NOW
    )
    by_manager.refresh_from_db()
    with pytest.raises(NotAllowed):
        early_deletion.agree(asked=by_manager, officer=world.manager, at=NOW)
    early_deletion.agree(asked=by_manager, officer=world.standards, at=NOW)


def test_what_is_evidence_or_held_never_goes_early(world: World) -> None:
    evidence, held, later = world.record(), world.record(), world.record()
    marking.mark_evidential(
        recordings=[evidence.pk],
        incident="CAD 1",
        codes=["use-of-force"],
        officer=world.ada,
        at=NOW,
    )
    _hold(world, held.pk)
    for recording in (evidence, held):
        with pytest.raises(EarlyInvalid, match="It can’t be deleted early"):
            asked(world, recording)
    request = decided(world, asked(world, later))
    _hold(world, later.pk)
    with pytest.raises(EarlyInvalid, match="It can’t be deleted early"):
        early_deletion.agree(asked=request, officer=world.second_manager, at=NOW)
    request.refresh_from_db()
    assert request.state == "decided"
    assert fresh([later])[0].gone_by is None


def _hold(world: World, recording: UUID, *, silent: bool = False) -> holds.Placed:
    return holds.place(
        terms=holds.Terms(
            HoldKind.COMPLAINT, "C/7", "a complaint", (NOW + 90 * DAY).date(), silent=silent
        ),
        owner=world.standards,
        at=NOW,
        recordings=[recording],
    )


def test_a_silent_hold_keeps_it_and_nobody_is_told(world: World) -> None:
    recording = world.record()
    _hold(world, recording.pk, silent=True)
    agreed(world, asked(world, recording))
    (row,) = fresh([recording])
    assert row.gone_by is None
    assert (row.shown_hidden_from, row.shown_gone_by) == (NOW, NOW + 7 * DAY)
    assert world.sweep(NOW + 20 * DAY).disposed == ()


def test_a_mark_in_those_days_keeps_it_and_unmarked_it_has_its_ordinary_day(world: World) -> None:
    recording = world.record()
    agreed(world, asked(world, recording))
    placed = _hold(world, recording.pk)
    assert fresh([recording])[0].gone_by is None
    hold = Hold.objects.get(pk=placed.hold)
    lifting.lift(hold=hold, officer=world.standards, reason="settled", at=NOW + 3 * DAY)
    assert fresh([recording])[0].gone_by == AT + 31 * DAY


def test_a_category_given_in_those_days_says_that_it_is_needed_after_all(world: World) -> None:
    recording = world.record()
    agreed(world, asked(world, recording))
    marking.categorise(
        recordings=[recording.pk],
        codes=["use-of-force"],
        officer=world.manager,
        at=NOW + 2 * DAY,
    )
    gone_by = fresh([recording])[0].gone_by
    assert gone_by is not None
    assert gone_by >= AT + 365 * DAY
    assert world.sweep(NOW + 8 * DAY).disposed == ()


def test_it_is_stopped_by_one_and_refused_with_a_reason(world: World) -> None:
    first, second, third = world.record(), world.record(), world.record()
    stopped = agreed(world, asked(world, first))
    early_deletion.stop(
        asked=stopped, reason="a complaint came", officer=world.sergeant, at=NOW + DAY
    )
    assert fresh([first])[0].gone_by == AT + 31 * DAY
    refused = asked(world, second)
    with pytest.raises(EarlyInvalid, match="Say why"):
        early_deletion.decide(
            asked=refused, agreed=False, reason=" ", officer=world.manager, at=NOW
        )
    early_deletion.decide(
        asked=refused, agreed=False, reason="it shows a search", officer=world.manager, at=NOW
    )
    not_agreed = decided(world, asked(world, third))
    early_deletion.refuse(asked=not_agreed, reason="I am not sure", officer=world.sergeant, at=NOW)
    for recording in (second, third):
        assert acts(f"recording:{recording.pk}")[-1] == "recording.deletion_refused"
        assert fresh([recording])[0].gone_by == AT + 31 * DAY
    asked(world, second)


def test_it_is_asked_once_and_not_for_what_goes_anyway(world: World) -> None:
    recording = world.record()
    asked(world, recording)
    with pytest.raises(EarlyInvalid, match="asked before"):
        asked(world, recording)
    old = world.record(ended_at=AT - timedelta(days=25), docked_at=AT - 24 * DAY)
    with pytest.raises(EarlyInvalid, match="within seven days"):
        asked(world, old)


def test_a_part_that_comes_later_has_seven_days_too(world: World) -> None:
    first = world.record(counter=900, last_part=False)
    agreed(world, asked(world, first))
    world.record(counter=900, part=2, docked_at=NOW + 2 * DAY, ended_at=AT)
    assert fresh([first])[0].gone_by == NOW + 9 * DAY


def test_a_category_given_in_those_days_keeps_it_until_people_agree_anew(world: World) -> None:
    recording = world.record()
    agreed(world, asked(world, recording))
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=NOW + DAY
    )
    assert fresh([recording])[0].gone_by == AT + 366 * DAY
    world.list_at(NOW + DAY)
    assert world.sweep(NOW + 8 * DAY).disposed == ()
    again = NOW + 10 * DAY
    request = early_deletion.ask(
        recording=recording.pk, for_person=True, reason="by mistake", officer=world.ada, at=again
    )
    early_deletion.decide(asked=request, agreed=True, reason="yes", officer=world.manager, at=again)
    request.refresh_from_db()
    early_deletion.agree(asked=request, officer=world.second_manager, at=again)
    assert fresh([recording])[0].gone_by == again + 7 * DAY, "the last agreement counts"
    early_deletion.stop(asked=request, reason="kept", officer=world.sergeant, at=again + DAY)
    assert fresh([recording])[0].gone_by == AT + 366 * DAY


def test_a_category_that_a_later_part_takes_over_was_given_before(world: World) -> None:
    first = world.record(counter=900, last_part=False)
    marking.categorise(
        recordings=[first.pk], codes=["use-of-force"], officer=world.ada, at=NOW - HOUR
    )
    agreed(world, asked(world, first))
    world.record(counter=900, part=2, docked_at=NOW + 2 * DAY, ended_at=AT)
    assert fresh([first])[0].gone_by == NOW + 9 * DAY
