"""The signatures inside a video: a lane of its time line, a line of words, rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.x509 import Certificate
from django.conf import settings

from fairwitness.evidence import seals
from fairwitness.evidence.models import Recording, SealVerdict, VideoSeals
from fairwitness.formats import video_words
from fairwitness.formats.video_groups import GroupState

_WIDTH: Final = 1000
_NARROWEST: Final = 4
_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        GroupState.INTACT: "signed",
        GroupState.MISSING: "gaps",
        GroupState.CHANGED: "broken",
        GroupState.UNCOVERED: "bare",
    }
)
_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        GroupState.INTACT: "Signed inside the video, and intact",
        GroupState.MISSING: "Signed, but pictures are missing",
        GroupState.CHANGED: "Changed since it was signed",
        GroupState.UNCOVERED: "Not covered by a signature",
    }
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the lane, in thousandths of the recording; its form says what was found."""

    form: str
    x: int
    width: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is drawn and said; no marks when there is nothing to draw."""

    marks: tuple[Mark, ...]
    words: str
    table: tuple[tuple[str, str], ...]

    @property
    def forms(self) -> set[str]:
        """Which forms the key explains."""
        return {mark.form for mark in self.marks}


def signatures(recording: Recording) -> Signatures:
    """What was found of the signatures inside a recording's video when it arrived."""
    found: VideoSeals | None = getattr(recording, "seals", None)
    if found is None:
        return Signatures((), "nobody has looked for signatures inside this video", ())
    if found.verdict == SealVerdict.NOT_SIGNED:
        return Signatures((), "there are none inside this video", ())
    if found.verdict == SealVerdict.UNCHECKED:
        return Signatures((), "the video could not be looked into", ())
    total = max([1, recording.duration_ms, *(span["to_ms"] for span in found.spans)])
    marks = tuple(_mark(span, total) for span in found.spans)
    table = tuple(_row(span) for span in found.spans)
    return Signatures(marks, _words(found, settings.VIDEO_ROOTS), table)


def _mark(span: Mapping[str, int | str], total: int) -> Mark:
    start, end = int(span["from_ms"]), int(span["to_ms"])
    x = min(_WIDTH - _NARROWEST, start * _WIDTH // total)
    width = max(_NARROWEST, min(_WIDTH - x, (end - start) * _WIDTH // total))
    return Mark(_FORMS[str(span["state"])], x, width)


def _row(span: Mapping[str, int | str]) -> tuple[str, str]:
    start, end = (video_words.moment(int(span[name])) for name in ("from_ms", "to_ms"))
    first, last = span["first"], span["last"]
    groups = f"group {first} of pictures" if first == last else f"groups {first} to {last}"
    detail = f": {span['detail']}" if span["detail"] else ""
    return f"{start} to {end}", f"{_STATES[str(span['state'])]}: {groups}{detail}"


def _words(found: VideoSeals, roots: Sequence[Certificate]) -> str:
    total = found.intact + found.missing + found.changed + found.uncovered
    end = ", but not all of it was read" if found.problem else ""
    words = f"{found.get_verdict_display()}{end}. "
    words += f"{found.intact} of {total} groups of pictures are what was signed"
    if found.changed:
        words += f", {found.changed} changed"
    if found.missing:
        words += f", {found.missing} with pictures missing"
    if found.uncovered:
        words += f", {found.uncovered} not covered"
    return f"{words}. By {seals.vouched(found, roots=roots)}" if found.signer else words
