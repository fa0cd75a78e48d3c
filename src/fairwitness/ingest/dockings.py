"""What a dock says of the camera it holds, checked when the upload begins.

A docking that is not signed by the dock that sends it, or speaks of another camera, is refused at
once: it is no footage, nothing is lost, and dates of deletion rest on it.
"""

from datetime import datetime
from typing import Final

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.force import cameras
from fairwitness.force.models import Camera, Dock
from fairwitness.formats import docking, dsse, timestamp
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


def settle(
    *, camera: Camera, recording: Recording, docking: DockingClaim | None, actor: str, at: datetime
) -> None:
    """Keep when a camera was docked, and how its clock stood, once for each docking.

    Runs in the transaction of registration; what is missing is noted each time.

    Args:
        camera: that was docked.
        recording: that came with it.
        docking: what the dock found; None when it said nothing.
        actor: who brings it.
        at: now.
    """
    before = camera.last_docked_at
    cameras.note_docking(camera=camera, last_counter=recording.counter, at=recording.docked_at)
    if before is None or recording.docked_at > before:
        ledger.append(
            subject=f"camera:{camera.pk}",
            act=Act.CAMERA_DOCKED,
            actor=actor,
            at=at,
            detail={"docked_at": timestamp.text(recording.docked_at)},
        )
        _note_clock(camera=camera, docking=docking, actor=actor, at=at)
    missing = docking.counters_missing if docking else ()
    counter_gaps.note(camera=camera, missing=missing, actor=actor, at=at)


def _note_clock(*, camera: Camera, docking: DockingClaim | None, actor: str, at: datetime) -> None:
    """Write down that a camera's clock was off for certain."""
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
