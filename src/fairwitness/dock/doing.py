"""What a bay does, and the lights that say so. Pure.

The lights are those of the status LED of a docked Body 2 or Flex 2. One of them is never shown:
blinking red and yellow, *firmware, do not remove*, because this dock installs no firmware; it tells
which version is wanted.
"""

from enum import StrEnum


class Doing(StrEnum):
    """What is going on in a bay."""

    EMPTY = "empty"
    LOOKING = "looking"
    QUEUED = "queued"
    UPLOADING = "uploading"
    CHECKING = "checking"
    READY = "ready"
    RELEASED = "released"
    UNASSIGNED = "unassigned"
    AWAY = "away"
    WAITING = "waiting"
    FAILED = "failed"


class Light(StrEnum):
    """The status light of a bay."""

    OFF = "off"
    SOLID_GREEN = "solid green"
    BLINKING_YELLOW = "blinking yellow"
    SOLID_YELLOW = "solid yellow"
    SOLID_RED = "solid red"
    BLINKING_RED = "blinking red"


LIGHTS = {
    Doing.EMPTY: Light.OFF,
    Doing.LOOKING: Light.SOLID_YELLOW,
    Doing.QUEUED: Light.SOLID_YELLOW,
    Doing.UPLOADING: Light.BLINKING_YELLOW,
    Doing.CHECKING: Light.BLINKING_YELLOW,
    Doing.READY: Light.SOLID_GREEN,
    Doing.RELEASED: Light.SOLID_GREEN,
    Doing.UNASSIGNED: Light.SOLID_RED,
    Doing.AWAY: Light.SOLID_RED,
    Doing.WAITING: Light.BLINKING_RED,
    Doing.FAILED: Light.BLINKING_RED,
}

WORDS = {
    Doing.EMPTY: "empty",
    Doing.LOOKING: "reading the camera",
    Doing.QUEUED: "waiting for its turn",
    Doing.UPLOADING: "uploading, leave it in",
    Doing.CHECKING: "waiting for its receipt, leave it in",
    Doing.READY: "ready: everything was received",
    Doing.RELEASED: "released: take it",
    Doing.UNASSIGNED: "everything was received; nobody has this camera",
    Doing.AWAY: "no server; it tries again by itself",
    Doing.WAITING: "footage waits for a person; tell the evidence manager",
    Doing.FAILED: "error",
}

_AWAY = frozenset({"dock.server_away", "dock.receipt_late"})
_PEOPLE = ("quarantine.", "camera.", "volume.")


def after(codes: frozenset[str], *, passed_over: bool, assigned: bool) -> Doing:
    """What a bay shows once a docking has done what it could.

    Args:
        codes: stable codes of what went wrong with recordings that stay on the camera.
        passed_over: something lies on the camera that could not be taken at all.
        assigned: somebody has the camera, or it is a pool camera.
    """
    if codes and codes <= _AWAY:
        return Doing.AWAY
    others = codes - _AWAY
    if others and all(code.startswith(_PEOPLE) for code in others):
        return Doing.WAITING
    if codes or passed_over:
        return Doing.FAILED
    return Doing.READY if assigned else Doing.UNASSIGNED


def when_refused(code: str) -> Doing:
    """What a bay shows when nothing could be begun, for this reason."""
    if code.startswith(_PEOPLE):
        return Doing.WAITING
    return Doing.AWAY if code in _AWAY else Doing.FAILED
