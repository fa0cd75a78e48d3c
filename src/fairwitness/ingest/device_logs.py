"""The logs that cameras keep of themselves, as docks bring them, and how long they stay (ADR 0026).

A log explains recordings: which button was pressed, why one began late, what a missing number was.
It stays 31 days from its docking, and after that only while a recording of the same camera is there
whose time it covers. It holds no footage, but it says what a wearer did and when, so that reading
it is written down like a viewing.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Length

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, Dock, Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.errors import FormatError
from fairwitness.ingest.identity import sender_text
from fairwitness.ingest.models import DeviceLogChunk

KEPT: Final = timedelta(days=31)
LARGEST: Final = 256 << 10
MOST: Final = 64 << 20
"""Bytes of one camera's log that are kept at once: years of pressing buttons."""
_AT_ONCE: Final = 200
_SYSTEM: Final = "system:ingest"


class LogRefused(FairwitnessError):
    """A piece of a device log that can't be taken as it is."""

    code = "camera.log"


def next_line(*, camera: Camera) -> int:
    """The number of the first line that has not come yet; lines count from 1."""
    last = DeviceLogChunk.objects.filter(camera=camera).order_by("-first_line").first()
    return 1 if last is None else last.first_line + last.lines


def receive(*, camera: Camera, first_line: int, body: bytes, dock: Dock, at: datetime) -> int:
    """Keep some lines; gives the number of the line that is wanted next. May be repeated.

    Args:
        camera: whose log.
        first_line: number of the first of these lines.
        body: whole lines, as they stand on the camera.
        dock: who brings them.
        at: now.

    Raises:
        LogRefused: not whole lines, too much, or not the lines that are wanted next.
    """
    lines, sha256 = body.count(b"\n"), hashlib.sha256(body).hexdigest()
    if not body.endswith(b"\n") or len(body) > LARGEST:
        raise LogRefused(f"Send whole lines, at most {LARGEST} bytes at once.")
    again = DeviceLogChunk.objects.filter(camera=camera, first_line=first_line).first()
    if again is not None and again.lines == lines and again.sha256 in {sha256, ""}:
        return next_line(camera=camera)
    wanted = next_line(camera=camera)
    if first_line != wanted:
        raise LogRefused(f"Line {wanted} is wanted next.", code="camera.log_line")
    if _held(camera) + len(body) > MOST:
        raise LogRefused("This camera has sent more log than is kept.", code="camera.log_full")
    times = sorted(_times(body))
    try:
        with transaction.atomic():
            DeviceLogChunk.objects.create(
                camera=camera,
                first_line=first_line,
                lines=lines,
                sha256=sha256,
                body=body,
                first_at=times[0] if times else None,
                last_at=times[-1] if times else None,
                received_at=at,
                keep_until=at + KEPT,
            )
            ledger.append(
                subject=f"camera:{camera.pk}",
                act=Act.CAMERA_LOG_RECEIVED,
                actor=sender_text(dock),
                at=at,
                detail={"first_line": first_line, "lines": lines, "sha256": sha256},
            )
    except IntegrityError as error:  # another dock was quicker
        raise LogRefused("Other lines came first: ask again.", code="camera.log_line") from error
    return first_line + lines


def read(*, camera: Camera, officer: Officer, reason: str, at: datetime) -> bytes:
    """What is still there of a camera's log, in order; written down as read.

    Args:
        camera: whose log.
        officer: who reads.
        reason: why.
        at: now.

    Raises:
        LogRefused: no reason.
        NotAllowed: the officer may not read logs of that camera's unit.
    """
    if not reason.strip():
        raise LogRefused("Say why you read it.", code="camera.log_reason")
    about = f"camera:{camera.pk}"
    subject = Subject(unit=camera.unit.code if camera.unit else None)
    authority.demand(actor=officer, action=Action.READ_LOG, subject=subject, about=about, at=at)
    chunks = DeviceLogChunk.objects.filter(camera=camera, deleted_at__isnull=True)
    with transaction.atomic():
        found = list(chunks.order_by("first_line").values_list("first_line", "lines", "body"))
        ledger.append(
            subject=about,
            act=Act.CAMERA_LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"lines": sum(lines for _, lines, _ in found)},
        )
    return b"".join(bytes(body) for _, _, body in found)


def expire(*, at: datetime) -> int:
    """Delete what explains nothing that is still there; gives how many chunks."""
    kept = Recording.objects.filter(
        camera=OuterRef("camera"),
        state=State.LIVE,
        started_at__lte=OuterRef("last_at"),
        ended_at__gte=OuterRef("first_at"),
    )
    due = DeviceLogChunk.objects.filter(deleted_at__isnull=True, keep_until__lte=at)
    deleted = 0
    for chunk in due.filter(~Exists(kept)).order_by("id")[:_AT_ONCE]:
        with transaction.atomic():
            mine = DeviceLogChunk.objects.filter(pk=chunk.pk, deleted_at__isnull=True)
            if not mine.update(body=b"", sha256="", deleted_at=at):
                continue  # another worker was quicker
            deleted += 1
            ledger.append(
                subject=f"camera:{chunk.camera_id}",
                act=Act.CAMERA_LOG_DELETED,
                actor=_SYSTEM,
                at=at,
                detail={"first_line": chunk.first_line, "lines": chunk.lines},
            )
    return deleted


def _held(camera: Camera) -> int:
    chunks = DeviceLogChunk.objects.filter(camera=camera, deleted_at__isnull=True)
    total: int | None = chunks.aggregate(total=Sum(Length("body")))["total"]
    return total or 0


def _times(body: bytes) -> Iterator[datetime]:
    """The camera's times in these lines; a line torn by a power cut has none."""
    for line in body.splitlines():
        try:
            yield timestamp.parse(json.loads(line)["at"])
        except (ValueError, KeyError, TypeError, FormatError, RecursionError):
            continue
