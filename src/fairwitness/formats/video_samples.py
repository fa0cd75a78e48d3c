"""Where the pictures lie in an MP4 file: its H.264 or H.265 track, sample by sample, in order.

Plain files say it in tables, fragmented ones fragment by fragment; a file may do both. Tables are
read in blocks, so memory stays bounded whatever a file claims, and no more bytes are ever named
than the file has, so the work is bounded too. Specification: docs/specs/signed-video.md.
"""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fairwitness.formats import boxes
from fairwitness.formats.boxes import Box, BoxInvalid, ReadAt
from fairwitness.formats.errors import FormatError
from fairwitness.formats.video_tables import Table, chunked, timed

_MOST_CHILDREN: Final = 10_000
_MOST_SAMPLES: Final = 6_000_000
"""More than a day at sixty a second."""
_ENTRY_HEAD: Final = 78
"""Bytes of a visual sample entry before its boxes."""
_CODECS: Final = {
    "avc1": ("avcC", 4),
    "avc3": ("avcC", 4),
    "hvc1": ("hvcC", 21),
    "hev1": ("hvcC", 21),
}
"""By the kind of sample entry: the box that configures it, and where that holds the size."""


class VideoUnknown(FormatError):
    """A file in which there is no video that we can look into; or its tables can't be."""

    code = "format.video"


class Codec(StrEnum):
    """The two families of video that can carry signatures."""

    H264 = "h264"
    H265 = "h265"


@dataclass(frozen=True, slots=True)
class Track:
    """The video track.

    Attributes:
        number: its track id.
        codec: which family.
        length_size: how many bytes say how long a unit is: 1 to 4.
        timescale: units of time a second.
        table: the box with its tables.
        duration: of a sample in fragments that do not say.
        size: of a sample in fragments that do not say.
    """

    number: int
    codec: Codec
    length_size: int
    timescale: int
    table: Box
    duration: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: its place in the file, and its time of decoding in milliseconds."""

    offset: int
    size: int
    at_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Timed:
    """The same, in the track's own units of time."""

    offset: int
    size: int
    at: int
    duration: int


def find_track(read: ReadAt, *, size: int) -> Track:
    """Find the first H.264 or H.265 track.

    Raises:
        VideoUnknown: there is none, or this is no MP4.
        BoxInvalid: its index is damaged.
    """
    moov = _first(read, "moov", 0, size)
    if moov is None:
        raise VideoUnknown("This is no MP4 with an index, so we can't look into it.")
    for trak in _children(read, moov):
        track = _track(read, trak) if trak.kind == "trak" else None
        if track is not None:
            return _with_defaults(read, moov, track)
    raise VideoUnknown("It has no H.264 or H.265 video.")


def has_other_pictures(read: ReadAt, *, size: int) -> bool:
    """Whether an index has more than one track of pictures, of whatever codec; up to damage."""
    found = 0
    with contextlib.suppress(BoxInvalid):
        moov = _first(read, "moov", 0, size)
        for box in _children(read, moov) if moov is not None else ():
            if box.kind == "trak":
                found += _is_video(read, _inside(read, box, "mdia", "hdlr"))
    return found > 1


def samples(read: ReadAt, track: Track, *, size: int) -> Iterator[Sample]:
    """Yield the track's samples in the order in which they are decoded.

    Raises:
        VideoUnknown: the tables can't be; samples before that have been yielded.
        BoxInvalid: the file is damaged or cut; the same.
    """
    first: int | None = None
    left = size
    for count, timed_ in enumerate(_timed_samples(read, track, size)):
        left -= timed_.size
        if left < 0 or timed_.offset + timed_.size > size or count > _MOST_SAMPLES:
            raise VideoUnknown("It names more pictures than it has bytes, or than any film.")
        first = timed_.at if first is None else first
        at = max(0, timed_.at - first)
        yield Sample(
            offset=timed_.offset,
            size=timed_.size,
            at_ms=at * 1000 // track.timescale,
            end_ms=(at + timed_.duration) * 1000 // track.timescale,
        )


def _timed_samples(read: ReadAt, track: Track, size: int) -> Iterator[_Timed]:
    yield from _from_tables(read, track)
    time = 0
    for box in boxes.walk(read, start=0, stop=size):
        if box.kind == "moof":
            for sample in _fragment(read, box, track, time):
                time = sample.at + sample.duration
                yield sample


def _from_tables(read: ReadAt, track: Track) -> Iterator[_Timed]:
    found = {box.kind: box for box in _children(read, track.table)}
    if not {"stsz", "stsc", "stts"} <= found.keys() or not {"stco", "co64"} & found.keys():
        raise VideoUnknown("Its table of pictures is not whole.")
    sizes = Table(read, found["stsz"], width=4, head=12)
    (fixed, count) = struct.unpack(">II", sizes.head[4:12])
    offsets = found.get("stco") or found["co64"]
    places = Table(read, offsets, width=4 if offsets.kind == "stco" else 8)
    chunks = chunked(Table(read, found["stsc"], width=12), places, count)
    times = timed(Table(read, found["stts"], width=8))
    place = 0
    for number, start in enumerate(chunks):
        sample_size = fixed or sizes.number(number)
        place = place if start is None else start
        at, duration = next(times)
        yield _Timed(place, sample_size, at, duration)
        place += sample_size


# Fragments


@dataclass(slots=True)
class _Run:
    """What the samples of one track in one fragment have in common, and where they go on."""

    base: int
    place: int
    time: int
    duration: int
    size: int


def _fragment(read: ReadAt, moof: Box, track: Track, time: int) -> Iterator[_Timed]:
    for number, traf in enumerate(box for box in _children(read, moof) if box.kind == "traf"):
        parts = list(_children(read, traf))
        head = next((box for box in parts if box.kind == "tfhd"), None)
        if head is None:
            raise VideoUnknown("A fragment does not say of what track it is.")
        run = _run_head(read, head, moof, track, time)
        if run is None:
            continue
        if run.base < 0 and number:
            raise VideoUnknown("A fragment does not say where its pictures lie.")
        run.base = run.place = moof.offset if run.base < 0 else run.base
        for box in parts:
            if box.kind == "tfdt":
                run.time = _decode_time(read, box)
            elif box.kind == "trun":
                yield from _run(read, box, run)


def _run_head(read: ReadAt, box: Box, moof: Box, track: Track, time: int) -> _Run | None:
    """Read a `tfhd`; None when it is of another track. A base of -1 is the usual one."""
    data = _body(read, box, 40)
    flags, number = struct.unpack(">II", data[:8].ljust(8, b"\0"))
    if number != track.number:
        return None
    place, values = 8, {}
    for flag, width in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4)):
        if flags & flag:
            values[flag] = int.from_bytes(data[place : place + width], "big")
            place += width
    base = values.get(0x1, moof.offset if flags & 0x20000 else -1)
    return _Run(base, base, time, values.get(0x8, track.duration), values.get(0x10, track.size))


def _decode_time(read: ReadAt, box: Box) -> int:
    data = _body(read, box, 12)
    return int.from_bytes(data[4:12] if data[:1] == b"\1" else data[4:8], "big")


def _run(read: ReadAt, box: Box, run: _Run) -> Iterator[_Timed]:
    head = _body(read, box, 16).ljust(16, b"\0")
    flags, count = struct.unpack(">II", head[:8])
    flags &= 0xFFFFFF
    begins = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    if flags & 0x1:
        run.place = run.base + int.from_bytes(head[8:12], "big", signed=True)
    fields = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    width = 4 * len(fields)
    table = Table(read, box, width=width, head=begins, count=count) if width else None
    if table is None and count > box.size and not run.size:
        raise VideoUnknown("A fragment names more pictures than it has bytes.")
    for number in range(count):
        entry = table.entry(number) if table is not None else b""
        values = {
            flag: int.from_bytes(entry[4 * at : 4 * at + 4], "big")
            for at, flag in enumerate(fields)
        }
        duration, size = values.get(0x100, run.duration), values.get(0x200, run.size)
        if run.place < 0:
            raise VideoUnknown("A fragment's pictures lie before the file.")
        yield _Timed(run.place, size, run.time, duration)
        run.place += size
        run.time += duration


# Boxes


def _first(read: ReadAt, kind: str, start: int, stop: int) -> Box | None:
    """The first box of a kind; what is damaged after it does not matter."""
    for box in boxes.walk(read, start=start, stop=stop):
        if box.kind == kind:
            return box
    return None


def _children(read: ReadAt, box: Box) -> Iterator[Box]:
    return boxes.walk(read, start=box.body, stop=box.end, most=_MOST_CHILDREN)


def _inside(read: ReadAt, box: Box, *kinds: str) -> Box | None:
    found: Box | None = box
    for kind in kinds:
        found = _first(read, kind, found.body, found.end) if found is not None else None
    return found


def _body(read: ReadAt, box: Box, most: int) -> bytes:
    return read(box.body, min(most, box.end - box.body))


def _track(read: ReadAt, trak: Box) -> Track | None:
    mdia = _inside(read, trak, "mdia")
    head = _inside(read, trak, "tkhd")
    if mdia is None or head is None:
        return None
    handler, clock = _inside(read, mdia, "hdlr"), _inside(read, mdia, "mdhd")
    table = _inside(read, mdia, "minf", "stbl")
    if handler is None or clock is None or table is None:
        return None
    if not _is_video(read, handler):
        return None
    found = _configuration(read, table)
    timescale = _versioned(_body(read, clock, 24), 12, 20)
    if found is None or timescale == 0:
        return None
    codec, length_size = found
    return Track(_versioned(_body(read, head, 24), 12, 20), codec, length_size, timescale, table)


def _is_video(read: ReadAt, handler: Box | None) -> bool:
    return handler is not None and _body(read, handler, 12)[8:12] == b"vide"


def _versioned(data: bytes, short: int, long: int) -> int:
    """A 32-bit number of a box whose version 1 has longer times before it."""
    place = long if data[:1] == b"\1" else short
    return int.from_bytes(data[place : place + 4], "big")


def _configuration(read: ReadAt, table: Box) -> tuple[Codec, int] | None:
    stsd = _inside(read, table, "stsd")
    if stsd is None:
        return None
    for entry in boxes.walk(read, start=stsd.body + 8, stop=stsd.end, most=_MOST_CHILDREN):
        kind, place = _CODECS.get(entry.kind, ("", 0))
        box = _first(read, kind, entry.body + _ENTRY_HEAD, entry.end) if kind else None
        data = b"" if box is None else _body(read, box, place + 1)
        if len(data) > place:
            codec = Codec.H264 if kind == "avcC" else Codec.H265
            return codec, (data[place] & 3) + 1
    return None


def _with_defaults(read: ReadAt, moov: Box, track: Track) -> Track:
    """The track with what `mvex` says of its fragments."""
    mvex = _first(read, "mvex", moov.body, moov.end)
    for box in _children(read, mvex) if mvex is not None else ():
        data = _body(read, box, 24) if box.kind == "trex" else b""
        if len(data) == 24 and int.from_bytes(data[4:8], "big") == track.number:  # noqa: PLR2004 (all of it)
            duration, size = struct.unpack(">II", data[12:20])
            return replace(track, duration=duration, size=size)
    return track
