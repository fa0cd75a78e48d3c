"""When what is written reaches the medium: before the call returns, always, with one exception.

A store that is being made up from nothing, and is thrown away when that is cut short, may be
written first and made durable as a whole at the end: `put_off`. Nothing that holds evidence does.
"""

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

_PUT_OFF: Final[list[bool]] = []


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Within, nothing is made durable: whoever asks for it makes all so at the end, by `disk`.

    Only for a store that is worth nothing until it is whole, and that says so wherever it is left
    (`config.unfinished`).
    """
    _PUT_OFF.append(True)
    try:
        yield
    finally:
        _PUT_OFF.pop()


def file(descriptor: int) -> None:
    """Make an open file or folder durable."""
    if not _PUT_OFF:
        os.fsync(descriptor)


def entry(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, durable."""
    if _PUT_OFF:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        file(descriptor)
    finally:
        os.close(descriptor)


def data(descriptor: int) -> None:
    """Make an open file's bytes durable, and as much else as it takes to read them."""
    if not _PUT_OFF:
        os.fdatasync(descriptor)


def disk(folder: Path) -> None:
    """Make all that was written to the disk that this folder is on durable."""
    if _PUT_OFF:
        return
    if _SYNCFS is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _SYNCFS(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def disks(folders: Iterable[Path]) -> None:
    """Make all that was written to the disks that these folders are on durable."""
    if _PUT_OFF:
        return
    for folder in {each.stat().st_dev: each for each in folders}.values():
        disk(folder)


def _find_syncfs() -> Callable[[int], int] | None:
    with contextlib.suppress(OSError, AttributeError):
        call: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).syncfs
        return call
    return None


_SYNCFS: Final = _find_syncfs()
