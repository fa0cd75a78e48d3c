"""Who acts, with which roles; and asking permission so that a refusal is written down.

A domain function asks before its transaction begins: a refusal is an entry of its own, and must
stand even though nothing else happens.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.force import permissions
from fairwitness.force.asking import (
    Action,
    Decision,
    NotAllowed,
    OfficerFacts,
    Refused,
    Role,
    Subject,
)
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True)
class System:
    """The deployment acting for itself: setting up, or an operator at the server's own keyboard.

    It may set up a force. What a named person must answer for (approving a key, anything with
    footage) takes an `Officer` and never this.
    """

    name: str


Actor = Officer | System


def text(actor: Actor) -> str:
    """The actor as custody entries name it: `officer:<uuid>` or `system:<what>`."""
    return f"officer:{actor.pk}" if isinstance(actor, Officer) else f"system:{actor.name}"


def facts(*, officer: Officer, at: datetime) -> OfficerFacts:
    """What permissions need to know of an officer at a moment; one query."""
    return facts_of_many(officers=[officer], at=at)[officer.pk]


def facts_of_many(*, officers: Iterable[Officer], at: datetime) -> Mapping[UUID, OfficerFacts]:
    """As `facts` for many officers, in one query."""
    asked = {officer.pk: officer for officer in officers}
    force_wide: dict[UUID, set[Role]] = defaultdict(set)
    by_unit: dict[UUID, set[tuple[Role, str]]] = defaultdict(set)
    grants = RoleGrant.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), officer__in=asked, begins_at__lte=at
    ).values_list("officer_id", "role", "unit__code")
    for officer_id, role, unit in grants:
        if not unit:
            force_wide[officer_id].add(Role(role))
        else:
            by_unit[officer_id].add((Role(role), unit))
    return {
        pk: OfficerFacts(
            officer=pk,
            active=officer.active,
            force_wide=frozenset(force_wide[pk]),
            by_unit=frozenset(by_unit[pk]),
        )
        for pk, officer in asked.items()
    }


def ask(*, actor: Actor, action: Action, subject: Subject, at: datetime) -> Decision:
    """The answer alone, for pages that show or leave out a button; nothing is written down."""
    if isinstance(actor, System):
        return permissions.Allowed(because="system")
    return permissions.may(facts(officer=actor, at=at), action, subject)


def demand(*, actor: Actor, action: Action, subject: Subject, about: str, at: datetime) -> None:
    """Go on only when the actor may; call it before the transaction of the act.

    Args:
        actor: who acts.
        action: what they want to do.
        subject: the facts of what they want to do it to.
        about: the custody subject on which a refusal is written, `camera:<uuid>` or the like.
        at: now.

    Raises:
        NotAllowed: after the refusal was written to the custody log.
    """
    demand_all(actor=actor, action=action, questions=[(subject, about)], at=at)


def demand_all(
    *, actor: Actor, action: Action, questions: Iterable[tuple[Subject, str]], at: datetime
) -> None:
    """As `demand` for a bulk act: all of it is allowed, or nothing happens.

    Raises:
        NotAllowed: for the first that is refused.
    """
    if isinstance(actor, System):
        return
    known = facts(officer=actor, at=at)
    for subject, about in questions:
        decision = permissions.may(known, action, subject)
        if isinstance(decision, Refused):
            note_refusal(actor=actor, action=action, refused=decision, about=about, at=at)
            raise NotAllowed(decision.message, code=decision.code)


def note_refusal(
    *, actor: Actor, action: Action, refused: Refused, about: str, at: datetime
) -> None:
    """Write a refusal down, in a transaction of its own."""
    ledger.refuse(
        subject=about,
        act=Act.ACCESS_REFUSED,
        actor=text(actor),
        at=at,
        reason=refused.message,
        detail={"action": action.value, "code": refused.code},
    )
