"""An ordinary MP4, index first, of the same pictures and sound: what browsers play and seek well.

Nothing is encoded again: packets are copied as they are, so each frame of the working copy is bit
for bit a frame of its master. Memory stays bounded: a first pass keeps only the index, a second
pass emits the bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, Output, limits_for

RECIPE = "remux"
RECIPE_VERSION = "1"
MEDIA_TYPE = "video/mp4"
_INDEX_SHARE = 64 * 1024 * 1024
"""How much larger than its master a working copy may be, in bytes: its index."""


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """What was made.

    Attributes:
        size: bytes that `write` was given.
        duration_ms: of its longest stream.
        tool: the libraries that made it, for its derivative statement.
    """

    size: int
    duration_ms: int
    media_type: str
    tool: str


def make_working_copy(
    footage: Footage,
    *,
    begin: Callable[[int], None],
    write: Callable[[bytes], None],
    limits: Limits | None = None,
) -> WorkingCopy:
    """Remux `footage` into a faststart MP4.

    Args:
        footage: the master.
        begin: told the exact size once, before the first byte.
        write: given the bytes in order.
        limits: of the child; by default its output may be as long as the master and an index.

    Raises:
        MediaUnreadable: the master can't be read (`media.unreadable`, ...), or MP4 can't carry its
            codecs without encoding them again (`media.unsuited`).
    """
    facts = child.run(
        "working_copy",
        footage,
        output=Output(begin=begin, write=write),
        limits=limits or limits_for(footage, output=footage.size + _INDEX_SHARE),
    )
    answer = Answer(facts)
    return WorkingCopy(
        size=answer.number("size"),
        duration_ms=answer.number("duration_ms"),
        media_type=MEDIA_TYPE,
        tool=answer.text("tool"),
    )
