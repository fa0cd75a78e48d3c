"""A disk under a process that dies: at any step, by a kill or by a power cut.

`DyingDisk` stands between this process and the functions of `os` that change a disk, counts them,
and ends the process before the one it is told. How it ends it:

    kill    as `kill -9`: what was done stays, written through or not
    torn    the same, in the middle of a write
    power   as a power cut on the worst disk: whatever no sync covers is lost, names and bytes
    chance  as a power cut on a real one: of what no sync covers some is lost, some torn, some kept

It only ever runs in a child process made for it.
"""

import contextlib
import os
import random
import shutil
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from fairwitness.vault import syncing

PathLike: TypeAlias = str | os.PathLike[str]
Bytes: TypeAlias = bytes | bytearray | memoryview

MODES = ("kill", "torn", "power", "chance")
KILLED = 9

_REAL: dict[str, Any] = {
    name: getattr(os, name)
    for name in (
        "open",
        "close",
        "write",
        "pwrite",
        "ftruncate",
        "posix_fallocate",
        "fsync",
        "fdatasync",
        "link",
        "unlink",
        "rename",
        "mkdir",
    )
}


@dataclass
class _Change:
    """A change of names in a folder that no sync of the folder has covered."""

    folder: str
    undo: Callable[[], None]


@dataclass
class _Unsynced:
    """A file whose bytes were changed since its last sync."""

    descriptor: int
    before: bytes
    written: list[tuple[int, bytes]] = field(default_factory=list)


class DyingDisk:
    """Ends the process before step `dies_at` (from 1); at 0 it only counts."""

    def __init__(self, *, limbo: Path, mode: str, dies_at: int) -> None:
        limbo.mkdir(exist_ok=True)
        self._limbo = limbo
        self._mode = mode
        self._dies_at = dies_at
        self._names: list[_Change] = []
        self._files: dict[int, _Unsynced] = {}
        self._lock = threading.RLock()
        self._kept = 0
        self.steps = 0
        self.writes: list[int] = []

    def install(self) -> None:
        """Puts itself in the place of `os` functions, for the rest of the process."""
        for name in _REAL:
            setattr(os, name, getattr(self, "_" + name))
        syncing.disk = self._sync_disk

    def end(self) -> None:
        """Cuts the power, if that is how it is to end, and leaves the process be."""
        for name, function in _REAL.items():
            setattr(os, name, function)
        if self._mode == "power":
            self._lose(None)
        if self._mode == "chance":
            self._lose(random.Random(self._dies_at))  # noqa: S311 # it must be the same each time

    # What stands in the place of os.open and the others.

    def _open(self, path: PathLike, flags: int, mode: int = 0o777, **more: int | None) -> int:
        creates = bool(flags & os.O_CREAT) and not os.path.lexists(path)
        if not creates:
            descriptor: int = _REAL["open"](path, flags, mode, **more)
            return descriptor
        with self._lock:
            self._step()
            descriptor = _REAL["open"](path, flags, mode, **more)
            self._changed(path, self._undo_new(path))
            self._touch(descriptor)
            return descriptor

    def _close(self, descriptor: int) -> None:
        _REAL["close"](descriptor)

    def _write(self, descriptor: int, data: Bytes) -> int:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            done: int = _REAL["write"](descriptor, data)
            return done
        with self._lock:
            self._step(lambda: _REAL["write"](descriptor, bytes(data)[: len(data) // 2]))
            self._touch(descriptor)
            written: int = _REAL["write"](descriptor, data)
            return written

    def _pwrite(self, descriptor: int, data: Bytes, offset: int) -> int:
        with self._lock:
            half = bytes(data)[: len(data) // 2]
            self._step(lambda: _REAL["pwrite"](descriptor, half, offset))
            self._touch(descriptor)
            done: int = _REAL["pwrite"](descriptor, data, offset)
            return done

    def _ftruncate(self, descriptor: int, length: int) -> None:
        with self._lock:
            self._step()
            self._touch(descriptor)
            _REAL["ftruncate"](descriptor, length)

    def _posix_fallocate(self, descriptor: int, offset: int, length: int) -> None:
        with self._lock:
            self._step()
            self._touch(descriptor)
            _REAL["posix_fallocate"](descriptor, offset, length)

    def _fsync(self, descriptor: int) -> None:
        with self._lock:
            self._step()
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                folder = str(Path(f"/proc/self/fd/{descriptor}").readlink())
                self._names = [change for change in self._names if change.folder != folder]
            else:
                self._files.pop(found.st_ino, None)

    _fdatasync = _fsync

    def _sync_disk(self, folder: Path) -> None:
        with self._lock:
            assert folder.is_dir()
            self._step()
            self._names.clear()
            self._files.clear()

    def _link(self, source: PathLike, target: PathLike, **more: int | None) -> None:
        with self._lock:
            self._step()
            _REAL["link"](source, target, **more)
            self._changed(target, self._undo_new(target))

    def _unlink(self, path: PathLike, *, dir_fd: int | None = None) -> None:
        if dir_fd is not None:  # as shutil.rmtree names what it removes
            path = Path(f"/proc/self/fd/{dir_fd}").readlink() / path
        with self._lock:
            if not os.path.lexists(path):
                _REAL["unlink"](path)
            self._step()
            undo = self._undo_gone(path)
            _REAL["unlink"](path)
            self._changed(path, undo)

    def _rename(self, source: PathLike, target: PathLike, **more: int | None) -> None:
        with self._lock:
            self._step()
            back = self._undo_gone(source)
            old = self._undo_gone(target) if os.path.lexists(target) else None
            _REAL["rename"](source, target, **more)
            new = self._undo_new(target)

            def undo_target() -> None:
                new()
                if old is not None:
                    old()

            self._changed(target, undo_target)
            self._changed(source, back)

    def _mkdir(self, path: PathLike, *args: int, **more: int | None) -> None:
        with self._lock:
            if os.path.lexists(path):
                _REAL["mkdir"](path, *args, **more)
            self._step()
            _REAL["mkdir"](path, *args, **more)
            self._changed(path, lambda: shutil.rmtree(path, ignore_errors=True))

    # How it remembers and how it dies.

    def _step(self, tear: Callable[[], object] | None = None) -> None:
        self.steps += 1
        if tear is not None:
            self.writes.append(self.steps)
        if self.steps != self._dies_at:
            return
        if self._mode == "torn" and tear is not None:
            tear()
        self.end()
        os._exit(KILLED)

    def _lose(self, chance: random.Random | None) -> None:
        for unsynced in self._files.values():
            now = os.pread(unsynced.descriptor, 1 << 26, 0)
            keep = unsynced.before
            if chance is not None:
                torn = now[: chance.randrange(len(now) + 1)]
                keep = chance.choice([keep, now, torn])
            os.ftruncate(unsynced.descriptor, 0)
            os.pwrite(unsynced.descriptor, keep, 0)
        kept: set[int] = set()
        if chance is not None:  # of each folder's changes, the first so many
            for folder in {change.folder for change in self._names}:
                those = [change for change in self._names if change.folder == folder]
                kept |= {id(change) for change in those[: chance.randrange(len(those) + 1)]}
        for change in reversed(self._names):
            if id(change) not in kept:
                with contextlib.suppress(OSError):
                    change.undo()

    def _changed(self, path: PathLike, undo: Callable[[], None]) -> None:
        self._names.append(_Change(str(Path(path).parent.resolve()), undo))

    def _touch(self, descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        if inode not in self._files:
            again: int = _REAL["open"](f"/proc/self/fd/{descriptor}", os.O_RDWR)
            self._files[inode] = _Unsynced(again, os.pread(again, 1 << 26, 0))

    @staticmethod
    def _undo_new(path: PathLike) -> Callable[[], None]:
        return lambda: _REAL["unlink"](path)

    def _undo_gone(self, path: PathLike) -> Callable[[], None]:
        self._kept += 1
        kept = self._limbo / f"{os.getpid()}-{self._kept}"
        _REAL["link"](path, kept)

        def undo() -> None:
            if not os.path.lexists(path):
                _REAL["link"](kept, path)

        return undo
