"""Cameras: the list, and each one's page: where it stands, who had it when, what it filmed last."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import reaching, sight
from fairwitness.evidence.models import Recording
from fairwitness.force import camera_settings
from fairwitness.force.asking import Action
from fairwitness.force.bay_rows import CameraInDock
from fairwitness.force.models import Camera, CameraSettings, CameraStatus, Issue, Unit
from fairwitness.force.report_rows import CameraReport, ReportKind
from fairwitness.ingest import counter_gaps, device_logs, on_camera
from fairwitness.web import consulting, force_words, page, showing, times, visits

PAGE: Final = 50
SILENT: Final = timedelta(days=7)
"""A camera not docked for so long brings its footage late."""
_LAST: Final = 5
_ISSUES: Final = 50
_NUMBERS: Final = 200
STATES: Final = {
    "out": "Somebody has it",
    "free": "Nobody has it",
    "undocked": "Not docked for 7 days",
    "missing": "Lost or stolen",
    "repair": "In repair",
    "pool": "Pool cameras",
    "pending": "Waiting for approval",
    "revoked": "Revoked",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One camera in the list."""

    href: str
    serial: str
    kind: str
    pool: bool
    unit: str
    state: str
    tag: str
    holder: str
    holder_href: str
    docked: str


def refuse(request: HttpRequest) -> HttpResponse:
    """The one answer to whoever may not see the force."""
    return page.refuse(
        request,
        title="The force",
        sentence="You can’t see who has which camera.",
        detail="It is for supervisors, managers and those who oversee them. Your own camera is on"
        " your page of today.",
        back="/today",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The cameras of the units where one may look, by number, a page at a time."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return refuse(request)
    asked = {
        name: consulting.words(request.GET.get(name, "")) for name in ("words", "unit", "state")
    }
    found = _narrowed(Camera.objects.filter(reaching.within(units)), asked, visit)
    found = found.select_related("unit").order_by("serial")
    rows = list(found.filter(serial__gt=request.GET.get("after", "")[:40])[: PAGE + 1])
    shown, more = rows[:PAGE], rows[PAGE:]
    out = force_words.out_now(shown, at=visit.at)
    there = Unit.objects.filter(reaching.within(units, "code"))
    context = {
        "rows": [_row(camera, out.get(camera.pk), visit) for camera in shown],
        "asked": asked,
        "states": STATES.items(),
        "units": list(there.values_list("code", "name")),
        "next": f"?{urlencode({**asked, 'after': shown[-1].serial})}" if more else "",
    }
    return page.render(request, "pages/force_cameras.html", context)


def _narrowed(
    found: QuerySet[Camera], asked: dict[str, str], visit: visits.SignedVisit
) -> QuerySet[Camera]:
    running = Issue.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=visit.at),
        camera=OuterRef("pk"),
        begins_at__lte=visit.at,
    )
    if asked["unit"]:
        found = found.filter(unit__code=asked["unit"].upper())
    if asked["words"]:
        typed = asked["words"]
        wears = running.filter(officer__collar_number__iexact=typed)
        found = found.filter(Q(serial__icontains=typed) | Q(Exists(wears)))
    narrow = {
        "out": Q(Exists(running)),
        "free": Q(~Exists(running), status=CameraStatus.APPROVED),
        "undocked": Q(Exists(running))
        & (Q(last_docked_at__isnull=True) | Q(last_docked_at__lt=visit.at - SILENT)),
        "missing": Q(status__in=[CameraStatus.LOST, CameraStatus.STOLEN]),
        "repair": Q(status=CameraStatus.REPAIR),
        "pool": Q(pool=True),
        "pending": Q(status=CameraStatus.PENDING),
        "revoked": Q(status=CameraStatus.REVOKED),
    }
    return found.filter(narrow.get(asked["state"], Q()))


def _row(camera: Camera, running: Issue | None, visit: visits.SignedVisit) -> Row:
    return Row(
        href=f"/force/cameras/{camera.pk}",
        serial=camera.serial,
        kind=camera.get_profile_display(),
        pool=camera.pool,
        unit=camera.unit.name if camera.unit else "",
        state=force_words.status_words(camera),
        tag=force_words.state_tag(camera.status),
        holder=f"{running.officer.title}, {running.officer.collar_number}" if running else "",
        holder_href=f"/force/officers/{running.officer_id}" if running else "",
        docked=times.near_moment(camera.last_docked_at, at=visit.at)
        if camera.last_docked_at
        else "not yet",
    )


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One camera."""
    camera = Camera.objects.select_related("unit", "station__unit").filter(pk=pk).first()
    subject = force_words.subject_of(camera) if camera else None
    known = visits.allowed(visit, Action.SEE_FORCE, about=f"camera:{pk}", subject=subject)
    if camera is None or not known:
        return refuse(request)
    issues = list(camera.issues.select_related("officer").order_by("-begins_at")[: _ISSUES + 1])
    running = next((row for row in issues if _runs(row, visit)), None)
    filmed = _filmed(camera, visit)
    consulting.note(visit, of="camera", shown=len(filmed), about=f"camera:{camera.pk}")
    context = {
        "serial": camera.serial,
        "facts": _facts(camera, running, visit),
        "state": force_words.status_words(camera),
        "tag": force_words.state_tag(camera.status),
        "pool": camera.pool,
        "reports": [_report(row, visit) for row in _reports(camera)],
        "on_it": force_words.on_it(on_camera.known(camera), at=visit.at),
        "issues": [_issue(row, visit) for row in issues[:_ISSUES]],
        "more_issues": len(issues) > _ISSUES,
        "filmed": [
            {
                "href": f"/recordings/{row.pk}",
                "reference": row.reference,
                "when": times.near_moment(showing.began(row), at=visit.at),
                "wearer": row.wearer.title if row.wearer else "nobody yet",
            }
            for row in filmed
        ],
        "gaps": _gaps(camera),
        **_links(camera, running, visit),
    }
    return page.render(request, "pages/force_camera.html", context)


def _runs(row: Issue, visit: visits.SignedVisit) -> bool:
    return row.begins_at <= visit.at and (row.ends_at is None or row.ends_at > visit.at)


def _filmed(camera: Camera, visit: visits.SignedVisit) -> list[Recording]:
    """Its last recordings that this visitor may see, by the rule that every list of them obeys."""
    ground = Q(pk__in=())
    for each in sight.grounds(visit.facts, visit.at):
        ground |= each
    found = Recording.objects.filter(ground, sight.obstacles(visit.facts, visit.at), camera=camera)
    return list(found.select_related("wearer").order_by("-activation")[:_LAST])


def _facts(
    camera: Camera, running: Issue | None, visit: visits.SignedVisit
) -> list[tuple[str, str]]:
    told = CameraInDock.objects.select_related("dock").filter(camera=camera).first()
    firmware = told.firmware if told and told.firmware else camera.firmware
    has = (
        f"{running.officer}, since {times.short_moment(running.begins_at)}" if running else "Nobody"
    )
    return [
        ("Who has it", has),
        ("Kind", f"{camera.get_profile_display()}, {camera.get_mount_display()}"),
        ("Unit", str(camera.unit) if camera.unit else "none"),
        ("Station", str(camera.station) if camera.station else "none"),
        ("Last docked", force_words.docked_words(camera, at=visit.at)),
        ("Firmware", firmware or "not known"),
        ("Settings", settings_words(camera)),
    ]


def settings_words(camera: Camera) -> str:
    """Which version of the settings its last docking left on it, and which one waits."""
    now = camera_settings.latest(camera.profile, camera.unit_id)
    if now is None:
        return "its own: nothing is decided for its kind"
    if camera.last_docked_at is None:
        return f"not docked yet; {version_words(now)} waits"
    had = camera_settings.latest(camera.profile, camera.unit_id, at=camera.last_docked_at)
    if had is not None and had.version == now.version:
        return version_words(now)
    before = version_words(had) if had else "its own"
    return f"{before}; {version_words(now)} waits for its next docking"


def version_words(row: CameraSettings) -> str:
    """A version, and whether it is one unit's own."""
    return f"version {row.version}" + (f", {row.unit}’s own" if row.unit else "")


def _reports(camera: Camera) -> list[CameraReport]:
    found = camera.reports.select_related("reported_by", "ended_by")
    return list(found.order_by("-reported_at")[:_LAST])


def _report(row: CameraReport, visit: visits.SignedVisit) -> dict[str, object]:
    lost = row.kind in {ReportKind.LOST, ReportKind.STOLEN} and row.ended_at is None
    until = row.reported_at + force_words.BREACH_HOURS
    left = row.on_it.get("recordings_left") or 0
    missing = row.on_it.get("counters_missing") or 0
    return {
        "kind": row.get_kind_display(),
        "by": str(row.reported_by) if row.reported_by else "the operator",
        "at": times.short_moment(row.reported_at),
        "reason": row.reason,
        "open": row.ended_at is None,
        "ended": times.short_moment(row.ended_at) if row.ended_at else "",
        "end_reason": row.end_reason,
        "end_by": str(row.ended_by) if row.ended_by else "",
        "until": times.short_moment(until) if lost else "",
        "over": until <= visit.at,
        "known": f"{missing} missing, {left} left by a dock’s word",
    }


def _issue(row: Issue, visit: visits.SignedVisit) -> dict[str, object]:
    return {
        "officer": row.officer.title,
        "collar": row.officer.collar_number,
        "href": f"/force/officers/{row.officer_id}",
        "since": times.near_moment(row.begins_at, at=visit.at),
        "until": times.near_moment(row.ends_at, at=visit.at) if row.ends_at else "",
    }


def _gaps(camera: Camera) -> list[dict[str, object]]:
    found = counter_gaps.open_gaps().filter(camera=camera).order_by("-counter")
    return [
        {
            "number": gap.counter,
            "named": times.short_moment(gap.named_at),
            "why": gap.explanation,
        }
        for gap in found[:_NUMBERS]
    ]


def _links(camera: Camera, running: Issue | None, visit: visits.SignedVisit) -> dict[str, object]:
    subject = force_words.subject_of(camera, wearer=running.officer_id if running else None)
    log = device_logs.subject_of(camera)
    return {
        "desk": f"/force/issue?camera={camera.serial}",
        "report": f"/force/cameras/{camera.pk}/report"
        if visits.may(visit, Action.REPORT_CAMERA, subject)
        else "",
        "log": f"/camera-logs/{camera.pk}" if visits.may(visit, Action.READ_LOG, log) else "",
        "key_stands": camera.status == CameraStatus.STOLEN,
        "may_revoke": visits.may(visit, Action.REVOKE_DEVICE, subject),
        "explain": visits.may(visit, Action.EXPLAIN_GAP, subject),
        "id": str(camera.pk),
    }
