"""Small files that survive a power cut at any moment: the only ways we write them.

Every function returns when what it did is on the medium. A file is whole or absent, old or new,
never between; names that start with a dot are attempts that were cut short and count for nothing.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from fairwitness.vault import syncing

_FEW: Final = 8
"""How many files or folders are made durable one by one, so that nothing is waited for but them;
more are made so by one sync of their disk, which beside heavy writing is still the quicker."""
_RANDOM: Final = 8  # bytes that tell two attempts apart
_DURABLE: Final[set[Path]] = set()  # folders whose names this process has made durable


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    syncing.entry(path)


def sync_folders(folders: Collection[Path]) -> None:
    """Makes the names in these folders durable; many of them by one sync of their disk."""
    if len(folders) <= _FEW:
        for folder in folders:
            sync_folder(folder)
        return
    syncing.disks(folders)


def sync_files(files: Collection[Path]) -> None:
    """Makes files durable that were written without a sync; many of them as `sync_folders`."""
    if len(files) <= _FEW:
        for path in files:
            syncing.entry(path)
        return
    syncing.disks({path.parent for path in files})


def make_folder(path: Path) -> None:
    """Makes a folder and all above it, for us alone; its name is durable."""
    there = path.is_dir()
    if there and path in _DURABLE:
        return
    if not there:
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)  # one that is there may be another process's, which died before this
    _DURABLE.add(path)


def write_new(path: Path, data: bytes) -> None:
    """Writes a file that must not exist yet.

    Raises:
        FileExistsError: it does.
        OSError: the disk failed or is full; the file does not exist.
    """
    attempt = _attempt(path, data)
    try:
        path.hardlink_to(attempt)
    finally:
        attempt.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Writes a file in the place of the one that is there, if any.

    What was there is overwritten before it is let go, as far as the disk allows: it held keys.

    Raises:
        OSError: the disk failed or is full; the old file is there unchanged.
    """
    attempt = _attempt(path, data)
    old: int | None = None
    try:
        with contextlib.suppress(FileNotFoundError):
            old = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            attempt.rename(path)
        except OSError:
            attempt.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        if old is not None:
            _overwrite(old, bytes(os.fstat(old).st_size))
    finally:
        if old is not None:
            os.close(old)


def replace_all(files: Mapping[Path, bytes]) -> None:
    """Writes many files of one disk in the places of those that are there, if any.

    Far fewer syncs than one by one, if they are many. Each file is old or new after a crash; not
    all are the same.

    Raises:
        OSError: the disk failed or is full; every file is there, old or new.
    """
    attempts: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            attempts[path] = _attempt(path, data, sync=False)
        sync_files(attempts.values())
        for path in files:
            attempts.pop(path).rename(path)
        sync_folders({path.parent for path in files})
    finally:
        for attempt in attempts.values():
            attempt.unlink(missing_ok=True)


def sweep(folder: Path, *, of: str | None = None) -> None:
    """Overwrites and removes what attempts that were cut short left in a folder.

    For whoever holds the lock under which files are written there.

    Args:
        folder: need not be there.
        of: name of the one file whose attempts are meant; all by default.
    """
    strays = list(folder.glob(".*" if of is None else f".{of}.{'[0-9a-f]' * 2 * _RANDOM}"))
    for stray in strays:
        if stray.stat().st_nlink == 1:  # else it is also, by its right name, a file that counts
            overwrite(stray, b"")
        stray.unlink()
    if strays:
        sync_folder(folder)


def overwrite(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Writes over a file in place, leaving nothing of it; needs no room if it is no longer.

    Without `sync` the caller makes it durable.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        old = os.fstat(descriptor).st_size
        _overwrite(descriptor, data.ljust(old, b" "), sync=sync)
        os.ftruncate(descriptor, len(data))
        if sync:
            syncing.file(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, *, cold: bool = False) -> bytes | None:
    """A file's bytes, or None if there is none; `cold` asks the medium rather than memory."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        if cold:
            with contextlib.suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    finally:
        os.close(descriptor)


def exists(path: Path) -> bool:
    """Whether there is a file; a disk that can't tell raises OSError, and is no answer."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Holds a lock against all other processes and threads; it ends with the process.

    Raises:
        BlockingIOError: another holds it, and `wait` is false.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(descriptor, how | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def _attempt(path: Path, data: bytes, *, sync: bool = True) -> Path:
    """Writes the bytes, durably unless told not to, under a name that counts for nothing."""
    attempt = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM)}")
    descriptor = os.open(attempt, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _overwrite(descriptor, data, sync=sync)
    except OSError:
        attempt.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return attempt


def _overwrite(descriptor: int, data: bytes, *, sync: bool = True) -> None:
    rest = memoryview(data)
    at = 0
    while rest:
        done = os.pwrite(descriptor, rest, at)
        at += done
        rest = rest[done:]
    if sync:
        syncing.file(descriptor)
