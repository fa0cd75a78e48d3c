"""What the force decides about its cameras of one kind; docks push it to each at docking.

Each decision is a row of its own, numbered from 1 for each kind of camera, and none is ever
changed: a recording's statement names the version under which it was made. A decision takes over
whatever it does not mention from the one before. Firmware is only told: no dock installs any.

A unit may have its own. It begins from what its cameras have, is numbered on with the force's (so
that a version still names one decision), and stands whatever the force decides, until the unit
gives it up and follows the force again (ADR 0055).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeVar

from django.db import IntegrityError, transaction

from fairwitness.camera.settings import Settings, SettingsInvalid, read_settings
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Camera, CameraSettings, Officer, Profile, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.canonical import Json

_MINUTES = 24 * 60
_PERCENT = 100
_CHARGED = 80
_LONG_ENOUGH = 240
T = TypeVar("T", int, str)


class SettingsRefused(FairwitnessError):
    """Settings that no camera can have, or a decision without a reason."""

    code: ClassVar[str] = "camera.settings_refused"


def latest(
    profile: str, unit_id: int | None = None, *, at: datetime | None = None
) -> CameraSettings | None:
    """What stands for one kind of camera; None when nothing was ever decided.

    Args:
        profile: which kind.
        unit_id: of this unit; its own, or else the force's.
        at: stood at that time; now when left out.
    """
    rows = CameraSettings.objects.filter(profile=profile).select_related("unit")
    if at is not None:
        rows = rows.filter(decided_at__lte=at)
    if unit_id is not None:
        own = rows.filter(unit=unit_id).order_by("-version").first()
        if own is not None and not own.follows:
            return own
    return rows.filter(unit=None).order_by("-version").first()


def last_of_units(profile: str) -> dict[int, CameraSettings]:
    """The last decision of each unit that ever had its own, by the unit's key."""
    rows = CameraSettings.objects.filter(profile=profile, unit__isnull=False)
    return {row.unit_id: row for row in rows.order_by("version") if row.unit_id is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decision changes; what it does not mention stays as it was.

    Attributes:
        settings: by name, as cameras know them (docs/specs/camera-volume.md).
        firmware: the version that these cameras should run.
        battery_percent: a pool camera with so much charge may be taken.
        charge_minutes: so may one that has been docked so long.
    """

    settings: Mapping[str, Json] = field(default_factory=dict)
    firmware: str | None = None
    battery_percent: int | None = None
    charge_minutes: int | None = None


def decide(
    *,
    profile: Profile,
    change: Change,
    actor: Actor,
    at: datetime,
    reason: str,
    unit: Unit | None = None,
) -> CameraSettings:
    """Decide anew for one kind of camera: of the whole force, or of one unit.

    Raises:
        SettingsRefused: a name or a value that cameras don't know, or no reason.
        NotAllowed: the actor may not.
    """
    _demand(profile, unit, actor, at, reason)
    row = _changed(profile, unit, change)
    row.decided_by = actor if isinstance(actor, Officer) else None
    row.decided_at, row.reason = at, reason
    return _keep(row, actor)


def follow(
    *, profile: Profile, unit: Unit, actor: Actor, at: datetime, reason: str
) -> CameraSettings:
    """Give up a unit's own settings: its cameras get the force's, each at its next docking.

    Raises:
        SettingsRefused: it has none of its own, the force has none to follow, or no reason.
        NotAllowed: the actor may not.
    """
    _demand(profile, unit, actor, at, reason)
    own, force = latest(profile.value, unit.pk), latest(profile.value)
    if own is None or own.unit_id is None:
        raise SettingsRefused(f"{unit} has no settings of its own.", code="camera.settings_same")
    if force is None:
        raise SettingsRefused("Nothing is decided for the whole force: there is none to follow.")
    row = CameraSettings(
        profile=profile.value,
        version=_next(profile.value),
        unit=unit,
        follows=True,
        settings=force.settings,
        firmware=force.firmware,
        battery_percent=force.battery_percent,
        charge_minutes=force.charge_minutes,
        decided_by=actor if isinstance(actor, Officer) else None,
        decided_at=at,
        reason=reason,
    )
    return _keep(row, actor)


def _demand(profile: Profile, unit: Unit | None, actor: Actor, at: datetime, reason: str) -> None:
    if not reason.strip():
        raise SettingsRefused("Say why.", code="camera.settings_reason")
    authority.demand(
        actor=actor,
        action=Action.SET_CAMERAS,
        subject=Subject(unit=unit.code if unit else None),
        about=f"camera_settings:{profile.value}",
        at=at,
    )


def _keep(row: CameraSettings, actor: Actor) -> CameraSettings:
    detail: dict[str, str | int | list[str]] = {
        "version": row.version,
        "settings": [f"{name}={json.dumps(value)}" for name, value in row.settings.items()],
        "firmware": row.firmware,
        "battery_percent": row.battery_percent,
        "charge_minutes": row.charge_minutes,
    }
    if row.unit is not None:
        detail["unit"] = row.unit.code
    if row.follows:
        detail = {"version": row.version, "unit": detail["unit"], "follows": "the force"}
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ledger.append(
                subject=f"camera_settings:{row.profile}",
                act=Act.CAMERA_SETTINGS_CHANGED,
                actor=authority.text(actor),
                at=row.decided_at,
                reason=row.reason,
                detail=detail,
            )
    except IntegrityError as error:  # somebody decided at the same moment
        raise SettingsRefused("Somebody else decided just now. Look, and decide again.") from error
    return row


def previewed(
    profile: Profile, change: Change, *, reason: str, unit: Unit | None = None
) -> CameraSettings:
    """What `decide` would decide; nothing is kept.

    Raises:
        SettingsRefused: as `decide`, and code `camera.settings_same` when nothing would change.
            A unit may decide what it has anyway: it keeps it then, whatever the force decides.
    """
    if not reason.strip():
        raise SettingsRefused("Say why.", code="camera.settings_reason")
    before = latest(profile.value, unit.pk if unit else None)
    after = _changed(profile, unit, change)
    same = before is not None and before.unit_id == after.unit_id
    if before is not None and same and _said(before) == _said(after):
        raise SettingsRefused("Nothing would change.", code="camera.settings_same")
    return after


def _said(row: CameraSettings) -> tuple[object, ...]:
    settings = {name: value for name, value in row.settings.items() if name != "version"}
    return settings, row.firmware, row.battery_percent, row.charge_minutes


def pushed(camera: Camera) -> dict[str, Json]:
    """What a dock is told to leave on a camera, and when a pool camera may be taken."""
    row = latest(camera.profile, camera.unit_id)
    if row is None:
        return {"settings": {}, "firmware": None, "release": None}
    return {
        "settings": row.settings,
        "firmware": row.firmware or None,
        "release": {"battery_percent": row.battery_percent, "charge_minutes": row.charge_minutes},
    }


def _given(value: T | None, former: T) -> T:
    return former if value is None else value


def _next(profile: str) -> int:
    newest = CameraSettings.objects.filter(profile=profile).order_by("-version").first()
    return newest.version + 1 if newest else 1


def _changed(profile: Profile, unit: Unit | None, change: Change) -> CameraSettings:
    before = latest(profile.value, unit.pk if unit else None)
    version = _next(profile.value)
    row = CameraSettings(
        profile=profile.value,
        unit=unit,
        version=version,
        settings=_merged(before, change.settings, version),
        firmware=_given(change.firmware, before.firmware if before else ""),
        battery_percent=_given(
            change.battery_percent, before.battery_percent if before else _CHARGED
        ),
        charge_minutes=_given(
            change.charge_minutes, before.charge_minutes if before else _LONG_ENOUGH
        ),
    )
    if not 0 <= row.battery_percent <= _PERCENT or not 0 <= row.charge_minutes <= _MINUTES:
        raise SettingsRefused("A charge is 0 to 100 per cent; a day has 1440 minutes.")
    return row


def _merged(
    before: CameraSettings | None, changes: Mapping[str, Json], version: int
) -> dict[str, Json]:
    known = set(Settings().to_json()) - {"version"}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise SettingsRefused(
            f"Cameras know no setting {unknown[0]}; they know {', '.join(sorted(known))}."
        )
    former = before.settings if before else {}
    try:
        return read_settings({**former, **changes, "version": version}).to_json()
    except SettingsInvalid as error:
        raise SettingsRefused(error.message) from error
