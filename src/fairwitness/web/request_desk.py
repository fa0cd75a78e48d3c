"""The desk of those who answer people that asked to keep footage."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.disclosure import keep_requests, request_sight
from fairwitness.disclosure.models import KeepRequest, RequestState
from fairwitness.force import public_codes
from fairwitness.force.asking import Action, NotAllowed
from fairwitness.retention import reviews
from fairwitness.retention.models import Hold, HoldBinding
from fairwitness.web import acting, page, times, visits

_SEE: Final = Action.SEE_REQUESTS
_SHOWN: Final = 200
_RECORDINGS: Final = 100
_LONGER: Final = timedelta(days=90)
_OUTCOMES: Final = (
    (RequestState.ANSWERED.value, "We answered it"),
    (RequestState.REFUSED.value, "We refused it"),
    (RequestState.WITHDRAWN.value, "The person took it back"),
)


def _row(request: KeepRequest) -> dict[str, object]:
    return {
        "id": str(request.pk),
        "code": public_codes.spaced(request.code),
        "asked": times.short_moment(request.asked_at),
        "from": times.short_moment(request.begins_at),
        "to": times.short_moment(request.ends_at),
        "place": request.unit.name if request.unit else "not said",
        "number": request.number,
        "card": public_codes.spaced(request.card),
        "state": request.get_state_display(),
        "open": request.state == RequestState.OPEN,
    }


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Requests",
        sentence="You can’t see what people asked to be kept.",
        detail="Evidence managers and disclosure officers answer them. This was written down.",
        back="/recordings",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Open requests first, the oldest of them first."""
    if visits.reach(visit, _SEE) == frozenset():
        return _refuse(request)
    found = request_sight.within(visit.facts)
    waiting = found.filter(state=RequestState.OPEN).order_by("asked_at")[:_SHOWN]
    done = found.exclude(state=RequestState.OPEN)[:_SHOWN]
    context = {"waiting": [_row(each) for each in waiting], "done": [_row(each) for each in done]}
    return page.render(request, "pages/requests.html", context)


def _find(visit: visits.SignedVisit, pk: UUID, action: Action) -> KeepRequest | None:
    """The request, if this visitor may; that one may not is written down."""
    found = KeepRequest.objects.select_related("unit", "officer__unit").filter(pk=pk).first()
    if found is None:
        visits.allowed(visit, action, about=f"request:{pk}")
        return None
    try:
        keep_requests.demand(request=found, action=action, officer=visit.officer, at=visit.at)
    except NotAllowed:
        return None
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One request with what it keeps, or how it was answered."""
    action = Action.ANSWER_REQUEST if request.method == "POST" else _SEE
    found = _find(visit, pk, action)
    if found is None:
        return _refuse(request)
    if request.method == "POST":
        return acting.attempt(
            request,
            lambda: _close(request, visit, found),
            then=f"/requests/{pk}",
            back=request.path,
        )
    holds = found.holds.annotate(number=Count("bindings")).order_by("placed_at", "pk")
    bound = (
        HoldBinding.objects.filter(hold__in=found.holds.all())
        .order_by("recording__started_at")
        .values_list("recording_id", "recording__reference")
        .distinct()[:_RECORDINGS]
    )
    context = {
        **_row(found),
        "officer": str(found.officer) if found.officer else "",
        "words": found.words,
        "contact": found.contact,
        "emptied": times.plain_day(found.emptied_at) if found.emptied_at else "",
        "answer": found.answer,
        "closed": times.short_moment(found.closed_at) if found.closed_at else "",
        "holds": [_hold(hold, hold.number) for hold in holds],
        "standing": any(hold.lifted_at is None for hold in holds),
        "recordings": list(bound),
        "outcomes": _OUTCOMES,
        "longer": (times.day(visit.at) + _LONGER).isoformat(),
    }
    return page.render(request, "pages/request.html", context)


def _hold(hold: Hold, number: int) -> dict[str, object]:
    return {
        "what": "by the officer" if hold.criteria["officers"] else "by the place",
        "number": number,
        "lapses": times.plain_date(hold.review_on),
        "lifted": times.short_moment(hold.lifted_at) if hold.lifted_at else "",
    }


def _close(request: HttpRequest, visit: visits.SignedVisit, found: KeepRequest) -> str:
    outcome = request.POST.get("outcome", "")
    if outcome not in dict(_OUTCOMES):
        raise keep_requests.RequestInvalid("Say what became of it.", field="outcome")
    keep_requests.close(
        request=found,
        outcome=RequestState(outcome),
        answer=request.POST.get("reason", ""),
        officer=visit.officer,
        at=visit.at,
    )
    return "Written down. What it keeps stays kept until it lapses or two people lift the holds."


@require_POST
@visits.signed_in
def extend(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Keep what was asked for longer."""
    found = _find(visit, pk, Action.ANSWER_REQUEST)
    if found is None:
        return _refuse(request)

    def act() -> str:
        until = times.typed_day(request.POST.get("until", ""))
        if until is None:
            raise reviews.ReviewInvalid("Say until which day.")
        reviews.keep_holds(
            holds=list(found.holds.filter(lifted_at__isnull=True)),
            look_again_on=until,
            reason=request.POST.get("reason", ""),
            officer=visit.officer,
            at=visit.at,
        )
        return f"Kept until {times.plain_date(until)}."

    return acting.attempt(request, act, then=f"/requests/{pk}", back=f"/requests/{pk}")
