"""The list that comes with another vendor's export: docs/specs/import-list.md.

Everything in it was written elsewhere. Each row is read by itself, and whatever is wrong with it is
told with its line: nothing is guessed, and a path never leads out of the folder.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from fairwitness.dock import folder
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers
from fairwitness.force.officers import OfficerInvalid
from fairwitness.ingest.particulars import Particulars
from fairwitness.retention import categories
from fairwitness.retention.categories import CategoryFacts

COLUMNS: Final = (
    "file",
    "sha256",
    "officer",
    "camera",
    "started_at",
    "ended_at",
    "category",
    "incident",
    "title",
)
MOST_BYTES: Final = 64 << 20
MOST_ROWS: Final = 100_000
LONDON: Final = ZoneInfo("Europe/London")

_LONGEST: Final = {"camera": 80, "incident": 80, "title": 200}
_FIRST_YEAR: Final = 1900
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class ListInvalid(FairwitnessError):
    """A list that can't be read as a whole; or, kept with its line, one row that can't."""

    code: ClassVar[str] = "import.list"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that is to be brought in.

    Attributes:
        path: where it lies; for a browser's file, only what it is called there.
        name: as people are told of it.
        line: of the list; None without one.
        sha256: as the list has it; empty when it does not say.
        told: what the list says of it.
    """

    path: Path
    name: str
    line: int | None = None
    sha256: str = ""
    told: Particulars = field(default_factory=Particulars)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file can't be brought in as it stands."""

    name: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, read: what it wants, what is wrong with it, and columns that nobody reads."""

    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...]
    unread: tuple[str, ...]


def read(*, path: Path, base: Path, at: datetime) -> Listed:
    """Read a list.

    Args:
        path: of the CSV file.
        base: the folder that its files are named from.
        at: now; nothing was filmed later.

    Raises:
        ListInvalid: it is no CSV with a head line and the column `file`, or it is too large.
    """
    text = decoded(_bytes(path), called=str(path))
    return rows(text=text, called=str(path), place=lambda name: _path(base, name), at=at)


def rows(*, text: str, called: str, place: Callable[[str], Path], at: datetime) -> Listed:
    """Read the text of a list.

    Args:
        text: all of it.
        called: what a refusal calls the list.
        place: where the file of a row is; raises ListInvalid for what can't be one.
        at: now; nothing was filmed later.

    Raises:
        ListInvalid: it is no CSV with a head line and the column `file`, or it is too long.
    """
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    known = categories.current()
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    try:
        unread = _unread(rows.fieldnames or [])
        for row in rows:
            line = rows.line_num
            if line > MOST_ROWS:
                raise ListInvalid(f"{called} has more than {MOST_ROWS:,} lines. Divide it.")
            try:
                wanted.append(_wanted(_cells(row), line=line, place=place, known=known, at=at))
            except FairwitnessError as error:
                name = folder.shown(row.get("file") or "")
                problems.append(Problem(name, error.message, line))
    except csv.Error as error:
        raise ListInvalid(f"{called}, line {rows.line_num}: {error}.") from error
    return Listed(tuple(wanted), tuple(problems), unread)


def decoded(data: bytes, *, called: str) -> str:
    """The text of a list's bytes.

    Raises:
        ListInvalid: they are too many, or no text in UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListInvalid(f"{called} can't be read: {error}. It has to be UTF-8.") from error
    if len(data) > MOST_BYTES or "\0" in text:
        raise ListInvalid(f"{called} is no list: it is too large, or no text.")
    return text


def _bytes(path: Path) -> bytes:
    try:
        with folder.open_plain(path) as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ListInvalid(f"{path} can't be read: {error}.") from error


def _unread(columns: Sequence[str]) -> tuple[str, ...]:
    if "file" not in columns:
        raise ListInvalid("The list has no column 'file' in its first line.")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ListInvalid(f"The list has the column {folder.shown(twice[0])!r} twice.")
    return tuple(folder.shown(name) for name in columns if name not in COLUMNS)


def _cells(row: Mapping[str | None, str | None]) -> Mapping[str, str]:
    if None in row:
        raise ListInvalid("It has more cells than the first line has columns.")
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    for name, text in cells.items():
        if not text.isprintable():
            raise ListInvalid(f"{name} has characters that can't be printed.")
        if len(text) > _LONGEST.get(name, len(text)):
            raise ListInvalid(f"{name} is longer than {_LONGEST[name]} characters.")
    return cells


def _wanted(
    cells: Mapping[str, str],
    *,
    line: int,
    place: Callable[[str], Path],
    known: Mapping[str, CategoryFacts],
    at: datetime,
) -> Wanted:
    sha256 = cells["sha256"].lower()
    if sha256 and not _DIGEST.fullmatch(sha256):
        raise ListInvalid("sha256 is no SHA-256: it has 64 hexadecimal digits.")
    told = _told(cells, known, at)
    return Wanted(
        path=place(cells["file"]), name=cells["file"], line=line, sha256=sha256, told=told
    )


def told(given: Mapping[str, str], *, at: datetime) -> Particulars:
    """What is told of footage outside a list, by the same rules.

    Args:
        given: texts by the names of the columns; what is missing is not told.
        at: now.

    Raises:
        ListInvalid: one of them breaks the rules.
    """
    return _told(_cells(dict(given.items())), categories.current(), at)


def _told(
    cells: Mapping[str, str], known: Mapping[str, CategoryFacts], at: datetime
) -> Particulars:
    started, ended = (_moment(cells, name, at) for name in ("started_at", "ended_at"))
    if started and ended and ended < started:
        raise ListInvalid("It ends before it starts.")
    category, incident = cells["category"], cells["incident"]
    if category and category not in known:
        raise ListInvalid(
            f"There is no category {category}. `fairwitness rule list` gives their codes."
        )
    if category and not incident and known[category].days is None:
        raise ListInvalid(f"{category} keeps until a review decides: it needs an incident.")
    wearer = None
    if cells["officer"]:
        try:
            wearer = officers.named(cells["officer"]).pk
        except OfficerInvalid as error:
            raise ListInvalid(error.message) from error
    return Particulars(
        title=cells["title"],
        camera=cells["camera"],
        started_at=started,
        ended_at=ended,
        wearer=wearer,
        category=category,
        incident=incident,
    )


def _moment(cells: Mapping[str, str], name: str, at: datetime) -> datetime | None:
    text = cells[name]
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
        moment = (given if given.tzinfo else given.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ListInvalid(f"{name} is no time. Write it as 2017-06-08 22:13:05.") from error
    if moment > at:
        raise ListInvalid(f"{name} lies in the future.")
    if moment.year < _FIRST_YEAR:
        raise ListInvalid(f"{name} lies before {_FIRST_YEAR}.")
    return moment


def _path(base: Path, text: str) -> Path:
    """The file's place below `base`, by no link and by no way out."""
    path = base
    for name in names_of(text):
        path /= name
        if path.is_symlink():
            raise ListInvalid("It is, or lies behind, a link, which is not followed.")
    return path


def names_of(text: str) -> tuple[str, ...]:
    """The names in the `file` of a row, from the folder of the export down.

    Raises:
        ListInvalid: it leads out of that folder, or nowhere.
    """
    names = tuple(text.replace("\\", "/").split("/"))
    if any(name in {"", ".", ".."} or ":" in name for name in names):
        raise ListInvalid("file is no path within the folder of the export.")
    return names
