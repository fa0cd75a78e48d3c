"""Roles: granting and ending them, one or many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, one_manager, watching
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer, RoleGrant, Unit
from fairwitness.force.watching import Choice
from fairwitness.formats.acts import Act


class GrantInvalid(FairwitnessError):
    """A role that can't be granted or ended as asked."""

    code: ClassVar[str] = "role.invalid"


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A role for a person: for one unit, or the whole force when `unit` is None.

    Attributes:
        until: when it ends by itself; None for one that is ended by hand.
    """

    officer: Officer
    role: Role
    unit: Unit | None = None
    until: datetime | None = None


def grant_many(
    *,
    actor: Actor,
    grants: Sequence[NewGrant],
    at: datetime,
    agreed: Officer | None = None,
) -> list[RoleGrant]:
    """Grant roles from now on: all of them, or none. A role already held is not granted twice.

    Returns:
        One grant for each asked, in order; the standing one where it was already held.

    Raises:
        GrantInvalid: the person has left, or the role would end before it begins.
        NotAllowed: the actor may not, or would grant to himself or herself; or nobody who may
            has `agreed` to a role that watches the force (`watching`).
    """
    for new in grants:
        if not new.officer.active:
            raise GrantInvalid(f"{new.officer.title} has left the force.", code="role.left")
        if new.until is not None and new.until <= at:
            raise GrantInvalid("The role would end before it begins.")
    _demand(actor, [(new.officer, new.unit) for new in grants], at)
    watching.demand(actor=actor, agreed=agreed, choices=map(_choice, grants), at=at)
    with transaction.atomic():
        standing = _standing({new.officer.pk for new in grants})
        rows: list[RoleGrant] = []
        fresh: list[RoleGrant] = []
        for new in grants:
            key = (new.officer.pk, new.role.value, new.unit.pk if new.unit else None)
            row = standing.get(key)
            if row is None:
                row = RoleGrant(
                    officer=new.officer,
                    role=new.role,
                    unit=new.unit,
                    begins_at=at,
                    ends_at=new.until,
                )
                standing[key] = row
                fresh.append(row)
            rows.append(row)
        RoleGrant.objects.bulk_create(fresh, batch_size=500)
        ledger.append_many(
            [_draft(row, Act.ROLE_GRANTED, actor, at, agreed=agreed) for row in fresh]
        )
        one_manager.end_with_a_second(by=authority.text(actor), at=at)
    return rows


def grant(
    *,
    actor: Actor,
    officer: Officer,
    role: Role,
    unit: Unit | None,
    at: datetime,
    until: datetime | None = None,
    agreed: Officer | None = None,
) -> RoleGrant:
    """Grant one role; as `grant_many`."""
    new = NewGrant(officer=officer, role=role, unit=unit, until=until)
    (row,) = grant_many(actor=actor, grants=[new], at=at, agreed=agreed)
    return row


def end(*, grant: RoleGrant, actor: Actor, at: datetime, reason: str = "") -> RoleGrant:
    """End a role now. One that has ended stays as it is.

    Raises:
        NotAllowed: the actor may not, or holds it.
    """
    if grant.ends_at is not None and grant.ends_at <= at:
        return grant
    _demand(actor, [(grant.officer, grant.unit)], at)
    with transaction.atomic():
        grant.ends_at = max(at, grant.begins_at)
        grant.save(update_fields=["ends_at"])
        ledger.append_many([_draft(grant, Act.ROLE_ENDED, actor, at, reason=reason)])
    return grant


def _standing(officers: set[UUID]) -> dict[tuple[UUID, str, int | None], RoleGrant]:
    rows = (
        RoleGrant.objects.select_for_update()
        .filter(officer_id__in=officers, ends_at__isnull=True)
        .order_by("pk")
    )
    return {(row.officer_id, row.role, row.unit_id): row for row in rows}


def _demand(actor: Actor, asked: Sequence[tuple[Officer, Unit | None]], at: datetime) -> None:
    authority.demand_all(
        actor=actor,
        action=Action.GRANT_ROLE,
        questions=[
            (
                Subject(unit=unit.code if unit else None, person=officer.pk),
                f"officer:{officer.pk}",
            )
            for officer, unit in asked
        ],
        at=at,
    )


def _choice(new: NewGrant) -> Choice:
    return Choice(new.role, new.unit.code if new.unit else None, new.officer.pk)


def _draft(
    row: RoleGrant,
    act: Act,
    actor: Actor,
    at: datetime,
    *,
    reason: str = "",
    agreed: Officer | None = None,
) -> ledger.Draft:
    return ledger.Draft(
        subject=f"officer:{row.officer_id}",
        act=act,
        actor=authority.text(actor),
        at=at,
        reason=reason,
        detail={
            "role": str(row.role),
            "unit": row.unit.code if row.unit else None,
            "grant": str(row.pk),
            **watching.told(agreed),
        },
    )
