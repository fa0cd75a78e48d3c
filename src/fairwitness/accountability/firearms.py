"""Police firearms: operations, discharges, and the independent investigation of each discharge.

The public is told how often police fired, and that somebody else looked into each time. So a
discharge is noted by the force, once; its investigation is opened and concluded by the independent
body's own investigator, or by professional standards on its word; and a discharge that nobody
investigates is told loudly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from fairwitness.accountability.models import Discharge, FirearmsOperations, Outcome
from fairwitness.accountability.months import LONDON
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail

SUBJECT: Final = "firearms"
_LONGEST_REFERENCE: Final = 40
_LONGEST_BODY: Final = 80
_MOST: Final = 100_000


class FirearmsInvalid(FairwitnessError):
    """What was said of operations, a discharge or its investigation can't be."""

    code: ClassVar[str] = "firearms.invalid"


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of firearms over some months.

    Attributes:
        operations: how many.
        discharges: how many of police firearms.
        opened: of these, how many have an independent investigation.
        concluded: of these, how many investigations are concluded.
        outcomes: what those came to, by `Outcome`.
    """

    operations: int
    discharges: int
    opened: int
    concluded: int
    outcomes: dict[str, int]

    @property
    def not_investigated(self) -> int:
        """Discharges that no independent body has taken up."""
        return self.discharges - self.opened


def note_operations(
    *, unit: Unit, month: date, number: int, officer: Officer, at: datetime
) -> FirearmsOperations:
    """Say how many operations a unit had in a month; said again, it replaces what was said.

    Raises:
        FirearmsInvalid: a month to come, or no sensible number.
        NotAllowed: the officer may not.
    """
    month = month.replace(day=1)
    if not 0 <= number <= _MOST:
        raise FirearmsInvalid(f"Give a number of operations from 0 to {_MOST:,}.")
    _not_to_come(month, at)
    _demand(officer, Action.NOTE_FIREARMS, unit, at)
    with transaction.atomic():
        row, _made = FirearmsOperations.objects.update_or_create(
            month=month,
            unit=unit,
            defaults={"number": number, "noted_by": officer, "noted_at": at},
        )
        detail: dict[str, Detail] = {
            "unit": unit.code,
            "month": month.isoformat(),
            "number": number,
        }
        _append(Act.FIREARMS_OPERATIONS_NOTED, officer, at, detail)
    return row


def note_discharge(
    *, reference: str, unit: Unit, happened_on: date, officer: Officer, at: datetime
) -> Discharge:
    """Say that a police firearm was fired.

    Raises:
        FirearmsInvalid: no reference, one that is taken (`firearms.taken`), or a day to come.
        NotAllowed: the officer may not.
    """
    reference = reference.strip()
    if not 0 < len(reference) <= _LONGEST_REFERENCE:
        raise FirearmsInvalid(f"Give a reference of at most {_LONGEST_REFERENCE} characters.")
    _not_to_come(happened_on, at)
    _demand(officer, Action.NOTE_FIREARMS, unit, at)
    try:
        with transaction.atomic():
            row = Discharge.objects.create(
                reference=reference,
                unit=unit,
                happened_on=happened_on,
                noted_by=officer,
                noted_at=at,
            )
            _append(
                Act.FIREARMS_DISCHARGE_NOTED,
                officer,
                at,
                _about(row) | {"happened_on": happened_on.isoformat()},
            )
    except IntegrityError as error:
        raise FirearmsInvalid(
            f"There is a discharge {reference} already.", code="firearms.taken"
        ) from error
    return row


def open_investigation(
    *, discharge: Discharge, body: str, opened_on: date, officer: Officer, at: datetime
) -> Discharge:
    """Say that an independent body investigates a discharge.

    Raises:
        FirearmsInvalid: no body, a day before the discharge or to come, or it was said before.
        NotAllowed: the officer may not.
    """
    body = body.strip()
    if not 0 < len(body) <= _LONGEST_BODY:
        raise FirearmsInvalid("Say which independent body investigates.")
    _not_to_come(opened_on, at)
    _demand(officer, Action.NOTE_INVESTIGATION, discharge.unit, at)
    with transaction.atomic():
        row = Discharge.objects.select_for_update().select_related("unit").get(pk=discharge.pk)
        if row.opened_on is not None:
            raise FirearmsInvalid(f"{row} is investigated by {row.body} already.")
        if opened_on < row.happened_on:
            raise FirearmsInvalid("An investigation opens after the discharge, not before.")
        row.body, row.opened_on = body, opened_on
        row.save(update_fields=["body", "opened_on"])
        detail = _about(row) | {"body": body, "opened_on": opened_on.isoformat()}
        _append(Act.FIREARMS_INVESTIGATION_OPENED, officer, at, detail)
    return row


def conclude_investigation(
    *, discharge: Discharge, outcome: Outcome, concluded_on: date, officer: Officer, at: datetime
) -> Discharge:
    """Say what an independent investigation came to.

    Raises:
        FirearmsInvalid: it was never opened, is concluded, or a day before its opening or to come.
        NotAllowed: the officer may not.
    """
    _not_to_come(concluded_on, at)
    _demand(officer, Action.NOTE_INVESTIGATION, discharge.unit, at)
    with transaction.atomic():
        row = Discharge.objects.select_for_update().select_related("unit").get(pk=discharge.pk)
        if row.opened_on is None or row.concluded_on is not None:
            raise FirearmsInvalid(f"{row} has no investigation that is open.")
        if concluded_on < row.opened_on:
            raise FirearmsInvalid("An investigation ends after it opened, not before.")
        row.concluded_on, row.outcome = concluded_on, outcome.value
        row.save(update_fields=["concluded_on", "outcome"])
        detail = _about(row) | {"outcome": outcome.value, "concluded_on": concluded_on.isoformat()}
        _append(Act.FIREARMS_INVESTIGATION_CONCLUDED, officer, at, detail)
    return row


def told(*, first: date, last: date, unit: str = "") -> Told:
    """The figures of these months, both counted in; of one unit by its code, or of all.

    Args:
        first: first day of the first month.
        last: first day of the last month.
        unit: a code; empty for the whole force.
    """
    operations = FirearmsOperations.objects.filter(month__gte=first, month__lte=last)
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    discharges = Discharge.objects.filter(happened_on__gte=first, happened_on__lt=end)
    if unit:
        operations = operations.filter(unit__code=unit)
        discharges = discharges.filter(unit__code=unit)
    rows = list(discharges.values_list("opened_on", "outcome"))
    outcomes = [outcome for _opened, outcome in rows if outcome]
    return Told(
        operations=sum(operations.values_list("number", flat=True)),
        discharges=len(rows),
        opened=sum(opened is not None for opened, _outcome in rows),
        concluded=len(outcomes),
        outcomes={each.value: outcomes.count(each.value) for each in Outcome},
    )


def tables() -> Mapping[str, Callable[[], QuerySet[Any]]]:
    """The tables of these figures by the name that a whole-force export gives each."""
    return {
        "firearms_operations": FirearmsOperations.objects.all,
        "discharges": Discharge.objects.all,
    }


def _about(row: Discharge) -> dict[str, Detail]:
    return {"reference": row.reference, "unit": row.unit.code}


def _demand(officer: Officer, action: Action, unit: Unit, at: datetime) -> None:
    authority.demand(
        actor=officer, action=action, subject=Subject(unit=unit.code), about=SUBJECT, at=at
    )


def _not_to_come(day: date, at: datetime) -> None:
    if day > at.astimezone(LONDON).date():
        raise FirearmsInvalid("That day is still to come.", code="firearms.day")


def _append(act: Act, officer: Officer, at: datetime, detail: dict[str, Detail]) -> None:
    ledger.append(subject=SUBJECT, act=act, actor=authority.text(officer), at=at, detail=detail)
