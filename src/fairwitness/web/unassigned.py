"""Recordings that nobody is known to have worn: assign each to its wearer."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import unassigned
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, officers
from fairwitness.force.asking import Action, Refused, Subject
from fairwitness.web import acting, page, times, visits


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Unassigned",
        sentence="You can’t see the unassigned recordings.",
        detail="They are for supervisors and evidence managers.",
        back="/recordings",
    )


def _may_see(visit: visits.SignedVisit) -> bool:
    decision = authority.ask(
        actor=visit.officer, action=Action.SEE_UNASSIGNED, subject=Subject(), at=visit.at
    )
    return not isinstance(decision, Refused)


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The queue, oldest first."""
    if not _may_see(visit):
        return _refuse(request)
    rows = [
        {
            "id": str(found.pk),
            "reference": found.reference,
            "docked": times.short_moment(found.docked_at),
            "camera": found.camera_serial or "not known",
            "station": found.station.name if found.station else "not known",
        }
        for found in unassigned.waiting().select_related("station")[:200]
    ]
    return page.render(request, "pages/unassigned.html", {"rows": rows})


@require_POST
@visits.signed_in
def assign(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say who wore the camera, and why one knows."""
    found = Recording.objects.filter(pk=pk).first()
    if found is None or not _may_see(visit):
        return _refuse(request)

    def act() -> str:
        wearer = officers.named(request.POST.get("collar_number", "").strip())
        unassigned.assign(
            recording=found,
            wearer=wearer,
            by=visit.officer,
            reason=request.POST.get("reason", "").strip(),
            at=visit.at,
        )
        return f"{found.reference} now belongs to {wearer}."

    return acting.attempt(request, act, then="/unassigned", back="/unassigned")
