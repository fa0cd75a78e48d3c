"""The logs that cameras keep of themselves, as docks bring them, and how long they stay (ADR 0026).

A log explains recordings: which button was pressed, why one began late, what a missing number was.
It stays 31 days from its docking, and after that only while a recording of the same camera is there
whose time it covers. It holds no footage, but it says what a wearer did and when, so that reading
it is written down like a viewing.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Length

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import sight
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action, OfficerFacts, Subject
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


def subject_of(camera: Camera) -> Subject:
    """What permissions know of a camera's log: the unit that the camera belongs to."""
    unit = camera.unit or (camera.station.unit if camera.station else None)
    return Subject(unit=unit.code if unit else None)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there of one camera's log; times are the camera's own."""

    camera: UUID
    serial: str
    last_docked_at: datetime | None
    lines: int
    first_at: datetime | None
    last_at: datetime | None


def kept(*, units: Collection[str] | None, reader: OfficerFacts, at: datetime) -> list[Kept]:
    """Cameras of which lines are still there, as far as this reader may know, by serial.

    Args:
        units: codes of units; None for the whole force.
        reader: who reads the list.
        at: now.
    """
    found = Camera.objects.filter(log_chunks__in=there_for(reader, at))
    if units is not None:
        of_station = Q(unit__isnull=True, station__unit__code__in=units)
        found = found.filter(Q(unit__code__in=units) | of_station)
    rows = found.order_by("serial").values_list("pk", "serial", "last_docked_at")
    there_is = rows.annotate(
        Sum("log_chunks__lines"), Min("log_chunks__first_at"), Max("log_chunks__last_at")
    )
    return [Kept(*row) for row in there_is]


def read(
    *,
    camera: Camera,
    officer: Officer,
    reason: str,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> bytes:
    """What is still there of a camera's log, in order; written down as read.

    A line that has no time goes with the one before it.

    Args:
        camera: whose log.
        officer: who reads.
        reason: why.
        at: now.
        since: only lines that are not earlier, by the camera's own clock.
        until: only lines that are earlier.

    Raises:
        LogRefused: no reason.
        NotAllowed: the officer may not read logs.
    """
    if not reason.strip():
        raise LogRefused("Say why you read it.", code="camera.log_reason")
    about = f"camera:{camera.pk}"
    authority.demand(
        actor=officer, action=Action.READ_LOG, subject=subject_of(camera), about=about, at=at
    )
    chunks = there_for(authority.facts(officer=officer, at=at), at).filter(camera=camera)
    with transaction.atomic():
        bodies = chunks.order_by("first_line").values_list("body", flat=True)
        found = _between(b"".join(bytes(body) for body in bodies), since, until)
        ledger.append(
            subject=about,
            act=Act.CAMERA_LOG_READ,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={
                "lines": found.count(b"\n"),
                "since": timestamp.text(since) if since else None,
                "until": timestamp.text(until) if until else None,
            },
        )
    return found


def _explained() -> QuerySet[Recording]:
    """The recordings of the same camera whose time a chunk covers, for a query of chunks."""
    return Recording.objects.filter(
        camera=OuterRef("camera"),
        state=State.LIVE,
        started_at__lte=OuterRef("last_at"),
        ended_at__gte=OuterRef("first_at"),
    )


def there_for(reader: OfficerFacts, at: datetime) -> QuerySet[DeviceLogChunk]:
    """The chunks that are there, as far as this reader may know.

    What stays only for footage that is gone for them is gone as well: it would tell that somebody
    keeps that footage (ADR 0050).
    """
    explained = Q(Exists(_explained().filter(sight.not_gone(reader, at))))
    return DeviceLogChunk.objects.filter(Q(keep_until__gt=at) | explained, deleted_at__isnull=True)


def expire(*, at: datetime) -> int:
    """Delete what explains nothing that is still there; gives how many chunks."""
    due = DeviceLogChunk.objects.filter(deleted_at__isnull=True, keep_until__lte=at)
    deleted = 0
    for chunk in due.filter(~Exists(_explained())).order_by("id")[:_AT_ONCE]:
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


def _between(body: bytes, since: datetime | None, until: datetime | None) -> bytes:
    if since is None and until is None:
        return body
    kept, wanted = [], False
    for line in body.splitlines(keepends=True):
        at = time_of(line)
        if at is not None:
            wanted = (since is None or at >= since) and (until is None or at < until)
        if wanted:
            kept.append(line)
    return b"".join(kept)


def _times(body: bytes) -> Iterator[datetime]:
    return (at for line in body.splitlines() if (at := time_of(line)) is not None)


def time_of(line: bytes) -> datetime | None:
    """The camera's time in a line; a line torn by a power cut has none."""
    try:
        return timestamp.parse(json.loads(line)["at"])
    except (ValueError, KeyError, TypeError, FormatError, RecursionError):
        return None
