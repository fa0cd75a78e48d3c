"""An enrolled volume's docking: asked about, then taken file by file.

What must not go wrong with a single file is in `taking`, as for cameras. Here the dock asks the
server how the volume stands. Unless it is approved, nothing is copied and nothing is erased; while
it is, every file goes as it is, and the originals stay unless the enrolment says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from fairwitness.dock import enrolled, erasures, folder, offload, taking
from fairwitness.dock import server as wire
from fairwitness.dock.agent import ALL_STOPS
from fairwitness.dock.doing import Doing
from fairwitness.dock.enrolled import EnrolledVolume
from fairwitness.dock.sending import StillChanging
from fairwitness.dock.taking import Bay, Docked
from fairwitness.errors import FairwitnessError
from fairwitness.formats.canonical import Json

SETTLES: Final = 3.0
"""Seconds between two looks at a file that was not seen before."""

_STOPS = ALL_STOPS | {"volume.not_enrolled"}
_NOT_MISSED = frozenset({folder.HIDDEN, folder.EMPTY})


class VolumeNotEnrolled(FairwitnessError):
    """The server does not let this volume's footage in."""

    code = "volume.not_enrolled"


@dataclass(slots=True)
class Brought:
    """What one docking of a volume came to; names of files, problems with reasons and codes.

    Attributes:
        received: whose receipt was checked, erased or not.
        left: not received, with the reason.
        codes: the reasons' codes; files that were passed over have none.
    """

    received: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


def standing(*, bay: Bay, volume: UUID) -> Mapping[str, Json]:
    """What the server says of a volume; one that it never heard of is `unknown`.

    Raises:
        ServerAway, ServerRefused: it can't be asked.
    """
    bay.dock.trust()
    bay.server.enter()
    try:
        return bay.server.volume(volume)
    except wire.ServerRefused as refused:
        if refused.stable_code != "volume.unknown":
            raise
        return {"status": "unknown", "label": "", "erase": False}


def demand_enrolled(said: Mapping[str, Json]) -> None:
    """Go on only with a volume that is approved.

    Raises:
        VolumeNotEnrolled: nothing may be taken from it.
    """
    status = said["status"]
    if status == "approved":
        return
    what = {
        "unknown": "is not known at the server. Enrol it: `fairwitness dock volume enrol`.",
        "pending": "waits for approval. Tell the evidence manager.",
    }.get(str(status), f"is {status} at the server. Tell the evidence manager.")
    raise VolumeNotEnrolled(f"This volume {what} Nothing was taken from it, nothing was erased.")


def offload_volume(*, bay: Bay, volume: EnrolledVolume) -> Brought:
    """Take every file from a volume that was found to be approved.

    Raises:
        OSError: it can't be read at all.
    """
    found = volume.files()
    brought = Brought()
    for name, why in found.passed_over:
        if why not in _NOT_MISSED:
            brought.left[name] = why
            bay.watcher.said(f"{name} stays on the volume: {why}.")
    there = {enrolled.name_of(path.relative_to(volume.root)) for path in found.footage}
    there.update(name for name, _why in found.passed_over)
    erasures.settle(journal=bay.journal, camera=volume.key, there=there, at=bay.clock())
    noted = bay.journal.recordings(volume.key)
    rests = _at_rest(bay, volume, found.footage)
    for number, path in enumerate(found.footage):
        name = enrolled.name_of(path.relative_to(volume.root))
        try:
            if not volume.is_done(path):
                if path not in rests:
                    raise StillChanging("It is still being written: two looks found it different.")
                _take(bay, volume, path, number, noted)
            brought.received.append(name)
        except FairwitnessError as error:
            _leave(bay, brought, name, error.message, error.stable_code)
            if error.stable_code in _STOPS:
                break
        except OSError as error:
            if not volume.present():
                _leave(bay, brought, name, "the volume was taken out.", "dock.undocked")
                break
            why = f"it can't be read or removed: {error.strerror or error}."
            _leave(bay, brought, name, why, "dock.file_fails")
    return brought


def _at_rest(bay: Bay, volume: EnrolledVolume, paths: Sequence[Path]) -> frozenset[Path]:
    """The files that two looks found alike; where the first was just now, a moment lies between."""
    rests = volume.look(paths)
    if any(path not in rests and not volume.is_done(path) for path in paths):
        bay.watcher.turned(Doing.LOOKING)
        bay.pause(SETTLES)
        rests = volume.look(paths)
    return rests


def _take(
    bay: Bay, volume: EnrolledVolume, path: Path, number: int, noted: Mapping[str, offload.Noted]
) -> None:
    """One file: read to know what it is, then as any recording."""
    bay.watcher.turned(Doing.LOOKING)
    recording = volume.read(path, number=number)
    before = noted.get(recording.held.name)
    grown = before is not None and before.state in offload.PROVEN
    if grown and before and recording.begins_with(before.size, before.sha256):
        recording = replace(recording, continues=before.sha256)
    (step,) = offload.plan([recording.held], noted)
    docked = Docked(docked_at=bay.clock(), envelope=b"", names=frozenset())
    taking.take(bay=bay, camera=volume, recording=recording, step=step, docked=docked)
    volume.done[path] = recording.seen


def _leave(bay: Bay, brought: Brought, name: str, why: str, code: str) -> None:
    brought.left[name] = why
    brought.codes[name] = code
    bay.watcher.said(f"{name} stays on the volume: {why} [{code}]")
