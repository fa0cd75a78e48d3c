"""Cameras' own logs, for those who watch the watchers: asked for with a reason, read, written down.

A log says what a wearer did and when (ADR 0026), so one opens it like a viewing: by saying why.
Each reading is an entry in the custody log; the list of cameras names nobody and is none.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera
from fairwitness.ingest import device_logs
from fairwitness.ingest.device_logs import LogRefused
from fairwitness.web import page, times, visits

SHOWN: Final = 2000
"""Lines on one page; the command prints all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log, for the table."""

    when: str
    what: str
    detail: str


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Camera logs",
        sentence="You can’t read cameras’ own logs.",
        detail="They are for evidence managers, professional standards, auditors and independent"
        " investigators.",
        back="/recordings",
    )


def href(visit: visits.SignedVisit, recording: Recording) -> str:
    """Where this visitor reads what the camera of a recording wrote that day; else nothing."""
    camera, began = recording.camera, recording.started_at
    if camera is None or began is None:
        return ""
    subject = device_logs.subject_of(camera)
    if not visits.may(visit, Action.READ_LOG, subject):
        return ""
    return f"/camera-logs/{camera.pk}?day={times.day(began).isoformat()}"


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The cameras of which some log is kept."""
    units = visits.reach(visit, Action.READ_LOG)
    if units is not None and not units:
        return _refuse(request)
    rows = [
        {
            "id": str(row.camera),
            "serial": row.serial,
            "lines": row.lines,
            "first": times.short_moment(row.first_at) if row.first_at else "not known",
            "last": times.short_moment(row.last_at) if row.last_at else "not known",
            "docked": times.short_moment(row.last_docked_at) if row.last_docked_at else "",
        }
        for row in device_logs.kept(units=units, reader=visit.facts, at=visit.at)
    ]
    return page.render(request, "pages/camera_logs.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask why; then the lines, by the camera's own clock."""
    camera = Camera.objects.select_related("unit", "station__unit").filter(pk=pk).first()
    if camera is None or not visits.allowed(
        visit, Action.READ_LOG, about=f"camera:{pk}", subject=device_logs.subject_of(camera)
    ):
        return _refuse(request)
    asked = request.POST if request.method == "POST" else request.GET
    day = times.typed_day(asked.get("day", ""))
    context: dict[str, object] = {
        "id": str(camera.pk),
        "serial": camera.serial,
        "day": day.isoformat() if day else "",
        "day_words": times.long_date(day) if day else "",
    }
    if request.method == "POST":
        try:
            context |= _read(visit, camera, day, reason=request.POST.get("reason", ""))
        except LogRefused as refusal:
            return page.refuse(
                request,
                title="Not done",
                sentence=refusal.message,
                detail="Nothing was read.",
                back=f"/camera-logs/{pk}",
                status=400,
            )
    return page.render(request, "pages/camera_log.html", context)


def _read(
    visit: visits.SignedVisit, camera: Camera, day: date | None, *, reason: str
) -> dict[str, object]:
    body = device_logs.read(
        camera=camera,
        officer=visit.officer,
        reason=reason,
        at=visit.at,
        since=times.begins(day) if day else None,
        until=times.ends(day) if day else None,
    )
    lines = body.splitlines()
    shown = lines[-SHOWN:]
    return {
        "read": True,
        "reason": reason,
        "total": len(lines),
        "left_out": len(lines) - len(shown),
        "lines": [_line(line) for line in shown],
    }


def _line(raw: bytes) -> Line:
    """A line in columns; one that a power cut tore, as it is."""
    at = device_logs.time_of(raw)
    if at is None:
        return Line("", "", raw.decode("utf-8", "replace"))
    said = json.loads(raw)
    return Line(times.exact(at), str(said.get("what", "")), str(said.get("detail", "")))
