"""What a force answers for, for programs: deletions, figures, the roll-out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import counting, roll_out
from fairwitness.api.machines import cursors
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import deletion_sight
from fairwitness.retention.models import Disposal


@dataclass(frozen=True, slots=True)
class DeletionRow:
    """A recording that was deleted, when and why; `status` says how far its record has come."""

    recording: UUID
    reference: str
    deleted_at: datetime
    because: str
    status: str


@dataclass(frozen=True, slots=True)
class DeletionPage:
    """One page of deletions, the last first."""

    items: tuple[DeletionRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class DeletionRecord:
    """A signed record of deletion: a DSSE envelope as text, byte for byte."""

    recording: UUID
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFigures:
    """Where what a unit's cameras recorded is now; `kept` by reason."""

    code: str
    name: str
    received: int
    not_yet_due: int
    kept: dict[str, int]
    in_quarantine: int
    deleted_by_rule: int
    deleted_by_person: int
    under_way: int
    lost: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures as they were counted last; `problems` is what does not add up."""

    at: datetime
    in_log: int
    total: UnitFigures
    units: tuple[UnitFigures, ...]
    adds_up: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPlan:
    """How far one unit has come with its cameras."""

    code: str
    name: str
    issued: int
    planned: int
    planned_on: date | None
    actual_on: date | None
    late_days: int


@dataclass(frozen=True, slots=True)
class RollOut:
    """Cameras issued against planned, by unit."""

    at: datetime
    issued: int
    planned: int
    units: tuple[UnitPlan, ...]


def _deletions(call: Call) -> DeletionPage:
    units = call.reach(Action.SEE_DISPOSALS)
    rows = Disposal.objects.select_related("recording").filter(deletion_sight.within(call.facts))
    if units is not None:
        rows = rows.filter(recording__unit__code__in=units)
    found, after = cursors.by_time(rows, call, "disposed_at")
    call.note(of="deletions", shown=len(found))
    items = tuple(
        DeletionRow(
            row.recording_id, row.recording.reference, row.disposed_at, row.because, row.status
        )
        for row in found
    )
    return DeletionPage(items, after)


def _record(call: Call) -> DeletionRecord:
    seen = Disposal.objects.filter(deletion_sight.within(call.facts))
    row = seen.select_related("recording__unit").filter(pk=call.id).first()
    unit = row.recording.unit.code if row and row.recording.unit else None
    call.demand(Action.SEE_DISPOSALS, about=recording_subject(call.id), subject=Subject(unit=unit))
    if row is None or not row.statement:
        raise not_here()
    return DeletionRecord(row.recording_id, row.statement)


def _figures(call: Call) -> Figures:
    call.demand(Action.SEE_FIGURES)
    count = counting.latest(at=call.at)
    return Figures(
        at=count.at,
        in_log=count.in_log,
        total=_line(count.total),
        units=tuple(map(_line, count.lines)),
        adds_up=not count.problems,
        problems=tuple(str(each) for each in count.problems),
    )


def _line(line: dict[str, object]) -> UnitFigures:
    kept = line["kept"]
    numbers = {name: int(str(line[name])) for name in _NUMBERS}
    return UnitFigures(
        code=str(line["code"]),
        name=str(line["name"]),
        kept={str(why): int(number) for why, number in kept.items()}
        if isinstance(kept, dict)
        else {},
        **numbers,
    )


_NUMBERS: Final = (
    *("received", "not_yet_due", "under_way", "in_quarantine"),
    *("deleted_by_rule", "deleted_by_person", "lost"),
)


def _roll_out(call: Call) -> RollOut:
    call.demand(Action.SEE_FIGURES)
    counted = roll_out.count(at=call.at)
    units = tuple(
        UnitPlan(
            code=unit.code,
            name=unit.name,
            issued=unit.issued,
            planned=unit.planned,
            planned_on=unit.planned_on,
            actual_on=unit.actual_on,
            late_days=unit.late_days,
        )
        for unit in counted.units
    )
    return RollOut(counted.at, counted.issued, counted.planned, units)


OPERATIONS: Final = (
    Operation(
        name="listDeletions",
        method="GET",
        path="/deletions",
        says="List what was deleted, the last first.",
        scope=Scope.DELETIONS_READ,
        run=_deletions,
        gives=DeletionPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="readRecordOfDeletion",
        method="GET",
        path="/deletions/{id}",
        says="Give the signed record of a recording's deletion.",
        scope=Scope.DELETIONS_READ,
        run=_record,
        gives=DeletionRecord,
    ),
    Operation(
        name="readFigures",
        method="GET",
        path="/figures",
        says="Give the figures as they were counted last.",
        scope=Scope.FIGURES_READ,
        run=_figures,
        gives=Figures,
    ),
    Operation(
        name="readRollOut",
        method="GET",
        path="/roll-out",
        says="Give cameras issued against planned.",
        scope=Scope.FIGURES_READ,
        run=_roll_out,
        gives=RollOut,
    ),
)
