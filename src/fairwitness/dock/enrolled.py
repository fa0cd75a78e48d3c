"""An enrolled volume in a dock: a stick or card of another maker's footage, read with suspicion.

Every ordinary file on it is taken as it is, whatever its name says. Nothing on it is believed: its
card only says which volume to ask the server about, links are never followed, names are data, and
a file that changes while it is read is left until it has come to rest.

Specification: docs/specs/dock-api.md.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from fairwitness.dock import folder
from fairwitness.dock.offload import Held
from fairwitness.dock.sending import StillChanging
from fairwitness.dock.volume import VolumeUnreadable
from fairwitness.errors import FairwitnessError
from fairwitness.formats import enrolled_volume
from fairwitness.formats.enrolled_volume import VolumeCard
from fairwitness.formats.errors import FormatError

LARGEST: Final = 64 << 30
"""Bytes that one upload may have (docs/specs/upload.md)."""


_AT_ONCE: Final = 1 << 20


class NotACamera(FairwitnessError):
    """What is mounted is neither a camera of ours nor an enrolled volume."""

    code = "dock.not_a_camera"


class FileTooLarge(FairwitnessError):
    """A file that no upload can hold."""

    code = "dock.file_too_large"


@dataclass(frozen=True, slots=True)
class OnVolume:
    """One file, with the digest that it had when it was read.

    Attributes:
        held: as the plan knows it; its name is the path on the volume, escaped.
        volume: the volume's id.
        root: where the volume is mounted.
        within: the file's place on it.
        seen: its size and when it was changed, as it was read.
        continues: the digest of what was sent of it before, which it begins with; else empty.
    """

    held: Held
    volume: UUID
    root: Path
    within: Path
    seen: tuple[int, int]
    continues: str = ""

    @property
    def size(self) -> int:
        """Bytes, as read."""
        return self.held.size

    @property
    def sha256(self) -> str:
        """The digest as read, hexadecimal."""
        return self.held.sha256

    @contextmanager
    def opened(self) -> Iterator[BufferedReader]:
        """The file, for reading.

        Raises:
            StillChanging: it is not the file that was read.
            OSError: it can't be read.
        """
        with folder.inside(self.root, self.within) as (_place, file):
            if _stamp(file) != self.seen:
                raise StillChanging("It was changed after it was read.")
            yield file

    def promised(self, docking: bytes) -> dict[str, bytes]:  # noqa: ARG002 - no camera, no docking
        """What its upload says of itself."""
        told = {
            "volume": str(self.volume).encode(),
            "sha256": bytes.fromhex(self.sha256),
            "filename": self.within.name.encode("utf-8", errors="replace"),
        }
        return told | ({"continues": bytes.fromhex(self.continues)} if self.continues else {})

    def begins_with(self, size: int, sha256: str) -> bool:
        """Whether its first bytes are these, and more follow.

        Raises:
            StillChanging, OSError: as `opened`.
        """
        if not 0 < size < self.size:
            return False
        found = hashlib.sha256()
        with self.opened() as file:
            while size and (data := file.read(min(size, _AT_ONCE))):
                found.update(data)
                size -= len(data)
        return not size and found.hexdigest() == sha256

    def as_promised(self) -> bool:
        """Whether its bytes still have that digest."""
        with folder.inside(self.root, self.within) as (_place, file):
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


class EnrolledVolume:
    """One mounted volume with a card on it.

    Args:
        root: where it is mounted.
        may_erase: asks the server whether docks may erase from it, each time anew.

    Attributes:
        done: the files that were received in this docking, as they were then.
        looked: the files as the last look found them, size and time of change.
        erased: names of those that were erased.

    Raises:
        NotACamera: it has no card.
        VolumeUnreadable: its card can't be read.
    """

    called = "volume"
    promise = "were read"

    def __init__(self, root: Path, *, may_erase: Callable[[UUID], bool]) -> None:
        self.root = root
        self.card = read_card(root)
        self.done: dict[Path, tuple[int, int]] = {}
        self.looked: dict[Path, tuple[int, int]] = {}
        self.erased: set[str] = set()
        self._may_erase = may_erase

    @property
    def erasable(self) -> bool:
        """Whether what was received may be erased from it, now."""
        return self._may_erase(self.card.volume)

    @property
    def key(self) -> str:
        """What the journal keeps its files under."""
        return f"volume:{self.card.volume}"

    def present(self) -> bool:
        """Whether this very volume is still in the dock."""
        try:
            return read_card(self.root) == self.card
        except FairwitnessError:
            return False

    def files(self) -> folder.Found:
        """What is on it, the card left out.

        Raises:
            OSError: it can't be read.
        """
        found = folder.walk(self.root, every=True)
        card = self.root / enrolled_volume.FILE
        return folder.Found(
            tuple(path for path in found.footage if path != card), found.passed_over
        )

    def read(self, path: Path, *, number: int) -> OnVolume:
        """Read a file from beginning to end, to know what it is.

        Args:
            path: as `files` gave it.
            number: its place among them.

        Raises:
            OSError: it can't be read.
            FileTooLarge: no upload can hold it.
            StillChanging: it grew or was written to meanwhile.
        """
        within = path.relative_to(self.root)
        with folder.inside(self.root, within) as (_place, file):
            before = _stamp(file)
            if before[0] > LARGEST:
                raise FileTooLarge(
                    f"It has {before[0]} bytes; {LARGEST} are the most. It stays on the volume:"
                    " bring it in at the server, in parts."
                )
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if (_stamp(file), file.tell()) != (before, before[0]):
                raise StillChanging("It is still being written.")
        size = before[0]
        held = Held(name=name_of(within), counter=number, part=1, size=size, sha256=digest)
        return OnVolume(held, self.card.volume, self.root, within, before)

    def erase(self, recording: OnVolume, receipt: bytes) -> bool:  # noqa: ARG002 - the journal holds it
        """Remove a file, durably, if its bytes still have the digest.

        The very file that was hashed is removed: what has come under its name since is not.
        """
        with folder.inside(recording.root, recording.within) as (place, file):
            if hashlib.file_digest(file, "sha256").hexdigest() != recording.sha256:
                return False
            name = recording.within.name
            hashed = os.fstat(file.fileno())
            there = os.stat(name, dir_fd=place, follow_symlinks=False)
            if (hashed.st_dev, hashed.st_ino) != (there.st_dev, there.st_ino):
                return False
            os.unlink(name, dir_fd=place)
            os.fsync(place)
        self.erased.add(recording.held.name)
        return True

    def look(self, paths: Iterable[Path]) -> frozenset[Path]:
        """Look at files that were not received yet; those that are as the last look found them.

        A file that is written in bursts is whole by itself between two of them: only time tells.
        What can't be looked at, on a stick that was taken out, say, is not told to be changing:
        reading it says why.
        """
        now = {path: _lying(path) for path in paths if not self.is_done(path)}
        rests = frozenset(
            path for path, stamp in now.items() if stamp is None or self.looked.get(path) == stamp
        )
        self.looked = {path: stamp for path, stamp in now.items() if stamp is not None}
        return rests

    def is_done(self, path: Path) -> bool:
        """Whether this file was received in this docking and has not been touched since."""
        before = self.done.get(path)
        return before is not None and _lying(path) == before


def read_card(root: Path) -> VolumeCard:
    """The card of the volume mounted here.

    Raises:
        NotACamera: there is none.
        VolumeUnreadable: it is no card, or can't be read.
    """
    try:
        with folder.open_plain(root / enrolled_volume.FILE) as file:
            data = file.read(enrolled_volume.LIMIT + 1)
        return enrolled_volume.read_card(data)
    except FileNotFoundError as error:
        raise NotACamera(
            f"{folder.shown(root)} is neither a camera that this dock knows nor an enrolled volume."
            " Nothing was taken from it, nothing was erased. To have its footage taken, enrol it:"
            " `fairwitness dock volume enrol`, then a person at the server approves."
        ) from error
    except (OSError, FormatError) as error:
        raise VolumeUnreadable(
            f"{folder.shown(root)}/{enrolled_volume.FILE} can't be read: {error}. Nothing was"
            " touched."
        ) from error


def enrol(root: Path) -> VolumeCard:
    """The card of the volume mounted here; a fresh one is put there if it has none.

    Raises:
        VolumeUnreadable: it is a camera of ours, has something else in the card's place, or nothing
            can be written on it.
    """
    if (root / "camera.json").exists():
        raise VolumeUnreadable(f"{root} is a camera: enrol that with its own request.")
    try:
        return read_card(root)
    except NotACamera:
        pass
    try:
        _write_card(root, VolumeCard(volume=uuid4()))
    except OSError as error:
        raise VolumeUnreadable(
            f"{root} can't be enrolled: nothing can be written on it ({error.strerror})."
        ) from error
    return read_card(root)


def _write_card(root: Path, card: VolumeCard) -> None:
    """Whole or not at all."""
    fresh = root / f".{enrolled_volume.FILE}.new"
    fresh.unlink(missing_ok=True)
    with fresh.open("xb") as file:
        file.write(card.encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(root / enrolled_volume.FILE)
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def name_of(within: Path) -> str:
    """A file's place on its volume as one printable line, another for each."""
    return "".join(
        letter if letter.isprintable() and letter != "\\" else f"\\{ord(letter):x};"
        for letter in str(within)
    )


def _stamp(file: BufferedReader) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _lying(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None  # reading it says why
    return found.st_size, found.st_mtime_ns
