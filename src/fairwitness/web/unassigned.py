"""Recordings that nobody is known to have worn: assign each to its wearer."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import reaching, unassigned
from fairwitness.evidence.models import Recording
from fairwitness.force import officers, permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.web import acting, consulting, page, showing, times, visits, volumes


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Unassigned",
        sentence="You can’t see the unassigned recordings.",
        detail="They are for supervisors and evidence managers.",
        back="/recordings",
    )


def _queue(units: frozenset[str] | None, at: datetime) -> QuerySet[Recording]:
    """All that wait, or those of some units."""
    return unassigned.waiting().filter(reaching.there(at), reaching.rare_within(units))


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The queue, oldest first."""
    units = visits.reach(visit, Action.SEE_UNASSIGNED)
    if units is not None and not units:
        return _refuse(request)
    rows = [
        {
            "id": str(found.pk),
            "reference": found.reference,
            "docked": times.short_moment(found.docked_at),
            "camera": f"Camera {found.camera_serial or 'not known'}"
            if found.volume is None
            else str(found.volume).capitalize(),
            "station": found.station.name if found.station else "not known",
            "line": showing.line_for(found, facts=visit.facts, at=visit.at),
        }
        for found in _queue(units, visit.at)
        .select_related("station", "review", "disposal", "volume")
        .prefetch_related("bindings__hold")[:200]
    ]
    consulting.note(visit, of="unassigned", shown=len(rows))
    shown = {
        "rows": rows,
        "logs": permissions.units_where(visit.facts, Action.READ_LOG) != frozenset(),
        "sees_volumes": volumes.waiting(visit.facts) is not None,
    }
    return page.render(request, "pages/unassigned.html", shown)


@require_POST
@visits.signed_in
def assign(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say who wore the camera, and why one knows."""
    found = Recording.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=found.unit.code if found and found.unit else None)
    if found is None or not visits.allowed(
        visit, Action.SEE_UNASSIGNED, about=recording_subject(pk), subject=subject
    ):
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
