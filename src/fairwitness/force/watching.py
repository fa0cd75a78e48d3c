"""Who watches the force is not chosen by its administrators alone.

Professional standards and the independent investigation look at what the others do. Whoever gives
one of these roles away, a machine account's too, needs somebody who holds it to agree; and so does
whoever lets somebody in by an account that has one, or they could come in as it themselves. The
first of each is the installation's: its operator names them at the server, while nobody could
agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn
from uuid import UUID

from django.db.models import Q

from fairwitness.force import authority
from fairwitness.force.asking import Action, NotAllowed, Refused, Role, Subject
from fairwitness.force.authority import Actor, System
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.formats.custody import Detail

AGREES: Final[Mapping[Role, Action]] = {
    Role.PROFESSIONAL_STANDARDS: Action.AGREE_STANDARDS,
    Role.INDEPENDENT_INVESTIGATOR: Action.AGREE_OVERSIGHT,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A role that somebody is to have: for a unit, by its code, or for the whole force.

    `person` is None for who joins just now.
    """

    role: Role
    unit: str | None
    person: UUID | None = None


def demand(
    *, actor: Actor, agreed: Officer | None, choices: Iterable[Choice], at: datetime
) -> None:
    """Go on only when somebody who watches agrees that these watch too.

    Args:
        actor: who gives the roles; what sets up a force needs nobody, see `demand_first`.
        agreed: who agrees, another person.
        choices: the roles; those that watch nobody are passed over.
        at: now.

    Raises:
        NotAllowed: nobody agreed, or somebody who may not; written down.
    """
    if isinstance(actor, System) and agreed is None:
        return
    for choice in _watchers(choices):
        if agreed is None or hasattr(agreed, "machine"):
            _refuse(actor, choice, at)
        authority.demand(
            actor=agreed,
            action=AGREES[choice.role],
            subject=Subject(
                unit=choice.unit,
                person=choice.person,
                first_person=actor.pk if isinstance(actor, Officer) else UUID(int=0),
            ),
            about=_about(choice),
            at=at,
        )


def demand_first(
    *, actor: Actor, agreed: Officer | None, choices: Iterable[Choice], at: datetime
) -> None:
    """Let the operator alone name the first, and nobody after: then somebody could agree.

    Raises:
        NotAllowed: somebody could agree, and did not; written down.
    """
    for choice in _watchers(choices):
        if agreed is None and isinstance(actor, System) and _somebody(choice, at):
            _refuse(actor, choice, at)


def of_account(officer: Officer, at: datetime) -> list[Choice]:
    """What an account watches now, for who would let somebody in by it anew."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    held = RoleGrant.objects.filter(running, officer=officer, role__in=[*AGREES])
    return [
        Choice(Role(role), unit, officer.pk)
        for role, unit in held.order_by("pk").values_list("role", "unit__code")
    ]


def told(agreed: Officer | None) -> dict[str, Detail]:
    """What the entry says of who agreed."""
    return {} if agreed is None else {"agreed_by": authority.text(agreed)}


def _watchers(choices: Iterable[Choice]) -> list[Choice]:
    return [choice for choice in choices if choice.role in AGREES]


def _somebody(choice: Choice, at: datetime) -> bool:
    """Whether another person has the role where it is given, and so could agree."""
    where = Q(unit__isnull=True)
    if choice.unit is not None:
        where |= Q(unit__code=choice.unit)
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    held = RoleGrant.objects.filter(where, running, role=choice.role.value, begins_at__lte=at)
    others = held.exclude(officer=choice.person) if choice.person else held
    return others.filter(officer__active=True, officer__machine__isnull=True).exists()


def _refuse(actor: Actor, choice: Choice, at: datetime) -> NoReturn:
    words = choice.role.value.replace("_", " ")
    refused = Refused(
        "permission.watchers",
        f"Who holds the role {words} has to agree to another, and to what lets them in. At the"
        " server, both together:"
        " `fairwitness officers`, or `token` for a program, with --by and --agreed.",
    )
    authority.note_refusal(
        actor=actor, action=AGREES[choice.role], refused=refused, about=_about(choice), at=at
    )
    raise NotAllowed(refused.message, code=refused.code)


def _about(choice: Choice) -> str:
    return f"officer:{choice.person}" if choice.person else "force"
