"""A docked camera as the dock sees it: a mounted folder, read with suspicion.

Nothing that a camera's volume says is believed further than its signature: names must be what the
signed statement gives, links and folders in odd places are passed over and told.
"""

import errno
import hashlib
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path

from fairwitness.dock import folder
from fairwitness.dock.offload import Held
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, dsse, records, statement
from fairwitness.formats.canonical import Json
from fairwitness.formats.errors import FormatError
from fairwitness.formats.recording import EventKind, RecordingClaim

_FULL = 100
_SMALL = 64 << 10
"""Bytes of a card, at most."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


class VolumeUnreadable(FairwitnessError):
    """The folder is not a camera's volume, or can't be read."""

    code = "dock.volume_unreadable"


@dataclass(frozen=True, slots=True)
class CameraCard:
    """What `camera.json` on a volume says."""

    version: int
    serial: str
    profile: str
    firmware: str
    public_key: str
    volume_id: str


@dataclass(frozen=True, slots=True)
class ClockCard:
    """What `clock.json` says: how the simulated camera's clock stands.

    `ahead_us` is how far the clock is ahead of true time, in microseconds: what a real dock would
    read off the camera's clock.
    """

    ahead_us: int
    set: bool
    set_at: datetime | None
    source: str | None


@dataclass(frozen=True, slots=True)
class BatteryCard:
    """What `battery.json` says: the charge when the camera was docked, or as the bay reads it."""

    percent: int


@dataclass(frozen=True, slots=True)
class OnCamera:
    """One finished recording on the volume, with its signed statement as the camera wrote it."""

    held: Held
    video: Path
    statement: Path
    claim: RecordingClaim
    envelope: bytes

    @property
    def size(self) -> int:
        """Bytes, as the camera signed."""
        return self.claim.size

    @property
    def sha256(self) -> str:
        """The digest that the camera signed, hexadecimal."""
        return self.claim.sha256

    @contextmanager
    def opened(self) -> Iterator[BufferedReader]:
        """The recording itself, for reading."""
        with self.video.open("rb") as file:
            yield file

    def promised(self, docking: bytes) -> dict[str, bytes]:
        """What its upload says of itself."""
        name = self.video.name.encode()
        return {"statement": self.envelope, "docking": docking, "filename": name}

    def as_promised(self) -> bool:
        """Whether the bytes on the camera are, all of them, the ones that it signed."""
        with self.opened() as file:
            if os.fstat(file.fileno()).st_size != self.claim.size:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == self.claim.sha256


@dataclass(frozen=True, slots=True)
class Contents:
    """What is on a volume: finished recordings, and what had to be passed over, with reasons."""

    recordings: tuple[OnCamera, ...]
    passed_over: tuple[tuple[str, str], ...]


class Volume:
    """One mounted camera.

    Raises:
        VolumeUnreadable: there is no readable `camera.json`, or its recordings lie elsewhere.
    """

    called = "camera"
    promise = "the camera signed"
    erasable = True

    def __init__(self, root: Path) -> None:
        self.root = root
        self.recordings = root / "recordings"
        try:
            self._text = _small(root / "camera.json")
        except OSError as error:
            raise VolumeUnreadable(
                f"{root} is not a camera: it has no readable camera.json."
            ) from error
        try:
            self.card = records.from_json(CameraCard, canonical.decode(self._text))
        except FormatError as error:
            raise VolumeUnreadable(
                f"{root}/camera.json is damaged: {error.message} Nothing was touched."
            ) from error
        if self.recordings.is_symlink():
            raise VolumeUnreadable(f"{self.recordings} leads elsewhere. Nothing was touched.")
        if not _NAME.fullmatch(self.card.serial):
            raise VolumeUnreadable("The camera's serial is not a plain word.")

    def clock(self) -> ClockCard | None:
        """How the camera's clock stands; None when it does not say."""
        try:
            text = _small(self.root / "clock.json")
            return records.from_json(ClockCard, canonical.decode(text))
        except (OSError, FormatError):
            return None

    def contents(self) -> Contents:
        """The finished recordings, with their statements read (not yet verified)."""
        found: list[OnCamera] = []
        passed: list[tuple[str, str]] = []
        for path in self._files():
            if path.name.endswith(".mp4.part"):
                passed.append((path.name, "not finished: the camera mends it when it starts"))
            elif path.suffix == ".mp4":
                try:
                    found.append(self._read(path))
                except VolumeUnreadable as error:
                    passed.append((path.name, error.message))
                except OSError as error:
                    passed.append((path.name, f"it can't be read: {error.strerror}"))
        return Contents(recordings=tuple(found), passed_over=tuple(passed))

    def names(self) -> frozenset[str]:
        """Of the recordings that are there, readable or not."""
        return frozenset(path.stem for path in self._files() if path.suffix == ".mp4")

    def _files(self) -> Iterator[Path]:
        try:
            entries = sorted(os.scandir(self.recordings), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise VolumeUnreadable(f"{self.recordings} can't be read: {error}.") from error
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)

    def _read(self, video: Path) -> OnCamera:
        beside = video.with_suffix(".dsse.json")
        try:
            data = _small(beside, most=dsse.ENVELOPE_LIMIT)
        except OSError as error:
            raise VolumeUnreadable(
                "no signed statement beside it: it stays on the camera, tell the evidence manager"
            ) from error
        try:
            envelope = dsse.parse(data)
            claim = statement.parse(envelope.payload, RecordingClaim).predicate
        except FormatError as error:
            raise VolumeUnreadable(f"its statement is damaged: {error.message}") from error
        name = f"{claim.camera}-{claim.counter}-{claim.part}"
        if name != video.stem or claim.camera != self.card.serial:
            raise VolumeUnreadable("its statement is about another recording")
        told = any(event.kind is EventKind.MARKER for event in claim.events)
        held = Held(
            name=name,
            counter=claim.counter,
            part=claim.part,
            size=video.stat().st_size,
            sha256=claim.sha256,
            first=told,
        )
        return OnCamera(held=held, video=video, statement=beside, claim=claim, envelope=data)

    def present(self) -> bool:
        """Whether this camera is still docked, and not another in its place."""
        try:
            return _small(self.root / "camera.json") == self._text
        except OSError:
            return False

    def battery(self) -> int | None:
        """The charge of its battery in per cent; None when it does not say."""
        try:
            text = _small(self.root / "battery.json")
            percent = records.from_json(BatteryCard, canonical.decode(text)).percent
        except (OSError, FormatError):
            return None
        return percent if 0 <= percent <= _FULL else None

    def push(self, name: str, value: Json) -> bool:
        """Put a small file on the volume unless it says that already; whether it was written."""
        data = canonical.encode(value)
        path = self.root / name
        try:
            if _small(path) == data:
                return False
        except OSError:
            pass  # not there, or not to be read: written anew
        self.write(name, data)
        return True

    @property
    def key(self) -> str:
        """What the journal keeps its recordings under."""
        return self.card.serial

    def erase(self, recording: OnCamera, receipt: bytes) -> bool:
        """Leave the receipt and remove a recording and its statement, durably. Idempotent.

        The caller holds a checked receipt: `taking` is the only caller.

        Returns:
            Whether it did: not when the bytes are other than those that were signed.
        """
        if not recording.as_promised():
            return False
        place = f"receipts/{recording.held.name}.json"
        try:
            self.write(place, receipt)
            self._remove(recording)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            self._remove(recording)  # only this makes room; the journal holds the receipt
            self.write(place, receipt)
        return True

    def _remove(self, recording: OnCamera) -> None:
        recording.video.unlink(missing_ok=True)
        recording.statement.unlink(missing_ok=True)
        _sync_folder(self.recordings)

    def finish_erasing(self, names: Collection[str]) -> None:
        """Remove what a cut left of erasures: statements of these names without their recording."""
        for path in list(self._files()):
            name = path.name.removesuffix(".dsse.json")
            if name != path.name and name in names and not path.with_name(f"{name}.mp4").exists():
                path.unlink(missing_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Put a small file on the volume, whole or not at all."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent != self.root and path.parent.is_symlink():
            raise VolumeUnreadable(f"{path.parent} leads elsewhere: nothing is written there.")
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        with fresh.open("xb") as file:  # never through a link that the volume holds ready
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)

    def set_clock(self, *, at: datetime) -> None:
        """Set the camera's clock right: what docking does last."""
        card = ClockCard(ahead_us=0, set=True, set_at=at.astimezone(UTC), source="dock")
        self.write("clock.json", canonical.encode(records.to_json(card)))


def clock_bounds(
    *, card: ClockCard | None, before: datetime, after: datetime, own_error: timedelta
) -> tuple[int, int] | None:
    """How far the camera's clock is ahead of true time, at least and at most, in microseconds.

    Args:
        card: how the camera's clock stands, read between `before` and `after`.
        before: the dock's clock just before reading.
        after: the dock's clock just after.
        own_error: how wrong the dock's own clock may be, either way.

    Returns:
        None when the camera's clock is not set or does not say.
    """
    if card is None or not card.set:
        return None
    reading = abs(after - before) // timedelta(microseconds=1)
    slack = own_error // timedelta(microseconds=1) + reading
    return card.ahead_us - slack, card.ahead_us + slack


def _small(path: Path, *, most: int = _SMALL) -> bytes:
    """The bytes of a small file: never through a link, never out of a pipe, never without end.

    Raises:
        OSError: it is no ordinary file, or larger, or can't be read.
    """
    with folder.open_plain(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "it is larger than it can be")
    return data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
