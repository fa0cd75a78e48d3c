"""Reviews for programs: which are due; what is kept stays until another day, for a reason.

To let go instead is `askUnmark` and `liftHold`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors, holds, named, recordings
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.api.machines.requests import Longer
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import desk_sight, hold_sight, reviews
from fairwitness.retention.models import Hold, Review, Unmarking


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """Evidence that somebody looks at again on that day; `let_go_asked`: un-marking was asked."""

    recording: UUID
    reference: str
    due_on: date
    category: str
    incident: str
    wearer: str | None
    unit: str | None
    marked_at: datetime
    marked_by: str
    let_go_asked: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of reviews, the longest overdue first, then those to come."""

    items: tuple[ReviewRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReviewRow:
    """A hold that somebody looks at again on that day."""

    hold: UUID
    kind: str
    reference: str
    basis: str
    owner: str | None
    review_on: date
    lift_asked_by: str | None


@dataclass(frozen=True, slots=True)
class HoldReviewPage:
    """One page of holds, the longest overdue first, then those to come."""

    items: tuple[HoldReviewRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What stays, and when somebody looks again."""

    id: UUID
    review_on: date


def _reviews(call: Call) -> ReviewPage:
    if not Review.objects.filter(marked_by=call.officer).exists():
        call.reach(Action.UNMARK_EVIDENTIAL, desk_sight.SECOND)
    related = ("recording__wearer", "recording__unit", "marked_by")
    rows = desk_sight.reviews(call.facts).select_related(*related)
    found, after = cursors.by_day(rows, call, "due_on")
    waiting = Unmarking.objects.filter(recording__in=[row.pk for row in found], decided_at=None)
    asked = set(waiting.values_list("recording_id", flat=True))
    call.note(of="reviews", shown=len(found))
    return ReviewPage(tuple(_review(row, asked) for row in found), after)


def _review(row: Review, asked: set[UUID]) -> ReviewRow:
    kept = row.recording
    return ReviewRow(
        recording=kept.pk,
        reference=kept.reference,
        due_on=row.due_on,
        category=kept.category,
        incident=kept.incident,
        wearer=named.collar(kept.wearer),
        unit=kept.unit.code if kept.unit else None,
        marked_at=row.marked_at,
        marked_by=row.marked_by.collar_number,
        let_go_asked=kept.pk in asked,
    )


def _hold_reviews(call: Call) -> HoldReviewPage:
    if not Hold.objects.filter(owner=call.officer).exists():
        call.reach(Action.LIFT_HOLD, desk_sight.SECOND)
    rows = desk_sight.holds(call.facts).select_related("owner", "lift_asked_by")
    found, after = cursors.by_day(rows, call, "review_on")
    items = tuple(
        HoldReviewRow(
            hold=hold.pk,
            kind=hold.kind,
            reference=hold.reference,
            basis=hold.basis,
            owner=named.collar(hold.owner),
            review_on=hold.review_on,
            lift_asked_by=named.collar(hold.lift_asked_by),
        )
        for hold in found
        if not hold_sight.waits_for(hold, call.facts)
    )
    return HoldReviewPage(items, after)


def _keep_recording(call: Call) -> Reviewed:
    said = call.taken(Longer)
    found = recordings.alive(call, call.id)
    reviews.keep_recordings(
        recordings=[found.pk],
        look_again_on=said.until,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return Reviewed(found.pk, said.until)


def _keep_hold(call: Call) -> Reviewed:
    said = call.taken(Longer)
    hold = holds.found(call)
    reviews.keep_hold(
        hold=hold,
        look_again_on=said.until,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return Reviewed(hold.pk, said.until)


OPERATIONS: Final = (
    Operation(
        name="listReviews",
        method="GET",
        path="/reviews",
        says="List the evidence that this account decides on again, what is due first.",
        scope=Scope.RECORDINGS_READ,
        run=_reviews,
        gives=ReviewPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="listHoldReviews",
        method="GET",
        path="/reviews/holds",
        says="List the holds that this account decides on again, what is due first.",
        scope=Scope.HOLDS_READ,
        run=_hold_reviews,
        gives=HoldReviewPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="keepRecordingOn",
        method="POST",
        path="/recordings/{id}/review",
        says="Keep evidence on, until another day to look again.",
        scope=Scope.RECORDINGS_WRITE,
        run=_keep_recording,
        takes=Longer,
        gives=Reviewed,
        writes=Act.RECORDING_REVIEWED,
    ),
    Operation(
        name="keepHoldOn",
        method="POST",
        path="/holds/{id}/review",
        says="Let a hold stand on, until another day to look again.",
        scope=Scope.HOLDS_WRITE,
        run=_keep_hold,
        takes=Longer,
        gives=Reviewed,
        writes=Act.HOLD_REVIEWED,
    ),
)
