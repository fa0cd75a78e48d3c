"""Pictures decoded, turned upright, scaled and encoded as a JPEG: one, or a strip of them."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fairwitness.media.worker.opening import Refused, opened, readable, refusal
from fairwitness.media.worker.reading import Remote
from fairwitness.media.worker.turning import Upright, fitted

_MOST_DECODED = 900
_MOST_FOR_A_STILL = 30
_NARROWEST = 16
_PIXELS = "yuvj420p"


def poster(remote: Remote, *, at_ms: int, width: int) -> tuple[bytes, dict[str, object]]:
    """Give a JPEG of the picture at `at_ms`, and its facts.

    Raises:
        Refused: nothing decodes to a picture.
    """
    try:
        with opened(remote, seeking=at_ms > 0) as container:
            stream = _video(container)
            frame = _frame_at(container, stream, at_ms)
            return _poster(frame, max(_NARROWEST, width), stream.sample_aspect_ratio or None)
    except (av.error.FFmpegError, ValueError) as error:
        raise refusal("No picture can be decoded", error) from None


def strip(
    remote: Remote, *, duration_ms: int, stills: int, width: int, height: int
) -> tuple[bytes, dict[str, object]]:
    """Give a JPEG of `stills` pictures side by side, one of each share of the recording.

    Raises:
        Refused: nothing decodes to a picture.
    """
    sheet = bytearray(stills * width * height)
    chroma = [bytearray(b"\x80" * (len(sheet) // 4)) for _ in range(2)]
    found = 0
    try:
        with opened(remote, seeking=True) as container:
            stream = _video(container)
            aspect = stream.sample_aspect_ratio or None
            for number, frame in _stills(container, stream, duration_ms, stills):
                small = _boxed(frame, width, height, aspect)
                planes = (sheet, *chroma)
                for plane, whole in zip(small.planes, planes, strict=True):
                    _paste(plane, whole, number=number, stills=stills)
                found += 1
    except (av.error.FFmpegError, ValueError) as error:
        raise refusal("No picture can be decoded", error) from None
    if not found:
        raise Refused("media.unreadable", "Not one picture could be decoded.")
    made = VideoFrame(stills * width, height, _PIXELS)
    for plane, data in zip(made.planes, (sheet, *chroma), strict=True):
        row = len(data) // plane.height
        padding = bytes(plane.line_size - row)
        rows = (bytes(data[at : at + row]) + padding for at in range(0, len(data), row))
        plane.update(b"".join(rows))
    return _jpeg(made), {"stills": stills}


def _stills(
    container: InputContainer, stream: VideoStream, duration_ms: int, stills: int
) -> Iterator[tuple[int, VideoFrame]]:
    """The first picture that decodes at or after the beginning of each share."""
    start = container.start_time or 0
    for number in range(stills):
        at_ms = duration_ms * number // stills
        try:
            container.seek(start + at_ms * 1000)
            frame = _decode(container, stream, start // 1000 + at_ms, most=_MOST_FOR_A_STILL)
        except av.error.FFmpegError:
            continue
        if frame is not None:
            yield number, frame


def _paste(
    source: av.video.plane.VideoPlane, sheet: bytearray, *, number: int, stills: int
) -> None:
    data, width = bytes(source), source.width
    for row in range(source.height):
        at = (row * stills + number) * width
        sheet[at : at + width] = data[row * source.line_size : row * source.line_size + width]


def _video(container: InputContainer) -> VideoStream:
    if not container.streams.video or not readable(container.streams.video[0]):
        raise Refused("media.no_video", "It has no picture.")
    return container.streams.video[0]


def _frame_at(container: InputContainer, stream: VideoStream, at_ms: int) -> VideoFrame:
    if at_ms:
        container.seek(at_ms * 1000)
    frame = _decode(container, stream, at_ms)
    if frame is None and at_ms:  # past the end: take the last that decodes from the beginning
        container.seek(0)
        frame = _decode(container, stream, at_ms)
    if frame is None:
        raise Refused("media.unreadable", "Not one picture could be decoded.")
    return frame


def _decode(
    container: InputContainer, stream: VideoStream, at_ms: int, *, most: int = _MOST_DECODED
) -> VideoFrame | None:
    chosen = None
    try:
        for count, frame in enumerate(container.decode(stream)):
            chosen = frame
            if (frame.time or 0.0) * 1000 >= at_ms or count >= most:
                break
    except av.error.FFmpegError:
        if chosen is None:
            raise
    return chosen


def _poster(
    frame: VideoFrame, width: int, aspect: Fraction | None
) -> tuple[bytes, dict[str, object]]:
    at_ms = max(0, round((frame.time or 0.0) * 1000))
    wide, high = fitted(frame, long_side=width, short_side=width, aspect=aspect)
    small = Upright(width=wide, height=high, pixels=_PIXELS).turned(frame)
    return _jpeg(small), {"width": wide, "height": high, "at_ms": at_ms}


def _boxed(frame: VideoFrame, width: int, height: int, aspect: Fraction | None) -> VideoFrame:
    """The whole picture within a box of this size, black beside it."""
    wide, high = fitted(frame, long_side=width, short_side=height, aspect=aspect)
    if wide < high:
        wide, high = max(2, wide * height // high // 2 * 2), height
    return Upright(width=wide, height=high, pixels=_PIXELS, box=(width, height)).turned(frame)


def _jpeg(picture: VideoFrame) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = picture.width, picture.height
    encoder.pix_fmt = _PIXELS
    encoder.time_base = Fraction(1, 25)
    picture.pts = 0
    picture.time_base = encoder.time_base
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
