"""What the names of containers and objects say, and nothing more: pure, and total.

The names are an Axis system's claims. What does not look like one of its names is taken for
footage of an unknown kind, so that nothing is passed over.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final


class ContainerKind(StrEnum):
    """What a container is for."""

    SYSTEM = "system"
    PEOPLE = "people"
    CAMERAS = "cameras"
    REJECTED = "rejected"
    RECORDING = "recording"


class ObjectKind(StrEnum):
    """What an object is."""

    CLIP = "clip"
    KEY = "key"
    BOOKMARK = "bookmark"
    TRAIL = "trail"


_KINDS: Final = {
    "System": ContainerKind.SYSTEM,
    "Users": ContainerKind.PEOPLE,
    "Devices": ContainerKind.CAMERAS,
}
_REJECTED: Final = re.compile(r"RejectedContent_([0-9]{8}T[0-9]{6}Z|UnknownTime)_[^/]+")
_RECORDING: Final = re.compile(
    r"(?P<user>[0-9A-Za-z-]{1,64})_(?P<camera>[0-9A-Za-z-]{1,40})_(?P<at>[0-9]{8}T?_?[0-9]{6}Z?)"
)
_TRAIL: Final = "_gpstrail.json"


@dataclass(frozen=True, slots=True)
class Named:
    """Who and what a recording container is named for; empty when its name does not say."""

    user: str = ""
    camera: str = ""
    triggered_at: datetime | None = None


def container_kind(name: str) -> ContainerKind:
    """What a container is for, by its name."""
    if name in _KINDS:
        return _KINDS[name]
    if _REJECTED.fullmatch(name):
        return ContainerKind.REJECTED
    return ContainerKind.RECORDING


def is_register(name: str) -> bool:
    """Whether a container is a list of names rather than a recording."""
    return name in _KINDS


def is_standard(name: str) -> bool:
    """Whether a name is of Axis' own making, and so the same nowhere else."""
    return bool(_REJECTED.fullmatch(name) or _RECORDING.fullmatch(name))


def read(container: str) -> Named:
    """Who and what a container is named for."""
    found = _RECORDING.fullmatch(container)
    if found is None:
        return Named()
    digits = "".join(letter for letter in found["at"] if letter.isdigit())
    try:
        at = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        at = None
    return Named(found["user"], found["camera"], at)


def object_kind(name: str) -> ObjectKind:
    """What an object is, by its name."""
    if name.endswith(".key"):
        return ObjectKind.KEY
    if name.startswith("bookmark_"):
        return ObjectKind.BOOKMARK
    if name.endswith(_TRAIL):
        return ObjectKind.TRAIL
    return ObjectKind.CLIP


def key_names(name: str) -> tuple[str, ...]:
    """The names that the key of an object may have, the likeliest first."""
    stem = name.rpartition(".")[0] or name
    names = [f"{stem}.key", f"{name}.key"]
    if name.endswith(_TRAIL):  # its own start time and number, without the camera's
        parts = name.removesuffix(_TRAIL).split("_")
        names.append("_".join(parts[:-1]) + ".key")
    return tuple(names)


def identity(container: str, system: str) -> str:
    """What makes a container the same: its name if that is of Axis' making, else its system too."""
    return container if is_standard(container) else f"{system}/{container}"
