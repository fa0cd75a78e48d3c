"""One recording, from wherever it stands to erased: the module that destroys the only copy.

Rules:

1. A recording is erased only by `_erase`, only with a receipt that was just checked (signature,
   digest, size, log proof) and proves that the log only grew since the last checkpoint that any bay
   of this dock saw before, and only after the journal holds that receipt durably.
2. The receipt must be for the digest that was promised (by the camera's signature, or by the dock
   that hashed a file on an enrolled volume), and for the bytes that are there: they are hashed once
   more before they go.
3. Whatever fails leaves the footage where it is and says so in plain words.
4. From an enrolled volume nothing is erased unless its enrolment says so at that moment.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BufferedReader
from typing import Protocol, TypeVar

from fairwitness.dock import erasures, offload, sending
from fairwitness.dock import server as wire
from fairwitness.dock.doing import Doing
from fairwitness.dock.identity import Dock
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import Act, State
from fairwitness.dock.sending import ServerAway
from fairwitness.dock.transfers import Transfers
from fairwitness.errors import FairwitnessError
from fairwitness.formats import docking, dsse
from fairwitness.formats.checkpoint import parse_text
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.receipt import check_receipt, open_claim
from fairwitness.formats.receipt import parse as parse_receipt

ATTEMPTS = 8
"""How often a cut upload is taken up again without any progress before the dock gives up."""

_SEND_AGAIN = {"quarantine.digest_bad", "quarantine.store_damaged"}
"""Why footage is in quarantine though the camera's own bytes may be sound."""
_CUT_TOO_OFTEN = "upload.too_many_parts"


class Taken(Protocol):
    """A recording where it lies: on a camera, or on an enrolled volume."""

    @property
    def held(self) -> offload.Held:
        """As the plan knows it."""

    @property
    def size(self) -> int:
        """Bytes, as promised."""

    @property
    def sha256(self) -> str:
        """The digest that was promised, hexadecimal."""

    def opened(self) -> AbstractContextManager[BufferedReader]:
        """The recording itself, for reading."""

    def promised(self, docking: bytes) -> Mapping[str, bytes]:
        """What its upload says of itself."""

    def as_promised(self) -> bool:
        """Whether the bytes that are there have the digest that was promised."""


T = TypeVar("T", bound=Taken)
T_contra = TypeVar("T_contra", bound=Taken, contravariant=True)


class Source(Protocol[T_contra]):
    """Where recordings are taken from: a docked camera, or an enrolled volume."""

    @property
    def called(self) -> str:
        """`camera` or `volume`, for people."""

    @property
    def promise(self) -> str:
        """What makes bytes the right ones, as in "those that the camera signed"."""

    @property
    def key(self) -> str:
        """What the journal keeps its recordings under."""

    @property
    def erasable(self) -> bool:
        """Whether what was received may be erased from it."""

    def present(self) -> bool:
        """Whether it is still in the dock."""

    def erase(self, recording: T_contra, receipt: bytes) -> bool:
        """Hash it once more and remove it, durably; False when it is not as promised."""


class Undocked(FairwitnessError):
    """The camera was taken out before all was done."""

    code = "dock.undocked"


class Watcher(Protocol):
    """Who is told how it goes: a bay of the board, a progress bar, a test, nobody."""

    def said(self, line: str) -> None:
        """One plain line."""

    def turned(self, doing: Doing) -> None:
        """What is done now."""

    def progressed(self, name: str, sent: int, size: int) -> None:
        """How much of one recording has gone."""


@dataclass(slots=True)
class Docked:
    """This docking as the dock signs it.

    Attributes:
        docked_at: when the camera was put in.
        envelope: the signed docking.
        names: the recordings that were on the camera then.
        gaps: numbers that never arrived here.
        told: the server keeps what this docking says of gaps.
        clock_set: this docking has set the camera's clock.
        sent_again: what was sent a second time, because it was damaged on the way.
    """

    docked_at: datetime
    envelope: bytes
    names: frozenset[str]
    gaps: tuple[int, ...] = ()
    told: bool = False
    clock_set: bool = False
    sent_again: set[str] = field(default_factory=set)


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
    pause: Callable[[float], None] = sending.pause
    transfers: Transfers = field(default_factory=Transfers)


def take(
    *,
    bay: Bay,
    camera: Source[T],
    recording: T,
    step: offload.Step,
    docked: Docked,
) -> None:
    """One recording, from wherever it stands to erased."""
    receipt = bay.journal.receipt(
        camera=camera.key, name=recording.held.name, sha256=recording.held.sha256
    )
    if receipt is None or not _still_proves(bay=bay, recording=recording, receipt=receipt):
        receipt = _earn(bay=bay, camera=camera, recording=recording, step=step, docked=docked)
        found_by = _found_by(bay=bay, camera=camera, recording=recording, docked=docked)
        docked.told = docked.told or set(docked.gaps) <= set(_gaps_in(found_by))
    _erase(bay=bay, camera=camera, recording=recording, receipt=receipt)


def _earn(
    *,
    bay: Bay,
    camera: Source[T],
    recording: T,
    step: offload.Step,
    docked: Docked,
) -> bytes:
    """A receipt, by asking for it if the bytes were sent before, else by sending them."""
    if step.upload and step.act is not Act.RESUME:
        try:
            return _await_receipt(bay=bay, camera=camera, recording=recording, upload=step.upload)
        except wire.UploadGone:
            pass  # ended, or lost with a database: the camera still has it
        except wire.ServerRefused as refused:
            name, sound = recording.held.name, recording.as_promised()
            if refused.stable_code not in _SEND_AGAIN or not sound or name in docked.sent_again:
                raise
            docked.sent_again.add(name)
    wanted = offload.Wanted(bay.number, docked.docked_at, recording.held)
    bay.watcher.turned(Doing.QUEUED)
    with bay.transfers.turn(wanted):
        bay.watcher.turned(Doing.UPLOADING)
        upload = step.upload
        if step.act is not Act.RESUME:
            upload = _begin(bay=bay, camera=camera, recording=recording, docked=docked)
        upload = _send(bay=bay, camera=camera, recording=recording, upload=upload, docked=docked)
    return _await_receipt(bay=bay, camera=camera, recording=recording, upload=upload)


def _found_by(*, bay: Bay, camera: Source[T], recording: T, docked: Docked) -> bytes:
    """The docking that first found a recording here."""
    noted = bay.journal.docking_of(camera=camera.key, name=recording.held.name)
    return noted or docked.envelope


def _gaps_in(envelope: bytes) -> tuple[int, ...]:
    """The missing numbers that a docking names; a volume has no docking, for it has no clock."""
    if not envelope:
        return ()
    return docking.parse_claim(dsse.parse(envelope), DockingClaim).counters_missing


def _note(
    bay: Bay,
    camera: Source[T],
    recording: T,
    state: State,
    *,
    upload: str = "",
    reason: str = "",
    receipt: bytes | None = None,
    checkpoint: tuple[int, str] | None = None,
) -> None:
    bay.journal.note(
        camera=camera.key,
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


def _begin(*, bay: Bay, camera: Source[T], recording: T, docked: Docked) -> str:
    try:
        upload = bay.server.begin(
            size=recording.held.size,
            promised=recording.promised(
                _found_by(bay=bay, camera=camera, recording=recording, docked=docked)
            ),
        )
    except wire.ServerRefused as error:
        _note(bay, camera, recording, State.REFUSED, reason=error.message)
        raise
    _note(bay, camera, recording, State.UPLOADING, upload=upload)
    return upload


def _send(
    *,
    bay: Bay,
    camera: Source[T],
    recording: T,
    upload: str,
    docked: Docked,
) -> str:
    """Send until the server holds every byte; a cut is taken up where the server says.

    What was cut so often that the server goes on no more is sent from its start, once.
    """
    size, tries, last, anew = recording.held.size, 0, -1, False

    def progress(sent: int) -> None:
        if not camera.present():
            raise Undocked(
                f"The {camera.called} was taken out half-way. It is taken up where it was cut."
            )
        bay.watcher.progressed(recording.held.name, sent, size)

    while True:
        try:
            offset = bay.server.offset(upload)
            if offset == size:
                break
            tries = 0 if offset > last else tries
            last = offset
            with recording.opened() as file:
                bay.server.send(upload, file=file, offset=offset, size=size, progress=progress)
        except wire.UploadGone:
            upload = _begin(bay=bay, camera=camera, recording=recording, docked=docked)
            last = -1
        except wire.ServerRefused as refused:
            if refused.stable_code != _CUT_TOO_OFTEN or anew:
                raise
            anew = True
            bay.server.end(upload)  # the next HEAD says that it is gone
        except ServerAway:
            tries += 1
            if tries >= ATTEMPTS or not camera.present():
                raise
            bay.pause(min(30.0, 0.25 * 2**tries))
    _note(bay, camera, recording, State.SENT, upload=upload)
    return upload


def _await_receipt(*, bay: Bay, camera: Source[T], recording: T, upload: str) -> bytes:
    """Poll for the receipt, check it whole, and write it down before anything relies on it."""
    bay.watcher.turned(Doing.CHECKING)
    deadline = bay.clock() + bay.receipt_patience
    asked = 0
    while True:
        seen = bay.journal.checkpoint()
        answer = bay.server.receipt(upload, since=seen[0] if seen else None)
        if isinstance(answer, wire.Quarantined):
            if answer.code == "log.no_such_tree":  # nothing is wrong with the footage
                raise wire.ServerRefused(answer.message, code=answer.code)
            _note(bay, camera, recording, State.REFUSED, upload=upload, reason=answer.message)
            raise wire.ServerRefused(answer.message, code=answer.code)
        if isinstance(answer, wire.Waiting):
            if bay.clock() >= deadline:
                raise ServerAway(
                    "The server has every byte but no receipt yet."
                    f" The {camera.called} keeps them.",
                    code="dock.receipt_late",
                )
            asked += 1
            bay.pause(answer.pause(asked))
            continue
        with bay.journal.witnessing:
            if bay.journal.checkpoint() != seen:
                continue  # another bay saw more of the log meanwhile: ask for proof from there
            checkpoint = _check(bay=bay, recording=recording, receipt=answer, seen=seen)
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


def _check(
    *,
    bay: Bay,
    recording: T,
    receipt: bytes,
    seen: tuple[int, str] | None,
) -> tuple[int, str]:
    """Refuse a receipt unless it proves all that an erasure needs; give its checkpoint.

    Args:
        bay: whose dock knows the server's keys.
        recording: on the camera.
        receipt: as it came.
        seen: the checkpoint that the receipt's must extend; None when that was checked already.
    """
    checkpoint = check_receipt(
        parse_receipt(receipt),
        trust=bay.dock.trust(),
        sha256=recording.sha256,
        size=recording.size,
        last_checkpoint=parse_text(seen[1]) if seen else None,
    )
    return checkpoint.size, checkpoint.text()


def _still_proves(*, bay: Bay, recording: T, receipt: bytes) -> bool:
    """Whether an earlier docking's receipt is enough: the log may have been seen larger since."""
    try:
        _check(bay=bay, recording=recording, receipt=receipt, seen=bay.journal.checkpoint())
    except FormatError:
        return False
    return True


def _erase(*, bay: Bay, camera: Source[T], recording: T, receipt: bytes) -> None:
    """Check the receipt once more, and the bytes, and erase."""
    name = recording.held.name
    if not camera.erasable:
        bay.watcher.said(f"{name}: received, receipt checked; it stays on the {camera.called}.")
        return
    _check(bay=bay, recording=recording, receipt=receipt, seen=None)
    claim = open_claim(parse_receipt(receipt), trust=bay.dock.trust())
    journal, key = bay.journal, camera.key
    erasures.begin(
        journal=journal, camera=key, name=name, recording=claim.recording, at=bay.clock()
    )
    if not camera.erase(recording, receipt):
        erasures.give_up(journal=journal, camera=key, name=name)
        raise wire.ServerRefused(
            f"Its bytes are not those that {camera.promise}. It stays on the {camera.called}.",
            code="dock.changed_on_camera",
        )
    erasures.end(journal=journal, camera=key, name=name, at=bay.clock())
    bay.watcher.said(f"{name}: received, receipt checked, erased from the {camera.called}.")
