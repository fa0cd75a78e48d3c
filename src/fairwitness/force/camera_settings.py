"""What the force decides about its cameras of one kind; docks push it to each at docking.

Each decision is a row of its own, numbered from 1 for each kind of camera, and none is ever
changed: a recording's statement names the version under which it was made. A decision takes over
whatever it does not mention from the one before. Firmware is only told: no dock installs any.
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
from fairwitness.force.models import Camera, CameraSettings, Officer, Profile
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


def latest(profile: str) -> CameraSettings | None:
    """What is decided now for one kind of camera; None when nothing ever was."""
    return CameraSettings.objects.filter(profile=profile).order_by("-version").first()


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
    *, profile: Profile, change: Change, actor: Actor, at: datetime, reason: str
) -> CameraSettings:
    """Decide anew for one kind of camera.

    Raises:
        SettingsRefused: a name or a value that cameras don't know, or no reason.
        NotAllowed: the actor may not.
    """
    if not reason.strip():
        raise SettingsRefused("Say why.", code="camera.settings_reason")
    subject = f"camera_settings:{profile.value}"
    authority.demand(
        actor=actor, action=Action.SET_CAMERAS, subject=Subject(), about=subject, at=at
    )
    row = _changed(profile, latest(profile.value), change)
    row.decided_by = actor if isinstance(actor, Officer) else None
    row.decided_at, row.reason = at, reason
    detail: dict[str, str | int | list[str]] = {
        "version": row.version,
        "settings": [f"{name}={json.dumps(value)}" for name, value in row.settings.items()],
        "firmware": row.firmware,
        "battery_percent": row.battery_percent,
        "charge_minutes": row.charge_minutes,
    }
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ledger.append(
                subject=subject,
                act=Act.CAMERA_SETTINGS_CHANGED,
                actor=authority.text(actor),
                at=at,
                reason=reason,
                detail=detail,
            )
    except IntegrityError as error:  # somebody decided at the same moment
        raise SettingsRefused("Somebody else decided just now. Look, and decide again.") from error
    return row


def previewed(profile: Profile, change: Change, *, reason: str) -> CameraSettings:
    """What `decide` would decide; nothing is kept.

    Raises:
        SettingsRefused: as `decide`, and code `camera.settings_same` when nothing would change.
    """
    if not reason.strip():
        raise SettingsRefused("Say why.", code="camera.settings_reason")
    before = latest(profile.value)
    after = _changed(profile, before, change)
    if before is not None and _said(before) == _said(after):
        raise SettingsRefused("Nothing would change.", code="camera.settings_same")
    return after


def _said(row: CameraSettings) -> tuple[object, ...]:
    settings = {name: value for name, value in row.settings.items() if name != "version"}
    return settings, row.firmware, row.battery_percent, row.charge_minutes


def pushed(camera: Camera) -> dict[str, Json]:
    """What a dock is told to leave on a camera, and when a pool camera may be taken."""
    row = latest(camera.profile)
    if row is None:
        return {"settings": {}, "firmware": None, "release": None}
    return {
        "settings": row.settings,
        "firmware": row.firmware or None,
        "release": {"battery_percent": row.battery_percent, "charge_minutes": row.charge_minutes},
    }


def _given(value: T | None, former: T) -> T:
    return former if value is None else value


def _changed(profile: Profile, before: CameraSettings | None, change: Change) -> CameraSettings:
    version = before.version + 1 if before else 1
    row = CameraSettings(
        profile=profile.value,
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
