"""What stands in the way of an act although the person has the ground for it; each a pure function.

An obstacle answers None, or the refusal that the person reads.
"""

from dataclasses import replace

from fairwitness.force.asking import (
    AccessClass,
    OfficerFacts,
    Refused,
    Role,
    Subject,
    TaskKind,
    Truly,
)


def refuse(code: str, message: str) -> Refused:
    """Make a refusal of this area."""
    return Refused(code=f"permission.{code}", message=message)


def not_gone(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """From its day on a recording is out of reach of everybody."""
    if not _as_known(officer, subject).gone:
        return None
    return refuse("gone", "This recording has reached its day. Nobody can open it now, we neither.")


def lock_open(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """A lock lets in its owners and professional standards; oversight's lets in oversight alone."""
    if not subject.locked or officer.officer in subject.lock_owners:
        return None
    inquiry = Role.INDEPENDENT_INVESTIGATOR if subject.oversight else Role.PROFESSIONAL_STANDARDS
    if officer.holds(inquiry, subject.unit) and officer.officer != subject.wearer:
        return None
    return refuse(
        "locked", "This recording is locked. Ask the evidence manager who can tell you more."
    )


def sight_open(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """A lock lets in its owners and whose inquiry it is; its wearer looks, once it is released."""
    if officer.officer == subject.wearer and officer.officer in subject.released:
        return None
    return lock_open(officer, subject)


def class_open(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Restricted and confidential recordings are for those named, and their keepers."""
    close = {officer.officer} & (subject.named | subject.lock_owners | {subject.wearer})
    if subject.access_class is AccessClass.OPEN or close:
        return None
    if officer.officer in subject.broken and subject.access_class is AccessClass.RESTRICTED:
        return None
    standards = officer.holds(Role.PROFESSIONAL_STANDARDS, subject.unit)
    manager = officer.holds(Role.EVIDENCE_MANAGER, subject.unit)
    if standards or (manager and subject.access_class is AccessClass.RESTRICTED):
        return None
    return refuse(
        "class",
        f"This recording is {subject.access_class.value}: only people named for it can open it. "
        "Ask the evidence manager to name you.",
    )


def bin_open(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """The last days are hidden from colleagues, not from wearer, holds and requests."""
    near = subject.owners | subject.broken
    close = officer.officer == subject.wearer or officer.officer in near
    manager = officer.holds(Role.EVIDENCE_MANAGER, subject.unit)
    hidden = _as_known(officer, subject).hidden
    if not hidden or close or manager or subject.task is TaskKind.REQUEST:
        return None
    return refuse(
        "hidden",
        "This recording is in its last days and hidden from colleagues. If it is needed, "
        "ask its wearer or the evidence manager to keep it.",
    )


def task_given(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Who is not close to the recording says what work it is for."""
    close = {officer.officer} & (
        subject.owners | subject.lock_owners | subject.present | subject.broken | {subject.wearer}
    )
    if subject.task is not None or close:
        return None
    return refuse(
        "task",
        "You can't watch this: you have given no case or incident.",
    )


def history_open(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """The history names people, so it is as close as the recording; auditors read it."""
    if officer.holds(Role.AUDITOR, subject.unit):  # the log, not the footage
        return None
    return class_open(officer, subject)


def never_locked(_officer: OfficerFacts, subject: Subject) -> Refused | None:
    """No emergency opens what is locked for an inquiry."""
    return refuse("not_this_way", "This can't be opened this way.") if subject.locked else None


def never_confidential(_officer: OfficerFacts, subject: Subject) -> Refused | None:
    """No emergency opens what is confidential."""
    if subject.access_class is not AccessClass.CONFIDENTIAL:
        return None
    return refuse("not_this_way", "This can't be opened this way.")


def evidential_first(_officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Only what is marked can be unmarked."""
    if subject.evidential:
        return None
    return refuse("not_evidential", "This recording is not marked evidential.")


def not_wearer(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Nobody decides about the footage that he or she wore."""
    if officer.officer != subject.wearer:
        return None
    return refuse("wearer", "You wore this camera, so somebody else has to decide this.")


def not_for_oneself(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Nobody gives a thing to himself or herself."""
    if officer.officer != subject.person:
        return None
    return refuse("oneself", "You can't do this for yourself. Ask a colleague with the same role.")


def only_for_oneself(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Taking from the pool is for oneself."""
    if officer.officer == subject.person and subject.pool:
        return None
    return refuse("pool", "You can take a pool camera for yourself, and no other.")


def second_person(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Somebody asked, and it is somebody else who agrees."""
    if subject.first_person is None:
        return refuse("two_people", "This needs two people, and nobody has asked for it yet.")
    return another_person(officer, subject)


def second_person_or_notice(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Somebody asked, and another agrees; with one evidence manager, public notice and a delay."""
    manager = officer.holds(Role.EVIDENCE_MANAGER, subject.unit)
    own = officer.officer == subject.first_person
    if own and manager and subject.one_manager and subject.noticed:
        return None
    return second_person(officer, subject)


def one_manager(_officer: OfficerFacts, subject: Subject) -> Refused | None:
    """The force runs with one evidence manager, as its administrator or operator decided."""
    if subject.one_manager:
        return None
    return refuse(
        "two_people",
        "This needs a second person: the force does not run with one evidence manager.",
    )


def own_step(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """One gives notice of what one proposed, asked or decided oneself."""
    if officer.officer == subject.first_person:
        return None
    return refuse("notice", "You can give notice only of what you proposed or decided yourself.")


def another_person(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Whoever asked does not agree to it as well."""
    if officer.officer != subject.first_person:
        return None
    return refuse("two_people", "You asked for this, so somebody else has to agree to it.")


def not_oversights(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """What oversight placed only oversight lifts."""
    if not subject.oversight or officer.officer in subject.owners | subject.lock_owners:
        return None
    if officer.holds(Role.INDEPENDENT_INVESTIGATOR, subject.unit):
        return None
    return refuse("oversight", "The independent investigator placed this. The force can't lift it.")


def not_oversights_lock(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """A lock by oversight is for oversight to open: owning a hold is no key to it."""
    return not_oversights(officer, replace(subject, owners=frozenset()))


def owner_or_second(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """The owner alone, or two others."""
    if officer.officer in subject.owners:
        return None
    return second_person(officer, subject)


def oversights_own(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Nobody of the force sees into what oversight works on."""
    if not subject.oversight or officer.holds(Role.INDEPENDENT_INVESTIGATOR, subject.unit):
        return None
    return refuse("oversight", "This belongs to the independent investigation.")


def not_involved(officer: OfficerFacts, subject: Subject) -> Refused | None:
    """Who was at a critical incident decides nothing about its accounts."""
    if officer.officer not in subject.present:
        return None
    return refuse("involved", "You are named in this incident, so somebody else has to do this.")


def _as_known(officer: OfficerFacts, subject: Subject) -> Truly:
    """What this person may know of its days: oversight's silent holds keep it for oversight."""
    truly = subject.truly
    if truly is None or not officer.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        return Truly(hidden=subject.hidden, gone=subject.gone)
    return Truly(hidden=subject.hidden and truly.hidden, gone=subject.gone and truly.gone)
