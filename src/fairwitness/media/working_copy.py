"""An ordinary MP4, index first, of the same pictures and sound: what browsers play and seek well.

Where browsers play the codecs, nothing is encoded again: packets are copied as they are, so each
frame of the working copy is bit for bit a frame of its master. Memory stays bounded: a first pass
keeps only the index, a second pass emits the bytes.

Else (HEVC, MJPEG, too large, odd codecs) it is encoded to 720p H.264 and AAC. How long that becomes
is not known before, so `encode` gives fragments as they are made; who keeps them, sealed, then has
`make_working_copy` put their index first.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import GIBIBYTE, Footage, Limits, Output, limits_for
from fairwitness.media.probe import Probe

RECIPE = "remux"
RECIPE_VERSION = "1"
MEDIA_TYPE = "video/mp4"
ENCODED = "encode"
ENCODED_VERSION = "1"
_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_SOUND = frozenset({"aac", "mp3", "mp3float"})
_LARGEST_PICTURE = 1920 * 1088
_FASTEST = 25_000_000
"""Bits a second; more than that stutters on a station's network."""
_SLOWEST = 10
"""Seconds of processor time that a second of footage is worth; slower is a hang."""
_RICHEST = 4_000_000
"""Bytes a second that 720p may become; more is no picture."""
_LONGEST = 48 * 3600
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


def plays_in_browsers(found: Probe) -> bool:
    """Whether a browser plays these pictures and this sound as they are, and plays them well."""
    video, sound = found.video, found.sound
    if video is None:
        return False
    seconds_milli = max(found.duration_ms, 1000)
    return (
        video.codec == "h264"
        and video.pixels in _PIXELS
        and video.width * video.height <= _LARGEST_PICTURE
        and (sound is None or sound.codec in _SOUND)
        and found.size * 8000 <= _FASTEST * seconds_milli
    )


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was encoded.

    Attributes:
        size: bytes that `write` was given.
        pictures: how many.
        damaged: packets that did not decode and were passed over.
        width, height: of the upright picture.
        tool: the libraries that made it.
    """

    size: int
    pictures: int
    damaged: int
    width: int
    height: int
    tool: str


def encode(
    footage: Footage,
    *,
    duration_ms: int,
    write: Callable[[bytes], None],
    limits: Limits | None = None,
) -> Encoded:
    """Encode `footage` to 720p H.264 and AAC, in fragments.

    Args:
        footage: the master.
        duration_ms: as probed; bounds the time and the bytes that it may take.
        write: given the bytes in order.
        limits: of the child.

    Raises:
        MediaUnreadable: not one picture decodes, or the child died of it.
    """
    facts = child.run(
        "encoded",
        footage,
        output=Output(begin=None, write=write),
        limits=limits or _limits_for_encoding(footage, duration_ms),
    )
    answer = Answer(facts)
    return Encoded(
        size=answer.number("size"),
        pictures=answer.number("pictures"),
        damaged=answer.number("damaged"),
        width=answer.number("width"),
        height=answer.number("height"),
        tool=answer.text("tool"),
    )


def _limits_for_encoding(footage: Footage, duration_ms: int) -> Limits:
    seconds = min(duration_ms // 1000, _LONGEST)
    cpu_seconds = limits_for(footage, output=0).cpu_seconds + _SLOWEST * seconds
    return Limits(
        memory=2 * GIBIBYTE,
        cpu_seconds=cpu_seconds,
        wall_seconds=4.0 * cpu_seconds,
        output=_INDEX_SHARE + _RICHEST * seconds,
    )
