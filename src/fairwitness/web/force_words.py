"""Cameras, their reports and what may be on them, in the words of the force's pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from fairwitness.force.asking import Subject
from fairwitness.force.models import Camera, CameraStatus, Issue
from fairwitness.ingest.on_camera import OnCamera
from fairwitness.web import times

BREACH_HOURS: Final = timedelta(hours=72)
"""Within so long of knowing, a breach of personal data is told to the Information Commissioner."""
_STEP: Final = 1000


def subject_of(camera: Camera, *, wearer: UUID | None = None) -> Subject:
    """What permissions ask of a camera."""
    return Subject(unit=camera.unit.code if camera.unit else None, wearer=wearer, pool=camera.pool)


def state_tag(status: str) -> str:
    """The look of a state's tag: what is amiss stands out, in words as well."""
    bad = {CameraStatus.LOST.value, CameraStatus.STOLEN.value, CameraStatus.REVOKED.value}
    if status in bad:
        return "tag-bad"
    return "" if status == CameraStatus.APPROVED.value else "tag-soon"


def status_words(camera: Camera) -> str:
    """Where a camera stands: 'in use' is the plain word for an approved one."""
    if camera.status == CameraStatus.APPROVED:
        return "in use"
    return str(camera.get_status_display())


def out_now(cameras: Iterable[Camera], *, at: datetime) -> dict[UUID, Issue]:
    """Who has each of these cameras now; one query."""
    rows = (
        Issue.objects.select_related("officer")
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), begins_at__lte=at)
        .filter(camera__in=[camera.pk for camera in cameras])
    )
    return {row.camera_id: row for row in rows}


def size(number: int) -> str:
    """'120 MB'."""
    value, unit = float(number), 0
    names = ("bytes", "kB", "MB", "GB", "TB")
    while value >= _STEP and unit + 1 < len(names):
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {names[unit]}" if unit < 3 else f"{value:.1f} {names[unit]}"  # noqa: PLR2004 - whole megabytes


def docked_words(camera: Camera, *, at: datetime) -> str:
    """When a camera was docked last, and how long ago that is."""
    if camera.last_docked_at is None:
        return "not yet"
    moment = camera.last_docked_at
    return f"{times.short_moment(moment)}, {times.from_now(moment, at=at)}"


def on_it(known: OnCamera, *, at: datetime) -> list[str]:
    """What may be on a camera, as sentences; each says what is not known, too."""
    said = []
    if known.docked_at is None:
        said.append("It was never docked: all that it ever recorded is on it.")
    else:
        said.append(
            f"It was docked last on {times.short_moment(known.docked_at)}"
            f" ({times.from_now(known.docked_at, at=at)})."
            " What it recorded after that is on it, and nobody can say how much."
        )
    if known.last_counter is not None:
        said.append(f"The highest number that arrived is {known.last_counter}.")
    if known.missing:
        what = "1 number" if known.missing == 1 else f"{known.missing} numbers"
        said.append(f"{what} before that never came.")
    if known.unfinished:
        what = "1 upload" if known.unfinished == 1 else f"{known.unfinished} uploads"
        said.append(f"{what} of it began and did not end.")
    if known.told_at:
        said.append(_dock_said(known))
    return said


def _dock_said(known: OnCamera) -> str:
    moment = times.short_moment(known.told_at) if known.told_at else ""
    if not known.left:
        return f"Dock {known.dock} said on {moment} that nothing was left on it."
    what = "1 recording was" if known.left == 1 else f"{known.left} recordings were"
    return (
        f"Dock {known.dock} said on {moment} that {what} still on it, {size(known.owed)} to send."
    )
