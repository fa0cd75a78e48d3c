"""What a dock says of the camera it holds, checked when the upload begins.

A docking that is not signed by the dock that sends it, or speaks of another camera, is refused at
once: it is no footage, nothing is lost, and dates of deletion rest on it.
"""

from datetime import datetime
from typing import Final

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Camera, Dock
from fairwitness.formats import docking, dsse
from fairwitness.formats.acts import Act
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import PublicKey
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.models import Upload, UploadState

_AGREES_US: Final = 300_000_000
"""A camera whose clock may be within five minutes of the server's agrees with it."""


class DockingInvalid(FairwitnessError):
    """A docking that the sending dock did not sign, or that is about something else."""

    code = "docking.invalid"


def check(raw: bytes, *, dock: Dock, camera: str | None) -> DockingClaim:
    """Read a docking, which must be this dock's own.

    Args:
        raw: the DSSE envelope.
        dock: who is signed in.
        camera: serial of the camera by its statement; None when there is none.

    Raises:
        DockingInvalid: with what is wrong.
    """
    key = PublicKey.from_pem(dock.public_key.encode())
    try:
        claim = docking.open_claim(dsse.parse(raw), DockingClaim, {key.keyid: key})
    except FormatError as error:
        raise DockingInvalid(f"The docking does not hold: {error.message}") from error
    if claim.dock != dock.serial:
        raise DockingInvalid(f"The docking is of dock {claim.dock}, not of {dock.serial}.")
    if camera is not None and claim.camera != camera:
        raise DockingInvalid(f"The docking is of camera {claim.camera}, not of {camera}.")
    return claim


def told_again(*, upload: Upload, raw: bytes, dock: Dock, at: datetime) -> None:
    """A dock offers what is known already; runs in the caller's transaction.

    An upload keeps the docking that it began with, and the dock and station of that docking: it
    compared the camera's clock before any other dock set it anew. Only an upload without one gets
    this. What the docking says of missing numbers is kept in any case.

    Args:
        upload: the one there is.
        raw: the docking, checked; empty when none came.
        dock: whose it is.
        at: now.
    """
    if not raw:
        return
    text = raw.decode("utf-8", errors="replace")
    Upload.objects.filter(pk=upload.pk, docking="", state=UploadState.RECEIVING).update(
        dock=dock, docking=text
    )
    claim = read(text)
    camera = Camera.objects.filter(serial=claim.camera).first() if claim else None
    if claim is not None and camera is not None:
        counter_gaps.note(
            camera=camera, missing=claim.counters_missing, actor=f"dock:{dock.pk}", at=at
        )


def note_clock(*, camera: Camera, docking: DockingClaim | None, actor: str, at: datetime) -> None:
    """Write down that a camera's clock was off for certain; runs in the caller's transaction.

    Args:
        camera: that was docked.
        docking: what the dock found; None when it said nothing.
        actor: who brings it.
        at: now.
    """
    if docking is None:
        return
    low, high = docking.camera_clock_ahead_us_min, docking.camera_clock_ahead_us_max
    if low is None or high is None or (low <= _AGREES_US and high >= -_AGREES_US):
        return
    ledger.append(
        subject=f"camera:{camera.pk}",
        act=Act.CLOCK_DISAGREED,
        actor=actor,
        at=at,
        detail={"camera_ahead_us_min": low, "camera_ahead_us_max": high},
    )


def read(raw: str) -> DockingClaim | None:
    """A docking that was checked before; None when none came."""
    if not raw:
        return None
    return docking.parse_claim(dsse.parse(raw.encode()), DockingClaim)
