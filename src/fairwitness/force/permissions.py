"""Who may do what: one pure, total function over frozen facts.

Design rules:

- `may` answers for every officer, action and subject, and never raises. What no rule allows is
  refused: there is no default but no.
- It reads nothing: whoever calls it fills `OfficerFacts` (`force.authority`) and `Subject` (for
  recordings, evidence). A field left out of `Subject` never widens an answer.
- A refusal says in plain words what is missing, and never betrays a silent hold.
- Where two people are needed, `Subject.first_person` names the first, and the answer is for the
  second.

Roles are held force-wide or for one unit; a role for one unit reaches only subjects of that unit.
"""

from dataclasses import replace

from fairwitness.force import obstacles
from fairwitness.force.asking import (
    AccessClass,
    Action,
    Allowed,
    Decision,
    NotAllowed,
    OfficerFacts,
    Refused,
    Role,
    Subject,
    TaskKind,
)
from fairwitness.force.rules import RULES, Rule

__all__ = [
    "RULES",
    "AccessClass",
    "Action",
    "Allowed",
    "Decision",
    "NotAllowed",
    "OfficerFacts",
    "Refused",
    "Role",
    "Subject",
    "TaskKind",
    "may",
    "require",
    "units_where",
]

_ANY = Subject()


def _ground(rule: Rule, officer: OfficerFacts, subject: Subject) -> str | None:
    """The first ground that this person has for it, or None."""
    if rule.own and officer.officer == subject.wearer:
        return "own"
    if rule.owners and officer.officer in subject.owners | subject.lock_owners:
        return "hold"
    for role in Role:
        if role in rule.roles and _has(officer, role, subject, anywhere=rule.anywhere):
            return role.value
    near = (("present", subject.present), ("named", subject.named), ("glass", subject.broken))
    found = (ground for ground, people in near if rule.near and officer.officer in people)
    return next(found, None)


def _has(officer: OfficerFacts, role: Role, subject: Subject, *, anywhere: bool) -> bool:
    return officer.holds_anywhere(role) if anywhere else officer.holds(role, subject.unit)


def may(officer: OfficerFacts, action: Action, subject: Subject) -> Decision:
    """Decide whether this officer may do this to that; total, and never raises.

    The order is: an account that is open; a ground (one's own recording, a hold that one owns, a
    role where the subject is, presence at the incident, leave for a time); then whatever stands in
    the way.
    """
    if not officer.active:
        return obstacles.refuse("left", "This account is closed. Ask the administrator.")
    rule = RULES.get(action)
    if rule is None:
        return obstacles.refuse("unknown", "Nobody may do this: no rule allows it.")
    ground = _ground(rule, officer, subject)
    if ground is None:
        return obstacles.refuse("role", f"You can't {rule.what}: {_who(rule, subject)}.")
    for condition in rule.conditions:
        refused = condition(officer, subject)
        if refused is not None:
            return refused
    return Allowed(because=ground)


def require(officer: OfficerFacts, action: Action, subject: Subject) -> Allowed:
    """As `may`, raising the refusal.

    Raises:
        NotAllowed: with the refusal's code and sentence.
    """
    decision = may(officer, action, subject)
    if isinstance(decision, Refused):
        raise NotAllowed(decision.message, code=decision.code)
    return decision


def units_where(
    officer: OfficerFacts, action: Action, like: Subject = _ANY
) -> frozenset[str] | None:
    """The units whose records a list may show this officer.

    Args:
        officer: who asks.
        action: what the list is for.
        like: what its records have in common, whatever their unit.

    Returns:
        Codes of units, an empty set for nothing at all; None for the whole force.
    """

    def allowed(unit: str | None) -> bool:
        return isinstance(may(officer, action, replace(like, unit=unit)), Allowed)

    if allowed(None):
        return None
    return frozenset(unit for _role, unit in officer.by_unit if allowed(unit))


def _who(rule: Rule, subject: Subject) -> str:
    names = [role.value.replace("_", " ") for role in Role if role in rule.roles]
    names = [f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in names]
    if len(names) == len(Role):
        return "you hold no role here"
    *others, last = names
    listed = f"{', '.join(others)} or {last}" if others else last
    where = "for the whole force" if subject.unit is None else "for this unit or the whole force"
    return f"it takes {listed}, {where}"
