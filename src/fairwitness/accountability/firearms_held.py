"""The rows of police firearms, held against what the custody log tells of them.

Whoever changes a row in the database does not change the log. So what stands in the rows is made
again from the log alone, and each row that says something else is told; as is one that no entry is
of, and an entry that has no row. What is noted while this looks is looked at again.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from fairwitness.accountability import firearms
from fairwitness.accountability.models import Discharge, FirearmsOperations
from fairwitness.custody import reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act

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
    while True:
        entries = _entries()
        found = list(_problems(entries))
        if len(_entries()) == len(entries):
            return found


def _entries() -> list[HistoryRow]:
    return [row for row in reading.history(firearms.SUBJECT) if row.entry.act in _NOTED]


def _problems(entries: list[HistoryRow]) -> Iterator[str]:
    lost = sum(row.body is None for row in entries)
    if lost:
        yield f"The words of {lost} entries of firearms are lost: their rows are held to nothing."
        return
    told, rows = _from_log(entries), _from_rows()
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


def _from_rows() -> Told:
    rows: Told = {}
    for had in FirearmsOperations.objects.select_related("unit"):
        rows[_operations(had.unit.code, had.month.isoformat())] = {
            "number": str(had.number),
            "noted_by": f"officer:{had.noted_by_id}",
            "noted_at": timestamp.text(had.noted_at),
        }
    for row in Discharge.objects.select_related("unit"):
        rows[_discharge(row.reference)] = {
            "unit": row.unit.code,
            "happened_on": row.happened_on.isoformat(),
            "noted_by": f"officer:{row.noted_by_id}",
            "noted_at": timestamp.text(row.noted_at),
            "body": row.body,
            "opened_on": row.opened_on.isoformat() if row.opened_on else "",
            "outcome": row.outcome,
            "concluded_on": row.concluded_on.isoformat() if row.concluded_on else "",
        }
    return rows


def _operations(unit: str, month: str) -> str:
    return f"firearms operations of {unit} in {month[:7]}"


def _discharge(reference: str) -> str:
    return f"discharge {reference}"
