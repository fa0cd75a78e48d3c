"""What a dock tells the server of its bays, so that people elsewhere see where something hangs.

Specification: docs/specs/dock-api.md.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fairwitness.formats import canonical, records
from fairwitness.formats.invariants import require

MOST: Final = 1000
"""Bays of one dock, at most."""

LIMIT: Final = 2 << 20
"""Bytes of such a message, at most."""

LONGEST: Final = 240
"""Characters of what went wrong, at most."""
NAME: Final = 80
"""Characters of a camera's number and of its firmware, at most."""
_CODE: Final = "format.bay_board"
_WORD: Final = re.compile(r"[a-z][a-z ]{0,31}\Z")
_LARGEST: Final = 1 << 53
_MOST_RECORDINGS: Final = 1 << 31
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BayTold:
    """One bay.

    Attributes:
        bay: its number, from 1.
        doing: what goes on in it, a word of the specification's table.
        light: its status light.
        camera: serial number of the camera in it; `volume` and a label for an enrolled volume;
            empty when nothing is in it.
        docked_at: since when, by the dock's clock; None when that is not known.
        recordings_left: recordings that are still on it.
        bytes_owed: bytes that are still to be sent.
        seconds_left: how long that takes by the measured rate; None when nobody can say.
        firmware: what the camera runs; empty when it does not say.
        battery_percent: its charge; None when it does not say.
        trouble: the last thing that went wrong, in words with its code; empty when nothing did.
    """

    bay: int
    doing: str
    light: str
    camera: str = ""
    docked_at: datetime | None = None
    recordings_left: int = 0
    bytes_owed: int = 0
    seconds_left: int | None = None
    firmware: str = ""
    battery_percent: int | None = None
    trouble: str = ""

    def __post_init__(self) -> None:
        require(1 <= self.bay <= MOST, f"A bay's number is 1 to {MOST}.", code=_CODE)
        for word in (self.doing, self.light):
            require(_WORD.match(word) is not None, "What a bay does is a word.", code=_CODE)
        for number in (self.recordings_left, self.bytes_owed, self.seconds_left or 0):
            require(0 <= number < _LARGEST, "A number is too large, or below zero.", code=_CODE)
        require(self.recordings_left < _MOST_RECORDINGS, "No camera holds so many.", code=_CODE)
        charge = self.battery_percent
        require(charge is None or 0 <= charge <= _PERCENT, "A charge is 0 to 100.", code=_CODE)
        long = max(len(self.camera), len(self.firmware)) > NAME or len(self.trouble) > LONGEST
        require(not long, "A text is too long.", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BayBoard:
    """All bays of a dock, each once, by number."""

    bays: tuple[BayTold, ...]
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the board.", code=_CODE)
        numbers = [bay.bay for bay in self.bays]
        require(numbers == sorted(set(numbers)), "Each bay once, by number.", code=_CODE)

    def encode(self) -> bytes:
        """As it is sent."""
        return canonical.encode(records.to_json(self))


def read(data: bytes) -> BayBoard:
    """Read a message.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(BayBoard, canonical.decode(data, limit=LIMIT))
