"""A transcript as it lies sealed in the vault: what the database lost, a rebuild finds here.

Specification: docs/specs/manifest.md, "Papers of transcripts".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.formats import canonical, records
from fairwitness.formats.invariants import require, require_between, require_text
from fairwitness.formats.manifest import Named

LIMIT: Final = 1 << 20
"""Bytes of a paper, at most."""

_CODE: Final = "format.transcript_paper"
_MOST: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPaper:
    """One transcript.

    Attributes:
        recording: of which.
        number: from 1; the highest is shown.
        made_by: who typed it, in words.
        attached_by: the officer who attached it.
        attached_at: when; the custody entry has the very same time.
        vtt: its bytes, as they were given.
    """

    recording: UUID
    number: int
    made_by: str
    attached_by: Named
    attached_at: datetime
    vtt: bytes
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of a transcript's paper.", code=_CODE)
        require_between(self.number, "number", 1, _MOST, code=_CODE)
        require_text(self.made_by, "made_by", code=_CODE)
        require(bool(self.vtt), "A transcript has bytes.", code=_CODE)

    def encode(self) -> bytes:
        """As it is sealed."""
        return canonical.encode(records.to_json(self))


def read(data: bytes) -> TranscriptPaper:
    """Read a paper.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(TranscriptPaper, canonical.decode(data, limit=LIMIT))
