"""Leave for a whole case: what it would open, giving and ending it; what it opens to oneself."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.accountability import finding
from fairwitness.cases import case_leave, opening
from fairwitness.cases.case_leave import CaseLeaveInvalid, Reach
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.cases.models import Case
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import naming
from fairwitness.force import officers
from fairwitness.force.asking import Action
from fairwitness.web import acting, consulting, leave, page, recordings, showing, times, visits


def _find(
    request: HttpRequest, visit: visits.SignedVisit, pk: UUID
) -> tuple[Case | None, HttpResponse]:
    """The case, if this visitor gives leave for it; else what to answer."""
    case = Case.objects.select_related("unit").filter(pk=pk).first()
    subject = opening.subject_of(case) if case else visits.NOTHING
    known = visits.allowed(visit, Action.GIVE_CASE_LEAVE, about=f"case:{pk}", subject=subject)
    if case is not None and known:
        return case, HttpResponse()
    refusal = page.refuse(
        request,
        title="Leave for a case",
        sentence="You can’t give leave for this case.",
        detail="It takes an evidence manager or professional standards. This request was written"
        " down.",
        back="/cases",
    )
    return None, refusal


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def give(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Who has leave; what it would open to somebody, as a question; and giving it."""
    case, refusal = _find(request, visit, pk)
    if case is None:
        return refusal
    there = f"/cases/{pk}/leave"
    if request.method == "POST":

        def act() -> str:
            made = case_leave.give(
                case=case,
                officer=officers.named(request.POST.get("collar_number", "").strip()),
                by=visit.officer,
                reason=request.POST.get("reason", ""),
                until=leave.end_of(request.POST.get("until", "")),
                at=visit.at,
            )
            number = len(case_leave.reached(leave=made))
            words = "1 recording" if number == 1 else f"{number} recordings"
            return f"{made.officer.title} can see {words} until {times.long_moment(made.ends_at)}."

        return acting.attempt(request, act, then=there, back=there)
    week = (times.day(visit.at) + timedelta(days=7)).isoformat()
    context: dict[str, object] = {
        "id": str(pk),
        "reference": case.reference,
        "title": case.title,
        "given": [row(each) for each in case_leave.standing(case=case, at=visit.at)],
        "first": (times.day(visit.at) + timedelta(days=1)).isoformat(),
        "last": times.day(visit.at + naming.LONGEST - timedelta(days=1)).isoformat(),
        "collar_number": request.GET.get("collar_number", "").strip()[:20],
        "until": request.GET.get("until", "") or week,
        "reason": request.GET.get("reason", "").strip(),
        "problem": "",
        "asked": False,
    }
    if "collar_number" not in request.GET:
        return page.render(request, "pages/case_leave.html", context)
    try:
        officer = officers.named(str(context["collar_number"]))
        until = leave.end_of(str(context["until"]))
        reach = case_leave.foretell(case=case, officer=officer, by=visit.officer, at=visit.at)
    except FairwitnessError as error:
        context["problem"] = error.message
        return page.render(request, "pages/case_leave.html", context, status=400)
    context |= {
        "asked": True,
        "who": f"{officer.title}, {officer.collar_number}",
        "until_words": times.long_moment(until),
        **_foretold(reach),
    }
    return page.render(request, "pages/case_leave.html", context)


def _foretold(reach: tuple[Reach, ...]) -> dict[str, object]:
    opens = [each for each in reach if not each.why_not]
    return {
        "opens": [
            {
                "href": f"/recordings/{each.recording.pk}",
                "reference": each.recording.reference,
                "already": each.sees_already,
                "locked": each.recording.locked,
            }
            for each in opens
        ],
        "not_opened": [
            {"reference": each.recording.reference, "why": each.why_not}
            for each in reach
            if each.why_not
        ],
        "most": case_leave.MOST if len(reach) == case_leave.MOST else 0,
    }


def row(each: CaseLeave) -> dict[str, str]:
    """One person's leave for a case, as a page shows it."""
    return {
        "id": str(each.pk),
        "who": each.officer.title,
        "by": each.given_by.title,
        "until": times.long_moment(each.ends_at),
        "reason": each.reason,
    }


@require_POST
@visits.signed_in
def end(request: HttpRequest, visit: visits.SignedVisit, pk: UUID, given: UUID) -> HttpResponse:
    """End leave before its time."""
    case, refusal = _find(request, visit, pk)
    if case is None:
        return refusal
    each = CaseLeave.objects.select_related("officer", "given_by", "case__unit").filter(
        pk=given, case=case
    )

    def act() -> str:
        found = each.first()
        if found is None:
            raise CaseLeaveInvalid("Nobody has this leave.")
        reason = request.POST.get("reason", "")
        case_leave.end(leave=found, by=visit.officer, reason=reason, at=visit.at)
        return f"{found.officer.title} has leave for this case no more."

    there = f"/cases/{pk}/leave"
    return acting.attempt(request, act, then=there, back=there)


@require_safe
@visits.signed_in
def opened(request: HttpRequest, visit: visits.SignedVisit, given: UUID) -> HttpResponse:
    """What one's own leave for a case opens now; nobody else's."""
    found = case_leave.opened_for(officer=visit.officer, at=visit.at).filter(pk=given).first()
    if found is None:
        return page.refuse(
            request,
            title="Not found",
            sentence="There is no such leave for you, or it is over.",
            back="/today",
            status=404,
        )
    rows = finding.visible(
        recordings=case_leave.reached(leave=found), facts=visit.facts, at=visit.at
    )
    about = opening.about(found.case)
    consulting.note(visit, of="case opened to them", shown=len(rows), about=about)
    names = showing.category_names()
    context = {
        "reference": found.case.reference,
        "until": times.long_moment(found.ends_at),
        "by": found.given_by.title,
        "reason": found.reason,
        "rows": [
            recordings.row(each, names=names, facts=visit.facts, at=visit.at) for each in rows
        ],
    }
    return page.render(request, "pages/case_opened.html", context)


def mine(visit: visits.SignedVisit, *, most: int) -> list[dict[str, str]]:
    """The cases that are open to this visitor for a time, for the page of today."""
    return [
        {
            "href": f"/opened/{each.pk}",
            "reference": f"Case {each.case.reference}",
            "until": times.long_moment(each.ends_at),
            "by": each.given_by.title,
            "reason": each.reason,
        }
        for each in case_leave.opened_for(officer=visit.officer, at=visit.at)[:most]
    ]
