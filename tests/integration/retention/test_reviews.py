"""Nothing is kept for ever by forgetting, and nothing goes because somebody forgot."""

from datetime import date

import pytest
from tests.retention_world import AT, DAY, World, acts, fresh

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.retention import holds, lifting, marking, reviews
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind, Review
from fairwitness.retention.reviews import ReviewInvalid

LATER = date(2020, 1, 1)


def evidential(world: World) -> Recording:
    recording = world.record()
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 1234",
        codes=["theft"],
        officer=world.ada,
        at=AT + DAY,
        review_on=date(2017, 8, 1),
    )
    return recording


def test_what_is_overdue_stays(world: World) -> None:
    overdue = evidential(world)
    world.live_through(AT + 60 * DAY, AT + 65 * DAY)
    assert world.opens(overdue.pk, AT + 65 * DAY)


def test_keeping_on_takes_a_reason_a_day_and_somebody_who_may(world: World) -> None:
    found = evidential(world)
    plain = world.record()
    at = AT + 60 * DAY
    for reason, look, ids in (
        ("", LATER, [found.pk]),
        ("trial in May", at.date(), [found.pk]),
        ("trial in May", LATER, [found.pk, plain.pk]),
    ):
        with pytest.raises(ReviewInvalid):
            reviews.keep_recordings(
                recordings=ids, look_again_on=look, reason=reason, officer=world.sergeant, at=at
            )
    with pytest.raises(NotAllowed):
        reviews.keep_recordings(
            recordings=[found.pk], look_again_on=LATER, reason="mine", officer=world.dev, at=at
        )
    reviews.keep_recordings(
        recordings=[found.pk],
        look_again_on=LATER,
        reason="trial in May",
        officer=world.sergeant,
        at=at,
    )
    assert Review.objects.get(pk=found.pk).due_on == LATER
    assert acts(f"recording:{found.pk}")[-1] == "recording.reviewed"
    assert fresh([plain])[0].gone_by is not None


def test_a_hold_is_looked_at_again(world: World) -> None:
    recording = world.record()
    placed = holds.place(
        terms=Terms(HoldKind.LITIGATION, "17/0042", "letter", date(2017, 8, 1)),
        owner=world.manager,
        recordings=[recording.pk],
        at=AT + DAY,
    )
    hold = Hold.objects.get(pk=placed.hold)
    at = AT + 60 * DAY
    with pytest.raises(NotAllowed):
        reviews.keep_hold(
            hold=hold, look_again_on=LATER, reason="still on", officer=world.ada, at=at
        )
    for officer in (world.manager, world.standards):
        reviews.keep_hold(hold=hold, look_again_on=LATER, reason="still on", officer=officer, at=at)
    assert Hold.objects.get(pk=hold.pk).review_on == LATER
    assert acts(f"hold:{hold.pk}")[-1] == "hold.reviewed"
    lifting.lift(hold=hold, officer=world.manager, reason="settled", at=at)
    with pytest.raises(ReviewInvalid):
        reviews.keep_hold(
            hold=hold, look_again_on=LATER, reason="still on", officer=world.manager, at=at
        )
