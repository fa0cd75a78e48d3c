"""The permission matrix: for each act who has the ground to do it, and what may stand in its way.

Only data: `permissions.may` decides by it, and the page *Who may do what* reads it aloud.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fairwitness.force import obstacles
from fairwitness.force.asking import Action, OfficerFacts, Refused, Role, Subject

Condition = Callable[[OfficerFacts, Subject], Refused | None]

_R = Role
_EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has the ground to do it, and what may still stand in the way.

    `own`: whoever wore the camera; `owners`: whoever owns a hold or lock on it; `near`: whoever
    was at the incident, is named for the recording, or broke the glass for it; `anywhere`: the
    role counts for whatever unit it is held.
    """

    what: str
    roles: frozenset[Role]
    own: bool = False
    owners: bool = False
    near: bool = False
    anywhere: bool = False
    conditions: tuple[Condition, ...] = ()


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
_BREAKERS = _roles(
    _R.OFFICER,
    _R.SUPERVISOR,
    _R.INVESTIGATOR,
    _R.DISCLOSURE_OFFICER,
    _R.EVIDENCE_MANAGER,
    _R.DUTY_OFFICER,
)
_ADMINISTRATORS = _roles(_R.ADMINISTRATOR)
_ISSUERS = _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)


RECORDING_RULES: dict[Action, Rule] = {
    Action.SEE_RECORDING: Rule(
        "see this recording",
        _FOOTAGE_ROLES,
        own=True,
        owners=True,
        near=True,
        conditions=_READABLE,
    ),
    Action.VIEW_RECORDING: Rule(
        "watch this",
        _FOOTAGE_ROLES,
        own=True,
        owners=True,
        near=True,
        conditions=(*_READABLE, obstacles.task_given),
    ),
    Action.SEE_HISTORY: Rule(
        "see what happened to this recording",
        _FOOTAGE_ROLES | {_R.AUDITOR},
        own=True,
        owners=True,
        conditions=(obstacles.history_open,),
    ),
    Action.CATEGORISE: Rule(
        "categorise this recording", _HANDLERS, own=True, conditions=_CHANGEABLE
    ),
    Action.MARK_EVIDENTIAL: Rule(
        "mark this recording", _HANDLERS | _HOLDERS, own=True, conditions=_CHANGEABLE
    ),
    Action.ASK_UNMARK: Rule(
        "ask to unmark this recording",
        _HANDLERS,
        own=True,
        conditions=(*_CHANGEABLE, obstacles.evidential_first),
    ),
    Action.UNMARK_EVIDENTIAL: Rule(
        "unmark this recording",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(
            *_CHANGEABLE,
            obstacles.evidential_first,
            obstacles.not_wearer,
            obstacles.second_person_or_notice,
        ),
    ),
    Action.ANNOTATE: Rule(
        "write a note on this recording",
        _HANDLERS | _HOLDERS,
        own=True,
        owners=True,
        conditions=_CHANGEABLE,
    ),
    Action.SET_ACCESS_CLASS: Rule(
        "change who can open this recording",
        _KEEPERS,
        conditions=(*_CHANGEABLE, obstacles.not_wearer, obstacles.not_for_oneself),
    ),
    Action.BREAK_GLASS: Rule(
        "open this recording in an emergency",
        _BREAKERS,
        anywhere=True,
        conditions=(obstacles.not_gone, obstacles.never_locked, obstacles.never_confidential),
    ),
    Action.LOCK: Rule(
        "lock this recording", _OVERSEERS, conditions=(obstacles.not_gone, obstacles.not_wearer)
    ),
    Action.UNLOCK: Rule(
        "unlock this recording",
        _OVERSEERS,
        conditions=(obstacles.not_wearer, obstacles.not_oversights_lock),
    ),
    Action.ASK_WEARER_CORRECTION: Rule(
        "ask to correct the wearer", _HANDLERS, own=True, conditions=_CHANGEABLE
    ),
    Action.CORRECT_WEARER: Rule(
        "correct the wearer",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(
            *_CHANGEABLE,
            obstacles.not_wearer,
            obstacles.not_for_oneself,
            obstacles.second_person,
        ),
    ),
    Action.ASSIGN_WEARER: Rule(
        "say who wore this camera",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(obstacles.not_gone, obstacles.not_for_oneself),
    ),
}

_KEEPING_RULES: dict[Action, Rule] = {
    Action.PLACE_HOLD: Rule(
        "keep this recording by a hold", _HOLDERS, conditions=(obstacles.not_gone,)
    ),
    Action.PLACE_STANDING_HOLD: Rule("place a standing hold", _OVERSEERS),
    Action.LIFT_HOLD: Rule(
        "lift this hold",
        _HOLDERS,
        owners=True,
        conditions=(obstacles.not_wearer, obstacles.not_oversights, obstacles.owner_or_second),
    ),
    Action.SEE_HOLDS: Rule("see the holds", _OVERSEERS | {_R.DISCLOSURE_OFFICER}),
    Action.SEE_REQUESTS: Rule(
        "see what people ask to be kept", _DESK, conditions=(obstacles.not_wearer,)
    ),
    Action.ANSWER_REQUEST: Rule("answer this request", _DESK, conditions=(obstacles.not_wearer,)),
    Action.SEE_DISPOSALS: Rule("see what is deleted and when", _OVERSEERS | {_R.AUDITOR}),
    Action.STOP_DISPOSALS: Rule("stop deletion or let it go on", _OVERSEERS),
    Action.PROPOSE_RULE: Rule("propose a rule of the force", _roles(_R.EVIDENCE_MANAGER)),
    Action.APPROVE_RULE: Rule(
        "approve a rule of the force",
        _KEEPERS,
        conditions=(obstacles.second_person_or_notice,),
    ),
    Action.ASK_EARLY_DELETION: Rule(
        "ask that this recording be deleted early",
        _DESK | {_R.SUPERVISOR},
        own=True,
        conditions=_CHANGEABLE,
    ),
    Action.DECIDE_EARLY_DELETION: Rule(
        "decide whether this recording is deleted early",
        _roles(_R.EVIDENCE_MANAGER),
        conditions=(*_CHANGEABLE, obstacles.not_wearer, obstacles.another_person),
    ),
    Action.AGREE_EARLY_DELETION: Rule(
        "agree that this recording is deleted early",
        _KEEPERS | {_R.SUPERVISOR},
        conditions=(*_CHANGEABLE, obstacles.not_wearer, obstacles.second_person_or_notice),
    ),
    Action.GIVE_NOTICE: Rule(
        "give notice of one’s own act, in place of a second person",
        _roles(_R.EVIDENCE_MANAGER),
        conditions=(
            *_CHANGEABLE,
            obstacles.not_wearer,
            obstacles.one_manager,
            obstacles.own_step,
        ),
    ),
    Action.SEE_QUARANTINE: Rule("see the quarantine", _KEEPERS),
    Action.DECIDE_QUARANTINE: Rule("decide about the quarantine", _roles(_R.EVIDENCE_MANAGER)),
    Action.VIEW_QUARANTINED: Rule("watch what is in quarantine", _roles(_R.EVIDENCE_MANAGER)),
    Action.SEE_UNASSIGNED: Rule(
        "see recordings without a wearer", _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER)
    ),
    Action.CHECK_SAMPLE: Rule(
        "look at the month's sample",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(*_CHANGEABLE, obstacles.not_wearer),
    ),
    Action.EXPLAIN_GAP: Rule(
        "explain a camera's missing number",
        _roles(_R.SUPERVISOR, _R.EVIDENCE_MANAGER),
        conditions=(obstacles.not_for_oneself,),
    ),
    Action.LOOK_AT_EVENT: Rule(
        "look at what a record marks",
        _KEEPERS | {_R.SUPERVISOR},
        conditions=(*_CHANGEABLE, obstacles.not_wearer),
    ),
    Action.BRING_EVENTS: Rule("bring in records of force, search and arrest", _KEEPERS),
    Action.IMPORT_FOOTAGE: Rule(
        "bring in other footage", _roles(_R.INVESTIGATOR, _R.EVIDENCE_MANAGER)
    ),
}

_COURT_RULES: dict[Action, Rule] = {
    Action.SEE_CASE: Rule(
        "see this case", _COURT | _OVERSEERS, owners=True, conditions=(obstacles.oversights_own,)
    ),
    Action.OPEN_CASE: Rule("open a case", _COURT),
    Action.CLOSE_CASE: Rule("close this case", _COURT, conditions=(obstacles.oversights_own,)),
    Action.GIVE_CASE_LEAVE: Rule(
        "give leave for this case",
        _KEEPERS,
        conditions=(obstacles.oversights_own, obstacles.not_for_oneself),
    ),
    Action.PRODUCE_EXHIBIT: Rule(
        "produce an exhibit", _COURT, conditions=(*_CHANGEABLE, obstacles.oversights_own)
    ),
    Action.WITHDRAW_EXHIBIT: Rule(
        "withdraw this exhibit",
        _COURT,
        conditions=(obstacles.lock_open, obstacles.oversights_own),
    ),
    Action.EXPORT: Rule(
        "make a copy for court", _COURT, conditions=(*_CHANGEABLE, obstacles.oversights_own)
    ),
    Action.EXPORT_FORCE: Rule("export the whole force", _OVERSEERS, conditions=_CHANGEABLE),
    Action.AGREE_EXPORT_FORCE: Rule(
        "agree that the whole force is exported",
        _OVERSEERS | _ADMINISTRATORS,
        conditions=(obstacles.second_person,),
    ),
}

_INCIDENT_RULES: dict[Action, Rule] = {
    Action.DECLARE_INCIDENT: Rule("declare a critical incident", _DECLARERS),
    Action.SEE_INCIDENT: Rule("see this incident", _DECLARERS | _OVERSIGHT),
    Action.RELEASE_VIEWING: Rule(
        "release this viewing",
        _roles(_R.POST_INCIDENT_MANAGER),
        conditions=(obstacles.not_for_oneself, obstacles.not_involved),
    ),
    Action.ENTER_ACCOUNT: Rule(
        "enter when an account was given",
        _roles(_R.POST_INCIDENT_MANAGER) | _OVERSIGHT,
        conditions=(obstacles.not_for_oneself, obstacles.not_involved),
    ),
    Action.INVESTIGATE_INCIDENT: Rule(
        "open the independent investigation", _OVERSIGHT, conditions=(obstacles.not_involved,)
    ),
    Action.CLOSE_INCIDENT: Rule(
        "close this incident", _OVERSIGHT, conditions=(obstacles.not_involved,)
    ),
}

_FORCE_RULES: dict[Action, Rule] = {
    Action.SEE_FORCE: Rule("see who has which camera", _EVERYONE - {_R.OFFICER}),
    Action.REGISTER_OFFICER: Rule("register officers", _ADMINISTRATORS),
    Action.KEEP_STATIONS: Rule("register, change or close a station", _ADMINISTRATORS),
    Action.PLAN_ROLL_OUT: Rule("plan how many cameras a unit gets, and when", _ADMINISTRATORS),
    Action.CHANGE_OFFICER: Rule(
        "change this officer's entry", _ADMINISTRATORS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.GRANT_ROLE: Rule(
        "grant or end roles", _ADMINISTRATORS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.AGREE_STANDARDS: Rule(
        "agree that somebody joins professional standards",
        _roles(_R.PROFESSIONAL_STANDARDS),
        conditions=(obstacles.not_for_oneself, obstacles.second_person),
    ),
    Action.AGREE_OVERSIGHT: Rule(
        "agree that somebody joins the independent investigators",
        _OVERSIGHT,
        conditions=(obstacles.not_for_oneself, obstacles.second_person),
    ),
    Action.RUN_WITH_ONE_MANAGER: Rule(
        "let the force run with one evidence manager",
        _ADMINISTRATORS,
        conditions=(obstacles.not_for_oneself,),
    ),
    Action.REQUEST_ENROLMENT: Rule("bring a device for enrolment", _ISSUERS),
    Action.APPROVE_ENROLMENT: Rule(
        "approve a device's key",
        _roles(_R.EVIDENCE_MANAGER),
        conditions=(obstacles.another_person,),
    ),
    Action.REVOKE_DEVICE: Rule(
        "revoke a device's key", _roles(_R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)
    ),
    Action.ISSUE_CAMERA: Rule(
        "issue this camera", _ISSUERS, conditions=(obstacles.not_for_oneself,)
    ),
    Action.TAKE_POOL_CAMERA: Rule(
        "take this camera", _EVERYONE, conditions=(obstacles.only_for_oneself,)
    ),
    Action.REPORT_CAMERA: Rule("report on this camera", _ISSUERS, own=True),
    Action.SET_CAMERAS: Rule(
        "decide what cameras do", _roles(_R.EVIDENCE_MANAGER, _R.ADMINISTRATOR)
    ),
    Action.LET_PROGRAM_ACT: Rule("make a token for a program", _EVERYONE - {_R.OFFICER}),
    Action.LET_SYSTEM_ACT: Rule(
        "make a token for another system",
        _roles(_R.EVIDENCE_MANAGER),
        conditions=(obstacles.another_person,),
    ),
    Action.CHANGE_SERVER_KEYS: Rule("change the server's keys", _ADMINISTRATORS),
    Action.READ_LOG: Rule("read the log", _OVERSEERS | {_R.AUDITOR}),
    Action.JUDGE_GLASS: Rule(
        "judge whether it was right to break the glass",
        _KEEPERS,
        conditions=(obstacles.not_wearer, obstacles.another_person),
    ),
    Action.SET_THRESHOLDS: Rule(
        "set the limits from which something stands out", _KEEPERS | {_R.AUDITOR}
    ),
    Action.AGREE_THRESHOLDS: Rule(
        "agree to the limits from which something stands out",
        _KEEPERS | {_R.AUDITOR},
        conditions=(obstacles.second_person,),
    ),
    Action.CLOSE_GAP: Rule(
        "close a gap in the log",
        _roles(_R.EVIDENCE_MANAGER, _R.PROFESSIONAL_STANDARDS, _R.AUDITOR),
        conditions=(obstacles.another_person,),
    ),
    Action.SEE_FIGURES: Rule("see the figures", _EVERYONE),
    Action.NOTE_FIREARMS: Rule("note what was done with firearms", _KEEPERS),
    Action.NOTE_INVESTIGATION: Rule(
        "note what an independent investigation does",
        _roles(_R.PROFESSIONAL_STANDARDS, _R.INDEPENDENT_INVESTIGATOR),
    ),
}

RULES: Mapping[Action, Rule] = MappingProxyType(
    RECORDING_RULES | _KEEPING_RULES | _COURT_RULES | _INCIDENT_RULES | _FORCE_RULES
)
