"""Footage for media tests: in memory, read at offsets, and a few files of our camera's make."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, cast

import av
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream

from fairwitness.media.working_copy import Encoded, WorkingCopy, encode, make_working_copy


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
    rotation: int = 0,
    times: Sequence[int] | None = None,
    sound_from: float = 0.0,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A small file of any container and codec, at 10 pictures a second.

    The top left quarter of each picture is white, so that it can be seen which way up it is.

    Args:
        rotation: degrees against the clock by which players turn it.
        times: of the pictures in milliseconds, for an uneven rate.
        sound_from: seconds before the sound begins.
    """
    file = BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as out:
        video = cast("VideoStream", out.add_stream(codec, rate=10))
        video.width, video.height = size
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        video.codec_context.gop_size = 10
        out.metadata.update(metadata or {})
        if rotation:
            video.set_display_rotation(rotation)
        if times is not None:
            video.codec_context.time_base = video.time_base = Fraction(1, 1000)
        audio = None
        if sound is not None:
            audio = cast("AudioStream", out.add_stream(sound, rate=48000, layout="mono"))
        for number in range(pictures):
            frame = av.VideoFrame(*size, video.pix_fmt)
            for plane in frame.planes:
                plane.update(bytes([(number * 12) % 256]) * plane.buffer_size)
            mark_corner(frame)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            first = round(sound_from * 48000 / 1024)
            for number in range(first, pictures * 4800 // 1024):
                part = av.AudioFrame(
                    format=audio.codec_context.format.name, layout="mono", samples=1024
                )
                part.planes[0].update(sample * part.planes[0].buffer_size)
                part.sample_rate, part.pts = 48000, number * 1024
                part.time_base = Fraction(1, 48000)
                out.mux(audio.encode(part))
            out.mux(audio.encode(None))
    return file.getvalue()


def mark_corner(frame: av.VideoFrame) -> None:
    """Make the top left quarter white."""
    plane = frame.planes[0]
    data = bytearray(bytes(plane))
    for row in range(plane.height // 2):
        at = row * plane.line_size
        data[at : at + plane.width // 2] = b"\xeb" * (plane.width // 2)
    plane.update(bytes(data))


def white_corner(picture: bytes) -> str:
    """Which quarter of a JPEG, or of an MP4's first picture, is the brightest."""
    if picture.startswith(b"\xff\xd8"):
        image = Image.open(BytesIO(picture)).convert("L")
    else:
        with av.open(BytesIO(picture), "r") as container:
            image = Image.fromarray(next(container.decode(video=0)).to_ndarray(format="gray"))
    half, tall = image.width // 2, image.height // 2
    names = ("top left", "top right", "bottom left", "bottom right")
    quarters = [image.crop((x, y, x + half, y + tall)) for y in (0, tall) for x in (0, half)]
    means = [sum(quarter.tobytes()) / (half * tall) for quarter in quarters]
    return names[means.index(max(means))]


def picture_times(data: bytes, kind: str = "video") -> list[int]:
    """When each picture (or stretch of sound) that decodes is shown, in milliseconds."""
    with av.open(BytesIO(data), "r") as container:
        if kind == "video":
            shown: list[float | None] = [frame.time for frame in container.decode(video=0)]
        else:
            shown = [frame.time for frame in container.decode(audio=0)]
    return [round((time or 0) * 1000) for time in shown]


def encode_again(data: bytes) -> tuple[bytes, Encoded]:
    """Encode, then put the index first, as a working copy of odd footage is made."""
    fragments = bytearray()
    done = encode(Held(data), duration_ms=60_000, write=fragments.extend)
    assert done.size == len(fragments)
    return working_copy(bytes(fragments))[0], done


def box(kind: bytes, body: bytes) -> bytes:
    """An MP4 box."""
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def with_user_data(data: bytes, *inner: bytes) -> bytes:
    """An MP4 whose index is last, with boxes put into the index's `udta`."""
    at = data.rindex(b"moov") - 4
    return data[:at] + box(b"moov", data[at + 8 :] + box(b"udta", b"".join(inner)))


def with_track(
    data: bytes, kind: bytes, samples: Sequence[bytes], *, every_ms: int = 1000
) -> bytes:
    """An MP4 whose index is last, with a data track: a sample a second, behind the index."""
    at = data.rindex(b"moov") - 4
    count = len(samples)

    def full(*words: int) -> bytes:
        return struct.pack(f">{len(words) + 1}I", 0, *words)

    def moov(start: int) -> bytes:
        sizes = struct.pack(f">{count}I", *(len(sample) for sample in samples))
        stbl = (
            box(b"stsd", full(1) + box(kind, bytes(6) + b"\0\1" + bytes(8)))
            + box(b"stts", full(1, count, every_ms))
            + box(b"stsc", full(1, 1, count, 1))
            + box(b"stsz", full(0, count) + sizes)
            + box(b"stco", full(1, start))
        )
        handler = bytes(8) + b"meta" + bytes(12) + b"\0"
        dinf = box(b"dinf", box(b"dref", full(1) + box(b"url ", b"\0\0\0\1")))
        mdia = (
            box(b"mdhd", full(0, 0, 1000, count * every_ms, 0))
            + box(b"hdlr", handler)
            + box(b"minf", box(b"nmhd", bytes(4)) + dinf + box(b"stbl", stbl))
        )
        header = full(0, 0, 77, 0, count * every_ms) + bytes(60)
        trak = box(b"trak", box(b"tkhd", header) + box(b"mdia", mdia))
        return box(b"moov", data[at + 8 :] + trak)

    start = at + len(moov(0)) + 8
    return data[:at] + moov(start) + box(b"mdat", b"".join(samples))


def packets(data: bytes) -> list[tuple[str, int, bytes]]:
    """Every packet of a file: kind, time in milliseconds, bytes."""
    with av.open(BytesIO(data), "r") as container:
        found = [
            (packet.stream.type, round((packet.pts or 0) * packet.time_base * 1000), bytes(packet))
            for packet in container.demux()
            if packet.size and packet.time_base is not None
        ]
    return sorted(found)
