"""Police firearms for programs: operations, discharges and the investigation of each."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from fairwitness.accountability import firearms
from fairwitness.accountability.models import Discharge, FirearmsOperations, Outcome
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True)
class OperationsSaid:
    """How many operations a unit had in the month of this day."""

    unit: str
    month: date
    number: int


@dataclass(frozen=True, slots=True)
class NewDischarge:
    """That a police firearm was fired."""

    reference: str
    unit: str
    happened_on: date


@dataclass(frozen=True, slots=True)
class Investigating:
    """Which independent body investigates, and since when."""

    body: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class Concluded:
    """What the investigation came to, and when."""

    outcome: Outcome
    concluded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeRow:
    """A discharge, with its independent investigation as far as it has come."""

    number: int
    reference: str
    unit: str
    happened_on: date
    body: str
    opened_on: date | None
    concluded_on: date | None
    outcome: str


@dataclass(frozen=True, slots=True)
class DischargePage:
    """One page of discharges, as they were noted."""

    items: tuple[DischargeRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsRow:
    """How many operations a unit had in a month, by the first day of it."""

    number: int
    unit: str
    month: date


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """One page of the operations of units by month, as they were noted."""

    items: tuple[OperationsRow, ...]
    next: str | None


def _row(each: Discharge) -> DischargeRow:
    return DischargeRow(
        number=each.pk,
        reference=each.reference,
        unit=each.unit.code,
        happened_on=each.happened_on,
        body=each.body,
        opened_on=each.opened_on,
        concluded_on=each.concluded_on,
        outcome=each.outcome,
    )


def _had(each: FirearmsOperations) -> OperationsRow:
    return OperationsRow(number=each.number, unit=each.unit.code, month=each.month)


def _discharges(call: Call) -> DischargePage:
    call.demand(Action.SEE_FIGURES)
    found, after = cursors.by_number(Discharge.objects.select_related("unit"), call)
    return DischargePage(tuple(map(_row, found)), after)


def _operations(call: Call) -> OperationsPage:
    call.demand(Action.SEE_FIGURES)
    found, after = cursors.by_number(FirearmsOperations.objects.select_related("unit"), call)
    return OperationsPage(tuple(map(_had, found)), after)


def _note_operations(call: Call) -> OperationsRow:
    said = call.taken(OperationsSaid)
    call.reach(Action.NOTE_FIREARMS)
    row = firearms.note_operations(
        unit=named.unit(said.unit),
        month=said.month,
        number=said.number,
        officer=call.officer,
        at=call.at,
    )
    return _had(row)


def _note_discharge(call: Call) -> DischargeRow:
    said = call.taken(NewDischarge)
    call.reach(Action.NOTE_FIREARMS)
    made = firearms.note_discharge(
        reference=said.reference,
        unit=named.unit(said.unit),
        happened_on=said.happened_on,
        officer=call.officer,
        at=call.at,
    )
    return _row(made)


def _found(call: Call) -> Discharge:
    call.reach(Action.NOTE_INVESTIGATION)
    row = Discharge.objects.select_related("unit").filter(pk=call.number).first()
    if row is None:
        raise not_here()
    return row


def _open(call: Call) -> DischargeRow:
    said = call.taken(Investigating)
    done = firearms.open_investigation(
        discharge=_found(call),
        body=said.body,
        opened_on=said.opened_on,
        officer=call.officer,
        at=call.at,
    )
    return _row(done)


def _conclude(call: Call) -> DischargeRow:
    said = call.taken(Concluded)
    done = firearms.conclude_investigation(
        discharge=_found(call),
        outcome=said.outcome,
        concluded_on=said.concluded_on,
        officer=call.officer,
        at=call.at,
    )
    return _row(done)


_READ, _WRITE = Scope.FIGURES_READ, Scope.FIGURES_WRITE

OPERATIONS: Final = (
    Operation(
        name="listFirearmsOperations",
        method="GET",
        path="/firearms/operations",
        says="List how many firearms operations each unit had in each month.",
        scope=_READ,
        run=_operations,
        gives=OperationsPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="noteFirearmsOperations",
        method="POST",
        path="/firearms/operations",
        says="Say how many operations a unit had in a month; said again, it replaces.",
        scope=_WRITE,
        run=_note_operations,
        takes=OperationsSaid,
        gives=OperationsRow,
        writes=Act.FIREARMS_OPERATIONS_NOTED,
    ),
    Operation(
        name="listDischarges",
        method="GET",
        path="/firearms/discharges",
        says="List discharges of police firearms, with the investigation of each.",
        scope=_READ,
        run=_discharges,
        gives=DischargePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="noteDischarge",
        method="POST",
        path="/firearms/discharges",
        says="Say that a police firearm was fired.",
        scope=_WRITE,
        run=_note_discharge,
        takes=NewDischarge,
        gives=DischargeRow,
        status=201,
        writes=Act.FIREARMS_DISCHARGE_NOTED,
    ),
    Operation(
        name="openInvestigation",
        method="POST",
        path="/firearms/discharges/{number}/open",
        says="Say which independent body investigates a discharge.",
        scope=_WRITE,
        run=_open,
        takes=Investigating,
        gives=DischargeRow,
        writes=Act.FIREARMS_INVESTIGATION_OPENED,
    ),
    Operation(
        name="concludeInvestigation",
        method="POST",
        path="/firearms/discharges/{number}/conclude",
        says="Say what the investigation of a discharge came to.",
        scope=_WRITE,
        run=_conclude,
        takes=Concluded,
        gives=DischargeRow,
        writes=Act.FIREARMS_INVESTIGATION_CONCLUDED,
    ),
)
