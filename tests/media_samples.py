"""Footage for media tests: in memory, read at offsets, and a few files of our camera's make."""

from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, cast

import av

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream

from fairwitness.media.working_copy import WorkingCopy, make_working_copy


@dataclass
class Held:
    """Footage in memory; remembers which ranges were read."""

    data: bytes

    def __post_init__(self) -> None:
        self.reads: list[tuple[int, int]] = []
        self.before_read: Callable[[], None] = lambda: None

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        self.before_read()
        self.reads.append((offset, length))
        return self.data[offset : offset + length]


def working_copy(data: bytes) -> tuple[bytes, WorkingCopy]:
    """Make a working copy, checking that what was announced is what came."""
    announced: list[int] = []
    made = bytearray()
    facts = make_working_copy(Held(data), begin=announced.append, write=made.extend)
    assert announced == [len(made)] == [facts.size]
    return bytes(made), facts


def encoded(
    *,
    pictures: int = 20,
    container: str = "mp4",
    codec: str = "libx264",
    sound: str | None = "aac",
    size: tuple[int, int] = (64, 48),
    options: dict[str, str] | None = None,
    sample: bytes = b"\x3e",
) -> bytes:
    """A small file of any container and codec, at 10 pictures a second."""
    file = BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as out:
        video = cast("VideoStream", out.add_stream(codec, rate=10))
        video.width, video.height = size
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        video.codec_context.gop_size = 10
        audio = None
        if sound is not None:
            audio = cast("AudioStream", out.add_stream(sound, rate=48000, layout="mono"))
        for number in range(pictures):
            frame = av.VideoFrame(*size, video.pix_fmt)
            for plane in frame.planes:
                plane.update(bytes([(number * 12) % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            for number in range(pictures * 4800 // 1024):
                part = av.AudioFrame(
                    format=audio.codec_context.format.name, layout="mono", samples=1024
                )
                part.planes[0].update(sample * part.planes[0].buffer_size)
                part.sample_rate, part.pts = 48000, number * 1024
                part.time_base = Fraction(1, 48000)
                out.mux(audio.encode(part))
            out.mux(audio.encode(None))
    return file.getvalue()


def packets(data: bytes) -> list[tuple[str, int, bytes]]:
    """Every packet of a file: kind, time in milliseconds, bytes."""
    with av.open(BytesIO(data), "r") as container:
        found = [
            (packet.stream.type, round((packet.pts or 0) * packet.time_base * 1000), bytes(packet))
            for packet in container.demux()
            if packet.size and packet.time_base is not None
        ]
    return sorted(found)
