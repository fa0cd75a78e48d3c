"""From where on something stands out: proposing other numbers, and agreeing to them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.accountability import thresholds
from fairwitness.accountability.threshold_rows import ThresholdChange
from fairwitness.accountability.thresholds import ThresholdsInvalid
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Allowed, Subject
from fairwitness.web import acting, page, times, visits

_LONGEST = 4


def may_set(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may propose; nothing is written down."""
    return visits.may(visit, Action.SET_THRESHOLDS, visits.NOTHING)


def _allowed(visit: visits.SignedVisit) -> bool:
    action, about = Action.SET_THRESHOLDS, thresholds.SUBJECT
    return visits.allowed(visit, action, about=about, subject=visits.NOTHING)


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Limits",
        sentence="You can’t set the limits from which something stands out.",
        detail="Evidence managers, professional standards and auditors of the whole force do, two"
        " together. This request was written down.",
        back="/stands-out",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The numbers that stand, what waits, and the form to propose others."""
    if not _allowed(visit):
        return _refuse(request)
    if request.method == "POST":

        def act() -> str:
            thresholds.propose(
                numbers={name: _number(request.POST.get(name, "")) for name in thresholds.NAMES},
                reason=request.POST.get("reason", "").strip()[:300],
                officer=visit.officer,
                at=visit.at,
            )
            return "Proposed. Nothing changes before a second person agrees."

        there = "/stands-out/thresholds"
        return acting.attempt(request, act, then=there, back=there)
    numbers, change = thresholds.numbers_now(), thresholds.waiting()
    context = {
        "fields": [(name, words, numbers[name]) for name, words in thresholds.NAMES.items()],
        "least": thresholds.LEAST,
        "most": thresholds.MOST,
        "most_days": thresholds.MOST_DAYS,
        "change": _change(visit, change, numbers) if change else None,
    }
    return page.render(request, "pages/thresholds.html", context)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST:
        raise ThresholdsInvalid("Each is a whole number.")
    return int(text)


def _change(
    visit: visits.SignedVisit, change: ThresholdChange, now: dict[str, int]
) -> dict[str, object]:
    subject = Subject(first_person=change.proposed_by_id)
    decision = permissions.may(visit.facts, Action.AGREE_THRESHOLDS, subject)
    return {
        "id": str(change.pk),
        "by": str(change.proposed_by),
        "at": times.short_moment(change.proposed_at),
        "reason": change.reason,
        "differs": [
            (words, now[name], change.numbers[name])
            for name, words in thresholds.NAMES.items()
            if change.numbers.get(name, now[name]) != now[name]
        ],
        "why_not": "" if isinstance(decision, Allowed) else decision.message,
    }


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Agree, or take it back."""
    change = ThresholdChange.objects.select_related("proposed_by").filter(pk=pk).first()
    if not _allowed(visit):
        return _refuse(request)

    def act() -> str:
        if change is None:
            raise ThresholdsInvalid("There is no such change.")
        if request.POST.get("decision") == "agree":
            thresholds.agree(change=change, officer=visit.officer, at=visit.at)
            return "Agreed, as the second person. The next look asks by these numbers."
        thresholds.take_back(change=change, officer=visit.officer, at=visit.at)
        return "Taken back. The numbers stay as they are."

    return acting.attempt(request, act, then="/stands-out", back="/stands-out/thresholds")
