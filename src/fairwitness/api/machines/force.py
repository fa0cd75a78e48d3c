"""The force for programs: units, officers, cameras and who has which; reading alone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Prefetch, Q

from fairwitness.api.machines import cursors
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera, Issue, Officer, RoleGrant, Unit
from fairwitness.force.token_rows import Scope


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A borough or a specialist command."""

    code: str
    name: str
    kind: str
    planned_cameras: int
    planned_on: date | None
    actual_on: date | None


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One page of units, by code."""

    items: tuple[UnitRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role that an officer holds now; without a unit, for the whole force."""

    role: str
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRow:
    """Somebody with an account."""

    collar_number: str
    name: str
    rank: str
    unit: str
    active: bool
    roles: tuple[RoleHeld, ...]


@dataclass(frozen=True, slots=True)
class OfficerPage:
    """One page of officers, by collar number."""

    items: tuple[OfficerRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRow:
    """A camera, how it stands, and the collar number of who has it now."""

    serial: str
    status: str
    profile: str
    mount: str
    pool: bool
    unit: str | None
    station: str | None
    last_docked_at: datetime | None
    held_by: str | None


@dataclass(frozen=True, slots=True)
class CameraPage:
    """One page of cameras, by serial number."""

    items: tuple[CameraRow, ...]
    next: str | None


def _units(call: Call) -> UnitPage:
    units = call.reach(Action.SEE_FORCE)
    rows = Unit.objects.all() if units is None else Unit.objects.filter(code__in=units)
    found, after = cursors.by_name(rows, call, "code")
    items = tuple(
        UnitRow(row.code, row.name, row.kind, row.planned_cameras, row.planned_on, row.actual_on)
        for row in found
    )
    return UnitPage(items, after)


def _officers(call: Call) -> OfficerPage:
    units = call.reach(Action.SEE_FORCE)
    held = RoleGrant.objects.select_related("unit").filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=call.at), begins_at__lte=call.at
    )
    rows = Officer.objects.select_related("unit").prefetch_related(Prefetch("grants", held))
    if units is not None:
        rows = rows.filter(unit__code__in=units)
    found, after = cursors.by_name(rows, call, "collar_number")
    items = tuple(
        OfficerRow(
            collar_number=row.collar_number,
            name=row.name,
            rank=row.rank,
            unit=row.unit.code,
            active=row.active,
            roles=tuple(
                RoleHeld(grant.role, grant.unit.code if grant.unit else None)
                for grant in row.grants.all()
            ),
        )
        for row in found
    )
    return OfficerPage(items, after)


def _cameras(call: Call) -> CameraPage:
    units = call.reach(Action.SEE_FORCE)
    running = Issue.objects.select_related("officer").filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=call.at), begins_at__lte=call.at
    )
    rows = Camera.objects.select_related("unit", "station").prefetch_related(
        Prefetch("issues", running, to_attr="running")
    )
    if units is not None:
        rows = rows.filter(unit__code__in=units)
    found, after = cursors.by_name(rows, call, "serial")
    return CameraPage(tuple(map(_camera, found)), after)


def _camera(row: Camera) -> CameraRow:
    running: list[Issue] = getattr(row, "running", [])
    return CameraRow(
        serial=row.serial,
        status=row.status,
        profile=row.profile,
        mount=row.mount,
        pool=row.pool,
        unit=row.unit.code if row.unit else None,
        station=row.station.code if row.station else None,
        last_docked_at=row.last_docked_at,
        held_by=running[0].officer.collar_number if running else None,
    )


OPERATIONS: Final = (
    Operation(
        name="listUnits",
        method="GET",
        path="/force/units",
        says="List the units of the force.",
        scope=Scope.FORCE_READ,
        run=_units,
        gives=UnitPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="listOfficers",
        method="GET",
        path="/force/officers",
        says="List officers and the roles they hold.",
        scope=Scope.FORCE_READ,
        run=_officers,
        gives=OfficerPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="listCameras",
        method="GET",
        path="/force/cameras",
        says="List cameras, how they stand and who has them.",
        scope=Scope.FORCE_READ,
        run=_cameras,
        gives=CameraPage,
        query=cursors.PARAMETERS,
    ),
)
