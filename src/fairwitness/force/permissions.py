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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

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

__all__ = [
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

_Condition = Callable[[OfficerFacts, Subject], Refused | None]

_ANY = Subject()
_R = Role
_EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Who has the ground to do it, and what may still stand in the way.

    `own`: whoever wore the camera; `owners`: whoever owns a hold or lock on it; `near`: whoever
    was at the incident or is named for the recording.
    """

    what: str
    roles: frozenset[Role]
    own: bool = False
    owners: bool = False
    near: bool = False
    conditions: tuple[_Condition, ...] = ()


_READABLE = (obstacles.not_gone, obstacles.sight_open, obstacles.class_open, obstacles.bin_open)
_CHANGEABLE = (obstacles.not_gone, obstacles.lock_open, obstacles.class_open)


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_HANDLERS = _roles(_R.SUPERVISOR, _R.INVESTIGATOR, _R.EVIDENCE_MANAGER)
_HOLDERS = _roles(
    _R.INVESTIGATOR,
    _R.DISCLOSURE_OFFICER,
    _R.EVIDENCE_MANAGER,
    _R.PROFESSIONAL_STANDARDS,
    _R.INDEPENDENT_INVESTIGATOR,
)
_FOOTAGE_ROLES = _HOLDERS | {_R.SUPERVISOR}
_KEEPERS = _roles(_R.EVIDENCE_MANAGER, _R.PROFESSIONAL_STANDARDS)
_DESK = _roles(_R.EVIDENCE_MANAGER, _R.DISCLOSURE_OFFICER)
_OVERSEERS = _KEEPERS | {_R.INDEPENDENT_INVESTIGATOR}
_COURT = _roles(
    _R.INVESTIGATOR,
    _R.DISCLOSURE_OFFICER,
    _R.EVIDENCE_MANAGER,
    _R.INDEPENDENT_INVESTIGATOR,
)
_OVERSIGHT = _roles(_R.INDEPENDENT_INVESTIGATOR)
_DECLARERS = _roles(_R.DUTY_OFFICER, _R.POST_INCIDENT_MANAGER)
_ADMINISTRATORS = _roles(_R.ADMINISTRATOR)
_ISSUERS = _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)


_RECORDING_RULES: dict[Action, _Rule] = {
    Action.SEE_RECORDING: _Rule(
        "see this recording",
        _FOOTAGE_ROLES,
        own=True,
        owners=True,
        near=True,
        conditions=_READABLE,
    ),
    Action.VIEW_RECORDING: _Rule(
        "watch this",
        _FOOTAGE_ROLES,
        own=True,
        owners=True,
        near=True,
        conditions=(*_READABLE, obstacles.task_given),
    ),
    Action.SEE_HISTORY: _Rule(
        "see what happened to this recording",
        _FOOTAGE_ROLES | {_R.AUDITOR},
        own=True,
        owners=True,
        conditions=(obstacles.history_open,),
    ),
    Action.CATEGORISE: _Rule(
        "categorise this recording", _HANDLERS, own=True, conditions=_CHANGEABLE
    ),
    Action.MARK_EVIDENTIAL: _Rule(
        "mark this recording", _HANDLERS | _HOLDERS, own=True, conditions=_CHANGEABLE
    ),
    Action.ASK_UNMARK: _Rule(
        "ask to unmark this recording",
        _HANDLERS,
        own=True,
        conditions=(*_CHANGEABLE, obstacles.evidential_first),
    ),
    Action.UNMARK_EVIDENTIAL: _Rule(
        "unmark this recording",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(
            *_CHANGEABLE,
            obstacles.evidential_first,
            obstacles.not_wearer,
            obstacles.second_person,
        ),
    ),
    Action.ANNOTATE: _Rule(
        "write a note on this recording",
        _HANDLERS | _HOLDERS,
        own=True,
        owners=True,
        conditions=_CHANGEABLE,
    ),
    Action.SET_ACCESS_CLASS: _Rule(
        "change who can open this recording",
        _KEEPERS,
        conditions=(*_CHANGEABLE, obstacles.not_wearer),
    ),
    Action.LOCK: _Rule(
        "lock this recording", _OVERSEERS, conditions=(obstacles.not_gone, obstacles.not_wearer)
    ),
    Action.UNLOCK: _Rule(
        "unlock this recording",
        _OVERSEERS,
        conditions=(obstacles.not_wearer, obstacles.not_oversights_lock),
    ),
    Action.ASK_WEARER_CORRECTION: _Rule(
        "ask to correct the wearer", _HANDLERS, own=True, conditions=_CHANGEABLE
    ),
    Action.CORRECT_WEARER: _Rule(
        "correct the wearer",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(
            *_CHANGEABLE,
            obstacles.not_wearer,
            obstacles.not_for_oneself,
            obstacles.second_person,
        ),
    ),
    Action.ASSIGN_WEARER: _Rule(
        "say who wore this camera",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(obstacles.not_gone, obstacles.not_for_oneself),
    ),
}

_KEEPING_RULES: dict[Action, _Rule] = {
    Action.PLACE_HOLD: _Rule(
        "keep this recording by a hold", _HOLDERS, conditions=(obstacles.not_gone,)
    ),
    Action.PLACE_STANDING_HOLD: _Rule("place a standing hold", _OVERSEERS),
    Action.LIFT_HOLD: _Rule(
        "lift this hold",
        _HOLDERS,
        owners=True,
        conditions=(obstacles.not_wearer, obstacles.not_oversights, obstacles.owner_or_second),
    ),
    Action.SEE_HOLDS: _Rule("see the holds", _OVERSEERS | {_R.DISCLOSURE_OFFICER}),
    Action.SEE_REQUESTS: _Rule(
        "see what people ask to be kept", _DESK, conditions=(obstacles.not_wearer,)
    ),
    Action.ANSWER_REQUEST: _Rule("answer this request", _DESK, conditions=(obstacles.not_wearer,)),
    Action.SEE_DISPOSALS: _Rule("see what is deleted and when", _OVERSEERS | {_R.AUDITOR}),
    Action.STOP_DISPOSALS: _Rule("stop deletion", _OVERSEERS),
    Action.PROPOSE_RULE: _Rule("propose a rule", _roles(_R.EVIDENCE_MANAGER)),
    Action.APPROVE_RULE: _Rule("approve a rule", _KEEPERS, conditions=(obstacles.second_person,)),
    Action.SEE_QUARANTINE: _Rule("see the quarantine", _KEEPERS),
    Action.DECIDE_QUARANTINE: _Rule("decide about the quarantine", _roles(_R.EVIDENCE_MANAGER)),
    Action.VIEW_QUARANTINED: _Rule("watch what is in quarantine", _roles(_R.EVIDENCE_MANAGER)),
    Action.SEE_UNASSIGNED: _Rule(
        "see recordings without a wearer", _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER)
    ),
    Action.CHECK_SAMPLE: _Rule(
        "look at the month's sample",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(*_CHANGEABLE, obstacles.not_wearer),
    ),
    Action.EXPLAIN_GAP: _Rule(
        "explain a camera's missing number",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(obstacles.not_for_oneself,),
    ),
    Action.IMPORT_FOOTAGE: _Rule(
        "bring in other footage", _roles(_R.INVESTIGATOR, _R.EVIDENCE_MANAGER)
    ),
}

_COURT_RULES: dict[Action, _Rule] = {
    Action.SEE_CASE: _Rule(
        "see this case", _COURT | _OVERSEERS, owners=True, conditions=(obstacles.oversights_own,)
    ),
    Action.OPEN_CASE: _Rule("open a case", _COURT),
    Action.CLOSE_CASE: _Rule("close this case", _COURT, conditions=(obstacles.oversights_own,)),
    Action.PRODUCE_EXHIBIT: _Rule(
        "produce an exhibit", _COURT, conditions=(*_CHANGEABLE, obstacles.oversights_own)
    ),
    Action.WITHDRAW_EXHIBIT: _Rule(
        "withdraw this exhibit",
        _COURT,
        conditions=(obstacles.lock_open, obstacles.oversights_own),
    ),
    Action.EXPORT: _Rule(
        "make a copy for court", _COURT, conditions=(*_CHANGEABLE, obstacles.oversights_own)
    ),
}

_INCIDENT_RULES: dict[Action, _Rule] = {
    Action.DECLARE_INCIDENT: _Rule("declare a critical incident", _DECLARERS),
    Action.SEE_INCIDENT: _Rule("see this incident", _DECLARERS | _OVERSIGHT),
    Action.RELEASE_VIEWING: _Rule(
        "release this viewing",
        _roles(_R.POST_INCIDENT_MANAGER),
        conditions=(obstacles.not_for_oneself, obstacles.not_involved),
    ),
    Action.ENTER_ACCOUNT: _Rule(
        "enter when an account was given",
        _roles(_R.POST_INCIDENT_MANAGER) | _OVERSIGHT,
        conditions=(obstacles.not_for_oneself, obstacles.not_involved),
    ),
    Action.INVESTIGATE_INCIDENT: _Rule(
        "open the independent investigation", _OVERSIGHT, conditions=(obstacles.not_involved,)
    ),
    Action.CLOSE_INCIDENT: _Rule(
        "close this incident", _OVERSIGHT, conditions=(obstacles.not_involved,)
    ),
}

_FORCE_RULES: dict[Action, _Rule] = {
    Action.SEE_FORCE: _Rule("see who has which camera", _EVERYONE - {_R.OFFICER}),
    Action.REGISTER_OFFICER: _Rule("register officers", _ADMINISTRATORS),
    Action.CHANGE_OFFICER: _Rule(
        "change this officer's entry", _ADMINISTRATORS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.GRANT_ROLE: _Rule(
        "grant or end roles", _ADMINISTRATORS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.REQUEST_ENROLMENT: _Rule("bring a device for enrolment", _ISSUERS),
    Action.APPROVE_ENROLMENT: _Rule(
        "approve a device's key",
        _roles(_R.EVIDENCE_MANAGER),
        conditions=(obstacles.another_person,),
    ),
    Action.REVOKE_DEVICE: _Rule(
        "revoke a device's key", _roles(_R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)
    ),
    Action.ISSUE_CAMERA: _Rule(
        "issue this camera", _ISSUERS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.TAKE_POOL_CAMERA: _Rule(
        "take this camera", _EVERYONE, conditions=(obstacles.only_for_oneself,)
    ),
    Action.REPORT_CAMERA: _Rule("report on this camera", _ISSUERS, own=True),
    Action.SET_CAMERAS: _Rule(
        "decide what cameras do", _roles(_R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)
    ),
    Action.CHANGE_SERVER_KEYS: _Rule("change the server's keys", _ADMINISTRATORS),
    Action.READ_LOG: _Rule("read the log", _OVERSEERS | {_R.AUDITOR}),
    Action.CLOSE_GAP: _Rule(
        "close a gap in the log",
        _roles(_R.EVIDENCE_MANAGER, _R.PROFESSIONAL_STANDARDS, _R.AUDITOR),
        conditions=(obstacles.another_person,),
    ),
    Action.SEE_FIGURES: _Rule("see the figures", _EVERYONE),
    Action.NOTE_FIREARMS: _Rule("note what was done with firearms", _KEEPERS),
    Action.NOTE_INVESTIGATION: _Rule(
        "note what an independent investigation does",
        _roles(_R.PROFESSIONAL_STANDARDS, _R.INDEPENDENT_INVESTIGATOR),
    ),
}

RULES: Mapping[Action, _Rule] = MappingProxyType(
    _RECORDING_RULES | _KEEPING_RULES | _COURT_RULES | _INCIDENT_RULES | _FORCE_RULES
)


def _ground(rule: _Rule, officer: OfficerFacts, subject: Subject) -> str | None:
    """The first ground that this person has for it, or None."""
    if rule.own and officer.officer == subject.wearer:
        return "own"
    if rule.owners and officer.officer in subject.owners | subject.lock_owners:
        return "hold"
    for role in Role:
        if role in rule.roles and officer.holds(role, subject.unit):
            return role.value
    if rule.near and officer.officer in subject.present:
        return "present"
    return None


def may(officer: OfficerFacts, action: Action, subject: Subject) -> Decision:
    """Decide whether this officer may do this to that; total, and never raises.

    The order is: an account that is open; a ground (one's own recording, a hold that one owns, a
    role where the subject is, presence at the incident); then whatever stands in the way.
    """
    if not officer.active:
        return obstacles.refuse("left", "This account is closed. Ask the administrator.")
    rule = RULES.get(action)
    if rule is None:
        return obstacles.refuse("unknown", "Nobody may do this: no rule allows it.")
    ground = _ground(rule, officer, subject)
    if ground is None:
        return obstacles.refuse("role", f"You can't {rule.what}: {_who(rule)}.")
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


def _who(rule: _Rule) -> str:
    names = [role.value.replace("_", " ") for role in Role if role in rule.roles]
    names = [f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in names]
    if len(names) == len(Role):
        return "you hold no role here"
    *others, last = names
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"it takes {listed}, for this unit or the whole force"
