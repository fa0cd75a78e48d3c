"""The dock agent: takes what is owed from a docked camera, and erases only against receipts.

Rules, for this is the module that destroys the only copy a camera has:

1. A recording is erased only by `_erase`, only with a receipt that was just checked (signature,
   digest, size, log proof, consistency with the last checkpoint), and only after the journal holds
   that receipt durably.
2. The receipt must be for the digest that the camera signed, and for the bytes that are there:
   they are hashed once more before they go.
3. Whatever fails leaves the footage on the camera and says so in plain words.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from fairwitness.dock import device_log, offload, volume
from fairwitness.dock import server as wire
from fairwitness.dock.identity import Dock
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import Act, State
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, docking
from fairwitness.formats.canonical import Json
from fairwitness.formats.checkpoint import parse_text
from fairwitness.formats.errors import FormatError
from fairwitness.formats.receipt import check_receipt
from fairwitness.formats.receipt import parse as parse_receipt

ATTEMPTS = 8
"""How often a cut upload is taken up again without any progress before the dock gives up."""


_SEND_AGAIN = {"quarantine.digest_bad", "quarantine.store_damaged"}
"""Why footage is in quarantine though the camera's own bytes may be sound."""


class Watcher(Protocol):
    """Who is told how it goes: a progress bar, a test, nobody."""

    def said(self, line: str) -> None:
        """One plain line."""

    def progressed(self, name: str, sent: int, size: int) -> None:
        """How much of one recording has gone."""


@dataclass(slots=True)
class Tally:
    """What one docking came to; names of recordings, problems with their reasons."""

    camera: str
    erased: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    gaps: tuple[int, ...] = ()


@dataclass(slots=True)
class _Docked:
    """This docking as the dock signs it; `told` once the server keeps what it says of gaps."""

    envelope: bytes
    told: bool = False


@dataclass(frozen=True, slots=True)
class Bay:
    """Where one camera sits, and everything the agent works with."""

    dock: Dock
    journal: Journal
    server: wire.Server
    clock: Callable[[], datetime]
    watcher: Watcher
    number: int = 1
    own_error: timedelta = timedelta(milliseconds=500)
    receipt_patience: timedelta = timedelta(minutes=2)
    pause: Callable[[float], None] = wire.pause


def offload_camera(*, bay: Bay, root: Path) -> Tally:
    """Take everything owed from the camera mounted at `root`, then set its clock.

    Raises:
        VolumeUnreadable: this is no camera.
        ServerAway, ServerRefused: nothing could be begun; nothing was touched.
        DockNotSetUp: the dock does not know the server's keys.
    """
    camera = volume.Volume(root)
    serial = camera.card.serial
    bay.dock.trust()
    bay.server.sign_in()
    standing = bay.server.camera(serial)
    docked_at = bay.clock()
    contents = camera.contents()
    noted = bay.journal.recordings(serial)
    camera.finish_erasing([name for name, one in noted.items() if one.state in offload.PROVEN])
    counters = [one.held.counter for one in contents.recordings]
    gaps = offload.missing_counters(
        last_seen=bay.journal.camera(serial).last_counter,
        present=[*counters, *map(offload.counter_of, noted)],
    )
    tally = Tally(camera=serial, gaps=gaps, left=dict(contents.passed_over))
    for number in gaps:
        bay.watcher.said(f"Camera {serial}: recording {number} never arrived here.")
    docked = _Docked(
        _docking_claim(
            bay=bay,
            camera=camera,
            docked_at=docked_at,
            gaps=gaps,
            flagged=any(one.held.first for one in contents.recordings),
        )
    )
    there = {one.held.name: one for one in contents.recordings}
    for step in offload.plan([one.held for one in contents.recordings], noted):
        recording = there[step.recording.name]
        try:
            _take(bay=bay, camera=camera, recording=recording, step=step, docked=docked)
            tally.erased.append(step.recording.name)
        except FairwitnessError as error:
            _leave(bay, tally, step.recording.name, error.message)
        except OSError as error:
            _leave(bay, tally, step.recording.name, f"the camera fails: {_why(error)}.")
    device_log.bring(server=bay.server, serial=serial, root=root, said=bay.watcher.said)
    _finish(
        bay=bay,
        camera=camera,
        standing=standing,
        last_counter=max(counters, default=None) if docked.told or not gaps else None,
        docked_at=docked_at,
    )
    return tally


def _leave(bay: Bay, tally: Tally, name: str, why: str) -> None:
    tally.left[name] = why
    bay.watcher.said(f"{name} stays on the camera: {why}")


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
    before = bay.clock()
    card = camera.clock()
    bounds = volume.clock_bounds(
        card=card, before=before, after=bay.clock(), own_error=bay.own_error
    )
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
        dock_clock_error_us=bay.own_error // timedelta(microseconds=1),
        counters_missing=gaps,
        evidential_flag=flagged,
    )
    return docking.sign_claim(claim, key=bay.dock.key).encode()


def _take(
    *,
    bay: Bay,
    camera: volume.Volume,
    recording: volume.OnCamera,
    step: offload.Step,
    docked: _Docked,
) -> None:
    """One recording, from wherever it stands to erased."""
    receipt = bay.journal.receipt(
        camera=camera.card.serial, name=recording.held.name, sha256=recording.held.sha256
    )
    if receipt is None or not _still_proves(bay=bay, recording=recording, receipt=receipt):
        receipt = _earn(bay=bay, camera=camera, recording=recording, step=step, docked=docked)
    _erase(bay=bay, camera=camera, recording=recording, receipt=receipt)


def _earn(
    *,
    bay: Bay,
    camera: volume.Volume,
    recording: volume.OnCamera,
    step: offload.Step,
    docked: _Docked,
) -> bytes:
    """A receipt, by asking for it if the bytes were sent before, else by sending them."""
    if step.upload and step.act is not Act.RESUME:
        try:
            return _await_receipt(bay=bay, camera=camera, recording=recording, upload=step.upload)
        except wire.UploadGone:
            pass  # ended, or lost with a database: the camera still has it
        except wire.ServerRefused as refused:
            if refused.stable_code not in _SEND_AGAIN or not recording.as_signed():
                raise
    begun = step.act is not Act.RESUME
    upload = step.upload
    if begun:
        upload = _begin(bay=bay, camera=camera, recording=recording, docked=docked)
    upload = _send(bay=bay, camera=camera, recording=recording, upload=upload, docked=docked)
    receipt = _await_receipt(bay=bay, camera=camera, recording=recording, upload=upload)
    docked.told = docked.told or begun
    return receipt


def _note(
    bay: Bay,
    camera: volume.Volume,
    recording: volume.OnCamera,
    state: State,
    *,
    upload: str = "",
    reason: str = "",
    receipt: bytes | None = None,
    checkpoint: tuple[int, str] | None = None,
) -> None:
    bay.journal.note(
        camera=camera.card.serial,
        name=recording.held.name,
        sha256=recording.held.sha256,
        size=recording.held.size,
        state=state,
        at=bay.clock(),
        upload=upload,
        reason=reason,
        receipt=receipt,
        checkpoint=checkpoint,
    )


def _begin(*, bay: Bay, camera: volume.Volume, recording: volume.OnCamera, docked: _Docked) -> str:
    try:
        upload = bay.server.begin(
            size=recording.held.size,
            statement=recording.envelope,
            docked=docked.envelope,
            filename=recording.video.name,
        )
    except wire.ServerRefused as error:
        _note(bay, camera, recording, State.REFUSED, reason=error.message)
        raise
    _note(bay, camera, recording, State.UPLOADING, upload=upload)
    return upload


def _send(
    *,
    bay: Bay,
    camera: volume.Volume,
    recording: volume.OnCamera,
    upload: str,
    docked: _Docked,
) -> str:
    """Send until the server holds every byte; a cut is taken up where the server says."""
    size, tries, last = recording.held.size, 0, -1
    while True:
        try:
            offset = bay.server.offset(upload)
            if offset == size:
                break
            tries = 0 if offset > last else tries
            last = offset
            bay.server.send(
                upload,
                video=recording.video,
                offset=offset,
                size=size,
                progress=lambda sent: bay.watcher.progressed(recording.held.name, sent, size),
            )
        except wire.UploadGone:
            upload = _begin(bay=bay, camera=camera, recording=recording, docked=docked)
            last = -1
        except wire.ServerAway:
            tries += 1
            if tries >= ATTEMPTS:
                raise
            bay.pause(min(30.0, 0.25 * 2**tries))
    _note(bay, camera, recording, State.SENT, upload=upload)
    return upload


def _await_receipt(
    *, bay: Bay, camera: volume.Volume, recording: volume.OnCamera, upload: str
) -> bytes:
    """Poll for the receipt, check it whole, and write it down before anything relies on it."""
    deadline = bay.clock() + bay.receipt_patience
    while True:
        seen = bay.journal.checkpoint()
        answer = bay.server.receipt(upload, since=seen[0] if seen else None)
        if isinstance(answer, wire.Quarantined):
            _note(bay, camera, recording, State.REFUSED, upload=upload, reason=answer.message)
            raise wire.ServerRefused(answer.message, code=answer.code)
        if isinstance(answer, wire.Waiting):
            if bay.clock() >= deadline:
                raise wire.ServerAway(
                    "The server has every byte but no receipt yet. The camera keeps them."
                )
            bay.pause(answer.seconds)
            continue
        checkpoint = _check(bay=bay, recording=recording, receipt=answer)
        _note(
            bay,
            camera,
            recording,
            State.RECEIPTED,
            upload=upload,
            receipt=answer,
            checkpoint=checkpoint,
        )
        return answer


def _check(*, bay: Bay, recording: volume.OnCamera, receipt: bytes) -> tuple[int, str]:
    """Refuse a receipt unless it proves all that an erasure needs; give its checkpoint."""
    seen = bay.journal.checkpoint()
    checkpoint = check_receipt(
        parse_receipt(receipt),
        trust=bay.dock.trust(),
        sha256=recording.claim.sha256,
        size=recording.claim.size,
        last_checkpoint=parse_text(seen[1]) if seen else None,
    )
    return checkpoint.size, checkpoint.text()


def _still_proves(*, bay: Bay, recording: volume.OnCamera, receipt: bytes) -> bool:
    """Whether an earlier docking's receipt is enough: the log may have been seen larger since."""
    try:
        _check(bay=bay, recording=recording, receipt=receipt)
    except FormatError:
        return False
    return True


def _erase(*, bay: Bay, camera: volume.Volume, recording: volume.OnCamera, receipt: bytes) -> None:
    """Check bytes and receipt once more, leave it on the camera, erase."""
    if not recording.as_signed():
        raise wire.ServerRefused(
            "Its bytes are not those that the camera signed. It stays on the camera.",
            code="dock.changed_on_camera",
        )
    _check(bay=bay, recording=recording, receipt=receipt)
    place = f"receipts/{recording.held.name}.json"
    try:
        camera.write(place, receipt)
        camera.erase(recording)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        camera.erase(recording)  # only this makes room; the journal holds the receipt
        camera.write(place, receipt)
    _note(bay, camera, recording, State.ERASED)
    bay.watcher.said(f"{recording.held.name}: received, receipt checked, erased from the camera.")


def _finish(
    *,
    bay: Bay,
    camera: volume.Volume,
    standing: Mapping[str, Json],
    last_counter: int | None,
    docked_at: datetime,
) -> None:
    """Set the camera's clock, leave it its settings and who has it, and note the docking."""
    set_at = None
    try:
        if standing.get("settings"):
            camera.write("settings.json", canonical.encode(standing["settings"]))
        camera.write("assignment.json", canonical.encode({"issued_to": standing.get("issued_to")}))
        now = bay.clock()
        camera.set_clock(at=now)
        set_at = now
    except OSError as error:
        bay.watcher.said(f"The camera's clock could not be set: {_why(error)}.")
    bay.journal.note_camera(
        serial=camera.card.serial,
        last_counter=last_counter,
        clock_set_at=set_at,
        docked_at=docked_at,
    )
