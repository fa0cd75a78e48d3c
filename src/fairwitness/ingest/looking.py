"""What the media is that arrived, found out by a child process that gets nothing but bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairwitness.media import probe
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.probe import FindingCode
from fairwitness.vault.port import BlobStore
from fairwitness.vault.reading import SealedReader
from fairwitness.vault.sealing import Binding, SealedPiece

UNKNOWN_TYPE = "application/octet-stream"
_MEDIA_TYPES = {
    "mov": "video/mp4",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "asf": "video/x-ms-asf",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the media is; `problem` when it can't be read."""

    media_type: str
    duration_ms: int
    truncated: bool
    problem: str | None

    @property
    def trouble(self) -> str:
        """What is wrong with it, in words; empty for video that can be read to its end."""
        return self.problem or ("The video ends in the middle." if self.truncated else "")


NOTHING = Seen(UNKNOWN_TYPE, 0, truncated=False, problem=None)
"""What is known of bytes that could not be read back."""


def look(pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding) -> Seen:
    """Have a child process look at what these pieces hold."""
    try:
        with SealedReader(pieces, store=store, binding=binding) as reader:
            found = probe.probe(reader)
    except MediaUnreadable as error:
        return Seen(UNKNOWN_TYPE, 0, truncated=False, problem=error.message)
    problem = next((f.message for f in found.findings if f.code is FindingCode.NO_VIDEO), None)
    return Seen(
        media_type=_MEDIA_TYPES.get(found.container.partition(",")[0], UNKNOWN_TYPE),
        duration_ms=found.duration_ms,
        truncated=found.truncated,
        problem=problem,
    )
