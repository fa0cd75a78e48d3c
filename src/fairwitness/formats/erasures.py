"""What a dock tells the server after it has erased: which recordings, and when.

Specification: docs/specs/dock-api.md.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.formats import canonical, records
from fairwitness.formats.invariants import require

MOST: Final = 100
"""Erasures that are told at once, at most."""

LIMIT: Final = 32 << 10
"""Bytes of such a message, at most."""

_CODE: Final = "format.erasures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One recording that is no longer where the dock took it from.

    Attributes:
        recording: its id, as the receipt names it.
        erased_at: when the dock removed it, by the dock's clock; when it began to, if it was cut
            and found the recording gone afterwards.
    """

    recording: UUID
    erased_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """What one dock erased, in the order in which it did."""

    erased: tuple[Erased, ...]
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of erasures.", code=_CODE)
        few = 1 <= len(self.erased) <= MOST
        require(few, f"Tell 1 to {MOST} erasures at once.", code=_CODE)

    def encode(self) -> bytes:
        """As it is sent."""
        return canonical.encode(records.to_json(self))


def read(data: bytes) -> Erasures:
    """Read a message.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(Erasures, canonical.decode(data, limit=LIMIT))
