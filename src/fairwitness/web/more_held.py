"""Bringing one more recording under a hold of one's own, beside placing a new one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from fairwitness.force.asking import Action, Subject
from fairwitness.retention import hold_sight, holds
from fairwitness.retention.models import Hold
from fairwitness.web import acting, recording, visits
from fairwitness.web.holds import refuse


@require_POST
@visits.signed_in
def extend(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Bring a recording, with all its parts, under a hold that stands."""
    hold = Hold.objects.filter(hold_sight.within(visit.facts), pk=pk).first()
    if hold is None or hold_sight.waits_for(hold, visit.facts):
        visits.allowed(visit, Action.SEE_HOLDS, about=f"hold:{pk}", subject=Subject())
        return refuse(request)
    try:
        found = recording.find_alive(visit, UUID(request.POST.get("recording", "")))
    except ValueError:
        found = None
    if found is None:
        return recording.not_here(request)

    def act() -> str:
        holds.extend(hold=hold, recordings=[found.pk], officer=visit.officer, at=visit.at)
        return f"The hold {hold.reference} keeps it too."

    then = f"/recordings/{found.pk}"
    return acting.attempt(request, act, then=then, back=f"/holds/new?recording={found.pk}")
