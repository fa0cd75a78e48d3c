"""The register of cameras: lost, stolen, in repair and back; and what docking tells of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, issue
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Camera, CameraStatus, Dock, Issue, Officer
from fairwitness.force.report_rows import CameraReport, ReportKind
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail

_ACTS = {
    CameraStatus.LOST: Act.CAMERA_REPORTED_LOST,
    CameraStatus.STOLEN: Act.CAMERA_REPORTED_LOST,
    CameraStatus.REPAIR: Act.CAMERA_SENT_TO_REPAIR,
    CameraStatus.APPROVED: Act.CAMERA_RETURNED_TO_USE,
}
_IN_USE = frozenset(_ACTS)
_NOTHING: Final[Mapping[str, Detail]] = {}
_LONGEST: Final = 300


class CameraRefused(FairwitnessError):
    """A camera that we don't know, or that can't be reported on as asked."""

    code: ClassVar[str] = "camera.refused"


def named(serial: str) -> Camera:
    """The camera with this serial number.

    Raises:
        CameraRefused: code `camera.unknown` when there is none.
    """
    found = Camera.objects.select_related("unit", "station").filter(serial=serial).first()
    if found is None:
        raise CameraRefused(f"There is no camera {serial}.", code="camera.unknown")
    return found


def report(
    *,
    camera: Camera,
    status: CameraStatus,
    actor: Actor,
    at: datetime,
    reason: str,
    on_it: Mapping[str, Detail] = _NOTHING,
) -> Camera:
    """Report a camera lost, stolen or in repair, or back in use (`APPROVED`).

    Whoever had it has it no more from now on: what it records later waits in the unassigned
    queue. Its key stays believed, because what it recorded while it was ours is evidence; revoke
    the key when somebody may sign with it. Repeating a report changes nothing.

    Args:
        camera: which.
        status: what became of it.
        actor: who says so.
        at: now.
        reason: what happened.
        on_it: what is known of footage on it that never arrived, to be kept with the report.

    Raises:
        CameraRefused: it was never approved or is revoked, or no reason is given.
        NotAllowed: the actor may not.
    """
    if status not in _IN_USE or CameraStatus(camera.status) not in _IN_USE:
        raise CameraRefused(f"{camera} is {camera.get_status_display()}.")
    if camera.status == status:
        return camera
    reason = _reason(reason)
    running = issue.issue_at(camera=camera, at=at)
    authority.demand(
        actor=actor,
        action=Action.REPORT_CAMERA,
        subject=Subject(
            unit=camera.unit.code if camera.unit else None,
            wearer=running.officer_id if running else None,
        ),
        about=f"camera:{camera.pk}",
        at=at,
    )
    with transaction.atomic():
        _demand_unchanged(camera)
        camera.status, camera.status_reason = status.value, reason
        camera.save(update_fields=["status", "status_reason"])
        ledger.append(
            subject=f"camera:{camera.pk}",
            act=_ACTS[status],
            actor=authority.text(actor),
            at=at,
            reason=reason,
            detail={"status": status.value, **on_it},
        )
        _file(camera, status=status, actor=actor, at=at, reason=reason, on_it=on_it)
    return camera


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason or len(reason) > _LONGEST:
        raise CameraRefused(
            f"Say what happened, in up to {_LONGEST} letters.", code="camera.reason"
        )
    return reason


def _demand_unchanged(camera: Camera) -> None:
    """Lock its row, and go on only when it stands as it was read: a revoked key stays so."""
    now = Camera.objects.select_for_update().get(pk=camera.pk)
    if now.status != camera.status:
        raise CameraRefused(f"{camera} is {now.get_status_display()} now. Look again.")


def _file(
    camera: Camera,
    *,
    status: CameraStatus,
    actor: Actor,
    at: datetime,
    reason: str,
    on_it: Mapping[str, Detail],
) -> None:
    """End the report that stands; unless the camera is back, open a new one and end its issue."""
    who = actor if isinstance(actor, Officer) else None
    CameraReport.objects.filter(camera=camera, ended_at__isnull=True).update(
        ended_at=at, ended_by=who, end_reason=reason
    )
    if status is not CameraStatus.APPROVED:
        CameraReport.objects.create(
            camera=camera,
            kind=ReportKind(status.value),
            reason=reason,
            on_it=dict(on_it),
            reported_by=who,
            reported_at=at,
        )
        standing = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        out = Issue.objects.select_for_update().filter(standing, camera=camera).order_by("pk")
        issue.end_issues(list(out), actor=actor, at=at, reason=reason)


def note_docking(*, camera: Camera, last_counter: int | None, at: datetime) -> Camera:
    """Keep what a docking told: when, and the highest counter seen; neither ever goes back.

    It writes no custody entry of its own: that a camera was docked is ingest's to say.
    """
    highest = max((n for n in (camera.last_counter, last_counter) if n is not None), default=None)
    latest = max((t for t in (camera.last_docked_at, at) if t is not None), default=at)
    rows = Camera.objects.filter(pk=camera.pk)
    rows.filter(Q(last_docked_at__isnull=True) | Q(last_docked_at__lt=latest)).update(
        last_docked_at=latest
    )
    if highest is not None:
        rows.filter(Q(last_counter__isnull=True) | Q(last_counter__lt=highest)).update(
            last_counter=highest
        )
    camera.refresh_from_db(fields=["last_docked_at", "last_counter"])
    return camera


def note_dock_seen(*, dock: Dock, at: datetime) -> None:
    """Keep when a dock was last heard of."""
    Dock.objects.filter(pk=dock.pk).update(last_seen_at=at)
