"""What arrived is read back and looked at: by us every byte, by a child process what it asks for.

The child follows on the heels of the reading back and gets only bytes that have been read back
already: what it reads must never be what puts a piece into the page cache before it is read back.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import footage_facts
from fairwitness.evidence.footage_facts import MediaFacts
from fairwitness.formats.signed_video import VideoReport
from fairwitness.media import probe
from fairwitness.media.child import Footage, MediaUnreadable
from fairwitness.media.probe import FindingCode
from fairwitness.vault import reading
from fairwitness.vault.port import BlobStore
from fairwitness.vault.reading import Digest, SealedReader
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


class NotLookedAt(FairwitnessError):
    """Nobody could look at the footage now; it says nothing about the footage."""

    code = "upload.not_looked_at"


def read_back(
    pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding
) -> tuple[Digest, Seen]:
    """Read every byte back, and have a child process look at it meanwhile.

    Raises:
        PiecesIncomplete, PieceInvalid, BlobMissing: as `vault.reading.read_back`.
        NotLookedAt: all was read back, and then could not be read once more.
    """
    looking = _Looking(pieces, store=store, binding=binding)
    looking.start()
    try:
        digest = reading.read_back(pieces, store=store, binding=binding, reached=looking.reach)
    finally:
        looking.finish()
    return digest, looking.seen()


class _Looking(threading.Thread):
    """Has a child look at what has been read back, while more is being read back."""

    def __init__(
        self, pieces: Sequence[SealedPiece], *, store: BlobStore, binding: Binding
    ) -> None:
        super().__init__(name="looking", daemon=True)
        self._pieces = pieces
        self._store = store
        self._binding = binding
        self._changed = threading.Condition()
        self._end = 0
        self._over = False
        self._found: Seen | Exception | None = None

    def run(self) -> None:
        try:
            with SealedReader(self._pieces, store=self._store, binding=self._binding) as reader:
                self._found = _look(_Following(reader, self._wait_for))
        except Exception as error:  # noqa: BLE001 # it is raised again where the result is awaited
            self._found = error

    def reach(self, end: int) -> None:
        """All bytes before `end` have been read back."""
        with self._changed:
            self._end = end
            self._changed.notify()

    def finish(self) -> None:
        """No more will be read back: wait until all that was has been looked at."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self.join()

    def seen(self) -> Seen:
        """What was seen, once finished.

        Raises:
            NotLookedAt: what was read back could not be read again.
        """
        if isinstance(self._found, FairwitnessError):
            raise NotLookedAt(self._found.message) from self._found
        if isinstance(self._found, Exception):
            raise self._found
        return self._found or NOTHING

    def _wait_for(self, end: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._end >= end)
            if self._end < end:
                raise NotLookedAt("The footage was not read back as far as that.")


class _Following:
    """Footage of which only what has been read back can be read; to read on is to wait."""

    def __init__(self, reader: SealedReader, wait_for: Callable[[int], None]) -> None:
        self._reader = reader
        self._wait_for = wait_for
        self.size = reader.size

    def read(self, offset: int, length: int) -> bytes:
        """As `SealedReader.read`."""
        self._wait_for(min(offset + length, self.size))
        return self._reader.read(offset, length)


def _look(footage: Footage) -> Seen:
    """Have a child process look at this footage."""
    try:
        found = probe.probe(footage)
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
