"""Looking again: what was kept must still be needed, or it is kept by forgetting.

Evidential footage and holds have a day on which somebody looks again. Until somebody does they stay
(forgetting never deletes), and the list of what is overdue grows for all to see. To keep on takes a
reason and a new day; to let go takes un-marking or lifting, with their two people.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention.models import Hold, Review


class ReviewInvalid(FairwitnessError):
    """A review without a reason, a day that is not in the future, or of nothing."""

    code = "retention.review_invalid"


def keep_recordings(
    *, recordings: Sequence[UUID], look_again_on: date, reason: str, officer: Officer, at: datetime
) -> None:
    """Keep evidential recordings on, until another day; all or none.

    Raises:
        ReviewInvalid: no reason, no future day, or one that is not evidential.
        NotAllowed: this officer may not mark one of them.
    """
    _validate(reason, look_again_on, at)
    rows = list(Recording.objects.select_related("unit").filter(pk__in=recordings))
    if len(rows) != len(set(recordings)) or not all(row.evidential for row in rows):
        raise ReviewInvalid("Only evidential recordings have a review.")
    authority.demand_all(
        actor=officer,
        action=Action.MARK_EVIDENTIAL,
        questions=[
            (
                circle.subject_of(recording=row, at=at, asking=officer.pk),
                recording_subject(row.pk),
            )
            for row in rows
        ],
        at=at,
    )
    with transaction.atomic():
        Review.objects.filter(recording__in=rows).update(due_on=look_again_on)
        ledger.append_many(
            [
                ledger.Draft(
                    subject=recording_subject(row.pk),
                    act=Act.RECORDING_REVIEWED,
                    actor=authority.text(officer),
                    at=at,
                    reason=reason,
                    detail={"look_again_on": look_again_on.isoformat()},
                )
                for row in rows
            ]
        )


def keep_hold(
    *, hold: Hold, look_again_on: date, reason: str, officer: Officer, at: datetime
) -> None:
    """Let a hold stand on, until another day; as `keep_holds`."""
    keep_holds(holds=[hold], look_again_on=look_again_on, reason=reason, officer=officer, at=at)


def keep_holds(
    *, holds: Sequence[Hold], look_again_on: date, reason: str, officer: Officer, at: datetime
) -> None:
    """Let holds stand on, until another day; the owner, or who may lift it, decides; all or none.

    Raises:
        ReviewInvalid: no reason, no future day, or one was lifted.
        NotAllowed: neither the owner of one nor anybody with the role.
    """
    _validate(reason, look_again_on, at)
    authority.demand_all(
        actor=officer,
        action=Action.LIFT_HOLD,
        questions=[
            (
                Subject(
                    unit=officer.unit.code,
                    owners=frozenset({hold.owner_id} if hold.owner_id else ()),
                    oversight=hold.oversight,
                    first_person=hold.owner_id or hold.pk,
                ),
                f"hold:{hold.pk}",
            )
            for hold in holds
        ],
        at=at,
    )
    with transaction.atomic():
        kept = Hold.objects.filter(pk__in=[hold.pk for hold in holds], lifted_at__isnull=True)
        if not holds or kept.update(review_on=look_again_on) != len(holds):
            raise ReviewInvalid("This hold was lifted before.", code="hold.lifted")
        ledger.append_many(
            [
                ledger.Draft(
                    subject=f"hold:{hold.pk}",
                    act=Act.HOLD_REVIEWED,
                    actor=authority.text(officer),
                    at=at,
                    reason=reason,
                    detail={"look_again_on": look_again_on.isoformat()},
                )
                for hold in holds
            ]
        )


def _validate(reason: str, look_again_on: date, at: datetime) -> None:
    if not reason.strip():
        raise ReviewInvalid("Say why it is still needed.")
    if look_again_on <= at.date():
        raise ReviewInvalid("The day to look again must lie in the future.")
