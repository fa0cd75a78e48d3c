"""One picture, decoded, scaled and encoded as a JPEG."""

from fractions import Fraction

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fairwitness.media.worker.opening import Refused, opened, readable, refusal
from fairwitness.media.worker.reading import Remote

_MOST_DECODED = 900
_NARROWEST = 16


def poster(remote: Remote, *, at_ms: int, width: int) -> tuple[bytes, dict[str, object]]:
    """Give a JPEG of the picture at `at_ms`, and its facts.

    Raises:
        Refused: nothing decodes to a picture.
    """
    try:
        with opened(remote, seeking=at_ms > 0) as container:
            frame = _frame_at(container, at_ms)
            return _jpeg(frame, width)
    except (av.error.FFmpegError, ValueError) as error:
        raise refusal("No picture can be decoded", error) from None


def _frame_at(container: InputContainer, at_ms: int) -> VideoFrame:
    if not container.streams.video or not readable(container.streams.video[0]):
        raise Refused("media.no_video", "It has no picture.")
    stream = container.streams.video[0]
    if at_ms:
        container.seek(at_ms * 1000)
    frame = _decode(container, stream, at_ms)
    if frame is None and at_ms:  # past the end: take the last that decodes from the beginning
        container.seek(0)
        frame = _decode(container, stream, at_ms)
    if frame is None:
        raise Refused("media.unreadable", "Not one picture could be decoded.")
    return frame


def _decode(container: InputContainer, stream: VideoStream, at_ms: int) -> VideoFrame | None:
    chosen = None
    try:
        for count, frame in enumerate(container.decode(stream)):
            chosen = frame
            if (frame.time or 0.0) * 1000 >= at_ms or count >= _MOST_DECODED:
                break
    except av.error.FFmpegError:
        if chosen is None:
            raise
    return chosen


def _jpeg(frame: VideoFrame, width: int) -> tuple[bytes, dict[str, object]]:
    width = max(_NARROWEST, min(width, frame.width)) // 2 * 2
    height = max(_NARROWEST, round(frame.height * width / max(frame.width, 1))) // 2 * 2
    small = frame.reformat(width=width, height=height, format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    small.pts = 0
    small.time_base = encoder.time_base
    packets = [*encoder.encode(small), *encoder.encode(None)]
    at_ms = max(0, round((frame.time or 0.0) * 1000))
    facts: dict[str, object] = {"width": width, "height": height, "at_ms": at_ms}
    return b"".join(bytes(packet) for packet in packets), facts
