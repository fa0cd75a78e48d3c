"""One picture of a recording, as a JPEG, for lists and players."""

from dataclasses import dataclass

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, Output, limits_for

MEDIA_TYPE = "image/jpeg"
WIDTH = 640
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Poster:
    """A JPEG, its size in pixels, and the time in the recording that it shows."""

    jpeg: bytes
    width: int
    height: int
    at_ms: int


def make_poster(
    footage: Footage,
    *,
    at_ms: int = 0,
    width: int = WIDTH,
    limits: Limits | None = None,
) -> Poster:
    """Make a picture of `footage` at or soon before `at_ms`, at most `width` pixels wide.

    Args:
        footage: a master or working copy.
        at_ms: milliseconds from the beginning; later than the end means the last that decodes.
        width: pixels; a smaller picture is left as it is.
        limits: of the child.

    Raises:
        MediaUnreadable: nothing in it decodes to a picture.
    """
    jpeg = bytearray()
    facts = child.run(
        "poster",
        footage,
        options={"at_ms": at_ms, "width": width},
        output=Output(begin=lambda _total: None, write=jpeg.extend),
        limits=limits or limits_for(footage, output=_LARGEST),
    )
    answer = Answer(facts)
    return Poster(
        jpeg=bytes(jpeg),
        width=answer.number("width"),
        height=answer.number("height"),
        at_ms=answer.number("at_ms"),
    )
