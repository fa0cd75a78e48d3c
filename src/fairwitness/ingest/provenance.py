"""Where footage came from, whose it is and when it was: put together from what was said and known.

The camera says what it recorded and when by its own clock; the dock says how far that clock was
off; the force knows who had the camera. What remains uncertain stays uncertain: a recording whose
interval does not lie within one issue of the camera has no wearer, and waits in a queue.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fairwitness.evidence.models import Provenance
from fairwitness.evidence.registration import Belonging, Origin, Times
from fairwitness.force import issue
from fairwitness.force.models import Camera, Officer
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.recording import RecordingClaim
from fairwitness.ingest import identity, particulars
from fairwitness.ingest.axis import account as axis_account
from fairwitness.ingest.identity import Vouched
from fairwitness.ingest.models import Upload
from fairwitness.retention import rules
from fairwitness.retention.rules import Facts, Part, Policy


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of one upload's footage besides its bytes."""

    origin: Origin
    belonging: Belonging
    times: Times


@dataclass(frozen=True, slots=True)
class Compared:
    """How far the camera's clock was ahead while it recorded, in microseconds.

    `checked` means that a dock set the clock before and another compared it after the recording;
    else the bounds are those of the docking after it, and prove nothing.
    """

    least_us: int | None
    most_us: int | None
    checked: bool


def compared(claim: RecordingClaim | None, docking: DockingClaim | None) -> Compared:
    """What the docks found out about the clock that the camera's times are by.

    It was right when a dock set it, but for that dock's own error, and as measured when it was
    docked again; in between it drifted from the one to the other. That holds only for the setting
    that the recording was made by: one that was passed over by a docking (cut short, and mended
    later) was made before that docking set the clock anew.
    """
    if claim is None or docking is None:
        return Compared(None, None, checked=False)
    least, most = docking.camera_clock_ahead_us_min, docking.camera_clock_ahead_us_max
    set_before = docking.clock_set_at_last_docking if claim.clock.set else None
    if set_before is None or claim.clock.set_at != set_before or least is None or most is None:
        return Compared(least, most, checked=False)
    error = docking.dock_clock_error_us or 0
    return Compared(min(least, -error), max(most, error), checked=True)


def from_elsewhere(upload: Upload) -> bool:
    """Whether no camera of ours made it, and a person answers for its being brought in."""
    return upload.officer_id is not None or upload.volume_id is not None


def account(
    *, upload: Upload, vouched: Vouched | None, docking: DockingClaim | None, policy: Policy
) -> Account:
    """Put together what is known.

    Args:
        upload: complete.
        vouched: the camera's statement; None when none came, or when it does not count.
        docking: the dock's; None when none came.
        policy: for the dates; they are computed anew when the recording is registered.
    """
    if upload.axis_id is not None:
        return Account(*axis_account.account(upload=upload, policy=policy))
    claim = vouched.claim if vouched else None
    camera = vouched.camera if vouched else None
    times = _times(upload, claim, docking, policy)
    return Account(
        origin=_origin(upload, claim, camera),
        belonging=_belonging(upload, camera, times),
        times=times,
    )


def _origin(upload: Upload, claim: RecordingClaim | None, camera: Camera | None) -> Origin:
    if claim is not None and camera is not None:
        return Origin(
            provenance=Provenance.SIGNED,
            reference=claim.reference,
            claim=claim,
            camera=camera,
            dock=upload.dock,
            filename=upload.filename,
        )
    provenance = Provenance.UNSIGNED
    if from_elsewhere(upload):
        provenance = Provenance.VOLUME if upload.volume_id else Provenance.IMPORTED
    return Origin(
        provenance=provenance,
        volume=upload.volume,
        reference=f"U-{upload.recording_id.hex[:8].upper()}",
        dock=upload.dock,
        source=_source(upload),
        filename=upload.filename,
    )


def _source(upload: Upload) -> str:
    """Who brought it; what was let in out of quarantine is known by its upload alone."""
    if upload.unsigned_allowed:
        return f"upload:{upload.pk}"
    if from_elsewhere(upload):
        return upload.identity
    return identity.sender_text(upload.dock) if upload.dock else ""


def _times(
    upload: Upload, claim: RecordingClaim | None, docking: DockingClaim | None, policy: Policy
) -> Times:
    received = upload.completed_at or upload.created_at
    docked = min(docking.docked_at, received) if docking else min(upload.created_at, received)
    clocks = compared(claim, docking)
    least, most = clocks.least_us, clocks.most_us
    part = Part(
        number=claim.part if claim else 1,
        received_at=received,
        ended_at=claim.ended_at if claim else None,
        docked_at=docked if upload.dock_id else None,
        ahead=(_us(least), _us(most)) if least is not None and most is not None else None,
        clock_checked=clocks.checked,
    )
    origin = rules.Origin.IMPORT if from_elsewhere(upload) else rules.Origin.CAMERA
    told = particulars.of(upload)
    dates = rules.dates_of(Facts(origin=origin, parts=(part,)), policy)
    return Times(
        received_at=received,
        docked_at=docked,
        clock_started_at=min(rules.clock_start(part), docked),
        started_at=claim.started_at if claim else told.started_at,
        ended_at=claim.ended_at if claim else told.ended_at,
        clock_ahead_us_min=least,
        clock_ahead_us_max=most,
        clock_checked=clocks.checked,
        hidden_from=dates.hidden_from,
        gone_by=dates.gone_by,
        late=dates.late,
        keep_reason=dates.because,
    )


def _belonging(upload: Upload, camera: Camera | None, times: Times) -> Belonging:
    wearer = _wearer(camera, times) or particulars.wearer(particulars.of(upload))
    dock, volume = upload.dock, upload.volume
    if volume is not None:
        wearer = volume.wearer
    unit = wearer.unit if wearer else None
    if unit is None and volume is not None:
        unit = volume.unit
    if unit is None and camera is not None:
        unit = camera.unit
    if unit is None:
        unit = dock.station.unit if dock and dock.station else None
    if unit is None and upload.officer is not None:
        unit = upload.officer.unit
    station = dock.station if dock else None
    if station is None and camera is not None:
        station = camera.station
    return Belonging(wearer=wearer, unit=unit, station=station)


def _wearer(camera: Camera | None, times: Times) -> Officer | None:
    if camera is None or times.started_at is None or times.ended_at is None:
        return None
    least, most = _us(times.clock_ahead_us_min or 0), _us(times.clock_ahead_us_max or 0)
    begins, ends = _shifted(times.started_at, most), _shifted(times.ended_at, least)
    return issue.wearer_between(camera=camera, begins_at=begins, ends_at=max(begins, ends))


def _shifted(at: datetime, ahead: timedelta) -> datetime:
    """Device time as true time; a clock so wrong that it leaves the calendar stays as it is."""
    try:
        return at - ahead
    except OverflowError:
        return at


def _us(count: int | None) -> timedelta:
    return timedelta(microseconds=count or 0)
