"""The oversight body's workspace in a critical incident; nobody of the force opens it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.cases import declaring, workspace
from fairwitness.cases.models import CriticalIncident
from fairwitness.disclosure import tickets
from fairwitness.disclosure.models import Disclosure
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import TaskKind
from fairwitness.retention.models import Hold
from fairwitness.web import acting, consulting, incidents, page, times, visits

_CHECK: Final = "log"


def _find(visit: visits.SignedVisit, pk: UUID) -> CriticalIncident | None:
    return incidents.find(visit, pk, workspace.ENTER)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Its recordings, to play, copy, hold and check; a POST checks the log or reads one back."""
    incident = _find(visit, pk)
    if incident is None:
        return incidents.not_here(request)
    found = workspace.living(incident)
    consulting.note(visit, of="workspace", shown=len(found), about=declaring.about(incident))
    context: dict[str, object] = {
        **incidents.told(incident),
        "rows": [
            {
                "id": str(row.pk),
                "reference": row.reference,
                "wearer": str(row.wearer) if row.wearer else "nobody known",
                "docked": times.near_moment(row.docked_at, at=visit.at),
            }
            for row in found
        ],
        "task": TaskKind.INCIDENT.value,
        "holds": _holds(incident),
        "copies": _copies(incident),
        "fingerprint": visit.works.fingerprint(),
    }
    if request.method == "POST":
        context |= _checked(request, visit, incident, found)
    return page.render(request, "pages/incident_workspace.html", context)


def _holds(incident: CriticalIncident) -> list[dict[str, object]]:
    own = Hold.objects.select_related("owner").filter(
        oversight=True, silent=True, lifted_at=None, reference__startswith=incident.reference
    )
    return [
        {
            "basis": hold.basis,
            "owner": str(hold.owner),
            "placed": times.short_moment(hold.placed_at),
            "review": f"{hold.review_on.day} {hold.review_on:%B %Y}",
        }
        for hold in own.order_by("placed_at")
    ]


def _copies(incident: CriticalIncident) -> list[dict[str, object]]:
    made = Disclosure.objects.select_related("made_by").filter(case=incident.case_id)
    return [
        {
            "made": times.short_moment(copy.made_at),
            "recipient": copy.recipient,
            "by": str(copy.made_by),
            "exhibits": ", ".join(copy.exhibits),
        }
        for copy in made
    ]


def _checked(
    request: HttpRequest,
    visit: visits.SignedVisit,
    incident: CriticalIncident,
    found: list[Recording],
) -> dict[str, object]:
    wanted = request.POST.get("check", _CHECK)
    one = next((row for row in found if str(row.pk) == wanted), None)
    if one is not None:
        said = workspace.read_back(
            incident=incident,
            recording=one,
            vault=visit.works.vault,
            officer=visit.officer,
            at=visit.at,
        )
        return {"read_back": f"{one.reference}: {said}."}
    memory = visit.works.log_on_disk().memory
    checked = workspace.check_log(
        incident=incident,
        files=memory.files,
        verifier=memory.verifier,
        officer=visit.officer,
        at=visit.at,
    )
    return {"checked": checked, "sound": not any(each.problem for each in checked)}


def _act(
    request: HttpRequest,
    visit: visits.SignedVisit,
    pk: UUID,
    do: Callable[[CriticalIncident], str],
) -> HttpResponse:
    incident = _find(visit, pk)
    if incident is None:
        return incidents.not_here(request)
    back = f"/incidents/{pk}/workspace"
    return acting.attempt(request, lambda: do(incident), then=back, back=back)


@require_POST
@visits.signed_in
def hold(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Keep all of it under a hold of the investigation's own."""

    def act(incident: CriticalIncident) -> str:
        placed = workspace.hold(
            incident=incident,
            basis=request.POST.get("basis", ""),
            officer=visit.officer,
            at=visit.at,
        )
        kept = len(placed.bound)
        return f"Your hold keeps {kept} recordings. The force neither sees nor lifts it."

    return _act(request, visit, pk, act)


@require_POST
@visits.signed_in
def copy(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Start the download of a copy of everything in the incident."""
    incident = _find(visit, pk)
    if incident is None:
        return incidents.not_here(request)
    try:
        case = workspace.gather(incident=incident, officer=visit.officer, at=visit.at)
    except FairwitnessError as error:
        return acting.refused(request, error, back=f"/incidents/{pk}/workspace")
    address = tickets.address(
        case=case,
        officer=visit.officer,
        recipient=visit.officer.title,
        purpose=f"independent investigation {incident.reference}",
    )
    return HttpResponseRedirect(address)
