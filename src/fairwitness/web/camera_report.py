"""Lost, stolen, faulty, or back: reported with what was on the camera; and a stolen one's key."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.force import cameras, enrolment, issue
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, CameraStatus
from fairwitness.ingest import on_camera
from fairwitness.web import acting, force_words, page, visits

KINDS: Final = {
    CameraStatus.LOST: ("Lost", "Nobody knows where it is."),
    CameraStatus.STOLEN: ("Stolen", "Somebody took it, and may sign with its key."),
    CameraStatus.REPAIR: ("Faulty", "It goes to repair. Dock it first, if that works."),
    CameraStatus.APPROVED: ("Back", "It was found, or came back from repair, and may be issued."),
}
_DONE: Final = {
    CameraStatus.LOST: "is reported lost",
    CameraStatus.STOLEN: "is reported stolen",
    CameraStatus.REPAIR: "is in repair",
    CameraStatus.APPROVED: "is back in use",
}


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Lost, stolen or faulty",
        sentence="You can’t report on this camera.",
        detail="Whoever has it can, and supervisors, evidence managers and administrators.",
        back="/force/issue",
    )


def _named(visit: visits.SignedVisit, pk: UUID, action: Action) -> Camera | None:
    """The camera, for whoever may do this to it; a refusal is written down."""
    camera = Camera.objects.select_related("unit", "station").filter(pk=pk).first()
    subject = Subject()
    if camera is not None:
        wearer = issue.wearer_at(camera=camera, at=visit.at)
        subject = force_words.subject_of(camera, wearer=wearer.pk if wearer else None)
    known = visits.allowed(visit, action, about=f"camera:{pk}", subject=subject)
    return camera if known else None


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Ask what became of it and how; say what was on it, as far as anybody knows."""
    camera = _named(visit, pk, Action.REPORT_CAMERA)
    if camera is None:
        return _refuse(request)
    if request.method != "POST":
        running = issue.issue_at(camera=camera, at=visit.at)
        context = {
            "serial": camera.serial,
            "state": force_words.status_words(camera),
            "tag": force_words.state_tag(camera.status),
            "kinds": [
                (kind.value, *words) for kind, words in KINDS.items() if kind != camera.status
            ],
            "holder": str(running.officer) if running else "",
            "on_it": force_words.on_it(on_camera.known(camera), at=visit.at),
        }
        return page.render(request, "pages/camera_report.html", context)
    serial = camera.serial

    def act() -> str:
        kind = _kind(request.POST.get("kind", ""))
        cameras.report(
            camera=camera,
            status=kind,
            actor=visit.officer,
            at=visit.at,
            reason=request.POST.get("reason", ""),
            on_it=on_camera.known(camera).detail(),
        )
        return f"Camera {serial} {_DONE[kind]}. {_then(kind)}"

    then = f"/force/issue?camera={serial}"
    return acting.attempt(request, act, then=then, back=f"/force/cameras/{pk}/report")


def _kind(text: str) -> CameraStatus:
    for kind in KINDS:
        if kind.value == text:
            return kind
    raise cameras.CameraRefused("Say what became of it.", code="camera.kind")


def _then(kind: CameraStatus) -> str:
    if kind is CameraStatus.APPROVED:
        return "It can be issued again."
    if kind is CameraStatus.STOLEN:
        return "Whoever may revoke its key is told on Today."
    if kind is CameraStatus.LOST:
        return "Its unit’s supervisor and the evidence managers are told on Today."
    return "Nobody can be given it until it is back."


@require_POST
@visits.signed_in
def revoke(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Stop believing a camera's key."""
    camera = _named(visit, pk, Action.REVOKE_DEVICE)
    if camera is None:
        return page.refuse(
            request,
            title="The key of a camera",
            sentence="You can’t revoke a camera’s key.",
            detail="It is for evidence managers and administrators.",
            back="/force/issue",
        )
    serial = camera.serial

    def act() -> str:
        reason = request.POST.get("reason", "")
        enrolment.revoke(device=camera, officer=visit.officer, at=visit.at, reason=reason)
        return f"The key of camera {serial} is revoked. What it signs from now on is quarantined."

    then = f"/force/cameras/{pk}"
    return acting.attempt(request, act, then=then, back=then)
