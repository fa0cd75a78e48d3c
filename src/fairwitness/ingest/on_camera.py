"""What may be on a camera that has not arrived: all the server knows of it, and from when.

Nobody can know what a camera recorded since its last docking. What is known is where its counter
stood then, which numbers were missing, which uploads were cut, and what a dock said was left on it.
"""

from dataclasses import dataclass
from datetime import datetime

from fairwitness.force.bay_rows import CameraInDock
from fairwitness.force.models import Camera
from fairwitness.formats import timestamp
from fairwitness.formats.custody import Detail
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.models import Upload, UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCamera:
    """What is known of one camera.

    Attributes:
        docked_at: when it was docked last; None for never.
        last_counter: the highest number that arrived.
        missing: numbers that docks named as missing and that never came.
        unfinished: uploads of it that were begun and have not ended.
        dock: the dock that told of it last; empty when none did.
        told_at: when that was.
        left: recordings that the dock said were still on it.
        owed: bytes of those that were still to be sent.
    """

    docked_at: datetime | None
    last_counter: int | None
    missing: int
    unfinished: int
    dock: str
    told_at: datetime | None
    left: int
    owed: int

    def detail(self) -> dict[str, Detail]:
        """As it is kept with a report, and written into its custody entry."""
        return {
            "docked_at": timestamp.text(self.docked_at) if self.docked_at else None,
            "last_counter": self.last_counter,
            "counters_missing": self.missing,
            "uploads_unfinished": self.unfinished,
            "dock": self.dock or None,
            "dock_told_at": timestamp.text(self.told_at) if self.told_at else None,
            "recordings_left": self.left,
            "bytes_owed": self.owed,
        }


def known(camera: Camera) -> OnCamera:
    """What is known now; three queries."""
    told = CameraInDock.objects.select_related("dock").filter(camera=camera).first()
    begun = Upload.objects.filter(
        state=UploadState.RECEIVING, identity__startswith=f"camera:{camera.pk}/"
    )
    return OnCamera(
        docked_at=camera.last_docked_at,
        last_counter=camera.last_counter,
        missing=counter_gaps.open_gaps().filter(camera=camera).count(),
        unfinished=begun.count(),
        dock=told.dock.serial if told else "",
        told_at=told.told_at if told else None,
        left=told.recordings_left if told else 0,
        owed=told.bytes_owed if told else 0,
    )
