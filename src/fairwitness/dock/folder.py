"""A folder of files from somebody else's camera, walked with suspicion.

Rules, for whoever made the folder may have meant harm:

1. Links are never followed, and what is neither file nor folder (a pipe, a device) is never opened.
2. Hidden files, and what operating systems leave behind, are passed over.
3. Names are data: they are shown with what can't be printed replaced, and never used as a path.
4. Everything that is passed over is told, with the reason.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

VIDEO: Final = frozenset(
    "3gp asf avi m2ts m4v mkv mov mp4 mpeg mpg mts mxf ts webm wmv".split()  # noqa: SIM905 # read as a line
)
"""How names of video files end; in a folder, nothing else is taken for footage."""

DEEPEST: Final = 32
"""Folders within folders beyond which nobody keeps footage."""

HIDDEN: Final = "hidden, or the operating system's"
EMPTY: Final = "empty"
"""Reasons to pass over what nobody misses."""

_SYSTEM: Final = frozenset(
    {"$recycle.bin", "desktop.ini", "lost+found", "system volume information", "thumbs.db"}
    | {"__macosx", "recycler", "autorun.inf"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds: footage, in order of names, and what was passed over, with reasons."""

    footage: tuple[Path, ...]
    passed_over: tuple[tuple[str, str], ...]


def walk(root: Path, *, every: bool = False) -> Found:
    """Look through a folder and the folders in it.

    Args:
        root: the folder.
        every: take every ordinary file for footage, whatever its name says.

    Raises:
        OSError: the folder itself can't be read. What lies deeper and can't be is passed over.
    """
    footage: list[Path] = []
    passed: list[tuple[str, str]] = []
    with os.scandir(root):
        pass
    for path, reason in _within(root, 0, every=every):
        if reason:
            passed.append((shown(path.relative_to(root)), reason))
        else:
            footage.append(path)
    return Found(tuple(footage), tuple(passed))


def shown(name: Path | str) -> str:
    """A name for people: what can't be printed is replaced, so that it draws no line of its own."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in str(name))


def open_plain(path: Path) -> BufferedReader:
    """Open an ordinary file for reading, following no link in its last place.

    Raises:
        OSError: it is a link, no ordinary file, or can't be read.
    """
    return _plain(path, None)


@contextmanager
def inside(root: Path, within: Path) -> Iterator[tuple[int, BufferedReader]]:
    """Open an ordinary file below a folder, following no link anywhere on the way.

    Args:
        root: the folder, which is trusted.
        within: the file's place in it.

    Returns:
        A descriptor of the folder that the file lies in, and the file.

    Raises:
        OSError: there is a link on the way, it is no ordinary file, or can't be read.
    """
    with ExitStack() as stack:
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, place)
        for name in within.parts[:-1]:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            place = os.open(name, flags, dir_fd=place)
            stack.callback(os.close, place)
        yield place, stack.enter_context(_plain(within.name, place))


def _plain(name: str | Path, place: int | None) -> BufferedReader:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=place)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no ordinary file")


def _within(folder: Path, depth: int, *, every: bool) -> Iterator[tuple[Path, str]]:
    """Each file below, with why it is passed over; footage without a reason."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield folder, f"can't be read: {error.strerror}"
        return
    for entry in ordered:
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name.lower() in _SYSTEM:
            yield path, HIDDEN
        elif entry.is_symlink():
            yield path, "a link, which is not followed"
        elif entry.is_dir(follow_symlinks=False):
            if depth == DEEPEST:
                yield path, "too many folders within folders"
            else:
                yield from _within(path, depth + 1, every=every)
        else:
            try:
                yield path, _why_not(entry, every=every)
            except OSError as error:
                yield path, f"can't be read: {error.strerror}"


def _why_not(entry: "os.DirEntry[str]", *, every: bool) -> str:
    if not entry.is_file(follow_symlinks=False):
        return "no ordinary file"
    if not every and entry.name.rpartition(".")[2].lower() not in VIDEO:
        return "not video by its name; name it itself to bring it in"
    if not entry.stat(follow_symlinks=False).st_size:
        return EMPTY
    return ""
