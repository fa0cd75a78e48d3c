"""Nothing is kept for ever by forgetting, and nothing goes because somebody forgot."""

from datetime import date

import pytest
from tests.retention_world import AT, DAY, World, acts, fresh

from fairwitness.force.asking import NotAllowed
from fairwitness.retention import holds, lifting, marking, reviews
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind, Review
from fairwitness.retention.reviews import Overdue, ReviewInvalid

LATER = date(2020, 1, 1)


def evidential(world: World) -> Overdue:
    recording = world.record()
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 1234",
        codes=["theft"],
        officer=world.ada,
        at=AT + DAY,
        review_on=date(2017, 8, 1),
    )
    return Overdue(recording.pk, recording.reference, date(2017, 8, 1))


def test_what_is_overdue_is_listed_and_stays(world: World) -> None:
    expected = evidential(world)
    assert reviews.overdue_recordings(on=date(2017, 7, 31)) == []
    assert reviews.overdue_recordings(on=date(2017, 8, 1)) == [expected]
    assert reviews.overdue_recordings(on=date(2017, 8, 1), unit="LSH") == []
    world.live_through(AT + 60 * DAY, AT + 65 * DAY)
    assert world.opens(expected.id, AT + 65 * DAY)


def test_keeping_on_takes_a_reason_a_day_and_somebody_who_may(world: World) -> None:
    found = evidential(world)
    plain = world.record()
    at = AT + 60 * DAY
    for reason, look, ids in (
        ("", LATER, [found.id]),
        ("trial in May", at.date(), [found.id]),
        ("trial in May", LATER, [found.id, plain.pk]),
    ):
        with pytest.raises(ReviewInvalid):
            reviews.keep_recordings(
                recordings=ids, look_again_on=look, reason=reason, officer=world.sergeant, at=at
            )
    with pytest.raises(NotAllowed):
        reviews.keep_recordings(
            recordings=[found.id], look_again_on=LATER, reason="mine", officer=world.dev, at=at
        )
    reviews.keep_recordings(
        recordings=[found.id],
        look_again_on=LATER,
        reason="trial in May",
        officer=world.sergeant,
        at=at,
    )
    assert Review.objects.get(pk=found.id).due_on == LATER
    assert acts(f"recording:{found.id}")[-1] == "recording.reviewed"
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
    assert [each.reference for each in reviews.overdue_holds(on=at.date())] == ["17/0042"]
    with pytest.raises(NotAllowed):
        reviews.keep_hold(
            hold=hold, look_again_on=LATER, reason="still on", officer=world.ada, at=at
        )
    for officer in (world.manager, world.standards):
        reviews.keep_hold(hold=hold, look_again_on=LATER, reason="still on", officer=officer, at=at)
    assert reviews.overdue_holds(on=at.date()) == []
    assert acts(f"hold:{hold.pk}")[-1] == "hold.reviewed"
    lifting.lift(hold=hold, officer=world.manager, reason="settled", at=at)
    with pytest.raises(ReviewInvalid):
        reviews.keep_hold(
            hold=hold, look_again_on=LATER, reason="still on", officer=world.manager, at=at
        )
