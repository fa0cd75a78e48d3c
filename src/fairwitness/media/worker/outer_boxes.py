"""The outermost boxes of an MP4, walked in step with the reading, so that it is read only once.

libav tells neither where a cut is nor what lies behind the last box. Walking before it reads would
fetch a long file twice; so the walk waits until libav has come past, and its headers are then in
the blocks that are still held.
"""

from collections.abc import Iterator

from fairwitness.formats import boxes
from fairwitness.formats.boxes import Box, BoxInvalid
from fairwitness.media.worker.opening import Refused
from fairwitness.media.worker.reading import Remote

Finding = dict[str, str]

_FIRST = frozenset({"ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "moof", "uuid"})
_HEADER = 16
_MOST = 200_000


class OuterBoxes:
    """The walk. Anything that does not begin like an MP4 is not walked at all."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._walk: Iterator[Box] | None = None
        self._at = 0
        self._kinds: set[str] = set()
        self._last = ""
        self._invalid: BoxInvalid | None = None
        if remote.read_at(4, 4).decode("latin-1") in _FIRST:
            self._walk = boxes.walk(remote.read_at, start=0, stop=remote.size, most=_MOST)

    @property
    def fragmented(self) -> bool:
        """True when fragments have been seen."""
        return "moof" in self._kinds

    def follow(self) -> None:
        """Walk as far as the file has been read."""
        while self._walk is not None and self._at + _HEADER <= self._remote.fetched:
            self._step(self._walk)

    def finish(self) -> None:
        """Walk to the end, reading what has not been read.

        Raises:
            Refused: it is an MP4 without its index.
        """
        is_mp4 = self._walk is not None or bool(self._kinds)
        while self._walk is not None:
            self._step(self._walk)
        if is_mp4 and "moov" not in self._kinds:
            raise Refused(
                "media.no_index",
                "The index that says where the pictures are is missing: the file was probably "
                "cut before it was finished.",
            )

    def findings(self) -> list[Finding]:
        """What is wrong with the boxes."""
        if self._invalid is None:
            if self._last == "moof":
                return [_truncated("Its last fragment has no pictures behind it.")]
            return []
        if self._invalid.truncated:
            return [_truncated(f"It ends in the middle, at byte {self._remote.size}.")]
        return [{"code": "media.trailing", "message": self._invalid.message}]

    def _step(self, walk: Iterator[Box]) -> None:
        try:
            box = next(walk)
        except StopIteration:
            self._walk = None
        except BoxInvalid as invalid:
            self._walk, self._invalid = None, invalid
            self._kinds.add("")  # it began like an MP4
        else:
            self._at, self._last = box.end, box.kind
            self._kinds.add(box.kind)


def _truncated(message: str) -> Finding:
    return {"code": "media.truncated", "message": message}
