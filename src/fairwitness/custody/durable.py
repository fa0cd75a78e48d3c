"""Files that are there after a power cut: temporary name, fsync, rename, fsync of the folder."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from fairwitness.vault import syncing

_PRIVATE = 0o600
_PUBLIC = 0o644


def write(path: Path, data: bytes, *, private: bool = False) -> set[Path]:
    """Put `data` at `path` in one step; durable once the folders returned are synced.

    Folders above it are made as needed.

    Returns:
        The folders to hand to `sync_folders`.
    """
    changed = _make_folders(path.parent)
    temporary = _write_temporary(path, data, private=private)
    os.replace(temporary, path)  # noqa: PTH105 - the tests count and cut durable steps by `os`
    return changed


def create(path: Path, data: bytes) -> bool:
    """Put `data` at `path`, readable by us alone, unless something is there; durable on return.

    Returns:
        Whether it was created; False leaves what is there untouched.
    """
    changed = _make_folders(path.parent)
    temporary = _write_temporary(path, data, private=True)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    sync_folders(changed)
    return True


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in these folders durable."""
    for folder in sorted(folders):
        syncing.entry(folder)


def _write_temporary(path: Path, data: bytes, *, private: bool) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    mode = _PRIVATE if private else _PUBLIC
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            syncing.file(file.fileno())
    except OSError:  # a full disk must not be filled with what could not be written
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _make_folders(folder: Path) -> set[Path]:
    changed = {folder}
    while not folder.exists():
        folder = folder.parent
        changed.add(folder)
    for each in sorted(changed - {folder}):
        each.mkdir(exist_ok=True)
    return changed
