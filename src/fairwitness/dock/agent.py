"""The dock agent: one camera's docking, from reading it to setting its clock.

What must not go wrong with a single recording is in `taking`. Here the dock looks at the camera,
says what it saw, takes one recording after the other, and leaves the camera its time, its settings
and whom it belongs to. A camera that the server does not know, or no longer trusts, is offered all
the same: its footage waits in quarantine for a person, and nothing of it is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from fairwitness.dock import device_log, erasures, offload, taking, volume
from fairwitness.dock import server as wire
from fairwitness.dock.doing import Doing
from fairwitness.dock.taking import Bay, Docked
from fairwitness.errors import FairwitnessError
from fairwitness.formats import docking
from fairwitness.formats.canonical import Json

UNKNOWN: Mapping[str, Json] = {"status": "unknown"}
"""What the server says of a camera that it never heard of."""

ALL_STOPS = frozenset(
    {
        "dock.certificate",
        "dock.clock_wrong",
        "dock.disk_full",
        "dock.journal_damaged",
        "dock.journal_failed",
        "dock.log_changed",
        "dock.log_unknown",
        "dock.not_enrolled",
        "dock.server_away",
        "dock.server_full",
        "dock.undocked",
        "log.no_such_tree",
    }
)
"""What goes wrong for every recording once it has for one: the others are not tried now."""


TRIED_AGAIN = ALL_STOPS | {"dock.receipt_late", "dock.camera_fails"}
"""What passes without a person deciding about the footage: it is still to be sent."""


@dataclass(slots=True)
class Tally:
    """What one docking came to; names of recordings, problems with their reasons and codes."""

    camera: str
    standing: Mapping[str, Json]
    erased: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    gaps: tuple[int, ...] = ()
    docked: Docked | None = None


def offload_camera(*, bay: Bay, root: Path, before: Docked | None = None) -> Tally:
    """Take everything owed from the camera mounted at `root`, then set its clock.

    Args:
        bay: where it is mounted.
        root: its volume.
        before: the docking as an earlier look saw it, if the camera has not been out since.

    Raises:
        VolumeUnreadable: this is no camera.
        ServerAway, ServerRefused: nothing could be begun; nothing was touched.
        DockNotSetUp: the dock does not know the server's keys.
        ClockWrong, LogChanged: the server can't be relied on, or this dock can't.
    """
    camera = volume.Volume(root)
    serial = camera.card.serial
    bay.watcher.turned(Doing.LOOKING)
    bay.dock.trust()
    bay.server.enter()
    standing = _standing(bay, serial)
    contents = camera.contents()
    erasures.settle(journal=bay.journal, camera=serial, there=camera.names(), at=bay.clock())
    noted = bay.journal.recordings(serial)
    camera.finish_erasing([name for name, one in noted.items() if one.state in offload.PROVEN])
    docked = _docked(bay=bay, camera=camera, contents=contents, noted=noted, before=before)
    tally = Tally(camera=serial, standing=standing, gaps=docked.gaps, docked=docked)
    tally.left.update(contents.passed_over)
    there = {one.held.name: one for one in contents.recordings}
    for step in offload.plan([one.held for one in contents.recordings], noted):
        recording = there[step.recording.name]
        try:
            taking.take(bay=bay, camera=camera, recording=recording, step=step, docked=docked)
            tally.erased.append(step.recording.name)
        except FairwitnessError as error:
            _leave(bay, tally, step.recording.name, error.message, error.stable_code)
            if error.stable_code in ALL_STOPS:
                _leave_rest(tally, there, error)
                break
        except OSError as error:
            _leave(bay, tally, step.recording.name, *_failing(camera, error))
    device_log.bring(server=bay.server, serial=serial, root=root, said=bay.watcher.said)
    _finish(bay=bay, camera=camera, standing=standing, docked=docked, contents=contents)
    return tally


def _standing(bay: Bay, serial: str) -> Mapping[str, Json]:
    """What the server says of the camera; told plainly when it is not to be believed."""
    try:
        standing = bay.server.camera(serial)
    except wire.ServerRefused as refused:
        if refused.stable_code != "camera.unknown":
            raise
        standing = UNKNOWN
    status = standing.get("status")
    if status in {"unknown", "pending", "declined", "revoked"}:
        bay.watcher.said(
            f"Camera {serial} is {status} at the server: its footage goes to quarantine and waits"
            " for a person. Nothing is erased from it."
        )
    elif status in {"lost", "stolen", "repair"}:
        bay.watcher.said(f"Camera {serial} was reported {status}: tell the evidence manager.")
    return standing


def _docked(
    *,
    bay: Bay,
    camera: volume.Volume,
    contents: volume.Contents,
    noted: Mapping[str, offload.Noted],
    before: Docked | None,
) -> Docked:
    """This docking: the one before, unless recordings have come since; then it was out."""
    held = [one.held for one in contents.recordings]
    names = frozenset(one.name for one in held)
    if before is not None and names <= before.names:
        return before
    serial = camera.card.serial
    proven = [name for name, one in noted.items() if one.state in offload.PROVEN]
    gaps = offload.missing_counters(
        last_seen=bay.journal.camera(serial).last_counter,
        present=[*(one.counter for one in held), *map(offload.counter_of, proven)],
    )
    for number in gaps:
        bay.watcher.said(f"Camera {serial}: recording {number} never arrived here.")
    at = bay.clock()
    envelope = _docking_claim(
        bay=bay, camera=camera, docked_at=at, gaps=gaps, flagged=any(one.first for one in held)
    )
    bay.journal.see(camera=serial, held=held, docking=envelope, at=at)
    return Docked(docked_at=at, envelope=envelope, names=names, gaps=gaps)


def _leave(bay: Bay, tally: Tally, name: str, why: str, code: str) -> None:
    tally.left[name] = why
    tally.codes[name] = code
    bay.watcher.said(f"{name} stays on the camera: {why} [{code}]")


def _leave_rest(tally: Tally, there: Mapping[str, object], error: FairwitnessError) -> None:
    for name in there:
        if name not in tally.left and name not in tally.erased:
            tally.left[name] = error.message
            tally.codes[name] = error.stable_code


def _failing(camera: volume.Volume, error: OSError) -> tuple[str, str]:
    if not camera.present():
        return "the camera was taken out.", "dock.undocked"
    return f"the camera fails: {_why(error)}.", "dock.camera_fails"


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _docking_claim(
    *,
    bay: Bay,
    camera: volume.Volume,
    docked_at: datetime,
    gaps: tuple[int, ...],
    flagged: bool,
) -> bytes:
    error = max(bay.own_error, bay.server.clock_error)
    before = bay.clock()
    card = camera.clock()
    bounds = volume.clock_bounds(card=card, before=before, after=bay.clock(), own_error=error)
    set_here = bay.journal.camera(camera.card.serial).clock_set_at
    set_at = card.set_at if card and card.set_at and card.set_at == set_here else None
    claim = docking.DockingClaim(
        dock=bay.dock.identity.serial,
        station=bay.dock.identity.station,
        bay=bay.number,
        camera=camera.card.serial,
        docked_at=docked_at,
        camera_clock_ahead_us_min=bounds[0] if bounds else None,
        camera_clock_ahead_us_max=bounds[1] if bounds else None,
        clock_set_at_last_docking=set_at,
        dock_clock_error_us=error // timedelta(microseconds=1),
        counters_missing=gaps,
        evidential_flag=flagged,
    )
    return docking.sign_claim(claim, key=bay.dock.key).encode()


def _finish(
    *,
    bay: Bay,
    camera: volume.Volume,
    standing: Mapping[str, Json],
    docked: Docked,
    contents: volume.Contents,
) -> None:
    """Set the camera's clock, leave it what the server wants for it, and note the docking.

    A camera that the server does not know is none of ours: nothing is written on it. The clock is
    set once in a docking, the rest only where it says something else.
    """
    counters = [one.held.counter for one in contents.recordings]
    set_at = None
    if camera.present() and standing is not UNKNOWN:
        set_at = _push(bay=bay, camera=camera, standing=standing, docked=docked)
    bay.journal.note_camera(
        serial=camera.card.serial,
        last_counter=max(counters, default=None) if docked.told or not docked.gaps else None,
        clock_set_at=set_at,
        docked_at=docked.docked_at,
    )


def _push(
    *, bay: Bay, camera: volume.Volume, standing: Mapping[str, Json], docked: Docked
) -> datetime | None:
    try:
        if standing.get("settings"):
            camera.push("settings.json", standing["settings"])
        wanted = standing.get("firmware")
        if isinstance(wanted, str) and wanted:
            camera.push("firmware.json", {"wanted": wanted})
        issued = standing.get("issued_to")
        collar = issued.get("collar_number") if isinstance(issued, Mapping) else None
        camera.push("assignment.json", {"issued_to": collar})
        if docked.clock_set:
            return None
        now = bay.clock()
        camera.set_clock(at=now)
    except OSError as error:
        bay.watcher.said(f"The camera's clock could not be set: {_why(error)}.")
        return None
    docked.clock_set = True
    return now
