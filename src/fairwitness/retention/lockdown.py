"""The lock of a critical incident: what its hold binds is open to oversight alone.

Design rules:

1. The lock comes with the hold and in its transaction: whatever the hold binds, now or on arrival,
   is locked as it is bound.
2. Whoever declared it opens nothing by it, and can't lift it: it ends when the incident is closed.
3. A viewing is released to the wearer, for what is locked now. What arrives later is locked until
   that is released as well.
4. Ending it lets footage go like any other human act: with seven more days.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import CircleMember, Recording, Standing, State
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import gathering, releasing
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import Hold
from fairwitness.retention.releasing import Change

_BATCH = 200


class LockdownInvalid(FairwitnessError):
    """A release that lets nobody see anything, or of a lock that has ended."""

    code = "lockdown.invalid"


def lock(hold: Hold, parts: Sequence[Recording], at: datetime) -> None:
    """Lock what the hold of a critical incident has just bound, in its transaction."""
    for part in parts:
        part.locked = True
    Recording.objects.bulk_update(parts, ["locked"], batch_size=_BATCH)
    ledger.append_many(
        [
            Draft(
                subject=recording_subject(part.pk),
                act=Act.RECORDING_LOCKED,
                actor=f"officer:{hold.owner_id}",
                at=at,
                reason=hold.basis,
                detail={"hold": str(hold.pk)},
            )
            for part in parts
        ]
    )


def release(
    *, hold: Hold, wearer: Officer, by: Officer, reason: str, at: datetime
) -> tuple[UUID, ...]:
    """Let an officer see what he or she wore and this hold has locked by now.

    Whether `by` may is for the caller to have asked.

    Raises:
        NoTransaction: outside the caller's transaction.
        LockdownInvalid: the lock has ended, or there is nothing locked that is not released.
    """
    ledger.demand_transaction()
    if hold.lifted_at is not None:
        raise LockdownInvalid("This incident is closed: nothing is locked by it any more.")
    before = CircleMember.objects.filter(
        officer=wearer, standing=Standing.RELEASED, reference=str(hold.pk)
    ).values_list("recording_id", flat=True)
    locked = Recording.objects.filter(
        bindings__hold=hold, wearer=wearer, state=State.LIVE
    ).order_by("pk")
    parts = list(locked.exclude(pk__in=list(before)))
    if not parts:
        raise LockdownInvalid("Nothing of this officer is locked that is not released already.")
    CircleMember.objects.bulk_create(
        [
            CircleMember(
                recording=part,
                officer=wearer,
                standing=Standing.RELEASED,
                reference=str(hold.pk),
                oversight=True,
                since=at,
            )
            for part in parts
        ],
        batch_size=_BATCH,
    )
    ledger.append_many(
        [
            Draft(
                subject=recording_subject(part.pk),
                act=Act.RECORDING_ACCESS_GRANTED,
                actor=authority.text(by),
                at=at,
                reason=reason,
                detail={"officer": f"officer:{wearer.pk}", "hold": str(hold.pk)},
            )
            for part in parts
        ]
    )
    return tuple(part.pk for part in parts)


def end(*, hold: Hold, officer: Officer, reason: str, at: datetime) -> tuple[UUID, ...]:
    """End the lock and its hold; another lock on a recording stays. Returns what has a day again.

    Whether the officer may is for the caller to have asked.

    Raises:
        NoTransaction: outside the caller's transaction.
        LockdownInvalid: it has ended already.
    """
    ledger.demand_transaction()
    hold, bound = gathering.lock_with_hold(hold.pk)
    if hold.lifted_at is not None:
        raise LockdownInvalid("This incident is closed already.")
    actor = authority.text(officer)

    def act(activations: list[Activation]) -> None:
        hold.lifted_by, hold.lifted_at = officer, at
        hold.save(update_fields=["lifted_by", "lifted_at"])
        members = CircleMember.objects.filter(reference=str(hold.pk))
        members.filter(standing=Standing.RELEASED).delete()
        members.filter(standing=Standing.INCIDENT).update(standing=Standing.CLOSED)
        opened = _unlock(activations)
        ledger.append_many(
            [
                *(
                    Draft(recording_subject(part.pk), Act.RECORDING_UNLOCKED, actor, at, reason)
                    for part in opened
                ),
                Draft(
                    subject=f"hold:{hold.pk}",
                    act=Act.HOLD_LIFTED,
                    actor=actor,
                    at=at,
                    reason=reason,
                    detail={"recordings": len(bound), "whole": True},
                ),
            ]
        )

    freed = releasing.changing(recordings=bound, change=Change("hold", actor, at), act=act)
    return tuple(part.pk for each in freed for part in each.parts if part.gone_by is not None)


def _unlock(activations: Sequence[Activation]) -> list[Recording]:
    """Unlock what no other lock is on."""
    parts = [part for each in activations for part in each.parts]
    still = set(
        CircleMember.objects.filter(
            recording__in=parts, standing__in=[Standing.LOCK, Standing.INCIDENT]
        ).values_list("recording_id", flat=True)
    )
    opened = [part for part in parts if part.pk not in still]
    for part in opened:
        part.locked = False
    Recording.objects.bulk_update(opened, ["locked"], batch_size=_BATCH)
    return opened
