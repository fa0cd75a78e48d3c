"""Where one lands after signing in: what needs me, my camera, what I did last."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import knowing, naming
from fairwitness.evidence.leave_rows import GONE
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera, CameraStatus, Issue
from fairwitness.ingest import counter_gaps
from fairwitness.retention import announcements
from fairwitness.web import (
    case_leave,
    incidents,
    needs,
    notices,
    own_acts,
    page,
    times,
    visits,
    volumes,
)

OPENED: Final = 20
DOCK_WITHIN: Final = timedelta(days=7)
"""A camera not docked for so long brings its footage late: the days run all the same."""


@dataclass(frozen=True, slots=True)
class MyCamera:
    """The camera that is issued to the visitor."""

    serial: str
    kind: str
    since: str
    docked: str
    troubles: tuple[str, ...]


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The page of today."""
    told = announcements.unseen(officer=visit.officer, at=visit.at)
    context = {
        "today": times.long_day(visit.at),
        "needs": needs.of(visit),
        "told": [
            {
                "text": each.text,
                "moment": times.near_moment(each.at, at=visit.at),
                "href": f"/recordings/{each.recording_id}",
                "reference": each.recording.reference,
            }
            for each in told
        ],
        "camera": _camera(visit),
        "notices": notices.told(visit),
        "done": own_acts.last(visit),
        "declares": permissions.units_where(visit.facts, Action.DECLARE_INCIDENT) != frozenset(),
        "incidents": incidents.unseen(visit),
        "opened": [
            {
                "href": f"/recordings/{each.recording_id}",
                "reference": each.recording.reference,
                "until": times.long_moment(each.ends_at),
                "by": each.named_by.title,
                "reason": GONE
                if knowing.gone_for(each.recording, visit.facts, visit.at)
                else each.reason,
            }
            for each in naming.opened_for(officer=visit.officer, at=visit.at)[:OPENED]
        ]
        + case_leave.mine(visit, most=OPENED),
        "volumes": volumes.waiting(visit.facts),
    }
    return page.render(request, "pages/today.html", context)


@require_POST
@visits.signed_in
def seen(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Note that the visitor has read what was announced to them."""
    if announcements.mark_seen(officer=visit.officer, at=visit.at):
        page.tell(request, "Noted. These won’t be shown again.")
    return HttpResponseRedirect("/today")


def _camera(visit: visits.SignedVisit) -> MyCamera | None:
    found = (
        Issue.objects.select_related("camera")
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=visit.at))
        .filter(officer=visit.officer, begins_at__lte=visit.at)
        .order_by("begins_at")
        .last()
    )
    if found is None:
        return None
    camera = found.camera
    docked = camera.last_docked_at
    return MyCamera(
        serial=camera.serial,
        kind=camera.get_profile_display(),
        since=times.short_moment(found.begins_at),
        docked=f"{times.short_moment(docked)}, {times.from_now(docked, at=visit.at)}"
        if docked
        else "not yet",
        troubles=tuple(_troubles(camera, found, visit)),
    )


def _troubles(camera: Camera, issued: Issue, visit: visits.SignedVisit) -> list[str]:
    troubles = []
    if camera.status != CameraStatus.APPROVED:
        troubles.append(f"It is marked: {camera.get_status_display()}.")
    last = max(each for each in (camera.last_docked_at, issued.begins_at) if each)
    if visit.at - last > DOCK_WITHIN:
        days = (visit.at - last).days
        troubles.append(f"Not docked for {days} days. Dock it: the 31 days run all the same.")
    missing = counter_gaps.unexplained().filter(camera=camera).count()
    if missing:
        numbers = "1 number" if missing == 1 else f"{missing} numbers"
        troubles.append(f"{numbers} of its counter never came. Tell your supervisor what you know.")
    return troubles
