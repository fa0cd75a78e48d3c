"""Who wore the camera: one person says that it was somebody else, a second agrees or declines."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence import annotations
from fairwitness.force import officers
from fairwitness.force.models import Officer
from fairwitness.web import acting, page, recording, showing, times, visits


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def correct(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say that somebody else wore the camera, or see who said so."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    path = f"/recordings/{pk}/wearer"
    if request.method != "POST":
        asked = annotations.open_correction(found)
        context = {
            "id": str(pk),
            "reference": found.reference,
            "title": showing.title(found, showing.category_names()),
            "when": times.long_moment(showing.began(found)),
            **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
            "wearer": str(found.wearer) if found.wearer else "",
            "asked_by": str(asked.first_officer) if asked else "",
            "asked_at": times.short_moment(asked.first_at) if asked else "",
            "asked_for": str(Officer.objects.get(pk=asked.detail["to"])) if asked else "",
            "asked_reason": asked.text if asked else "",
        }
        return page.render(request, "pages/wearer.html", context)

    def act() -> str:
        wearer = officers.named(request.POST.get("collar_number", "").strip())
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise annotations.CorrectionClosed("Say how you know who wore the camera.")
        annotations.ask_wearer_correction(
            recording=found, wearer=wearer, officer=visit.officer, reason=reason, at=visit.at
        )
        return "Asked. Nothing changes until a second person agrees."

    return acting.attempt(request, act, then=path, back=path)


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """As the second person: agree that somebody else wore the camera, or decline."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    agreed = request.POST.get("decision") == "agree"
    reason = request.POST.get("reason", "")

    def act() -> str:
        asked = annotations.open_correction(found)
        if asked is None:
            raise annotations.CorrectionClosed("Nobody asks for a correction of the wearer now.")
        if agreed:
            row = annotations.agree_wearer_correction(
                correction=asked, officer=visit.officer, at=visit.at
            )
            return f"{row.wearer} wore the camera, as two people say. What was said before stays."
        annotations.decline_wearer_correction(
            correction=asked, officer=visit.officer, reason=reason, at=visit.at
        )
        return "Declined. The wearer stays as it was."

    path = f"/recordings/{pk}/wearer"
    return acting.attempt(request, act, then=path, back=path)
