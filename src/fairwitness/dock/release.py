"""Whether a pool camera may be taken out of the dock. Pure.

Rules, each with its reason told when it is not met:

1. Everything on the camera was received: nothing lies on it that has not gone against a receipt.
2. Its battery is charged enough, or it has been charging long enough; whichever can be shown.
3. Nobody is waiting to look at it: the server knows it and trusts it.

A camera that belongs to one officer needs no release: its wearer takes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairwitness.formats.canonical import Json

_BATTERY = 80
_MINUTES = 240
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the force demands of a pool camera: so much charge, or so long in the dock."""

    battery_percent: int = _BATTERY
    charging: timedelta = _MINUTES * _MINUTE


@dataclass(frozen=True, slots=True)
class Facts:
    """A docked camera.

    Attributes:
        camera: serial number.
        status: as the server has it.
        pool: it is a pool camera.
        left: recordings still on it, unfinished ones included.
        docked_at: since when it has been in the dock.
        battery: per cent; None when the camera does not say.
    """

    camera: str
    status: str
    pool: bool
    left: int
    docked_at: datetime
    battery: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, a stable code, and a sentence for the person at the dock."""

    released: bool
    code: str
    message: str


def rule_in(standing: Mapping[str, Json]) -> Rule:
    """The force's rule, as the server gave it with the camera's standing; else the usual one."""
    said = standing.get("release")
    if not isinstance(said, Mapping):
        return Rule()
    percent, minutes = said.get("battery_percent"), said.get("charge_minutes")
    return Rule(
        battery_percent=percent if isinstance(percent, int) else _BATTERY,
        charging=(minutes if isinstance(minutes, int) else _MINUTES) * _MINUTE,
    )


def decide(facts: Facts, rule: Rule, *, at: datetime) -> Decision:
    """Whether the camera may be taken now."""
    if facts.status != "approved":
        return Decision(
            released=False,
            code="release.status",
            message=f"Camera {facts.camera} is {facts.status} at the server. It stays here.",
        )
    if not facts.pool:
        return Decision(
            released=False,
            code="release.not_pool",
            message=f"Camera {facts.camera} is no pool camera: its wearer takes it, no release.",
        )
    if facts.left:
        return Decision(
            released=False,
            code="release.owed",
            message=f"{facts.left} on camera {facts.camera} not received yet. It stays here.",
        )
    charging = at - facts.docked_at
    charged = facts.battery is not None and facts.battery >= rule.battery_percent
    if not charged and charging < rule.charging:
        return Decision(released=False, code="release.battery", message=_why(facts, rule, charging))
    return Decision(
        released=True, code="release.released", message=f"Camera {facts.camera} may be taken."
    )


def _why(facts: Facts, rule: Rule, charging: timedelta) -> str:
    said = "does not say its charge" if facts.battery is None else f"is at {facts.battery} %"
    left = (rule.charging - charging) // _MINUTE + 1
    return (
        f"Camera {facts.camera} {said}; it needs {rule.battery_percent} %, or {left} more"
        f" minute{'s' if left > 1 else ''} in the dock."
    )
