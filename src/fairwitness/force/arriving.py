"""What somebody on the way in has to do next: pure, from what they proved and what they have.

The rules:

1. First one proves a password, or comes by a passkey or the force's sign-in service.
2. Who has a second factor proves it, whether their roles demand one or not.
3. Who has none and needs one sets it up, but only with a one-time code: a password alone, guessed
   or overseen, never gives a stranger the account.
4. A code replaces one thing that was lost and no more. Only a joiner, who has nothing yet, chooses
   both; that is also what the log says of whoever makes such a code.
"""

import enum
from dataclasses import dataclass

from fairwitness.force.asking import OfficerFacts, Role


class Step(enum.StrEnum):
    """What comes next."""

    PASSWORD = "password"  # noqa: S105 # the name of a step
    FACTOR = "factor"
    NEW_PASSWORD = "new_password"  # noqa: S105 # the name of a step
    NEW_FACTOR = "new_factor"
    REFUSED = "refused"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was proved on the way in.

    Attributes:
        first: a password, a passkey, or the word of the force's sign-in service.
        factor: a second factor.
        code: the purpose of the one-time code that was given; empty for none.
    """

    first: bool = False
    factor: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What the account has, and whether its roles demand a second factor."""

    password: bool
    factor: bool
    demanded: bool


def next_step(arrival: Arrival, account: Account) -> Step:
    """Decide; total."""
    if not arrival.first:
        return _first(arrival, account)
    if arrival.factor:
        return Step.IN
    if account.factor:
        return Step.FACTOR
    if not account.demanded:
        return Step.IN
    return Step.NEW_FACTOR if arrival.code in {"join", "factor"} else Step.REFUSED


def _first(arrival: Arrival, account: Account) -> Step:
    if account.password:
        return Step.PASSWORD
    if arrival.code == "password" and account.factor and not arrival.factor:
        return Step.FACTOR
    return Step.NEW_PASSWORD if arrival.code in {"join", "password"} else Step.REFUSED


def demanded(facts: OfficerFacts, *, waived: frozenset[Role]) -> bool:
    """Whether this person needs a second factor: yes, unless the force waived it for every role."""
    held = facts.force_wide | {role for role, _unit in facts.by_unit}
    return not held <= waived or not waived
