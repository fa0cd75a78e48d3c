"""Open a bundle's folder: list it, read its lists, hash its files. Nothing is judged here.

Memory stays bounded whatever lies in the folder: files are hashed in pieces, the small ones are
read up to a limit, and the history line by line. What is read later must still have the digest
that was measured first.
"""

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from fairwitness.formats import bundle, bundle_folder, history
from fairwitness.formats.bundle import BagInfo, BundleInvalid, Digest
from fairwitness.formats.bundle_folder import Survey
from fairwitness.formats.errors import FormatError
from fairwitness.formats.history import HistoryLine, LineReader

T = TypeVar("T")

_HASHING_THREADS: Final = 2
_WORTH_THREADS: Final = 8 * 1024 * 1024
_OWN_FILES: Final = (
    bundle.DECLARATION,
    bundle.INFO,
    bundle.MANIFEST,
    bundle.TAG_MANIFEST,
    bundle.DISCLOSURE,
)


@dataclass(frozen=True, slots=True)
class Lists:
    """What the bag's own files say; None for one that is missing or malformed.

    Attributes:
        payload: digests of the masters by path.
        tags: digests of all other files by path.
        info: what `bag-info.txt` says.
        faults: why a list is None, by its path.
    """

    payload: Mapping[str, str] | None
    tags: Mapping[str, str] | None
    info: BagInfo | None
    faults: Mapping[str, str]

    @property
    def listed(self) -> dict[str, str]:
        """Every listed file with its digest."""
        return {**(self.payload or {}), **(self.tags or {})}


@dataclass(slots=True)
class OpenBundle:
    """A bundle's folder, listed and hashed.

    Attributes:
        root: the folder.
        survey: what lies in it.
        lists: what its lists say.
        digests: what each file is; a file that could not be read has none.
        unreadable: why, by its path.
        touched: when each hashed file was last changed, and which file it is.
    """

    root: Path
    survey: Survey
    lists: Lists
    digests: dict[str, Digest] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    touched: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a small file, which must still be the one that was hashed.

        Raises:
            BundleInvalid: if it is missing, too large, unreadable, or another than before.
        """
        data = bundle_folder.read_small(self.root, path, limit=limit)
        self._demand_same(path, len(data), hashlib.sha256(data).hexdigest())
        return data

    def read_if_there(self, path: str, *, limit: int) -> bytes | None:
        """Read a small file, or None if the bundle has no such file.

        Raises:
            BundleInvalid: as `read`.
        """
        return self.read(path, limit=limit) if path in self.survey.sizes else None

    @contextmanager
    def history(self, path: str) -> Iterator[Iterator[HistoryLine]]:
        """Read a history line by line; it must still be the one that was hashed.

        Raises:
            FormatError: if it is missing or unreadable, at the first line that is malformed, or at
                the end if it is another than before.
        """
        with bundle_folder.open_file(self.root, path) as raw, io.BufferedReader(raw) as file:
            yield self._lines(path, file)

    def _lines(self, path: str, file: LineReader) -> Iterator[HistoryLine]:
        hashing = _Hashing(file)
        yield from history.read_lines(hashing)
        self._demand_same(path, hashing.size, hashing.hasher.hexdigest())

    def demand_untouched(self, path: str, file: io.FileIO) -> None:
        """Demand that an open file, too large to hash again, is the one that was hashed.

        Raises:
            BundleInvalid: if it was changed or replaced since.
        """
        if self.touched.get(path) != _touched(os.fstat(file.fileno())):
            raise BundleInvalid(f"{path} changed while it was being checked.")

    def _demand_same(self, path: str, size: int, sha256: str) -> None:
        if self.digests.get(path) != Digest(size, sha256):
            raise BundleInvalid(f"{path} changed while it was being checked.")


class _Hashing:
    """A file that hashes what is read of it."""

    def __init__(self, file: LineReader) -> None:
        self._file = file
        self.hasher = hashlib.sha256()
        self.size = 0

    def readline(self, size: int = -1, /) -> bytes:
        try:
            data = self._file.readline(size)
        except OSError as error:
            raise BundleInvalid(f"The history can't be read: {error.strerror}.") from error
        self.hasher.update(data)
        self.size += len(data)
        return data


def open_bundle(root: Path, *, advance: Callable[[int], object] | None = None) -> OpenBundle:
    """List a bundle's folder, read its lists and hash every file that they name.

    Args:
        root: the folder.
        advance: told the number of bytes hashed after each step, to show progress.

    Raises:
        BundleInvalid: if there is no bundle at all, or the folder can't be listed.
    """
    _demand_folder(root)
    survey = bundle_folder.survey(root)
    if not any(path in survey.sizes for path in _OWN_FILES):
        raise BundleInvalid(f"{root} is not a bundle: it has none of a bundle's own files.")
    opened = OpenBundle(root, survey, _read_lists(root))
    wanted = sorted({*opened.lists.listed, *_OWN_FILES} & survey.sizes.keys())
    hash_files(opened, wanted, advance=advance)
    return opened


def _demand_folder(root: Path) -> None:
    try:
        mode = root.stat().st_mode
    except (OSError, ValueError) as error:  # no such name, not for us to look at, or no name at all
        raise BundleInvalid(f"There is no folder {root} that we may read.") from error
    if stat.S_ISREG(mode):
        raise BundleInvalid(f"{root} is a file. If it is a ZIP, unpack it and give its folder.")
    if not stat.S_ISDIR(mode):
        raise BundleInvalid(f"{root} is not a folder.")


def hash_files(
    opened: OpenBundle, paths: Sequence[str], *, advance: Callable[[int], object] | None
) -> None:
    """Hash files into `digests`, or say in `unreadable` why that can't be done."""
    for path, result in zip(paths, _digests(opened, paths, advance), strict=True):
        if isinstance(result, Digest):
            opened.digests[path] = result
            with contextlib.suppress(OSError):
                opened.touched[path] = _touched((opened.root / path).lstat())
        else:
            opened.unreadable[path] = result


def _touched(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _digests(
    opened: OpenBundle, paths: Sequence[str], advance: Callable[[int], object] | None
) -> list[Digest | str]:
    """What each file is, or why it could not be read; several at once where that is worth it."""
    if sum(opened.survey.sizes[path] for path in paths) < _WORTH_THREADS:
        return [_digest(opened.root, path, advance) for path in paths]
    with ThreadPoolExecutor(_HASHING_THREADS) as pool:
        return list(pool.map(lambda path: _digest(opened.root, path, advance), paths))


def _digest(root: Path, path: str, advance: Callable[[int], object] | None) -> Digest | str:
    try:
        return bundle_folder.digest_file(root, path, advance=advance)
    except BundleInvalid as error:
        return error.message


def _read_lists(root: Path) -> Lists:
    faults: dict[str, str] = {}

    def read(path: str, parse: Callable[[bytes], T]) -> T | None:
        try:
            return parse(bundle_folder.read_small(root, path, limit=bundle.MAX_LIST_BYTES))
        except FormatError as error:
            faults[path] = error.message
            return None

    read(bundle.DECLARATION, bundle.parse_declaration)
    payload = read(bundle.MANIFEST, bundle.parse_manifest)
    tags = read(bundle.TAG_MANIFEST, bundle.parse_manifest)
    info = read(bundle.INFO, bundle.parse_info)
    return Lists(payload, tags, info, faults)
