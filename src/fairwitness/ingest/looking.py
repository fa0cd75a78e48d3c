"""What arrived is looked at, by a child process that gets nothing but bytes it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.evidence import footage_facts
from fairwitness.evidence.footage_facts import MediaFacts
from fairwitness.formats.signed_video import VideoReport
from fairwitness.media import probe
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.probe import FindingCode
from fairwitness.vault.port import BlobStore
from fairwitness.vault.reading import SealedReader
from fairwitness.vault.sealing import Binding, SealedPiece

UNKNOWN_TYPE: Final = "application/octet-stream"
_MEDIA_TYPES: Final = {
    "mov": "video/mp4",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "asf": "video/x-ms-asf",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the media is.

    Attributes:
        media_type: as for the web.
        duration_ms: of its longest stream, in milliseconds.
        truncated: it ends in the middle.
        problem: why it can't be read; None when it can.
        seals: what the signatures inside the video say; None when nobody could look.
        facts: what is kept of it beside the recording; None when nobody could look.
    """

    media_type: str
    duration_ms: int
    truncated: bool
    problem: str | None
    facts: MediaFacts | None
    seals: VideoReport | None

    @property
    def trouble(self) -> str:
        """What is wrong with it, in words; empty for video that can be read to its end."""
        return self.problem or ("The video ends in the middle." if self.truncated else "")


NOTHING: Final = Seen(UNKNOWN_TYPE, 0, truncated=False, problem=None, facts=None, seals=None)
"""Of bytes that could not be read back, and so were not looked at."""


def look(pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding) -> Seen:
    """Have a child process look at what these pieces hold."""
    try:
        with SealedReader(pieces, store=store, binding=binding) as reader:
            found = probe.probe(reader)
    except MediaUnreadable as error:
        facts = footage_facts.unreadable(error)
        return Seen(
            UNKNOWN_TYPE, 0, truncated=False, problem=error.message, facts=facts, seals=None
        )
    problem = next((f.message for f in found.findings if f.code is FindingCode.NO_VIDEO), None)
    return Seen(
        media_type=_MEDIA_TYPES.get(found.container.partition(",")[0], UNKNOWN_TYPE),
        duration_ms=found.duration_ms,
        truncated=found.truncated,
        problem=problem,
        seals=found.seals,
        facts=footage_facts.told(found),
    )
