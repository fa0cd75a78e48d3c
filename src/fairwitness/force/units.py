"""Boroughs and specialist commands: registering them, and how many cameras each is to have when."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

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

MOST_PLANNED: Final = 100_000


class UnitInvalid(FairwitnessError):
    """A unit that can't be registered as given, or one that we don't know."""

    code: ClassVar[str] = "unit.invalid"


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to register; `actual_on` is for one whose first cameras were issued before."""

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


def plan(*, unit: Unit, cameras: int, first_on: date | None, actor: Actor, at: datetime) -> Unit:
    """Plan a unit's roll-out anew; what was planned before stays in the log.

    Args:
        unit: which.
        cameras: how many it is to have, at most `MOST_PLANNED`.
        first_on: the day on which its first are to come; None while none is set.
        actor: an administrator.
        at: now.

    Raises:
        UnitInvalid: a number out of range, or a plan that says what it said (`unit.plan`).
        NotAllowed: the actor may not.
    """
    about = f"unit:{unit.code}"
    authority.demand(
        actor=actor,
        action=Action.PLAN_ROLL_OUT,
        subject=Subject(unit=unit.code),
        about=about,
        at=at,
    )
    _check_planned(cameras)
    if (unit.planned_cameras, unit.planned_on) == (cameras, first_on):
        raise UnitInvalid("That is what is planned already.", code="unit.plan")
    with transaction.atomic():
        unit.planned_cameras, unit.planned_on = cameras, first_on
        unit.save(update_fields=["planned_cameras", "planned_on"])
        ledger.append(
            subject=about,
            act=Act.UNIT_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={
                "planned_cameras": cameras,
                "planned_on": first_on.isoformat() if first_on else None,
            },
        )
    return unit


def _check_planned(cameras: int) -> None:
    if not 0 <= cameras <= MOST_PLANNED:
        raise UnitInvalid(f"A unit has 0 to {MOST_PLANNED:,} cameras.", code="unit.plan")


def _check(units: Sequence[NewUnit]) -> None:
    for new in units:
        if not CODE.fullmatch(new.code):
            raise UnitInvalid(f"{new.code!r} is no code: two to eight capitals and digits.")
        if not new.name.strip():
            raise UnitInvalid(f"Unit {new.code} needs a name.")
        _check_planned(new.planned_cameras)
    codes = [new.code for new in units]
    names = [new.name for new in units]
    if len(set(codes)) < len(codes) or len(set(names)) < len(names):
        raise UnitInvalid("Two units of the list have the same code or name.")
    taken = Unit.objects.filter(code__in=codes) | Unit.objects.filter(name__in=names)
    first = taken.first()
    if first is not None:
        raise UnitInvalid(f"There is already a unit {first.code}, {first.name}.", code="unit.taken")
