"""Lists of events, read: docs/specs/event-list.md.

Everything in a list was written elsewhere. What makes it unreadable as a whole refuses it whole;
each line is then read by itself, and whatever is wrong with it is told with its number.
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical
from fairwitness.formats.canonical import Json
from fairwitness.retention.event_rows import EventKind

COLUMNS: Final = (
    "event id",
    "record type",
    "officer badge id",
    "officer dispatched datetime",
    "officer cleared datetime",
    "camera",
    "incident number",
    "unit",
    "station",
    "call type",
    "address",
)
NEEDED: Final = ("event id", "officer dispatched datetime", "officer cleared datetime")
MOST_BYTES: Final = 8 << 20
MOST_LINES: Final = 20_000
LONGEST: Final = timedelta(hours=8)
OLDEST: Final = timedelta(days=366)
LONDON: Final = ZoneInfo("Europe/London")

_LONGEST_CELL: Final = {
    "officer badge id": 20,
    "camera": 64,
    "unit": 20,
    "station": 20,
    "address": 200,
}
_CELL: Final = 80
_FORMULA: Final = ("=", "+", "-", "@")


class ListRefused(FairwitnessError):
    """A list that can't be read as a whole; nothing of it was done."""

    code: ClassVar[str] = "event.list"


class LineRefused(FairwitnessError):
    """A line that can't be read, or that names what there is not."""

    code: ClassVar[str] = "event.line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One officer's part in an event, as a list says it; times are UTC."""

    number: int
    kind: EventKind
    reference: str
    officer: str
    camera: str
    incident: str
    unit: str
    station: str
    begins_at: datetime
    ends_at: datetime
    call_type: str
    place: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """By what it is known again."""
        return (self.kind.value, self.reference, self.officer, self.camera)

    @property
    def content(self) -> dict[str, Json]:
        """What it says, whatever line it stands in."""
        return {
            "kind": self.kind.value,
            "reference": self.reference,
            "officer": self.officer,
            "camera": self.camera,
            "incident": self.incident,
            "unit": self.unit,
            "station": self.station,
            "begins_at": self.begins_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "call_type": self.call_type,
            "place": self.place,
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of its content, in hexadecimal."""
        return hashlib.sha256(canonical.encode(self.content)).hexdigest()


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not done, and why."""

    number: int
    reference: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, read.

    Attributes:
        sha256: of its bytes.
        lines: what each line says that can be read.
        refused: the others.
        unread: columns that nobody reads.
    """

    sha256: str
    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]
    unread: tuple[str, ...]


def read(data: bytes, *, at: datetime, most_lines: int = MOST_LINES) -> Listed:
    """Read a list.

    Args:
        data: its bytes.
        at: now; nothing happened later.
        most_lines: how many it may have.

    Raises:
        ListRefused: it is no list, or too large; nothing of it is done.
    """
    text = _decoded(data)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    refused: list[Refused] = []
    seen: set[tuple[str, str, str, str]] = set()
    try:
        columns = [_named(cell) for cell in next(rows, [])]
        _check_columns(columns)
        for count, row in enumerate(rows, 1):
            if count > most_lines:
                raise ListRefused(
                    f"The list has more than {most_lines:,} lines. Divide it.",
                    code="event.list_too_long",
                )
            if not any(cell.strip() for cell in row):
                continue
            try:
                line = _line(columns, row, number=rows.line_num, at=at)
                _check_once(line, seen)
                lines.append(line)
            except LineRefused as error:
                refused.append(_refusal(columns, row, rows.line_num, error))
    except csv.Error as error:
        raise ListRefused(f"Line {rows.line_num} can't be read: {error}.") from error
    unread = tuple(_shown(name) for name in columns if name not in COLUMNS)
    return Listed(hashlib.sha256(data).hexdigest(), tuple(lines), tuple(refused), unread)


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise ListRefused(
            f"The list is larger than {MOST_BYTES >> 20} MiB. Divide it.",
            code="event.list_too_long",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListRefused(
            f"The list is not in UTF-8 (byte {error.start:,}). Save it as CSV in UTF-8.",
            code="event.list_encoding",
        ) from error
    if "\0" in text:
        raise ListRefused("The list holds null characters: it is no text.", code="event.list_nul")
    return text


def _named(cell: str) -> str:
    """A column's name, whatever its letters' case, underscores or blanks."""
    return re.sub(r"[\s_]+", " ", cell).strip().lower()


def _check_columns(columns: list[str]) -> None:
    lacking = [name for name in NEEDED if name not in columns]
    if lacking:
        raise ListRefused(
            f"The first line lacks the column “{lacking[0]}”.", code="event.list_columns"
        )
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    if twice:
        raise ListRefused(
            f"The first line has the column “{twice[0]}” twice.", code="event.list_columns"
        )


def _check_once(line: Line, seen: set[tuple[str, str, str, str]]) -> None:
    if line.key in seen:
        raise LineRefused(
            "The same record and officer stand in an earlier line.", code="event.twice"
        )
    seen.add(line.key)


def _line(columns: list[str], row: list[str], *, number: int, at: datetime) -> Line:
    cells = _cells(columns, row)
    kind = cells["record type"].lower() or EventKind.CALL.value
    if kind not in EventKind.values:
        raise LineRefused(
            f"There is no record type {_shown(kind)}: {', '.join(EventKind.values)}.",
            code="event.kind",
        )
    if not cells["event id"]:
        raise LineRefused("It has no event id.", code="event.no_id")
    if not (cells["officer badge id"] or cells["camera"] or cells["incident number"]):
        raise LineRefused(
            "It names no officer, camera or incident, so nothing can be matched.",
            code="event.names_nothing",
        )
    begins, ends = (_moment(cells, name, at) for name in NEEDED[1:])
    if not timedelta(0) < ends - begins < LONGEST:
        raise LineRefused(
            "From dispatched to cleared must be more than nothing and less than 8 hours.",
            code="event.span",
        )
    incident = cells["incident number"]
    if not incident and kind == EventKind.CALL:
        incident = cells["event id"]
    return Line(
        number=number,
        kind=EventKind(kind),
        reference=cells["event id"],
        officer=cells["officer badge id"].upper(),
        camera=cells["camera"],
        incident=incident,
        unit=cells["unit"].upper(),
        station=cells["station"].upper(),
        begins_at=begins,
        ends_at=ends,
        call_type=cells["call type"],
        place=cells["address"],
    )


def _cells(columns: list[str], row: list[str]) -> Mapping[str, str]:
    if len(row) > len(columns):
        raise LineRefused("It has more cells than the first line has columns.", code="event.cells")
    given = dict(zip(columns, row, strict=False))
    cells = {name: given.get(name, "").strip() for name in COLUMNS}
    for name, text in cells.items():
        if not text.isprintable():
            raise LineRefused(f"“{name}” has characters that can’t be printed.", code="event.cell")
        if len(text) > _LONGEST_CELL.get(name, _CELL):
            raise LineRefused(
                f"“{name}” is longer than {_LONGEST_CELL.get(name, _CELL)} characters.",
                code="event.cell",
            )
        if text.startswith(_FORMULA):
            raise LineRefused(
                f"“{name}” begins like a formula of a spreadsheet.", code="event.formula"
            )
    return cells


def _moment(cells: Mapping[str, str], name: str, at: datetime) -> datetime:
    try:
        given = datetime.fromisoformat(cells[name])
        moment = (given if given.tzinfo else given.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LineRefused(
            f"“{name}” is no time. Write it as 2017-06-08T22:13:05.", code="event.time"
        ) from error
    if moment > at:
        raise LineRefused(f"“{name}” lies in the future.", code="event.time")
    if moment < at - OLDEST:
        raise LineRefused(f"“{name}” lies more than a year back.", code="event.time")
    return moment


def _refusal(columns: list[str], row: list[str], number: int, error: LineRefused) -> Refused:
    place = columns.index("event id")
    reference = _shown(row[place].strip()) if place < len(row) else ""
    return Refused(number, reference, error.stable_code, error.message)


def _shown(text: str) -> str:
    """Text of somebody else's, fit to be shown."""
    return "".join(each if each.isprintable() else "?" for each in text)[:80]
