"""Issue and return: one field that a scanner types into, and who has which camera, said at once.

Scan a camera: the page says who has it. Scan an officer as well, in either order: it is issued.
Nothing is undone here: to take an issue back is a return, an act of its own.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.errors import FairwitnessError
from fairwitness.force import cameras, issue, officers, scanned
from fairwitness.force.asking import Action, NotAllowed, Subject
from fairwitness.force.models import Camera, CameraStatus, Issue, Officer
from fairwitness.force.scanned import Scanned
from fairwitness.web import force_words, page, times, visits

ADDRESS: Final = "/force/issue"
AGAIN: Final = timedelta(minutes=15)
"""So long after a return the page offers to issue the camera to the same person again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the desk shows of the camera that was scanned."""

    serial: str
    href: str
    kind: str
    unit: str
    pool: bool
    state: str
    tag: str
    usable: bool
    held_by: str
    since: str
    mine: bool
    may_return: bool
    report: str
    again: str
    again_to: str


@dataclass(frozen=True, slots=True)
class Person:
    """What the desk shows of the officer who was scanned."""

    collar: str
    name: str
    unit: str
    left: bool
    cameras: tuple[tuple[str, str], ...]


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Take a scan; show what it is, or issue when both are known."""
    asked = request.POST if request.method == "POST" else request.GET
    held = (asked.get("camera", "")[:40], asked.get("officer", "")[:40])
    try:
        known = _known(*held)
    except FairwitnessError as error:
        return _render(request, visit, Scanned(), error)
    if request.method != "POST":
        return _render(request, visit, known, None)
    try:
        found = scanned.read(request.POST.get("scan", ""))
        both = Scanned(found.camera or known.camera, found.officer or known.officer)
        if both.camera is None or both.officer is None:
            return HttpResponseRedirect(_address(found))
        said = _issue(visit, both.camera, both.officer)
    except FairwitnessError as error:
        return _render(request, visit, known, error)
    page.tell(request, said)
    return HttpResponseRedirect(f"{ADDRESS}?{urlencode({'camera': both.camera.serial})}")


@require_POST
@visits.signed_in
def take_back(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Return the camera that is shown."""
    known = Scanned()
    try:
        camera = cameras.named(request.POST.get("camera", "")[:40])
        known = Scanned(camera=camera)
        row = issue.return_camera(camera=camera, actor=visit.officer, at=visit.at)
    except FairwitnessError as error:
        return _render(request, visit, known, error)
    who = Officer.objects.get(pk=row.officer_id)
    page.tell(request, f"Camera {camera.serial} is back from {who}.")
    return HttpResponseRedirect(_address(known))


def _known(serial: str, collar: str) -> Scanned:
    return Scanned(
        camera=cameras.named(serial) if serial else None,
        officer=officers.named(collar) if collar else None,
    )


def _address(found: Scanned) -> str:
    camera = {"camera": found.camera.serial} if found.camera else {}
    officer = {"officer": found.officer.collar_number} if found.officer else {}
    return f"{ADDRESS}?{urlencode({**camera, **officer})}"


def _issue(visit: visits.SignedVisit, camera: Camera, officer: Officer) -> str:
    """Issue it, or let the visitor take it from the pool; says what was done."""
    if officer == visit.officer and camera.pool:
        issue.take_pool_camera(camera=camera, officer=visit.officer, at=visit.at)
        return f"You have pool camera {camera.serial} from now on."
    issue.issue_camera(camera=camera, officer=officer, actor=visit.officer, at=visit.at)
    return f"Camera {camera.serial} is issued to {officer} from now on."


def _render(
    request: HttpRequest, visit: visits.SignedVisit, known: Scanned, error: FairwitnessError | None
) -> HttpResponse:
    status = 200 if error is None else 403 if isinstance(error, NotAllowed) else 400
    context = {
        "problem": error.message if error else "",
        "code": error.stable_code if error else "",
        "written": isinstance(error, NotAllowed),
        "camera": _camera(visit, known.camera) if known.camera else None,
        "officer": _person(visit, known.officer) if known.officer else None,
        "issues_to_others": visits.may(
            visit, Action.ISSUE_CAMERA, Subject(unit=visit.officer.unit.code)
        ),
        "mine": _own(visit),
        "collar": visit.officer.collar_number,
    }
    return page.render(request, "pages/issue_desk.html", context, status=status)


def _camera(visit: visits.SignedVisit, camera: Camera) -> Shown:
    running = issue.issue_at(camera=camera, at=visit.at)
    mine = running is not None and running.officer_id == visit.officer.pk
    opens = visits.may(visit, Action.SEE_FORCE, force_words.subject_of(camera))
    sees = mine or opens
    holder = str(running.officer) if running and sees else "somebody else" if running else ""
    returns = mine or visits.may(visit, Action.ISSUE_CAMERA, force_words.subject_of(camera))
    wearer = running.officer_id if running else None
    reports = visits.may(visit, Action.REPORT_CAMERA, force_words.subject_of(camera, wearer=wearer))
    last = _back_just_now(visit, camera) if running is None and returns else None
    return Shown(
        serial=camera.serial,
        href=f"/force/cameras/{camera.pk}" if opens else "",
        kind=camera.get_profile_display(),
        unit=str(camera.unit) if camera.unit else "no unit",
        pool=camera.pool,
        state=force_words.status_words(camera),
        tag=force_words.state_tag(camera.status),
        usable=camera.status == CameraStatus.APPROVED,
        held_by=holder,
        since=times.short_moment(running.begins_at) if running and sees else "",
        mine=mine,
        may_return=running is not None and returns,
        report=f"/force/cameras/{camera.pk}/report" if reports else "",
        again=last.officer.collar_number if last else "",
        again_to=str(last.officer) if last else "",
    )


def _back_just_now(visit: visits.SignedVisit, camera: Camera) -> Issue | None:
    found = (
        Issue.objects.select_related("officer")
        .filter(camera=camera, ends_at__lte=visit.at, ends_at__gt=visit.at - AGAIN)
        .exclude(officer=visit.officer)
        .order_by("ends_at")
        .last()
    )
    return found if found and camera.status == CameraStatus.APPROVED else None


def _person(visit: visits.SignedVisit, officer: Officer) -> Person:
    sees = officer == visit.officer or visits.may(
        visit, Action.SEE_FORCE, Subject(unit=officer.unit.code)
    )
    held = issue.held_by(officer=officer, at=visit.at) if sees else []
    return Person(
        collar=officer.collar_number,
        name=officer.title,
        unit=str(officer.unit),
        left=not officer.active,
        cameras=tuple((row.camera.serial, times.short_moment(row.begins_at)) for row in held),
    )


def _own(visit: visits.SignedVisit) -> tuple[str, ...]:
    return tuple(row.camera.serial for row in issue.held_by(officer=visit.officer, at=visit.at))
