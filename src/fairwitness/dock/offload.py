"""What is owed to the recordings on a docked camera. Pure: facts in, steps out.

The one rule above all: a recording is erased from the camera only in state RECEIPTED, which the
journal enters only when a receipt's signature, digest, size and log proof have all been checked.
Everything else that goes wrong leaves the footage where it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How far one recording has come, as the journal last knew for certain."""

    SEEN = "seen"
    UPLOADING = "uploading"
    SENT = "sent"
    RECEIPTED = "receipted"
    ERASED = "erased"
    REFUSED = "refused"


PROVEN = frozenset({State.RECEIPTED, State.ERASED})
"""States of recordings whose receipt was checked: what is on the camera of them may go."""


class Act(StrEnum):
    """What to do next with one recording."""

    UPLOAD = "upload"
    RESUME = "resume"
    AWAIT_RECEIPT = "await_receipt"
    ERASE = "erase"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Held:
    """A recording that is on the camera now.

    Attributes:
        name: its file name without suffix, unique on the camera.
        counter: the camera's number for it.
        part: from 1.
        size: bytes on the volume.
        sha256: the digest that the camera signed, 64 hexadecimal digits.
        first: whether the officer marked it as needed, so that it goes before the rest.
    """

    name: str
    counter: int
    part: int
    size: int
    sha256: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """What the journal says of a recording: for which bytes, how far, where to."""

    sha256: str
    state: State
    upload: str = ""
    reason: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One act, on one recording, and why in a few words."""

    act: Act
    recording: Held
    upload: str = ""
    because: str = ""


def _step(held: Held, noted: Noted | None) -> Step:
    if noted is None:
        return Step(Act.UPLOAD, held, because="new on this camera")
    if noted.sha256 != held.sha256:
        return Step(Act.UPLOAD, held, because="other bytes under a name seen before")
    if noted.state is State.UPLOADING:
        return Step(Act.RESUME, held, upload=noted.upload, because="cut last time")
    if noted.state is State.SENT:
        return Step(Act.AWAIT_RECEIPT, held, upload=noted.upload, because="all bytes sent")
    if noted.state in PROVEN:
        return Step(Act.ERASE, held, upload=noted.upload, because="its receipt was checked")
    if noted.state is State.REFUSED:
        act = Act.AWAIT_RECEIPT if noted.upload else Act.UPLOAD
        return Step(act, held, upload=noted.upload, because=f"refused before: {noted.reason}")
    return Step(Act.UPLOAD, held, because="seen, not begun")


def plan(held: Sequence[Held], journal: Mapping[str, Noted]) -> tuple[Step, ...]:
    """The steps owed, in order: erasures first (they free the camera), then what is needed first.

    Args:
        held: the recordings on the camera.
        journal: what was noted earlier, by name.
    """
    steps = [_step(one, journal.get(one.name)) for one in held]
    return tuple(
        sorted(
            steps,
            key=lambda s: (
                s.act is not Act.ERASE,
                not s.recording.first,
                s.recording.counter,
                s.recording.part,
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bay's wish to send: its next recording, and since when its camera has been docked."""

    bay: int
    docked_at: datetime
    recording: Held


def next_turns(waiting: Sequence[Wanted], *, free: int) -> tuple[Wanted, ...]:
    """Who may send now: what was marked as needed first, in whichever bay; then who waits longest.

    Args:
        waiting: one wish for each bay that has one.
        free: how many more transfers may run.
    """
    queue = sorted(waiting, key=lambda one: (not one.recording.first, one.docked_at, one.bay))
    return tuple(queue[: max(free, 0)])


def counter_of(name: str) -> int:
    """The camera's number in the name of a recording, serial-counter-part."""
    return int(name.rsplit("-", 2)[1])


def missing_counters(*, last_seen: int | None, present: Sequence[int]) -> tuple[int, ...]:
    """Numbers between the last one that ever docked and the newest that neither did nor is here.

    A camera's counter never resets, so a gap is a recording that never arrived. At most a thousand
    are named: beyond that the camera is broken, and the first thousand say so.
    """
    if not present:
        return ()
    known = set(present)
    start = min(known) if last_seen is None else last_seen + 1
    gaps = (number for number in range(start, max(known)) if number not in known)
    return tuple(number for number, _ in zip(gaps, range(1000), strict=False))
