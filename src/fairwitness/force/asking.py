"""The words of a question of permission: who asks, for which act, about what; and the answer.

`permissions.may` answers. These are plain frozen values: no database, no clock.
"""

import enum
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fairwitness.errors import FairwitnessError


class Role(enum.StrEnum):
    """What a person is trusted with; granted for a time, force-wide or for one unit."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    INVESTIGATOR = "investigator"
    DISCLOSURE_OFFICER = "disclosure_officer"
    EVIDENCE_MANAGER = "evidence_manager"
    PROFESSIONAL_STANDARDS = "professional_standards"
    INDEPENDENT_INVESTIGATOR = "independent_investigator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    DUTY_OFFICER = "duty_officer"
    POST_INCIDENT_MANAGER = "post_incident_manager"


class Action(enum.StrEnum):
    """Every act that needs leave. An act in two steps by two people is two actions."""

    # One recording
    SEE_RECORDING = "see_recording"  # its row in a list, and what is known of it
    VIEW_RECORDING = "view_recording"  # watch and listen
    SEE_HISTORY = "see_history"  # what happened to it
    CATEGORISE = "categorise"
    MARK_EVIDENTIAL = "mark_evidential"
    ASK_UNMARK = "ask_unmark"
    UNMARK_EVIDENTIAL = "unmark_evidential"  # as the second person
    ANNOTATE = "annotate"
    SET_ACCESS_CLASS = "set_access_class"  # and name people for it
    BREAK_GLASS = "break_glass"  # open it in an emergency, without the ground
    LOCK = "lock"
    UNLOCK = "unlock"
    ASK_WEARER_CORRECTION = "ask_wearer_correction"
    CORRECT_WEARER = "correct_wearer"  # as the second person
    ASSIGN_WEARER = "assign_wearer"  # out of the unassigned queue
    # Keeping and deleting
    PLACE_HOLD = "place_hold"
    PLACE_STANDING_HOLD = "place_standing_hold"
    LIFT_HOLD = "lift_hold"
    SEE_HOLDS = "see_holds"
    SEE_REQUESTS = "see_requests"  # of people filmed, to keep footage
    ANSWER_REQUEST = "answer_request"
    SEE_DISPOSALS = "see_disposals"
    STOP_DISPOSALS = "stop_disposals"
    PROPOSE_RULE = "propose_rule"
    APPROVE_RULE = "approve_rule"  # as the second person
    ASK_EARLY_DELETION = "ask_early_deletion"  # of what was recorded by mistake
    DECIDE_EARLY_DELETION = "decide_early_deletion"
    AGREE_EARLY_DELETION = "agree_early_deletion"  # as the second person
    GIVE_NOTICE = "give_notice"  # of an act of one's own, for want of a second person
    # Queues
    SEE_QUARANTINE = "see_quarantine"
    DECIDE_QUARANTINE = "decide_quarantine"
    VIEW_QUARANTINED = "view_quarantined"  # watch it, to decide
    SEE_UNASSIGNED = "see_unassigned"
    IMPORT_FOOTAGE = "import_footage"
    # A supervisor's team
    CHECK_SAMPLE = "check_sample"  # look at what the month's draw picked, and say what one saw
    EXPLAIN_GAP = "explain_gap"  # say why a number of a camera's counter never came
    LOOK_AT_EVENT = "look_at_event"  # at what a record of force, search or arrest marks
    BRING_EVENTS = "bring_events"  # bring in such records
    # Court
    SEE_CASE = "see_case"
    OPEN_CASE = "open_case"
    CLOSE_CASE = "close_case"
    GIVE_CASE_LEAVE = "give_case_leave"  # to see all that it has, for a time
    PRODUCE_EXHIBIT = "produce_exhibit"
    WITHDRAW_EXHIBIT = "withdraw_exhibit"
    EXPORT = "export"  # make a copy for court
    EXPORT_FORCE = "export_force"  # all that the force keeps, to leave or for an archive
    AGREE_EXPORT_FORCE = "agree_export_force"  # as the second person
    # Critical incidents
    DECLARE_INCIDENT = "declare_incident"
    SEE_INCIDENT = "see_incident"
    RELEASE_VIEWING = "release_viewing"  # let an officer see his or her own recordings
    ENTER_ACCOUNT = "enter_account"  # when an officer gave an account
    INVESTIGATE_INCIDENT = "investigate_incident"  # the oversight body's workspace
    CLOSE_INCIDENT = "close_incident"
    # The force
    SEE_FORCE = "see_force"  # officers, units, who has which camera
    REGISTER_OFFICER = "register_officer"
    KEEP_STATIONS = "keep_stations"  # register, name, place, close one
    PLAN_ROLL_OUT = "plan_roll_out"  # how many cameras a unit is to have, and from when
    CHANGE_OFFICER = "change_officer"
    GRANT_ROLE = "grant_role"
    AGREE_STANDARDS = "agree_standards"  # to another of professional standards
    AGREE_OVERSIGHT = "agree_oversight"  # to another independent investigator
    RUN_WITH_ONE_MANAGER = "run_with_one_manager"  # or stop doing so
    REQUEST_ENROLMENT = "request_enrolment"
    APPROVE_ENROLMENT = "approve_enrolment"
    REVOKE_DEVICE = "revoke_device"
    ISSUE_CAMERA = "issue_camera"
    TAKE_POOL_CAMERA = "take_pool_camera"
    REPORT_CAMERA = "report_camera"  # lost, stolen, in repair, back
    SET_CAMERAS = "set_cameras"  # settings, firmware, and when a pool camera may be taken
    LET_PROGRAM_ACT = "let_program_act"  # make a token that acts as oneself
    LET_SYSTEM_ACT = "let_system_act"  # make one for a machine account, as the second person
    CHANGE_SERVER_KEYS = "change_server_keys"  # rotate or revoke a key that we sign with
    # Watching the watchers
    READ_LOG = "read_log"
    JUDGE_GLASS = "judge_glass"  # say whether it was right to break it
    SET_THRESHOLDS = "set_thresholds"  # from where on something stands out
    AGREE_THRESHOLDS = "agree_thresholds"  # as the second person
    CLOSE_GAP = "close_gap"  # as one of two people
    SEE_FIGURES = "see_figures"
    NOTE_FIREARMS = "note_firearms"  # operations, and each discharge
    NOTE_INVESTIGATION = "note_investigation"  # of a discharge, by an independent body


class AccessClass(enum.StrEnum):
    """How closely a recording is kept."""

    OPEN = "open"
    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"


class TaskKind(enum.StrEnum):
    """What a person who views is working on."""

    CASE = "case"
    INCIDENT = "incident"
    REVIEW = "review"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """What is known of the person who asks, at the moment of asking.

    Attributes:
        officer: who.
        active: has an account that is not closed.
        force_wide: roles held for the whole force.
        by_unit: roles held for one unit, with the unit's code.
    """

    officer: UUID
    active: bool = True
    force_wide: frozenset[Role] = frozenset()
    by_unit: frozenset[tuple[Role, str]] = frozenset()

    def holds(self, role: Role, unit: str | None) -> bool:
        """Whether this person has the role where the subject is."""
        return role in self.force_wide or (unit is not None and (role, unit) in self.by_unit)

    def holds_anywhere(self, role: Role) -> bool:
        """Whether this person has the role for any unit at all."""
        return role in self.force_wide or any(held == role for held, _unit in self.by_unit)


@dataclass(frozen=True, slots=True)
class Truly:
    """Whether a recording is in the bin or gone, whoever asks and whatever holds it silently."""

    hidden: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What the act is about; fields that don't apply keep their defaults, which widen nothing.

    Attributes:
        unit: code of the unit that the recording, case, camera or officer belongs to.
        wearer: who wore the camera.
        access_class: of the recording.
        locked: a lock is on the recording.
        oversight: the lock, the hold or the case in question is an independent investigator's.
        owners: who own the hold in question (lifting), or the holds on the recording.
        lock_owners: who own the lock on the recording. Owning a hold does not open a lock.
        released: whom the post-incident manager lets see what they wore, although it is locked.
        named: people named for the recording, whose time is not over.
        broken: people who broke the glass for it, whose hour is not over.
        present: people who were at the incident, as the recordings of the same incident say, or
            as whoever declared it critical.
        task: the kind of work that the person gave as reason, with a reference; None when none.
        hidden: in the bin, the last days before deletion, as far as the force may know.
        gone: past its last moment, deleted or not yet, as far as the force may know.
        truly: both for the independent investigation, whose own silent holds may keep it; None
            where they are no others.
        evidential: marked evidential.
        person: whom the act is about: who gets a role or a camera, the new wearer.
        first_person: who took the first of two steps, or brought a request.
        pool: the camera is a pool camera.
        one_manager: the force runs with one evidence manager, and says so in public.
        noticed: notice of this very act was given, and its whole delay has passed unstopped.
    """

    unit: str | None = None
    wearer: UUID | None = None
    access_class: AccessClass = AccessClass.OPEN
    locked: bool = False
    oversight: bool = False
    owners: frozenset[UUID] = frozenset()
    lock_owners: frozenset[UUID] = frozenset()
    released: frozenset[UUID] = frozenset()
    named: frozenset[UUID] = frozenset()
    broken: frozenset[UUID] = frozenset()
    present: frozenset[UUID] = frozenset()
    task: TaskKind | None = None
    hidden: bool = False
    gone: bool = False
    truly: Truly | None = None
    evidential: bool = False
    person: UUID | None = None
    first_person: UUID | None = None
    pool: bool = False
    one_manager: bool = False
    noticed: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes. `because` is the ground: `own`, `hold`, `present`, `named`, `glass` or a role."""

    because: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No, with a stable code and a sentence for the person who asked."""

    code: str
    message: str


class NotAllowed(FairwitnessError):
    """A refusal, raised; its code and sentence are those of the `Refused`."""

    code: ClassVar[str] = "permission.refused"


Decision = Allowed | Refused
