"""Boroughs and specialist commands: registering them, and when cameras came to each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Unit, UnitKind
from fairwitness.formats.acts import Act

CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
"""A unit's or station's code: what people and files name it by."""


class UnitInvalid(FairwitnessError):
    """A unit that can't be registered as given, or one that we don't know."""

    code: ClassVar[str] = "unit.invalid"


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to register; `actual_on` is empty until its first cameras are issued."""

    code: str
    name: str
    kind: UnitKind
    planned_on: date | None = None
    actual_on: date | None = None
    planned_cameras: int = 0


def named(code: str) -> Unit:
    """The unit with this code.

    Raises:
        UnitInvalid: code `unit.unknown` when there is none.
    """
    found = Unit.objects.filter(code=code.upper()).first()
    if found is None:
        raise UnitInvalid(f"There is no unit {code}.", code="unit.unknown")
    return found


def by_code(codes: Iterable[str]) -> Mapping[str, Unit]:
    """Units by code, in one query.

    Raises:
        UnitInvalid: code `unit.unknown`, naming those that don't exist.
    """
    asked = set(codes)
    found = {unit.code: unit for unit in Unit.objects.filter(code__in=asked)}
    if asked - found.keys():
        listed = ", ".join(sorted(asked - found.keys()))
        raise UnitInvalid(f"There is no unit {listed}.", code="unit.unknown")
    return found


def register_many(*, actor: Actor, units: Sequence[NewUnit], at: datetime) -> list[Unit]:
    """Register units: all of them, or none.

    Raises:
        UnitInvalid: a code or name that is malformed or taken; nothing is registered then.
        NotAllowed: the actor may not.
    """
    _check(units)
    subject, about = Subject(), "force"
    authority.demand(
        actor=actor, action=Action.REGISTER_OFFICER, subject=subject, about=about, at=at
    )
    rows = [
        Unit(
            code=new.code,
            name=new.name,
            kind=new.kind,
            planned_on=new.planned_on,
            actual_on=new.actual_on,
            planned_cameras=new.planned_cameras,
        )
        for new in units
    ]
    with transaction.atomic():
        Unit.objects.bulk_create(rows)
        ledger.append_many(
            [
                ledger.Draft(
                    subject=f"unit:{row.code}",
                    act=Act.UNIT_REGISTERED,
                    actor=authority.text(actor),
                    at=at,
                    detail={"name": row.name, "kind": str(row.kind)},
                )
                for row in rows
            ]
        )
    return rows


def register(*, actor: Actor, unit: NewUnit, at: datetime) -> Unit:
    """Register one unit; as `register_many`."""
    (row,) = register_many(actor=actor, units=[unit], at=at)
    return row


def set_dates(
    *, unit: Unit, planned_on: date | None, actual_on: date | None, actor: Actor, at: datetime
) -> Unit:
    """Set when a unit is to have cameras and when it had them first.

    Raises:
        NotAllowed: the actor may not.
    """
    subject = Subject(unit=unit.code)
    about = f"unit:{unit.code}"
    authority.demand(
        actor=actor, action=Action.REGISTER_OFFICER, subject=subject, about=about, at=at
    )
    with transaction.atomic():
        unit.planned_on, unit.actual_on = planned_on, actual_on
        unit.save(update_fields=["planned_on", "actual_on"])
        ledger.append(
            subject=about,
            act=Act.UNIT_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={
                "planned_on": planned_on.isoformat() if planned_on else None,
                "actual_on": actual_on.isoformat() if actual_on else None,
            },
        )
    return unit


def _check(units: Sequence[NewUnit]) -> None:
    for new in units:
        if not CODE.fullmatch(new.code):
            raise UnitInvalid(f"{new.code!r} is no code: two to eight capitals and digits.")
        if not new.name.strip():
            raise UnitInvalid(f"Unit {new.code} needs a name.")
    codes = [new.code for new in units]
    names = [new.name for new in units]
    if len(set(codes)) < len(codes) or len(set(names)) < len(names):
        raise UnitInvalid("Two units of the list have the same code or name.")
    taken = Unit.objects.filter(code__in=codes) | Unit.objects.filter(name__in=names)
    first = taken.first()
    if first is not None:
        raise UnitInvalid(f"There is already a unit {first.code}, {first.name}.", code="unit.taken")
