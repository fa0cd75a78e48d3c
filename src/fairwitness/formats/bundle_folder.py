"""A bundle as a folder: written file by file, and reached without following a link.

Specification: docs/specs/bundle.md.
"""

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

from fairwitness.formats import bundle
from fairwitness.formats.bundle import BundleInvalid

CHUNK: Final = 1024 * 1024
MAX_ENTRIES: Final = 4 * bundle.MAX_FILES
"""Files and folders in a bundle, at most: more than two full lists and their folders need."""

_EARLY: Final = 64 * CHUNK  # bytes after which the disk is set to work while more are written


class FolderWriter:
    """Writes a bundle to a new folder, file by file, hashing what it writes.

    Files are created exclusively and synced. A bundle is finished when `sign_off` has returned;
    until then a verifier calls it incomplete. What is written is hashed and brought to the disk in
    threads beside the writing, so that a copy for court takes little longer than a plain copy.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._bag = bundle.BagWriter()

    def write(self, path: str, chunks: Iterable[bytes]) -> bundle.Digest:
        """Write one file and take note of its digest.

        Raises:
            BundleInvalid: if the path is not allowed or is taken; then nothing is written.
        """
        self._bag.demand_free(path)
        digest = self._store(path, chunks)
        self._bag.add(path, digest)
        return digest

    def close(self, *, source: str, identifier: str, made_on: date, training: bool = False) -> str:
        """Write the bag's own files.

        Returns:
            The SHA-256 of the tag manifest in hex, for the disclosure statement to sign.
        """
        digest = ""
        files = self._bag.close(
            source=source, identifier=identifier, made_on=made_on, training=training
        )
        for path, data in files.items():
            digest = self._store(path, [data]).sha256
        return digest

    def sign_off(self, envelope: bytes) -> None:
        """Write the signed disclosure statement: the last file."""
        self._store(bundle.DISCLOSURE, [envelope])

    def _store(self, path: str, chunks: Iterable[bytes]) -> bundle.Digest:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        hasher, size = hashlib.sha256(), 0
        hashed, synced = _done(), _done()
        with (
            target.open("xb") as file,
            ThreadPoolExecutor(1) as hashing,
            ThreadPoolExecutor(1) as syncing,
        ):
            for chunk in chunks:
                hashed.result()  # one chunk ahead, no more
                hashed = hashing.submit(hasher.update, chunk)
                before, size = size, size + file.write(chunk)
                if size // _EARLY > before // _EARLY and synced.done():
                    synced.result()  # the disk tells each failure only once
                    synced = syncing.submit(os.fsync, file.fileno())
            file.flush()
            synced.result()
            hashed.result()
            os.fsync(file.fileno())
        return bundle.Digest(size, hasher.hexdigest())


def _done() -> Future[None]:
    """What there is to wait for before anything was begun."""
    nothing: Future[None] = Future()
    nothing.set_result(None)
    return nothing


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in a bundle's folder, before anything is read.

    Attributes:
        sizes: size of each ordinary file, by path.
        ignored: paths of file managers' droppings, which are no part of the bundle.
        problems: a sentence for each thing that no bundle may contain.
    """

    sizes: Mapping[str, int]
    ignored: tuple[str, ...]
    problems: tuple[str, ...]


def survey(root: Path) -> Survey:
    """List a bundle's folder without following any link.

    Raises:
        BundleInvalid: if the folder can't be listed, or holds more than we accept.
    """
    sizes: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[str] = []
    folders: list[str] = []
    folded: dict[str, str] = {}
    try:
        for path, entry in _walk(root, ""):
            twin = folded.setdefault(path.casefold(), path)
            found = entry.stat(follow_symlinks=False)
            fault = _fault(path, twin, found.st_mode)
            if fault is not None:
                problems.append(fault)
            elif stat.S_ISDIR(found.st_mode):
                folders.append(path)
            elif entry.name in bundle.DROPPINGS:
                ignored.append(path)
            else:
                sizes[path] = found.st_size
            if len(folded) > MAX_ENTRIES:
                raise BundleInvalid(f"The folder holds more than {MAX_ENTRIES} files and folders.")
    except OSError as error:
        raise BundleInvalid(f"The folder can't be read: {error.strerror}.") from error
    used = {parent for path in sizes for parent in _parents(path)}
    problems += [f"{path!r} is a folder without files." for path in folders if path not in used]
    return Survey(sizes, tuple(ignored), tuple(problems))


def _fault(path: str, twin: str, mode: int) -> str | None:
    """Why no bundle may contain this entry, or None."""
    name = path.rpartition("/")[2]
    if twin != path:
        return f"{path!r} and {twin!r} differ only in capital letters."
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return f"{path!r} is a link or a device, not a file."
    if not bundle.is_name(name) and not (name in bundle.DROPPINGS and stat.S_ISREG(mode)):
        return f"{path!r} is not a name that a bundle may have."
    return None


def _parents(path: str) -> Iterator[str]:
    """The folders above a path: of `a/b/c`, `a/b` and `a`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry under a folder with its path, depth first, in the order of names.

    A folder that lies deeper than any path may is not entered: it counts as one without files.
    """
    with os.scandir(folder) as found:
        entries = sorted(islice(found, MAX_ENTRIES + 1), key=lambda entry: entry.name)
    for entry in entries:
        path = prefix + entry.name
        yield path, entry
        if entry.is_dir(follow_symlinks=False) and path.count("/") + 1 < bundle.MAX_DEPTH:
            yield from _walk(folder / entry.name, f"{path}/")


@contextmanager
def open_file(root: Path, path: str) -> Iterator[io.FileIO]:
    """Open one file of a bundle for reading; never a link, a device or a pipe.

    Raises:
        BundleInvalid: if it is missing, not an ordinary file, or can't be read.
    """
    bundle.demand_path(path)
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        handle = os.open(root / path, flags)
    except OSError as error:
        raise BundleInvalid(f"{path} can't be read: {error.strerror}.") from error
    with io.FileIO(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BundleInvalid(f"{path} is not an ordinary file.")
        yield file


def digest_file(
    root: Path, path: str, *, advance: Callable[[int], object] | None = None
) -> bundle.Digest:
    """Hash one file in bounded memory.

    Args:
        root: the bundle's folder.
        path: the file's path in it.
        advance: told the number of bytes after each step, to show progress.

    Raises:
        BundleInvalid: if it can't be read.
    """
    hasher, size, buffer = hashlib.sha256(), 0, bytearray(CHUNK)
    view = memoryview(buffer)
    try:
        with open_file(root, path) as file:
            while count := file.readinto(buffer):
                hasher.update(view[:count])
                size += count
                if advance is not None:
                    advance(count)
    except OSError as error:
        raise BundleInvalid(f"{path} can't be read: {error.strerror}.") from error
    return bundle.Digest(size, hasher.hexdigest())


def read_small(root: Path, path: str, *, limit: int) -> bytes:
    """Read a whole file that has at most `limit` bytes.

    Raises:
        BundleInvalid: if it is larger or can't be read.
    """
    parts: list[bytes] = []
    left = limit + 1
    try:
        with open_file(root, path) as file:
            while left and (data := file.read(min(left, CHUNK))):
                parts.append(data)
                left -= len(data)
    except OSError as error:
        raise BundleInvalid(f"{path} can't be read: {error.strerror}.") from error
    if not left:
        raise BundleInvalid(f"{path} is larger than any that we accept.")
    return b"".join(parts)
