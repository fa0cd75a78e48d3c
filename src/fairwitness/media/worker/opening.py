"""Opening footage with libav, which would gladly follow play lists to other files: not here.

Only plain containers are allowed, none that names another file or address, and no protocol but our
own reader. What libav raises becomes `Refused`, with a code and a sentence.
"""

import contextlib
import os
from collections.abc import Iterator

import av
from av.container import InputContainer
from av.stream import Stream

from fairwitness.formats import boxes
from fairwitness.media.worker.reading import Remote, RemoteFile, RemoteStream

CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,mxf,h264,hevc,mjpeg,wav,aac,mp3"
MOST_STREAMS = 64
LARGEST_PICTURE = 8192 * 8192
THREADS = min(4, os.cpu_count() or 1)
"""For one decoder or encoder: each costs memory, of which the child has little."""
_BUFFER = 256 * 1024
_MOST_PROBED = 32 * 1024 * 1024
_MOST_BEFORE = 16
_PICTURES = frozenset({"mdat", "moof"})
_OPTIONS = {
    "format_whitelist": CONTAINERS,
    "protocol_whitelist": "",
    "enable_drefs": "0",
    "max_streams": str(MOST_STREAMS),
    "probesize": str(_MOST_PROBED),
}


class Refused(Exception):
    """The job can't be done on this footage.

    Attributes:
        code: `media.…`, one of those that `child` knows.
        message: a sentence for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@contextlib.contextmanager
def opened(remote: Remote, *, seeking: bool = False) -> Iterator[InputContainer]:
    """Open the footage; close it afterwards.

    An MP4 whose index comes first is read as a stream, once: left to itself, libav looks through
    all fragments of a file before it begins, and then again.

    Args:
        remote: the footage.
        seeking: the caller will jump about in it.

    Raises:
        Refused: it is no container that we read.
    """
    try:
        container = av.open(
            RemoteFile(remote) if seeking or not _index_first(remote) else RemoteStream(remote),
            mode="r",
            options=_OPTIONS,
            buffer_size=_BUFFER,
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, ValueError, OSError, EOFError) as error:
        raise refusal("This is not footage that can be read", error) from None
    with container:
        for stream in container.streams.video:
            if readable(stream) and stream.width * stream.height > LARGEST_PICTURE:
                raise Refused(
                    "media.unreadable",
                    f"The picture claims {stream.width} by {stream.height} pixels, too many.",
                )
            if readable(stream):  # a picture may be larger than its container says
                stream.codec_context.options = {"max_pixels": str(LARGEST_PICTURE)}
                stream.codec_context.thread_count = THREADS
        yield container


def _index_first(remote: Remote) -> bool:
    """True for an MP4 whose `moov` comes before its pictures."""
    try:
        for box in boxes.walk(remote.read_at, start=0, stop=remote.size, most=_MOST_BEFORE):
            if box.kind in _PICTURES or box.kind == "moov":
                return box.kind == "moov"
    except boxes.BoxInvalid:
        pass
    return False


def readable(stream: Stream) -> bool:
    """True for a stream that libav has a decoder for; PyAV's types do not tell."""
    return getattr(stream, "codec_context", None) is not None


def refusal(
    sentence: str,
    error: Exception,
    *,
    code: str = "media.unreadable",
) -> Refused:
    """What to raise for an error of libav: out of memory is told apart from bad footage."""
    if isinstance(error, MemoryError):
        return Refused("media.memory", "Reading this footage needs too much memory.")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Refused(code, f"{sentence}: {reason}."[:400])
