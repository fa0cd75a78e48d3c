"""Saying what a recording is: categorise, keep as evidence, and undo it by two people."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Subject
from fairwitness.retention import categories, marking
from fairwitness.retention.models import Unmarking
from fairwitness.web import acting, notices, page, recording, showing, times, visits


def _form(
    request: HttpRequest,
    visit: visits.SignedVisit,
    found: Recording,
    template: str,
    context: dict[str, object],
) -> HttpResponse:
    names = showing.category_names()
    rows = {
        "id": str(found.pk),
        "reference": found.reference,
        "title": showing.title(found, names),
        "when": times.long_moment(showing.began(found)),
        **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
        **context,
    }
    return page.render(request, template, rows)


def _categories(*, timed_only: bool, chosen: str) -> list[dict[str, object]]:
    table = sorted(categories.current().values(), key=lambda line: line.name)
    return [
        {
            "code": line.code,
            "name": line.name,
            "period": f"kept {times.period(line.days)}"
            if line.days
            else "kept until a review decides",
            "chosen": line.code == chosen,
        }
        for line in table
        if line.days is not None or not timed_only
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def categorise(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say what it is of; the longest category gives its period."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    if request.method != "POST":
        rows = _categories(timed_only=not found.evidential, chosen=found.category)
        return _form(request, visit, found, "pages/categorise.html", {"categories": rows})
    codes = request.POST.getlist("category")

    def act() -> str:
        marking.categorise(recordings=[pk], codes=codes, officer=visit.officer, at=visit.at)
        return "Categorised. The life line shows the day it now goes by."

    return acting.attempt(
        request, act, then=f"/recordings/{pk}", back=f"/recordings/{pk}/categorise"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def keep(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Keep it as evidence: an incident or case number and a category."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    if request.method != "POST":
        rows = _categories(timed_only=False, chosen=found.category)
        context: dict[str, object] = {"categories": rows, "incident": found.incident}
        return _form(request, visit, found, "pages/keep.html", context)
    incident = request.POST.get("incident", "").strip()
    codes = request.POST.getlist("category")

    def act() -> str:
        marking.mark_evidential(
            recordings=[pk], incident=incident, codes=codes, officer=visit.officer, at=visit.at
        )
        return f"Kept as evidence for {incident}. It has left the count."

    return acting.attempt(request, act, then=f"/recordings/{pk}", back=f"/recordings/{pk}/keep")


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def unmark(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask that it is no longer kept as evidence; a second person agrees or declines."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    asked = Unmarking.objects.filter(recording=found, decided_at__isnull=True).first()
    if request.method != "POST":
        rows = {
            "asked": asked is not None,
            "asked_by": str(asked.asked_by) if asked else "",
            "asked_reason": asked.reason if asked else "",
            "asked_at": times.short_moment(asked.asked_at) if asked else "",
            "notice": _notice(visit, found, asked) if asked else {},
        }
        return _form(request, visit, found, "pages/unmark.html", rows)
    reason = request.POST.get("reason", "")

    def act() -> str:
        marking.ask_unmark(recording=pk, reason=reason, officer=visit.officer, at=visit.at)
        return "Asked. It stays kept until a second person agrees."

    return acting.attempt(request, act, then=f"/recordings/{pk}", back=f"/recordings/{pk}/unmark")


def _notice(visit: visits.SignedVisit, found: Recording, asked: Unmarking) -> dict[str, object]:
    unit = found.unit.code if found.unit else None
    subject = Subject(unit=unit, wearer=found.wearer_id, first_person=asked.asked_by_id)
    return notices.offer(visit, asked, subject, action=f"/recordings/{found.pk}/unmark/decide")


@require_POST
@visits.signed_in
def decide_unmark(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """As the second person: agree that it is no longer evidence, or decline."""
    if recording.find_alive(visit, pk) is None:
        return recording.not_here(request)
    agreed = request.POST.get("decision") == "agree"
    reason = request.POST.get("reason", "")
    asked = Unmarking.objects.filter(recording=pk, decided_at__isnull=True).first()

    def act() -> str:
        if request.POST.get("decision") == "notice" and asked is not None:
            return notices.give(visit, asked)
        if agreed:
            marking.unmark_evidential(recording=pk, officer=visit.officer, at=visit.at)
            return "No longer evidence. It stays at least seven more days."
        marking.decline_unmark(recording=pk, reason=reason, officer=visit.officer, at=visit.at)
        return "Declined. It stays kept."

    return acting.attempt(request, act, then=f"/recordings/{pk}", back=f"/recordings/{pk}/unmark")
