"""Opening and closing cases. A case that closes gets a day of review, never limbo."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction

from fairwitness.cases.models import Case, CaseState
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail

_LONGEST_REFERENCE = 40


class CaseInvalid(FairwitnessError):
    """A case that can't be opened, closed or reopened as asked."""

    code: ClassVar[str] = "case.invalid"


def subject_of(case: Case, *, person: UUID | None = None) -> Subject:
    """The facts of a case that bear on who may do what in it; `person` is whom it is done for."""
    return Subject(
        person=person,
        unit=case.unit.code,
        owners=frozenset({case.officer_in_case_id}),
        oversight=case.oversight,
    )


def about(case: Case) -> str:
    """The custody subject of a case."""
    return f"case:{case.pk}"


def open_case(
    *,
    reference: str,
    title: str,
    unit: Unit,
    officer_in_case: Officer,
    review_on: date,
    officer: Officer,
    at: datetime,
    oversight: bool = False,
) -> Case:
    """Open a case.

    Args:
        reference: what the force calls it; unique.
        title: what it is about, in a few words.
        unit: whose case it is.
        officer_in_case: who answers for it.
        review_on: when somebody looks whether what it keeps is still needed.
        officer: who opens it.
        at: now.
        oversight: it is the independent investigation's own.

    Raises:
        CaseInvalid: no reference or title, a reference that is taken (`case.taken`), or a day of
            review that is not to come (`case.review`).
        NotAllowed: the officer may not.
    """
    reference, title = _names(reference, title)
    _check_review(review_on, at)
    authority.demand(
        actor=officer,
        action=Action.OPEN_CASE,
        subject=Subject(unit=unit.code),
        about="force",
        at=at,
    )
    case = Case(
        reference=reference,
        title=title,
        unit=unit,
        officer_in_case=officer_in_case,
        opened_at=at,
        review_on=review_on,
        oversight=oversight,
    )
    try:
        with transaction.atomic():
            case.save(force_insert=True)
            ledger.append(
                subject=about(case),
                act=Act.CASE_OPENED,
                actor=authority.text(officer),
                at=at,
                detail=_detail(case),
            )
    except IntegrityError as error:
        raise CaseInvalid(f"There is a case {reference} already.", code="case.taken") from error
    return case


def close_case(
    *, case: Case, outcome: str, review_on: date, officer: Officer, at: datetime
) -> Case:
    """Close a case. What it keeps stays kept until the day of review. Repeating changes nothing.

    Raises:
        CaseInvalid: no outcome, or a day of review that is not to come.
        NotAllowed: the officer may not.
    """
    if case.state == CaseState.CLOSED:
        return case
    if not outcome.strip():
        raise CaseInvalid("Say how the case ended.", code="case.outcome")
    _check_review(review_on, at)
    _demand(case, officer, at)
    with transaction.atomic():
        _lock(case)
        if case.state == CaseState.CLOSED:
            return case
        case.state, case.closed_at = CaseState.CLOSED, at
        case.outcome, case.review_on = outcome.strip(), review_on
        case.save(update_fields=["state", "closed_at", "outcome", "review_on"])
        ledger.append(
            subject=about(case),
            act=Act.CASE_CLOSED,
            actor=authority.text(officer),
            at=at,
            reason=case.outcome,
            detail={"review_on": review_on.isoformat()},
        )
    return case


def reopen_case(
    *, case: Case, reason: str, review_on: date, officer: Officer, at: datetime
) -> Case:
    """Work on a closed case again. Repeating changes nothing.

    Raises:
        CaseInvalid: no reason, or a day of review that is not to come.
        NotAllowed: the officer may not.
    """
    if case.state == CaseState.OPEN:
        return case
    if not reason.strip():
        raise CaseInvalid("Say why the case is reopened.", code="case.reason")
    _check_review(review_on, at)
    _demand(case, officer, at)
    with transaction.atomic():
        _lock(case)
        if case.state == CaseState.OPEN:
            return case
        case.state, case.closed_at, case.review_on = CaseState.OPEN, None, review_on
        case.save(update_fields=["state", "closed_at", "review_on"])
        ledger.append(
            subject=about(case),
            act=Act.CASE_REOPENED,
            actor=authority.text(officer),
            at=at,
            reason=reason.strip(),
            detail={"review_on": review_on.isoformat()},
        )
    return case


def _lock(case: Case) -> None:
    """Take one's turn with whoever closes or opens it in the same moment, and see what they did."""
    Case.objects.select_for_update().get(pk=case.pk)
    case.refresh_from_db()


def _names(reference: str, title: str) -> tuple[str, str]:
    reference, title = reference.strip(), title.strip()
    if not reference or not title or len(reference) > _LONGEST_REFERENCE:
        raise CaseInvalid("A case needs a reference of at most 40 characters, and a title.")
    return reference, title


def _detail(case: Case) -> dict[str, Detail]:
    return {
        "reference": case.reference,
        "title": case.title,
        "unit": case.unit.code,
        "officer_in_case": str(case.officer_in_case_id),
        "review_on": case.review_on.isoformat(),
    }


def _check_review(review_on: date, at: datetime) -> None:
    if review_on <= at.date():
        raise CaseInvalid("The day of review is after today.", code="case.review")


def _demand(case: Case, officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.CLOSE_CASE,
        subject=subject_of(case),
        about=about(case),
        at=at,
    )
