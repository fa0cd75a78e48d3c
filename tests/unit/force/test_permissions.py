"""Who may do what, as a table, and what holds for every question that can be asked."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.force import permissions
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
    Truly,
)

ME, WEARER, FIRST, OTHER = (UUID(int=number) for number in range(1, 5))
PLAIN = Subject(
    unit="LAM",
    wearer=WEARER,
    task=TaskKind.CASE,
    evidential=True,
    person=OTHER,
    first_person=FIRST,
)
LETTERS = {
    "O": Role.OFFICER,
    "S": Role.SUPERVISOR,
    "I": Role.INVESTIGATOR,
    "D": Role.DISCLOSURE_OFFICER,
    "E": Role.EVIDENCE_MANAGER,
    "P": Role.PROFESSIONAL_STANDARDS,
    "X": Role.INDEPENDENT_INVESTIGATOR,
    "A": Role.AUDITOR,
    "M": Role.ADMINISTRATOR,
    "Y": Role.DUTY_OFFICER,
    "Q": Role.POST_INCIDENT_MANAGER,
}
# For a plain recording, case, camera or officer of unit LAM, with every formality in order.
TABLE = {
    Action.SEE_RECORDING: "SIDEPX",
    Action.VIEW_RECORDING: "SIDEPX",
    Action.SEE_HISTORY: "SIDEPXA",
    Action.CATEGORISE: "SIE",
    Action.MARK_EVIDENTIAL: "SIDEPX",
    Action.ASK_UNMARK: "SIE",
    Action.UNMARK_EVIDENTIAL: "SE",
    Action.ANNOTATE: "SIDEPX",
    Action.SET_ACCESS_CLASS: "EP",
    Action.BREAK_GLASS: "OSIDEY",
    Action.JUDGE_GLASS: "EP",
    Action.LOCK: "EPX",
    Action.UNLOCK: "EPX",
    Action.ASK_WEARER_CORRECTION: "SIE",
    Action.CORRECT_WEARER: "SE",
    Action.ASSIGN_WEARER: "SE",
    Action.PLACE_HOLD: "IDEPX",
    Action.PLACE_STANDING_HOLD: "EPX",
    Action.LIFT_HOLD: "IDEPX",
    Action.SEE_HOLDS: "DEPX",
    Action.SEE_REQUESTS: "DE",
    Action.ANSWER_REQUEST: "DE",
    Action.SEE_DISPOSALS: "EPXA",
    Action.STOP_DISPOSALS: "EPX",
    Action.PROPOSE_RULE: "E",
    Action.APPROVE_RULE: "EP",
    Action.ASK_EARLY_DELETION: "SDE",
    Action.DECIDE_EARLY_DELETION: "E",
    Action.AGREE_EARLY_DELETION: "SEP",
    Action.GIVE_NOTICE: "",  # only of one's own act, in a force with one manager
    Action.SEE_QUARANTINE: "EP",
    Action.DECIDE_QUARANTINE: "E",
    Action.VIEW_QUARANTINED: "E",
    Action.SEE_UNASSIGNED: "SE",
    Action.CHECK_SAMPLE: "SE",
    Action.EXPLAIN_GAP: "SE",
    Action.LOOK_AT_EVENT: "SEP",
    Action.BRING_EVENTS: "EP",
    Action.IMPORT_FOOTAGE: "IE",
    Action.SEE_CASE: "IDEPX",
    Action.OPEN_CASE: "IDEX",
    Action.CLOSE_CASE: "IDEX",
    Action.GIVE_CASE_LEAVE: "EP",
    Action.PRODUCE_EXHIBIT: "IDEX",
    Action.WITHDRAW_EXHIBIT: "IDEX",
    Action.EXPORT: "IDEX",
    Action.EXPORT_FORCE: "EPX",
    Action.AGREE_EXPORT_FORCE: "EPXM",
    Action.DECLARE_INCIDENT: "YQ",
    Action.SEE_INCIDENT: "YQX",
    Action.RELEASE_VIEWING: "Q",
    Action.ENTER_ACCOUNT: "QX",
    Action.INVESTIGATE_INCIDENT: "X",
    Action.CLOSE_INCIDENT: "X",
    Action.SEE_FORCE: "SIDEPXAMYQ",
    Action.REGISTER_OFFICER: "M",
    Action.KEEP_STATIONS: "M",
    Action.PLAN_ROLL_OUT: "M",
    Action.CHANGE_OFFICER: "M",
    Action.GRANT_ROLE: "M",
    Action.AGREE_STANDARDS: "P",
    Action.AGREE_OVERSIGHT: "X",
    Action.RUN_WITH_ONE_MANAGER: "M",
    Action.REQUEST_ENROLMENT: "SEM",
    Action.APPROVE_ENROLMENT: "E",
    Action.REVOKE_DEVICE: "EM",
    Action.ISSUE_CAMERA: "SEM",
    Action.TAKE_POOL_CAMERA: "",
    Action.REPORT_CAMERA: "SEM",
    Action.SET_CAMERAS: "EM",
    Action.LET_PROGRAM_ACT: "SIDEPXAMYQ",
    Action.LET_SYSTEM_ACT: "E",
    Action.CHANGE_SERVER_KEYS: "M",
    Action.READ_LOG: "EPXA",
    Action.SET_THRESHOLDS: "EPA",
    Action.AGREE_THRESHOLDS: "EPA",
    Action.CLOSE_GAP: "EPA",
    Action.SEE_FIGURES: "OSIDEPXAMYQ",
    Action.NOTE_FIREARMS: "EP",
    Action.NOTE_INVESTIGATION: "PX",
}


def _me(*roles: Role) -> OfficerFacts:
    return OfficerFacts(officer=ME, force_wide=frozenset(roles))


def _code(decision: Decision) -> str:
    return decision.code if isinstance(decision, Refused) else "allowed"


def test_the_table_names_every_action() -> None:
    assert set(TABLE) == set(Action)
    assert set(permissions.RULES) == set(Action)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says(role: Role, action: Action) -> None:
    expected = role in {LETTERS[letter] for letter in TABLE[action]}
    assert isinstance(permissions.may(_me(role), action, PLAIN), Allowed) is expected


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_a_role_for_one_unit_reaches_that_unit_only(role: Role, action: Action) -> None:
    here = OfficerFacts(officer=ME, by_unit=frozenset({(role, "LAM")}))
    there = OfficerFacts(officer=ME, by_unit=frozenset({(role, "LSH")}))
    wide = permissions.may(_me(role), action, PLAIN)
    assert permissions.may(here, action, PLAIN) == wide
    nowhere = replace(PLAIN, unit=None)
    for officer, subject in ((there, PLAIN), (here, nowhere)):
        elsewhere = permissions.may(officer, action, subject)
        assert isinstance(elsewhere, Refused) != (
            permissions.RULES[action].anywhere and isinstance(wide, Allowed)
        )


@pytest.mark.parametrize("action", Action)
def test_nobody_without_a_role_may_anything(action: Action) -> None:
    assert isinstance(permissions.may(OfficerFacts(officer=ME), action, PLAIN), Refused)


OWN = {
    Action.SEE_RECORDING,
    Action.VIEW_RECORDING,
    Action.SEE_HISTORY,
    Action.CATEGORISE,
    Action.MARK_EVIDENTIAL,
    Action.ASK_UNMARK,
    Action.ANNOTATE,
    Action.ASK_WEARER_CORRECTION,
    Action.ASK_EARLY_DELETION,
    Action.REPORT_CAMERA,
}


@pytest.mark.parametrize("action", Action)
def test_wearers_may_these_things_with_their_own_and_no_more(action: Action) -> None:
    decision = permissions.may(OfficerFacts(officer=WEARER), action, PLAIN)
    assert isinstance(decision, Allowed) is (action in OWN)


@pytest.mark.parametrize(
    "action",
    [
        Action.UNMARK_EVIDENTIAL,
        Action.LIFT_HOLD,
        Action.UNLOCK,
        Action.LOCK,
        Action.SET_ACCESS_CLASS,
        Action.CORRECT_WEARER,
        Action.DECIDE_EARLY_DELETION,
        Action.AGREE_EARLY_DELETION,
    ],
)
@pytest.mark.parametrize("role", Role)
def test_wearers_never_decide_about_their_own_whatever_their_role(
    role: Role, action: Action
) -> None:
    subject = replace(PLAIN, wearer=ME, owners=frozenset({ME}), lock_owners=frozenset({ME}))
    assert isinstance(permissions.may(_me(role), action, subject), Refused)


@pytest.mark.parametrize("role", Role)
def test_viewing_others_footage_needs_a_task(role: Role) -> None:
    decision = permissions.may(_me(role), Action.VIEW_RECORDING, replace(PLAIN, task=None))
    assert isinstance(decision, Refused)


def test_the_wearer_needs_no_task_and_neither_does_who_was_there() -> None:
    alone = replace(PLAIN, task=None)
    assert permissions.may(OfficerFacts(officer=WEARER), Action.VIEW_RECORDING, alone) == Allowed(
        "own"
    )
    there = replace(alone, present=frozenset({ME}))
    decision = permissions.may(_me(Role.OFFICER), Action.VIEW_RECORDING, there)
    assert decision == Allowed("present")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_auditors_and_administrators_never_see_others_footage(role: Role) -> None:
    for subject in (PLAIN, replace(PLAIN, evidential=False), replace(PLAIN, hidden=True)):
        assert isinstance(permissions.may(_me(role), Action.VIEW_RECORDING, subject), Refused)
        assert isinstance(permissions.may(_me(role), Action.SEE_RECORDING, subject), Refused)
        assert isinstance(permissions.may(_me(role), Action.EXPORT, subject), Refused)


@pytest.mark.parametrize("role", Role)
def test_a_lock_keeps_out_all_but_its_owners_and_professional_standards(role: Role) -> None:
    locked = replace(PLAIN, locked=True, owners=frozenset({ME}))
    decision = permissions.may(_me(role), Action.VIEW_RECORDING, locked)
    assert isinstance(decision, Allowed) is (role is Role.PROFESSIONAL_STANDARDS)


def test_a_lock_keeps_out_the_wearer() -> None:
    facts = OfficerFacts(officer=WEARER, force_wide=frozenset(Role))
    decision = permissions.may(facts, Action.VIEW_RECORDING, replace(PLAIN, locked=True))
    assert _code(decision) == "permission.locked"


def test_oversights_lock_keeps_out_professional_standards_too() -> None:
    locked = replace(PLAIN, locked=True, oversight=True, lock_owners=frozenset({OTHER}))
    standards = _me(Role.PROFESSIONAL_STANDARDS)
    assert _code(permissions.may(standards, Action.VIEW_RECORDING, locked)) == "permission.locked"
    assert _code(permissions.may(standards, Action.UNLOCK, locked)) == "permission.oversight"
    owner = OfficerFacts(officer=OTHER, force_wide=frozenset({Role.INDEPENDENT_INVESTIGATOR}))
    assert isinstance(permissions.may(owner, Action.VIEW_RECORDING, locked), Allowed)
    assert isinstance(permissions.may(owner, Action.UNLOCK, locked), Allowed)


CRITICAL = replace(PLAIN, locked=True, oversight=True)
OF_A_RECORDING = (*OWN, Action.UNLOCK, Action.EXPORT, Action.PRODUCE_EXHIBIT)
FORCE = [role for role in Role if role is not Role.INDEPENDENT_INVESTIGATOR]


@pytest.mark.parametrize("role", FORCE)
def test_nobody_of_the_force_does_anything_with_what_a_critical_incident_locks(role: Role) -> None:
    for action in {*OF_A_RECORDING} - {Action.SEE_HISTORY, Action.REPORT_CAMERA}:
        for subject in (
            CRITICAL,
            replace(CRITICAL, wearer=ME),
            replace(CRITICAL, owners=frozenset({ME})),
        ):
            assert isinstance(permissions.may(_me(role), action, subject), Refused), action
    all_of_them = OfficerFacts(officer=ME, force_wide=frozenset(FORCE))
    assert isinstance(permissions.may(all_of_them, Action.VIEW_RECORDING, CRITICAL), Refused)


def test_oversight_opens_what_a_critical_incident_locks_except_its_own() -> None:
    oversight = _me(Role.INDEPENDENT_INVESTIGATOR)
    for action in (Action.SEE_RECORDING, Action.VIEW_RECORDING, Action.EXPORT, Action.PLACE_HOLD):
        assert isinstance(permissions.may(oversight, action, CRITICAL), Allowed)
    worn = replace(CRITICAL, wearer=ME)
    assert _code(permissions.may(oversight, Action.VIEW_RECORDING, worn)) == "permission.locked"


@pytest.mark.parametrize("action", OF_A_RECORDING)
def test_a_released_wearer_looks_and_does_no_more(action: Action) -> None:
    released = replace(CRITICAL, released=frozenset({WEARER}))
    sight = {Action.SEE_RECORDING, Action.VIEW_RECORDING, Action.SEE_HISTORY, Action.REPORT_CAMERA}
    allowed = permissions.may(OfficerFacts(officer=WEARER), action, released)
    assert isinstance(allowed, Allowed) is (action in sight)


def test_a_release_is_for_the_wearer_alone() -> None:
    released = replace(CRITICAL, released=frozenset({ME}), present=frozenset({ME}))
    decision = permissions.may(_me(Role.OFFICER), Action.VIEW_RECORDING, released)
    assert _code(decision) == "permission.locked"


@pytest.mark.parametrize("role", FORCE)
def test_the_force_sees_into_no_case_of_oversights(role: Role) -> None:
    case = Subject(unit="LAM", oversight=True, owners=frozenset({ME}))
    for action in (Action.SEE_CASE, Action.CLOSE_CASE, Action.EXPORT, Action.WITHDRAW_EXHIBIT):
        assert isinstance(permissions.may(_me(role), action, case), Refused)


@pytest.mark.parametrize(
    "action",
    [
        Action.RELEASE_VIEWING,
        Action.ENTER_ACCOUNT,
        Action.INVESTIGATE_INCIDENT,
        Action.CLOSE_INCIDENT,
    ],
)
def test_who_was_at_a_critical_incident_decides_nothing_about_it(action: Action) -> None:
    there = replace(PLAIN, present=frozenset({ME}))
    assert _code(permissions.may(_me(*Role), action, there)) == "permission.involved"


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.INDEPENDENT_INVESTIGATOR])
def test_the_force_can_never_lift_what_oversight_placed(role: Role) -> None:
    hold = replace(PLAIN, oversight=True, owners=frozenset({OTHER}))
    assert isinstance(permissions.may(_me(role), Action.LIFT_HOLD, hold), Refused)


def test_a_hold_is_lifted_by_its_owner_alone_or_by_two_others() -> None:
    hold = replace(PLAIN, owners=frozenset({ME}), first_person=None)
    assert permissions.may(_me(), Action.LIFT_HOLD, hold) == Allowed("hold")
    others = replace(hold, owners=frozenset({OTHER}))
    manager = _me(Role.EVIDENCE_MANAGER)
    assert _code(permissions.may(manager, Action.LIFT_HOLD, others)) == "permission.two_people"
    asked_by_me = replace(others, first_person=ME)
    assert _code(permissions.may(manager, Action.LIFT_HOLD, asked_by_me)) == "permission.two_people"
    asked = replace(others, first_person=FIRST)
    assert isinstance(permissions.may(manager, Action.LIFT_HOLD, asked), Allowed)


@pytest.mark.parametrize(
    ("access_class", "letters"),
    [(AccessClass.RESTRICTED, "EP"), (AccessClass.CONFIDENTIAL, "P")],
)
@pytest.mark.parametrize("role", Role)
def test_close_classes_are_for_their_keepers(
    role: Role, access_class: AccessClass, letters: str
) -> None:
    subject = replace(PLAIN, access_class=access_class, owners=frozenset({ME}))
    decision = permissions.may(_me(role), Action.VIEW_RECORDING, subject)
    assert isinstance(decision, Allowed) is (role in {LETTERS[letter] for letter in letters})
    named = replace(subject, named=frozenset({ME}))
    assert isinstance(permissions.may(_me(role), Action.VIEW_RECORDING, named), Allowed)


@pytest.mark.parametrize("role", Role)
def test_the_bin_is_hidden_from_colleagues_but_not_from_requests(role: Role) -> None:
    hidden = replace(PLAIN, hidden=True)
    decision = permissions.may(_me(role), Action.SEE_RECORDING, hidden)
    assert isinstance(decision, Allowed) is (role is Role.EVIDENCE_MANAGER)
    request = permissions.may(
        _me(role), Action.SEE_RECORDING, replace(hidden, task=TaskKind.REQUEST)
    )
    assert isinstance(request, Allowed) is (role in {LETTERS[letter] for letter in "SIDEPX"})
    held = permissions.may(_me(role), Action.SEE_RECORDING, replace(hidden, owners=frozenset({ME})))
    assert isinstance(held, Allowed)


def test_only_pool_cameras_are_taken_and_only_for_oneself() -> None:
    mine = replace(PLAIN, person=ME, pool=True)
    officer = _me(Role.OFFICER)
    assert isinstance(permissions.may(officer, Action.TAKE_POOL_CAMERA, mine), Allowed)
    personal = replace(mine, pool=False)
    assert _code(permissions.may(officer, Action.TAKE_POOL_CAMERA, personal)) == "permission.pool"
    others = replace(mine, person=OTHER)
    assert _code(permissions.may(officer, Action.TAKE_POOL_CAMERA, others)) == "permission.pool"


@pytest.mark.parametrize(
    "action",
    [
        Action.GRANT_ROLE,
        Action.CHANGE_OFFICER,
        Action.ISSUE_CAMERA,
        Action.ASSIGN_WEARER,
        Action.GIVE_CASE_LEAVE,
    ],
)
def test_nobody_gives_to_oneself(action: Action) -> None:
    decision = permissions.may(_me(*Role), action, replace(PLAIN, person=ME))
    assert _code(decision) == "permission.oneself"


def test_whoever_brought_a_device_does_not_approve_it() -> None:
    brought = replace(PLAIN, first_person=ME)
    decision = permissions.may(_me(*Role), Action.APPROVE_ENROLMENT, brought)
    assert _code(decision) == "permission.two_people"


def test_require_raises_the_refusal_with_its_code_and_sentence() -> None:
    subject = replace(PLAIN, task=None)
    with pytest.raises(NotAllowed, match="no case or incident") as refused:
        permissions.require(_me(Role.INVESTIGATOR), Action.VIEW_RECORDING, subject)
    assert refused.value.stable_code == "permission.task"


def test_a_refusal_for_want_of_a_role_says_whose_it_is() -> None:
    decision = permissions.may(_me(Role.OFFICER), Action.UNMARK_EVIDENTIAL, PLAIN)
    assert isinstance(decision, Refused)
    assert "a supervisor or an evidence manager" in decision.message


people = st.sampled_from([ME, WEARER, FIRST, OTHER])
groups = st.frozensets(people)
roles = st.sampled_from(Role)
facts = st.builds(
    OfficerFacts,
    officer=people,
    active=st.booleans(),
    force_wide=st.frozensets(roles),
    by_unit=st.frozensets(st.tuples(roles, st.sampled_from(["LAM", "LSH"]))),
)
subjects = st.builds(
    Subject,
    unit=st.sampled_from(["LAM", "LSH", None]),
    wearer=st.none() | people,
    access_class=st.sampled_from(AccessClass),
    locked=st.booleans(),
    oversight=st.booleans(),
    owners=groups,
    lock_owners=groups,
    named=groups,
    present=groups,
    task=st.none() | st.sampled_from(TaskKind),
    hidden=st.booleans(),
    gone=st.booleans(),
    truly=st.none() | st.builds(Truly, hidden=st.booleans(), gone=st.booleans()),
    evidential=st.booleans(),
    person=st.none() | people,
    first_person=st.none() | people,
    pool=st.booleans(),
)
actions = st.sampled_from(Action)


@given(facts, actions, subjects)
def test_every_question_has_an_answer_with_words(
    officer: OfficerFacts, action: Action, subject: Subject
) -> None:
    decision = permissions.may(officer, action, subject)
    if isinstance(decision, Refused):
        assert decision.code.startswith("permission.")
        assert decision.message.endswith(".")
    else:
        assert decision.because


@given(facts, actions, subjects)
def test_a_closed_account_may_nothing(
    officer: OfficerFacts, action: Action, subject: Subject
) -> None:
    left = replace(officer, active=False)
    assert _code(permissions.may(left, action, subject)) == "permission.left"


@given(facts, actions, subjects, roles)
def test_another_role_never_takes_a_permission_away(
    officer: OfficerFacts, action: Action, subject: Subject, role: Role
) -> None:
    if isinstance(permissions.may(officer, action, subject), Allowed):
        more = replace(officer, force_wide=officer.force_wide | {role})
        assert isinstance(permissions.may(more, action, subject), Allowed)


@given(facts, subjects)
def test_nobody_opens_what_is_gone(officer: OfficerFacts, subject: Subject) -> None:
    gone = replace(subject, gone=True, truly=None)
    assert isinstance(permissions.may(officer, Action.VIEW_RECORDING, gone), Refused)
    assert isinstance(permissions.may(officer, Action.EXPORT, gone), Refused)


@given(facts, actions, subjects)
def test_what_oversight_keeps_apart_changes_nothing_for_the_force(
    officer: OfficerFacts, action: Action, subject: Subject
) -> None:
    if not officer.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        alone = replace(subject, truly=None)
        assert permissions.may(officer, action, subject) == permissions.may(officer, action, alone)


@pytest.mark.parametrize("role", list(Role))
def test_only_oversight_opens_what_only_oversight_keeps(role: Role) -> None:
    kept = replace(PLAIN, hidden=True, gone=True, truly=Truly(hidden=False, gone=False))
    opened = isinstance(permissions.may(_me(role), Action.VIEW_RECORDING, kept), Allowed)
    assert opened == (role is Role.INDEPENDENT_INVESTIGATOR)


@given(facts, subjects)
def test_what_may_be_watched_may_be_seen(officer: OfficerFacts, subject: Subject) -> None:
    if isinstance(permissions.may(officer, Action.VIEW_RECORDING, subject), Allowed):
        assert isinstance(permissions.may(officer, Action.SEE_RECORDING, subject), Allowed)


def test_leave_by_name_is_a_ground_to_see_and_to_watch_and_nothing_more() -> None:
    officer = OfficerFacts(officer=ME)
    named = replace(PLAIN, named=frozenset({ME}))
    allowed = {
        action for action in Action if _code(permissions.may(officer, action, named)) == "allowed"
    }
    assert allowed == {Action.SEE_RECORDING, Action.VIEW_RECORDING}
    for access_class in AccessClass:
        kept = replace(named, access_class=access_class)
        assert _code(permissions.may(officer, Action.VIEW_RECORDING, kept)) == "allowed"
    for change, code in (
        ({"locked": True}, "permission.locked"),
        ({"hidden": True, "task": TaskKind.CASE}, "permission.hidden"),
        ({"task": None}, "permission.task"),
        ({"gone": True}, "permission.gone"),
    ):
        said = permissions.may(officer, Action.VIEW_RECORDING, replace(named, **change))
        assert _code(said) == code


def test_broken_glass_opens_what_is_open_or_restricted_and_no_lock() -> None:
    officer = OfficerFacts(officer=ME)
    broken = replace(PLAIN, broken=frozenset({ME}), task=None, hidden=True)
    allowed = {
        action for action in Action if _code(permissions.may(officer, action, broken)) == "allowed"
    }
    assert allowed == {Action.SEE_RECORDING, Action.VIEW_RECORDING}
    for access_class, code in (
        (AccessClass.RESTRICTED, "allowed"),
        (AccessClass.CONFIDENTIAL, "permission.class"),
    ):
        kept = replace(broken, access_class=access_class)
        assert _code(permissions.may(officer, Action.SEE_RECORDING, kept)) == code
        breaker = _me(Role.OFFICER)
        asked = permissions.may(breaker, Action.BREAK_GLASS, kept)
        assert isinstance(asked, Allowed) == (code == "allowed")
    locked = replace(broken, locked=True)
    assert _code(permissions.may(officer, Action.SEE_RECORDING, locked)) == "permission.locked"
    for role in Role:
        said = permissions.may(_me(role), Action.BREAK_GLASS, replace(PLAIN, locked=True))
        assert isinstance(said, Refused)


AFTER_NOTICE = (Action.APPROVE_RULE, Action.AGREE_EARLY_DELETION, Action.UNMARK_EVIDENTIAL)
OWN_STEP = replace(PLAIN, first_person=ME, one_manager=True, noticed=True)


@pytest.mark.parametrize("action", AFTER_NOTICE)
def test_notice_stands_for_the_second_person_for_the_one_manager_alone(action: Action) -> None:
    manager = _me(Role.EVIDENCE_MANAGER)
    assert isinstance(permissions.may(manager, action, OWN_STEP), Allowed)
    lacking = (
        replace(OWN_STEP, one_manager=False),
        replace(OWN_STEP, noticed=False),
        replace(OWN_STEP, first_person=None),
    )
    for subject in lacking:
        assert _code(permissions.may(manager, action, subject)) == "permission.two_people"
    for role in set(Role) - {Role.EVIDENCE_MANAGER}:
        assert isinstance(permissions.may(_me(role), action, OWN_STEP), Refused)
    elsewhere = OfficerFacts(officer=ME, by_unit=frozenset({(Role.EVIDENCE_MANAGER, "LSH")}))
    assert isinstance(permissions.may(elsewhere, action, OWN_STEP), Refused)


@pytest.mark.parametrize("action", set(AFTER_NOTICE) - {Action.APPROVE_RULE})
def test_notice_opens_nothing_that_is_closed_for_another_reason(action: Action) -> None:
    manager = _me(Role.EVIDENCE_MANAGER)
    for subject in (
        replace(OWN_STEP, wearer=ME),
        replace(OWN_STEP, locked=True),
        replace(OWN_STEP, gone=True),
        replace(OWN_STEP, access_class=AccessClass.CONFIDENTIAL),
    ):
        assert isinstance(permissions.may(manager, action, subject), Refused)


@pytest.mark.parametrize("action", set(Action) - set(AFTER_NOTICE) - {Action.GIVE_NOTICE})
@pytest.mark.parametrize("role", Role)
def test_notice_changes_no_other_answer(role: Role, action: Action) -> None:
    without = replace(OWN_STEP, one_manager=False, noticed=False)
    assert permissions.may(_me(role), action, OWN_STEP) == permissions.may(
        _me(role), action, without
    )


def test_one_gives_notice_of_ones_own_act_while_the_force_has_one_manager() -> None:
    manager = _me(Role.EVIDENCE_MANAGER)
    assert isinstance(permissions.may(manager, Action.GIVE_NOTICE, OWN_STEP), Allowed)
    others = replace(OWN_STEP, first_person=FIRST)
    assert _code(permissions.may(manager, Action.GIVE_NOTICE, others)) == "permission.notice"
    two = replace(OWN_STEP, one_manager=False)
    assert _code(permissions.may(manager, Action.GIVE_NOTICE, two)) == "permission.two_people"
    worn = replace(OWN_STEP, wearer=ME)
    assert _code(permissions.may(manager, Action.GIVE_NOTICE, worn)) == "permission.wearer"
