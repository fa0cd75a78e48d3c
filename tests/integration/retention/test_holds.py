"""Holds: named and standing, silent, lifted by the right people, and at the last moment."""

from datetime import date

import pytest
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.force.asking import NotAllowed
from fairwitness.retention import holds, lifting, playable
from fairwitness.retention.holds import HoldInvalid, NothingToHold, Placed, Terms
from fairwitness.retention.lifting import LiftInvalid
from fairwitness.retention.models import Announcement, Hold, HoldBinding, HoldKind
from fairwitness.retention.standing import Criteria

GONE_BY = AT + 31 * DAY
CLAIM = Terms(HoldKind.LITIGATION, "17/0042", "letter before claim", date(2018, 1, 1))


def place(world: World, *recordings: Recording, terms: Terms = CLAIM) -> Placed:
    return holds.place(
        terms=terms, owner=world.manager, recordings=[r.pk for r in recordings], at=AT + DAY
    )


def test_a_held_recording_stays_and_the_other_goes(world: World) -> None:
    held, other = world.record(), world.record()
    placed = place(world, held)
    assert placed.bound == (held.pk,)
    (row,) = fresh([held])
    assert (row.gone_by, row.hidden_from) == (None, None)
    assert row.keep_reason == "it is kept under litigation 17/0042"
    world.live_through(AT + 25 * DAY, AT + 40 * DAY)
    assert world.opens(held, AT + 40 * DAY)
    assert not world.opens(other, AT + 40 * DAY)
    assert acts(f"hold:{placed.hold}") == ["hold.placed"]
    assert "hold.bound" in acts(f"recording:{held.pk}")


def test_a_hold_placed_in_the_last_hour_wins(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    holds.place(terms=CLAIM, owner=world.manager, recordings=[recording.pk], at=GONE_BY - 3 * HOUR)
    assert world.sweep(GONE_BY).disposed == ()
    assert world.opens(recording, GONE_BY + DAY)


def test_what_was_deleted_first_is_reported_and_not_left_out_silently(world: World) -> None:
    gone, there = world.record(), world.record(ended_at=AT + 20 * DAY)
    world.sweep(AT + 25 * DAY)
    world.sweep(GONE_BY)
    placed = holds.place(
        terms=CLAIM, owner=world.manager, recordings=[gone.pk, there.pk], at=GONE_BY + HOUR
    )
    assert (placed.bound, placed.gone) == ((there.pk,), (gone.pk,))
    with pytest.raises(NothingToHold):
        holds.place(terms=CLAIM, owner=world.manager, recordings=[gone.pk], at=GONE_BY + HOUR)


def test_a_hold_needs_words_a_day_and_somebody_who_may(world: World) -> None:
    recording = world.record()
    for terms in (
        Terms(HoldKind.LITIGATION, " ", "basis", date(2018, 1, 1)),
        Terms(HoldKind.LITIGATION, "17/0042", "", date(2018, 1, 1)),
        Terms(HoldKind.LITIGATION, "17/0042", "basis", AT.date()),
        Terms(HoldKind.OVERSIGHT, "17/0042", "the force's own", date(2018, 1, 1)),
    ):
        with pytest.raises(HoldInvalid):
            place(world, recording, terms=terms)
    with pytest.raises(HoldInvalid):
        place(world)
    with pytest.raises(NotAllowed):
        holds.place(terms=CLAIM, owner=world.dev, recordings=[recording.pk], at=AT + DAY)
    assert not Hold.objects.exists()
    assert acts(f"recording:{recording.pk}")[-1] == "access.refused"


def test_binding_a_part_binds_all_parts_and_those_that_arrive_later(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, last_part=False)
    placed = place(world, second)
    assert set(placed.bound) == {first.pk, second.pk}
    third = world.record(counter=7, part=3, docked_at=AT + 20 * DAY)
    assert third.gone_by is None
    assert third.bindings.get().hold_id == placed.hold


def test_a_standing_hold_binds_what_is_there_and_what_arrives(world: World) -> None:
    before = world.record(wearer=world.ada)
    others = world.record(wearer=world.dev)
    too_old = world.record(wearer=world.ada, ended_at=AT - 10 * DAY)
    placed = holds.place(
        terms=CLAIM,
        owner=world.manager,
        criteria=Criteria(officers=(world.ada.pk,), begins_at=AT - DAY, ends_at=AT + 2 * DAY),
        at=AT + DAY,
    )
    arrived = world.record(wearer=world.ada, ended_at=AT + DAY)
    later = world.record(wearer=world.ada, ended_at=AT + 5 * DAY)
    assert placed.bound == (before.pk,)
    kept = {row.pk for row in fresh([before, others, too_old, arrived, later]) if not row.gone_by}
    assert kept == {before.pk, arrived.pk}


def test_a_standing_hold_that_missed_an_arrival_catches_it_before_deletion(world: World) -> None:
    holds.place(
        terms=CLAIM,
        owner=world.manager,
        criteria=Criteria(officers=(world.ada.pk,)),
        at=AT - HOUR,
    )
    recording = world.record()
    HoldBinding.objects.all().delete()  # as when both were committed side by side
    Recording.objects.filter(pk=recording.pk).update(gone_by=GONE_BY)
    world.sweep(AT + 25 * DAY)
    assert world.sweep(GONE_BY).disposed == ()
    assert HoldBinding.objects.filter(recording=recording).exists()
    assert world.opens(recording, GONE_BY + DAY)


def test_only_overseers_place_standing_holds(world: World) -> None:
    with pytest.raises(NotAllowed):
        holds.place(
            terms=CLAIM,
            owner=world.detective,
            criteria=Criteria(units=("LAM",)),
            at=AT + DAY,
        )


def test_the_owner_lifts_and_seven_days_follow(world: World) -> None:
    recording = world.record()
    placed = place(world, recording)
    hold = Hold.objects.get(pk=placed.hold)
    at = AT + 60 * DAY
    with pytest.raises(LiftInvalid):
        lifting.lift(hold=hold, officer=world.manager, reason="", at=at)
    lifted = lifting.lift(hold=hold, officer=world.manager, reason="settled", at=at)
    assert lifted == lifting.Lifted(lifted=True, released=(recording.pk,))
    (row,) = fresh([recording])
    assert (row.hidden_from, row.gone_by) == (at, at + 7 * DAY)
    assert Announcement.objects.get().officer_id == world.ada.pk
    assert acts(f"recording:{recording.pk}")[-1] == "recording.due_changed"
    assert not CircleMember.objects.filter(recording=recording).exists()
    world.sweep(at + HOUR)
    assert world.opens(recording, at + 6 * DAY)
    assert world.sweep(at + 7 * DAY).disposed == (recording.pk,)
    hold.refresh_from_db()
    with pytest.raises(LiftInvalid):
        lifting.lift(hold=hold, officer=world.manager, reason="again", at=at)


def test_two_others_lift_and_never_the_wearer(world: World) -> None:
    recording = world.record(wearer=world.detective)
    hold = Hold.objects.get(pk=place(world, recording).hold)
    at = AT + 2 * DAY
    for officer in (world.detective, world.ada):
        with pytest.raises(NotAllowed):
            lifting.lift(hold=hold, officer=officer, reason="not needed", at=at)
    asked = lifting.lift(hold=hold, officer=world.second_manager, reason="not needed", at=at)
    assert asked == lifting.Lifted(lifted=False, released=())
    hold.refresh_from_db()
    with pytest.raises(NotAllowed):
        lifting.lift(hold=hold, officer=world.second_manager, reason="not needed", at=at)
    with pytest.raises(NotAllowed):
        lifting.lift(hold=hold, officer=world.detective, reason="not needed", at=at)
    assert lifting.lift(hold=hold, officer=world.standards, reason="agreed", at=at).lifted


def test_the_wearer_does_not_lift_even_a_hold_of_their_own(world: World) -> None:
    recording = world.record(wearer=world.manager)
    hold = Hold.objects.get(pk=place(world, recording).hold)
    with pytest.raises(NotAllowed):
        lifting.lift(hold=hold, officer=world.manager, reason="mine", at=AT + 2 * DAY)


def test_the_force_cannot_lift_oversights_hold(world: World) -> None:
    recording = world.record()
    terms = Terms(HoldKind.OVERSIGHT, "IX/3", "a shooting", date(2018, 1, 1))
    placed = holds.place(
        terms=terms, owner=world.investigator, recordings=[recording.pk], at=AT + DAY
    )
    hold = Hold.objects.get(pk=placed.hold)
    for officer in (world.manager, world.standards):
        with pytest.raises(NotAllowed):
            lifting.lift(hold=hold, officer=officer, reason="enough", at=AT + 2 * DAY)
    lifted = lifting.lift(hold=hold, officer=world.investigator, reason="closed", at=AT + 2 * DAY)
    assert lifted.lifted


def test_another_hold_still_keeps(world: World) -> None:
    recording = world.record()
    first = Hold.objects.get(pk=place(world, recording).hold)
    terms = Terms(HoldKind.EXHIBIT, "ABC/1", "case 9", date(2018, 1, 1))
    place(world, recording, terms=terms)
    lifted = lifting.lift(hold=first, officer=world.manager, reason="settled", at=AT + 2 * DAY)
    assert lifted.released == ()
    assert fresh([recording])[0].keep_reason == "it is kept under exhibit ABC/1"


def test_a_hold_is_extended_to_more_recordings(world: World) -> None:
    one, two = world.record(), world.record()
    hold = Hold.objects.get(pk=place(world, one).hold)
    holds.extend(hold=hold, recordings=[two.pk], officer=world.manager, at=AT + DAY)
    assert fresh([two])[0].gone_by is None
    lifting.lift(hold=hold, officer=world.manager, reason="settled", at=AT + 2 * DAY)
    with pytest.raises(HoldInvalid):
        holds.extend(hold=hold, recordings=[two.pk], officer=world.manager, at=AT + 3 * DAY)


def test_a_silent_hold_keeps_and_the_wearer_sees_no_trace(world: World) -> None:
    recording, twin = world.record(), world.record()
    before = acts(f"recording:{recording.pk}")
    terms = Terms(
        HoldKind.PROFESSIONAL_STANDARDS, "PS/9", "a complaint", date(2018, 1, 1), silent=True
    )
    placed = place(world, recording, terms=terms)
    shown = ("shown_hidden_from", "shown_gone_by", "shown_reason")
    row, like = fresh([recording, twin])
    assert row.gone_by is None
    assert [getattr(row, name) for name in shown] == [getattr(like, name) for name in shown]
    assert acts(f"recording:{recording.pk}") == before

    world.live_through(AT + 25 * DAY, AT + 40 * DAY)
    assert world.opens(recording, AT + 40 * DAY)
    hold = Hold.objects.get(pk=placed.hold)
    seen = acts(f"recording:{recording.pk}")
    lifting.lift(hold=hold, officer=world.manager, reason="closed", at=AT + 60 * DAY)
    assert acts(f"recording:{recording.pk}") == seen
    assert not Announcement.objects.exists()
    (row,) = fresh([recording])
    assert row.gone_by == AT + 67 * DAY
    assert row.shown_gone_by == GONE_BY


def test_a_hold_says_at_once_what_cannot_be_played(world: World) -> None:
    good, bad = world.record(), world.record()
    broken = {bad.pk: "Half of it is missing."}
    placed = holds.place(
        terms=CLAIM,
        owner=world.manager,
        recordings=[good.pk, bad.pk],
        at=AT + DAY,
        check=lambda recording: broken.get(recording.pk),
    )
    assert [each.recording for each in placed.unplayable] == [bad.pk]
    binding = HoldBinding.objects.get(recording=bad)
    assert (binding.checked_at, binding.problem) == (AT + DAY, "Half of it is missing.")
    assert fresh([bad])[0].gone_by is None
    assert acts(f"recording:{good.pk}")[-1] == acts(f"recording:{bad.pk}")[-1] == "hold.checked"


def test_what_was_bound_on_arrival_is_checked_by_the_sweeper(world: World) -> None:
    recording = world.record()
    place(world, recording)
    check = playable.checker(vault=world.vault, at=AT + DAY)
    (found,) = playable.check_waiting(check=check, at=AT + DAY)
    assert found.recording == recording.pk  # its bytes are no video
    assert playable.check_waiting(check=check, at=AT + DAY) == []


def test_the_owner_of_a_hold_is_in_the_recordings_circle(world: World) -> None:
    recording = world.record()
    placed = place(world, recording)
    member = CircleMember.objects.get(recording=recording)
    assert (member.officer_id, member.standing) == (world.manager.pk, Standing.HOLD)
    assert member.reference == str(placed.hold)


def test_whom_a_standing_hold_is_about_does_not_lift_it_either(world: World) -> None:
    placed = holds.place(
        terms=CLAIM,
        owner=world.manager,
        criteria=Criteria(officers=(world.second_manager.pk,)),
        at=AT + DAY,
    )
    hold = Hold.objects.get(pk=placed.hold)  # nothing of theirs has arrived yet
    with pytest.raises(NotAllowed, match="You wore this camera"):
        lifting.lift(hold=hold, officer=world.second_manager, reason="done", at=AT + 2 * DAY)


def test_the_real_check_of_a_silent_hold_leaves_no_trace_under_the_recording(
    world: World,
) -> None:
    recording = world.record()
    before = acts(f"recording:{recording.pk}")
    placed = holds.place(
        terms=Terms(HoldKind.COMPLAINT, "C/1", "a complaint", date(2018, 1, 1), silent=True),
        owner=world.manager,
        recordings=[recording.pk],
        at=AT + DAY,
        check=playable.checker(vault=world.vault, at=AT + DAY),
    )
    assert placed.unplayable  # these few bytes are no video
    assert acts(f"recording:{recording.pk}") == before
    assert acts(f"hold:{placed.hold}")[-1] == "hold.checked"
