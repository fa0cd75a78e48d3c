"""Reviews: what is kept is looked at again on its day, and somebody says why it stays or goes."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.force.asking import Action, Subject
from fairwitness.retention import desk_sight, hold_sight, lifting, marking, reviews
from fairwitness.retention.models import Hold, Review, Unmarking
from fairwitness.web import (
    acting,
    consulting,
    holds,
    keyset,
    page,
    recording,
    showing,
    times,
    visits,
)

_AHEAD: Final = timedelta(days=60)
_LONGER: Final = timedelta(days=366)
_HOLDS: Final = 50


def _row(
    review: Review, visit: visits.SignedVisit, names: Mapping[str, str], asked: set[UUID]
) -> dict[str, object]:
    found = review.recording
    return {
        "id": str(found.pk),
        "reference": found.reference,
        "title": showing.title(found, names),
        "wearer": str(found.wearer) if found.wearer else "nobody yet",
        "unit": found.unit.name if found.unit else "",
        "marked": times.plain_day(review.marked_at),
        "by": str(review.marked_by),
        **_when(review.due_on, visit.at),
        "asked": found.pk in asked,
        "mine": found.wearer_id == visit.officer.pk,
    }


def _when(on: date, at: datetime) -> dict[str, object]:
    today = times.day(at)
    days = (on - today).days
    late = f"{-days} days overdue" if days < -1 else "1 day overdue"
    return {
        "due": f"{on.day} {on:%B %Y}",
        "overdue": days < 0,
        "today": days == 0,
        "words": late if days < 0 else times.from_now(_noon(on), at=at),
        "again": (today + _LONGER).isoformat(),
        "least": (today + timedelta(days=1)).isoformat(),
    }


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(12), tzinfo=times.LONDON)


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What is due or overdue, the longest overdue first; then what comes within sixty days."""
    found = desk_sight.reviews(visit.facts).filter(due_on__lte=times.day(visit.at) + _AHEAD)
    key = keyset.read(request.GET.get("after", ""))
    if key:
        found = found.filter(
            Q(due_on__gt=times.day(key.at)) | Q(due_on=times.day(key.at), pk__gt=key.tie)
        )
    related = ("recording__wearer", "recording__unit", "marked_by")
    rows, more = keyset.cut(
        found.select_related(*related).order_by("due_on", "pk")[: keyset.PAGE + 1]
    )
    waiting = Unmarking.objects.filter(
        recording__in=[row.pk for row in rows], decided_at__isnull=True
    )
    asked = set(waiting.values_list("recording_id", flat=True))
    kept = (
        desk_sight.holds(visit.facts)
        .select_related("owner", "lift_asked_by")
        .order_by("review_on", "pk")
    )
    names = showing.category_names()
    consulting.note(visit, of="reviews", shown=len(rows))
    context = {
        "rows": [_row(row, visit, names, asked) for row in rows],
        "holds": [
            _hold_row(hold, visit)
            for hold in kept.filter(review_on__lte=times.day(visit.at) + _AHEAD)[:_HOLDS]
            if not hold_sight.waits_for(hold, visit.facts)
        ],
        "next": keyset.link("/reviews", keyset.text(_noon(rows[-1].due_on), rows[-1].pk))
        if more
        else "",
        "first": key is None,
    }
    return page.render(request, "pages/reviews.html", context)


def _hold_row(hold: Hold, visit: visits.SignedVisit) -> dict[str, object]:
    return {
        "id": str(hold.pk),
        "kind": hold.get_kind_display(),
        "reference": hold.reference,
        "basis": hold.basis,
        "owner": str(hold.owner) if hold.owner else "Nobody: a person who was filmed asked for it",
        "mine": hold.owner_id == visit.officer.pk,
        "asked": str(hold.lift_asked_by) if hold.lift_asked_by else "",
        "placed": times.plain_day(hold.placed_at),
        "silent": hold.silent,
        **_when(hold.review_on, visit.at),
    }


def _until(request: HttpRequest) -> date:
    day = times.typed_day(request.POST.get("until", ""))
    if day is None:
        raise reviews.ReviewInvalid("Say on which day somebody looks again.")
    return day


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Keep a recording until another day, or ask that it be let go; with a reason."""
    if recording.find_alive(visit, pk) is None:
        return recording.not_here(request)
    reason = request.POST.get("reason", "")

    def act() -> str:
        if request.POST.get("decision") == "go":
            marking.ask_unmark(recording=pk, reason=reason, officer=visit.officer, at=visit.at)
            return "Asked. It stays kept until a second person agrees that it is let go."
        until = _until(request)
        reviews.keep_recordings(
            recordings=[pk], look_again_on=until, reason=reason, officer=visit.officer, at=visit.at
        )
        return f"Kept. Somebody looks again on {until.day} {until:%B %Y}."

    return acting.attempt(request, act, then="/reviews", back="/reviews")


@require_POST
@visits.signed_in
def decide_hold(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Let a hold stand until another day, or lift it; with a reason."""
    hold = Hold.objects.filter(hold_sight.within(visit.facts), pk=pk).first()
    if hold is None or hold_sight.waits_for(hold, visit.facts):
        visits.allowed(visit, Action.SEE_HOLDS, about=f"hold:{pk}", subject=Subject())
        return holds.refuse(request)
    reason = request.POST.get("reason", "")

    def act() -> str:
        if request.POST.get("decision") == "go":
            lifted = lifting.lift(hold=hold, officer=visit.officer, reason=reason, at=visit.at)
            if lifted.lifted:
                return "Lifted. What nothing else keeps has seven more days."
            return "Asked. The hold stands until a second person lifts it."
        until = _until(request)
        reviews.keep_hold(
            hold=hold, look_again_on=until, reason=reason, officer=visit.officer, at=visit.at
        )
        return f"The hold stands. Somebody looks again on {until.day} {until:%B %Y}."

    return acting.attempt(request, act, then="/reviews#holds", back="/reviews")
