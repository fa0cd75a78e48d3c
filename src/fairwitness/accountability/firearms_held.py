"""The rows of police firearms, held against what the custody log tells of them.

Whoever changes a row in the database does not change the log. So what stands in the rows is made
again from the log alone, and each row that says something else is told; as is one that no entry is
of, and an entry that has no row. What is noted while this looks is looked at again.

The lines of a whole-force export are held in the same way, for they are what leaves.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fairwitness.accountability import firearms
from fairwitness.accountability.findings import Finding
from fairwitness.custody import reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.disclosure import force_tables
from fairwitness.force.models import Unit
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.errors import FormatError

_NOTED: Final = frozenset(
    {
        Act.FIREARMS_OPERATIONS_NOTED,
        Act.FIREARMS_DISCHARGE_NOTED,
        Act.FIREARMS_INVESTIGATION_OPENED,
        Act.FIREARMS_INVESTIGATION_CONCLUDED,
    }
)
_INVESTIGATION: Final[tuple[str, ...]] = ("body", "opened_on", "outcome", "concluded_on")

Told = dict[str, dict[str, str]]
"""By what a row is called: its columns as text."""


def problems() -> list[str]:
    """What differs between the rows and the log, in words; nothing where they agree."""
    return _problems(_rows)


def problems_of_export(tables: Path) -> list[str]:
    """As `problems`, of the lines that a whole-force export wrote into this folder."""

    def lines(name: str) -> Iterator[dict[str, Any]]:
        with (tables / f"{name}.jsonl").open("rb") as written:
            yield from map(json.loads, written)

    return _problems(lines)


def findings() -> Iterator[Finding]:
    """The same for an audit; that words were lost is told by its part `log` already."""
    try:
        entries = _entries()
    except FormatError:
        return  # an entry that is garbled is a finding of the log too
    if not _lost(entries):
        for words in problems():
            yield Finding("rows", "firearms.not_as_logged", firearms.SUBJECT, words)


_Read = Callable[[str], Iterable[dict[str, Any]]]
"""Reads a table of this name, each row as a line of an export has it."""


def _rows(name: str) -> Iterator[dict[str, Any]]:
    for row in firearms.tables()[name]():
        yield json.loads(force_tables.encode(force_tables.columns(row)))


def _problems(read: _Read) -> list[str]:
    while True:
        entries = _entries()
        found = list(_found(entries, read))
        if len(_entries()) == len(entries):
            return found


def _entries() -> list[HistoryRow]:
    return [row for row in reading.history(firearms.SUBJECT) if row.entry.act in _NOTED]


def _lost(entries: Iterable[HistoryRow]) -> int:
    return sum(row.body is None for row in entries)


def _found(entries: list[HistoryRow], read: _Read) -> Iterator[str]:
    if lost := _lost(entries):
        yield f"The words of {lost} entries of firearms are lost: their rows are held to nothing."
        return
    told, rows = _from_log(entries), _as_told(read)
    for name in sorted(told.keys() | rows.keys()):
        if name not in rows:
            yield f"The log tells of the {name}, and there is no row of it."
        elif name not in told:
            yield f"There is a row of the {name}, and the log does not tell of it."
        else:
            yield from _differences(name, told[name], rows[name])


def _differences(name: str, told: Mapping[str, str], row: Mapping[str, str]) -> Iterator[str]:
    for column, value in told.items():
        if row[column] != value:
            yield (
                f"The row of the {name} has {row[column] or 'nothing'} as {column};"
                f" the log tells {value or 'nothing'}."
            )


def _from_log(entries: list[HistoryRow]) -> Told:
    """What the rows should be, from the first entry to the last."""
    told: Told = {}
    for row in entries:
        if row.body is None:
            continue
        detail = {name: str(value) for name, value in row.body.detail.items()}
        noted = {"noted_by": row.body.actor, "noted_at": timestamp.text(row.entry.at)}
        if row.entry.act is Act.FIREARMS_OPERATIONS_NOTED:
            name = _operations(detail["unit"], detail["month"])
            told[name] = {"number": detail["number"], **noted}
        elif row.entry.act is Act.FIREARMS_DISCHARGE_NOTED:
            first = {"unit": detail["unit"], "happened_on": detail["happened_on"], **noted}
            told[_discharge(detail["reference"])] = first | dict.fromkeys(_INVESTIGATION, "")
        else:
            later = {column: detail[column] for column in _INVESTIGATION if column in detail}
            told.setdefault(_discharge(detail["reference"]), {}).update(later)
    return told


def _as_told(read: _Read) -> Told:
    """What the rows say, in the words of the log."""
    units = {str(pk): code for pk, code in Unit.objects.values_list("pk", "code")}
    rows: Told = {}
    for had in read("firearms_operations"):
        name = _operations(units[str(had["unit_id"])], had["month"])
        rows[name] = {"number": str(had["number"]), **_noted(had)}
    for row in read("discharges"):
        rows[_discharge(row["reference"])] = {
            "unit": units[str(row["unit_id"])],
            "happened_on": row["happened_on"],
            **_noted(row),
            **{column: row[column] or "" for column in _INVESTIGATION},
        }
    return rows


def _noted(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "noted_by": f"officer:{row['noted_by_id']}",
        "noted_at": timestamp.text(datetime.fromisoformat(row["noted_at"])),
    }


def _operations(unit: str, month: str) -> str:
    return f"firearms operations of {unit} in {month[:7]}"


def _discharge(reference: str) -> str:
    return f"discharge {reference}"
