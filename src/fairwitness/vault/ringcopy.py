"""One copy of the key ring: a folder that knows which ring, and which copy of it, it is.

    ring.json               says so; a folder without it is no copy (a disk that is not mounted)
    live/xx/<recording>     the recording's key, sealed by a ring key
    destroyed/xx/<recording> that the key was destroyed, and when

A key is destroyed by *moving* its entry from `live` to `destroyed`, which is one step on the disk
and needs no room, and then writing over it. Whatever a file in `destroyed` says, its being there
means that the key is destroyed.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError
from fairwitness.vault import durable

_MARK: Final = "ring.json"
_VERSION: Final = 1
_FANOUT: Final = 2


class CopyUnavailable(FairwitnessError):
    """A copy of the key ring is not there: its disk is not mounted, failed, or was exchanged."""

    code = "keyring.copy_unavailable"


@dataclass(frozen=True, slots=True)
class _Mark:
    version: int
    ring: str
    copy: int


class RingCopy:
    """The files of one copy; holds no lock and knows no key.

    Attributes:
        number: 0 or 1.
        root: its folder.
    """

    def __init__(self, root: Path, number: int) -> None:
        self.root = root
        self.number = number
        self._live_root = root / "live"
        self._destroyed_root = root / "destroyed"

    def mark(self, ring: str) -> None:
        """Makes this folder a copy of that ring."""
        durable.make_folder(self.root)
        mark = _Mark(_VERSION, ring, self.number)
        durable.replace(self.root / _MARK, canonical.encode(records.to_json(mark)))

    def marked(self) -> str | None:
        """Which ring this is a copy of; None if it is none, or cannot be read."""
        try:
            data = durable.read(self.root / _MARK)
            mark = records.from_json(_Mark, canonical.decode(data or b""))
        except (OSError, FormatError):
            return None
        return mark.ring if mark.copy == self.number and mark.version == _VERSION else None

    def read(self, recording: UUID, *, cold: bool = False) -> bytes | None:
        """A live entry as it lies there; None if there is none."""
        return durable.read(self._live(recording), cold=cold)

    def read_destroyed(self, recording: UUID) -> bytes | None:
        """A record of destruction as it lies there; None if there is none."""
        return durable.read(self._destroyed(recording))

    def is_destroyed(self, recording: UUID) -> bool:
        """Whether this copy says that the recording's key is destroyed."""
        return durable.exists(self._destroyed(recording))

    def add(self, recording: UUID, entry: bytes) -> None:
        """Writes a live entry; raises FileExistsError if there is one."""
        for path in (self._live(recording), self._destroyed(recording)):
            durable.make_folder(path.parent)  # both, so that destroying needs no new folder
        durable.write_new(self._live(recording), entry)

    def put(self, entries: Mapping[UUID, bytes]) -> None:
        """Writes live entries in the places of what is there, if anything."""
        files = {self._live(recording): entry for recording, entry in entries.items()}
        homes = {self._destroyed(recording).parent for recording in entries}
        for folder in {path.parent for path in files} | homes:
            durable.make_folder(folder)
        durable.replace_all(files)

    def destroy(self, recording: UUID, record: bytes) -> None:
        """As `destroy_many` for one."""
        self.destroy_many({recording: record})

    def destroy_many(self, found: Mapping[UUID, bytes]) -> None:
        """Destroys the live entries, where there are any, and leaves these records in any case.

        All entries are moved, durably, before the first is written over; see the module. Where they
        are few only what was written is synced: the ring's lock waits for nothing else on its disk.
        What was done before and cut short is synced again, since nobody knows whether it was.

        Raises:
            OSError: the disk failed; repeating it, or `destroy` of each, finishes it.
        """
        places = {each: (self._live(each), self._destroyed(each)) for each in found}
        for folder in {destroyed.parent for _, destroyed in places.values()}:
            durable.make_folder(folder)
        self._sweep_of({live for live, _ in places.values()})
        for recording, (live, destroyed) in places.items():
            if durable.exists(live):
                if durable.exists(destroyed):
                    self.forget(recording)
                else:
                    live.rename(destroyed)
        folders = {path.parent for pair in places.values() for path in pair}
        durable.sync_folders({folder for folder in folders if durable.exists(folder)})
        new, told = {}, []
        for recording, (_, destroyed) in places.items():
            there = durable.read(destroyed)
            if there is None:
                new[destroyed] = found[recording]
                continue
            if there != found[recording]:
                durable.overwrite(destroyed, found[recording], sync=False)
            told.append(destroyed)
        durable.replace_all(new)
        durable.sync_files(told)

    def destroy_each(self, found: Mapping[UUID, bytes]) -> set[UUID]:
        """As `destroy_many`, whatever the disk says of some; returns those that failed."""
        try:
            self.destroy_many(found)
        except OSError:
            return {pk for pk, record in found.items() if not self._destroyed_one(pk, record)}
        return set()

    def _destroyed_one(self, recording: UUID, record: bytes) -> bool:
        try:
            self.destroy(recording, record)
        except OSError:
            return False
        return True

    def _sweep_of(self, live: Collection[Path]) -> None:
        """Removes attempts to re-key these entries, which hold their keys, too."""
        names = {path.name for path in live}
        for folder in {path.parent for path in live}:
            strays = {each[1:].partition(".")[0] for each in _names(folder) if each[0] == "."}
            for name in strays & names:
                durable.sweep(folder, of=name)

    def forget(self, recording: UUID) -> None:
        """Overwrites and removes a live entry that must not be there."""
        live = self._live(recording)
        if durable.exists(live):
            durable.overwrite(live, b"")
            live.unlink()
            durable.sync_folder(live.parent)

    def groups(self) -> set[str]:
        """The subfolders of `live` and `destroyed` that there are: first letters of ids."""
        kinds = (self.root / "live", self.root / "destroyed")
        return {group.name for kind in kinds if kind.is_dir() for group in kind.iterdir()}

    def live(self, group: str) -> Iterator[UUID]:
        """The recordings with a live entry in one of `groups`."""
        return _recordings(self.root / "live" / group)

    def destroyed(self, group: str) -> Iterator[UUID]:
        """The recordings with a record of destruction in one of `groups`."""
        return _recordings(self.root / "destroyed" / group)

    def sweep(self, group: str) -> None:
        """Removes what attempts that were cut short left in one of `groups`."""
        for kind in ("live", "destroyed"):
            durable.sweep(self.root / kind / group)

    def _live(self, recording: UUID) -> Path:
        name = str(recording)
        return self._live_root.joinpath(name[:_FANOUT], name)

    def _destroyed(self, recording: UUID) -> Path:
        name = str(recording)
        return self._destroyed_root.joinpath(name[:_FANOUT], name)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - a path for each of thousands is most of the cost
    except (FileNotFoundError, NotADirectoryError):
        return []


def _recordings(folder: Path) -> Iterator[UUID]:
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if not file.name.startswith("."):
            try:
                yield UUID(file.name)
            except ValueError:
                raise CopyUnavailable(f"{file} does not belong in a key ring.") from None
