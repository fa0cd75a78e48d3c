"""Closing a case, and working on a closed one again."""

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from fairwitness.cases import opening
from fairwitness.cases.models import Case
from fairwitness.web import acting, cases, times, visits

_WORDS: Final = 500


@require_POST
@visits.signed_in
def close(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Close a case, saying how it ended; what it keeps stays kept."""

    def act(case: Case, words: str, review_on: date) -> str:
        opening.close_case(
            case=case, outcome=words, review_on=review_on, officer=visit.officer, at=visit.at
        )
        again = times.plain_date(review_on)
        return f"{case.reference} is closed. What it keeps is looked at again {again}."

    return _attempt(request, visit, pk, act)


@require_POST
@visits.signed_in
def reopen(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Work on a closed case again, saying why."""

    def act(case: Case, words: str, review_on: date) -> str:
        opening.reopen_case(
            case=case, reason=words, review_on=review_on, officer=visit.officer, at=visit.at
        )
        again = times.plain_date(review_on)
        return f"{case.reference} is open again, and looked at again {again}."

    return _attempt(request, visit, pk, act)


def _attempt(
    request: HttpRequest,
    visit: visits.SignedVisit,
    pk: UUID,
    act: Callable[[Case, str, date], str],
) -> HttpResponse:
    case = cases.find(visit, pk)
    if case is None:
        return cases.not_here(request)
    here = f"/cases/{pk}"

    def do() -> str:
        words = request.POST.get("reason", "").strip()
        if len(words) > _WORDS:
            raise opening.CaseInvalid(f"Say it in up to {_WORDS} letters.", code="case.reason")
        return act(case, words, _review(request, visit))

    return acting.attempt(request, do, then=here, back=here)


def _review(request: HttpRequest, visit: visits.SignedVisit) -> date:
    typed = request.POST.get("review_on", "")
    day = times.typed_day(typed)
    if typed and day is None:
        raise opening.CaseInvalid("Give the day of review as a date.", code="case.review")
    return day or times.day(visit.at) + cases.REVIEW
