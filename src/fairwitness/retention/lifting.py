"""Lifting holds: by the owner, or by two others; never by the wearer of what is held.

What a lifted hold lets go has seven more days. Oversight's holds are lifted by oversight alone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import CircleMember, Standing
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import gathering, releasing, standing
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import ASKED_FOR, Hold, HoldKind
from fairwitness.retention.releasing import Change


class LiftInvalid(FairwitnessError):
    """A lifting without a reason, or of a hold that is lifted already."""

    code = "hold.lift_invalid"


@dataclass(frozen=True, slots=True)
class Lifted:
    """How far a lifting has come.

    Attributes:
        lifted: True when the hold is lifted; False when a second person has to agree.
        released: recordings that have a day again.
    """

    lifted: bool
    released: tuple[UUID, ...]


def lift(*, hold: Hold, officer: Officer, reason: str, at: datetime) -> Lifted:
    """Lift a hold, or ask to when one is not its owner.

    The owner lifts it at once. Anybody else asks first, and a second person who does the same
    lifts it.

    Raises:
        LiftInvalid: no reason, lifted before, a dip sample's, or somebody asked meanwhile.
        NotAllowed: the wearer, somebody without the role, or the same person twice.
    """
    if not reason.strip():
        raise LiftInvalid("Say why the hold is no longer needed.")
    if hold.lifted_at is not None:
        raise LiftInvalid("This hold was lifted before.", code="hold.lifted")
    if hold.locks:
        raise LiftInvalid(
            "A critical incident's hold ends when the independent investigation closes it.",
            code="hold.incident",
        )
    if hold.kind == HoldKind.DIP_SAMPLE:
        raise LiftInvalid(
            "A dip sample's hold lifts when its form is filled in: see My team.", code="hold.sample"
        )
    alone = officer.pk == hold.owner_id
    first = hold.lift_asked_by_id
    _demand(hold, officer, at, first=None if alone else first, asking=not alone and first is None)
    with transaction.atomic():
        hold, bound = gathering.lock_with_hold(hold.pk)
        if hold.lifted_at is not None:
            raise LiftInvalid("This hold was lifted before.", code="hold.lifted")
        if not alone and hold.lift_asked_by_id != first:
            raise LiftInvalid("Somebody asked for this meanwhile. Look again.", code="hold.asked")
        if not alone and first is None:
            return _ask(hold, officer, reason, at)
        return Lifted(lifted=True, released=_end(hold, bound, officer, reason, at))


def _demand(
    hold: Hold, officer: Officer, at: datetime, *, first: UUID | None, asking: bool
) -> None:
    """Ask permission; the wearer of anything held is refused whatever their role.

    Whoever asks first is measured by the same rule, standing in for the second person.
    """
    wore = hold.bindings.filter(recording__wearer=officer).exists() or (
        hold.standing and officer.pk in standing.criteria_from(hold.criteria).officers
    )
    authority.demand(
        actor=officer,
        action=Action.LIFT_HOLD,
        subject=Subject(
            unit=officer.unit.code,
            wearer=officer.pk if wore else None,
            owners=frozenset({hold.owner_id} if hold.owner_id else ()),
            oversight=hold.oversight,
            first_person=(hold.owner_id or hold.pk) if asking else first,
        ),
        about=f"hold:{hold.pk}",
        at=at,
    )


def _ask(hold: Hold, officer: Officer, reason: str, at: datetime) -> Lifted:
    hold.lift_asked_by, hold.lift_asked_at = officer, at
    hold.save(update_fields=["lift_asked_by", "lift_asked_at"])
    ledger.append(
        subject=f"hold:{hold.pk}",
        act=Act.HOLD_LIFT_REQUESTED,
        actor=authority.text(officer),
        at=at,
        reason=reason,
    )
    return Lifted(lifted=False, released=())


def lapse(*, hold: Hold, bound: list[UUID], at: datetime) -> tuple[UUID, ...]:
    """Lift a hold that has no owner and whose day has come, in the caller's transaction.

    Hold and what it binds come locked from `gathering.lock_with_hold`.
    """
    return _end(hold, bound, None, "the day came on which it lapses; nobody extended it", at)


def _end(
    hold: Hold, bound: list[UUID], officer: Officer | None, reason: str, at: datetime
) -> tuple[UUID, ...]:
    actor = ASKED_FOR if officer is None else authority.text(officer)

    def act(_activations: list[Activation]) -> None:
        hold.lifted_by, hold.lifted_at = officer, at
        hold.save(update_fields=["lifted_by", "lifted_at"])
        leave_circle(hold, bound)
        ledger.append(
            subject=f"hold:{hold.pk}",
            act=Act.HOLD_LIFTED,
            actor=actor,
            at=at,
            reason=reason,
            detail={"recordings": len(bound), "whole": True},
        )

    change = _change(hold, actor, at)
    freed = releasing.changing(recordings=bound, change=change, act=act)
    return tuple(part.pk for each in freed for part in each.parts if part.gone_by is not None)


def _change(hold: Hold, actor: str, at: datetime) -> Change:
    apart = hold.silent and hold.oversight
    return Change("hold", actor, at, silently=hold.silent, apart=apart)


def leave_circle(hold: Hold, recordings: list[UUID]) -> None:
    """Whoever owned a lifted hold is no nearer to what it kept."""
    CircleMember.objects.filter(
        recording__in=recordings, standing=Standing.HOLD, reference=str(hold.pk)
    ).delete()
