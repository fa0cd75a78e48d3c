"""What cameras do, for programs: what was decided of each kind and unit; deciding, following."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.camera.settings import Quality, read_settings
from fairwitness.evidence.reaching import within
from fairwitness.force import camera_settings
from fairwitness.force.asking import Action, Subject
from fairwitness.force.camera_settings import Change, SettingsRefused
from fairwitness.force.models import CameraSettings, Profile, Unit
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What a camera does."""

    buffer_seconds: int
    quality: Quality
    mute_allowed: bool
    stealth_allowed: bool
    sleep_allowed: bool
    beeps: bool
    vibration: bool
    lights: bool
    position: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRow:
    """One decision, of the whole force where no unit is named; `stands`: none came after it.

    `follows`: the unit gave up its own and has the force's.
    """

    id: UUID
    profile: str
    unit: str | None
    follows: bool
    version: int
    stands: bool
    settings: Doing
    firmware: str
    battery_percent: int
    charge_minutes: int
    decided_by: str | None
    decided_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page of decisions, the last first."""

    items: tuple[SettingsRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is decided anew; what is left out stays as it is.

    `over` is the version that one has read, 0 where nothing is decided: a newer one is refused.
    """

    profile: Profile
    over: int
    reason: str
    unit: str | None = None
    buffer_seconds: int | None = None
    quality: Quality | None = None
    mute_allowed: bool | None = None
    stealth_allowed: bool | None = None
    sleep_allowed: bool | None = None
    beeps: bool | None = None
    vibration: bool | None = None
    lights: bool | None = None
    position: bool | None = None
    firmware: str | None = None
    battery_percent: int | None = None
    charge_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Which unit gives up its own settings for which kind, and why."""

    profile: Profile
    unit: str
    reason: str


_DOING: Final = tuple(Doing.__dataclass_fields__)


def _row(row: CameraSettings, *, stands: bool) -> SettingsRow:
    known = read_settings(row.settings)
    return SettingsRow(
        id=row.pk,
        profile=row.profile,
        unit=row.unit.code if row.unit else None,
        follows=row.follows,
        version=row.version,
        stands=stands,
        settings=Doing(**{name: getattr(known, name) for name in _DOING}),
        firmware=row.firmware,
        battery_percent=row.battery_percent,
        charge_minutes=row.charge_minutes,
        decided_by=named.collar(row.decided_by),
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _listing(call: Call) -> SettingsPage:
    units = call.reach(Action.SEE_FORCE)
    rows = CameraSettings.objects.select_related("unit", "decided_by")
    seen = rows.filter(Q(unit=None) | within(units))
    found, after = cursors.by_time(seen, call, "decided_at")
    last = {row.pk for each in Profile if (row := camera_settings.latest(each.value))}
    for each in Profile:
        last |= {row.pk for row in camera_settings.last_of_units(each.value).values()}
    return SettingsPage(tuple(_row(row, stands=row.pk in last) for row in found), after)


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code.strip().upper()).first()
    if unit is None:
        raise RequestRefused(f"There is no unit {code[:40]}.", code="request.body")
    return unit


def _demand(call: Call, profile: Profile, unit: Unit | None) -> None:
    subject = Subject(unit=unit.code if unit else None)
    about = f"camera_settings:{profile.value}"
    call.demand(Action.SET_CAMERAS, about=about, subject=subject)


def _decide(call: Call) -> SettingsRow:
    said = call.taken(Decided)
    unit = None if said.unit is None else _unit(said.unit)
    _demand(call, said.profile, unit)
    now = camera_settings.latest(said.profile.value, unit.pk if unit else None)
    if said.over != (now.version if now else 0):
        raise SettingsRefused("Somebody else decided meanwhile. Look, and decide again.")
    told = asdict(said)
    change = Change(
        settings={name: told[name] for name in _DOING if told[name] is not None},
        firmware=said.firmware,
        battery_percent=said.battery_percent,
        charge_minutes=said.charge_minutes,
    )
    reason = said.reason.strip()[:300]
    camera_settings.previewed(said.profile, change, reason=reason, unit=unit)
    row = camera_settings.decide(
        profile=said.profile,
        change=change,
        actor=call.officer,
        at=call.at,
        reason=reason,
        unit=unit,
    )
    return _row(row, stands=True)


def _follow(call: Call) -> SettingsRow:
    said = call.taken(Followed)
    unit = _unit(said.unit)
    _demand(call, said.profile, unit)
    row = camera_settings.follow(
        profile=said.profile,
        unit=unit,
        actor=call.officer,
        at=call.at,
        reason=said.reason.strip()[:300],
    )
    return _row(row, stands=True)


OPERATIONS: Final = (
    Operation(
        name="listCameraSettings",
        method="GET",
        path="/force/camera-settings",
        says="List what was decided of cameras, the last first.",
        scope=Scope.FORCE_READ,
        run=_listing,
        gives=SettingsPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="decideCameraSettings",
        method="POST",
        path="/force/camera-settings",
        says="Decide what cameras of a kind do, in the whole force or in one unit, from the next"
        " docking of each.",
        scope=Scope.FORCE_WRITE,
        run=_decide,
        takes=Decided,
        gives=SettingsRow,
        status=201,
        writes=Act.CAMERA_SETTINGS_CHANGED,
    ),
    Operation(
        name="followCameraSettings",
        method="POST",
        path="/force/camera-settings/follow",
        says="Give up a unit's own settings, so that its cameras have the force's.",
        scope=Scope.FORCE_WRITE,
        run=_follow,
        takes=Followed,
        gives=SettingsRow,
        status=201,
        writes=Act.CAMERA_SETTINGS_CHANGED,
    ),
)
