"""What makes a stick or card of another maker's footage an enrolled volume: a card on it.

The card names the volume and nothing else; what may be done with it, the server says. It is no
secret and no signature: a copy of it on a second stick is the same volume.

Specification: docs/specs/dock-api.md.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fairwitness.formats import canonical, records
from fairwitness.formats.invariants import require, require_text

FILE: Final = "fairwitness-volume.json"
"""The card's name, in the volume's topmost folder."""

LIMIT: Final = 4096
"""Bytes of a card or of a request, at most."""

LABEL_LENGTH: Final = 60
_COLLAR_LENGTH: Final = 16
_CODE: Final = "format.enrolled_volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeCard:
    """What the card on a volume says."""

    volume: UUID
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of a volume's card.", code=_CODE)

    def encode(self) -> bytes:
        """As it lies on the volume."""
        return canonical.encode(records.to_json(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRequest:
    """What a dock tells of a volume that is to be enrolled, in the words of whoever brought it.

    Attributes:
        volume: its id, made at the dock.
        label: what people call it; what it is told by on boards and pages.
        made_by: kind or maker of the camera whose footage is on it.
        brought_by: collar number of who brought it.
    """

    volume: UUID
    label: str
    made_by: str
    brought_by: str
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the request.", code=_CODE)
        for name, longest in (("label", LABEL_LENGTH), ("made_by", LABEL_LENGTH * 2)):
            _require_line(getattr(self, name), name, longest)
        _require_line(self.brought_by, "brought_by", _COLLAR_LENGTH)

    def encode(self) -> bytes:
        """As it is sent."""
        return canonical.encode(records.to_json(self))


def read_card(data: bytes) -> VolumeCard:
    """Read a card.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(VolumeCard, canonical.decode(data, limit=LIMIT))


def read_request(data: bytes) -> VolumeRequest:
    """Read a request.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(VolumeRequest, canonical.decode(data, limit=LIMIT))


def _require_line(value: str, name: str, longest: int) -> None:
    require_text(value, name, code=_CODE, longest=longest)
    plain = value.isprintable() and value == value.strip()
    require(plain, f"{name} must be one line that can be printed.", code=_CODE)
