"""What docks tell of their bays, kept as they told it last; a dock that falls silent is seen."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from fairwitness.force.bay_rows import CameraInDock, DockBoard
from fairwitness.force.models import Camera, Dock, EnrolmentStatus
from fairwitness.formats import records
from fairwitness.formats.bay_board import BayBoard, BayTold

SILENT: Final = timedelta(minutes=30)
"""A dock tells at least every five minutes; one that has not for so long is flagged."""
_CHUNK: Final = 300
_FIRMWARE: Final = 40


def note(*, dock: Dock, board: BayBoard, at: datetime) -> None:
    """Keep what a dock tells; `at` is the server's time of it.

    No custody entry is written: nothing happened to footage, and a line each minute from each dock
    would drown what does. What was received and erased has entries of its own.
    """
    serials = {bay.camera: bay for bay in board.bays if bay.camera}
    told = [_told(camera, serials[camera.serial], dock, at) for camera in _cameras(list(serials))]
    with transaction.atomic():
        DockBoard.objects.update_or_create(
            dock=dock,
            defaults={"told_at": at, "bays": [records.to_json(bay) for bay in board.bays]},
        )
        CameraInDock.objects.bulk_create(
            told,
            batch_size=_CHUNK,
            update_conflicts=True,
            unique_fields=["camera"],
            update_fields=[
                "dock",
                "bay",
                "told_at",
                "docked_at",
                "recordings_left",
                "bytes_owed",
                "firmware",
                "battery_percent",
            ],
        )
        Dock.objects.filter(pk=dock.pk).update(last_seen_at=at)


def _cameras(serials: list[str]) -> Iterable[Camera]:
    for start in range(0, len(serials), _CHUNK):
        yield from Camera.objects.filter(serial__in=serials[start : start + _CHUNK])


def _told(camera: Camera, bay: BayTold, dock: Dock, at: datetime) -> CameraInDock:
    return CameraInDock(
        camera=camera,
        dock=dock,
        bay=bay.bay,
        told_at=at,
        docked_at=bay.docked_at,
        recordings_left=bay.recordings_left,
        bytes_owed=bay.bytes_owed,
        firmware=bay.firmware[:_FIRMWARE],
        battery_percent=bay.battery_percent,
    )


def silent(*, at: datetime) -> QuerySet[Dock]:
    """Approved docks that told of their bays once, and not lately."""
    return Dock.objects.filter(Q(board__told_at__lt=at - SILENT), status=EnrolmentStatus.APPROVED)
