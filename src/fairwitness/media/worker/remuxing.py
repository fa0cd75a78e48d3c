"""Copying packets into an MP4 whose index comes first, without ever holding the file.

libav writes the index (`moov`) last. Pass 1 lets it write into a sink that keeps only the first
bytes and the index, and counts the rest. The index's chunk offsets are then moved by its own
length. Pass 2 writes the same packets again; this time the sink hands the picture data on as it
passes. Memory holds the index, never the pictures.
"""

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from fairwitness.formats import boxes
from fairwitness.media.worker import index_box
from fairwitness.media.worker.opening import Refused, opened, readable, refusal
from fairwitness.media.worker.reading import Remote

if TYPE_CHECKING:
    from av.packet import Packet

Facts = dict[str, object]

_HEAD = 256
_BURST = 1 << 20
_MOST_WAITING = 64


def remux(
    remote: Remote,
    *,
    begin: Callable[[int], None],
    write: Callable[[bytes], None],
) -> Facts:
    """Make the working copy; see the module.

    Args:
        remote: the master.
        begin: told the size before the first byte.
        write: given the bytes in order.

    Raises:
        Refused: the master can't be read, or MP4 can't carry what is in it.
    """
    index = _IndexSink()
    duration_ms = _mux(remote, index, closing=index.keep)
    moov, head, data = index.parts()
    moov = index_box.moved(moov)
    total = len(head.ftyp) + len(moov) + len(head.data_header) + data
    begin(total)
    write(head.ftyp + moov + head.data_header)
    emitting = _EmittingSink(start=head.length, length=data, write=write)
    _mux(remote, emitting, closing=lambda: None)
    if emitting.emitted != data:
        raise Refused("media.unreadable", "The footage changed while it was being read.")
    version = ".".join(str(part) for part in av.library_versions["libavformat"])
    return {
        "size": total,
        "duration_ms": duration_ms,
        "tool": f"PyAV {av.__version__}, libavformat {version}",
    }


class _Head:
    """The first boxes: type, perhaps free space, and the header of the picture data."""

    def __init__(self, first: bytes) -> None:
        ftyp, *between = boxes.walk(_reader(first), start=0, stop=_first_data(first))
        self.ftyp = first[ftyp.offset : ftyp.end]
        self.length = _data_body(first)
        start = between[0].offset if between else ftyp.end
        self.data_header = first[start : self.length]


class _Sink:
    """A file that only remembers where it is."""

    def __init__(self) -> None:
        self.position = 0
        self.end = 0

    def write(self, data: bytes) -> int:
        """Take bytes at the position."""
        self._take(self.position, bytes(data))
        self.position += len(data)
        self.end = max(self.end, self.position)
        return len(data)

    def _take(self, position: int, data: bytes) -> None:
        raise NotImplementedError

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; gives the new position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.end}
        self.position = base[whence] + offset
        return self.position

    def tell(self) -> int:
        """Give the position."""
        return self.position


class _IndexSink(_Sink):
    """Pass 1: keeps the first bytes, and what is written once `keep` was called."""

    def __init__(self) -> None:
        super().__init__()
        self._head = bytearray(_HEAD)
        self._tail: bytearray | None = None
        self._tail_at = 0

    def keep(self) -> None:
        """From now on keep what is written: the muxer is about to write the index."""
        self._tail = bytearray()
        self._tail_at = self.end

    def _take(self, position: int, data: bytes) -> None:
        if position < _HEAD:
            part = data[: _HEAD - position]
            self._head[position : position + len(part)] = part
        if self._tail is not None and position + len(data) > self._tail_at:
            skip = max(0, self._tail_at - position)
            at = position + skip - self._tail_at
            self._tail[at : at + len(data) - skip] = data[skip:]

    def parts(self) -> tuple[bytes, _Head, int]:
        """Give the index, the first boxes, and how many bytes of picture data there were."""
        first = bytes(self._head)
        head = _Head(first)
        data_end = _data_end(first)
        tail = bytes(self._tail or b"")
        read = _reader(tail)
        start = data_end - self._tail_at
        if start < 0:
            raise Refused("media.unreadable", "The index could not be written.")
        for box in boxes.walk(read, start=start, stop=len(tail)):
            if box.kind == "moov":
                return tail[box.offset : box.end], head, data_end - head.length
        raise Refused("media.unreadable", "The index could not be written.")


class _EmittingSink(_Sink):
    """Pass 2: hands on the picture data, in bursts of a mebibyte, and drops the rest."""

    def __init__(self, *, start: int, length: int, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._start = start
        self._length = length
        self._write = write
        self._burst = bytearray()
        self.emitted = 0

    def _take(self, position: int, data: bytes) -> None:
        at = self._start + self.emitted
        if position + len(data) <= at or self.emitted == self._length:
            return
        if position > at:
            raise Refused("media.unreadable", "The footage changed while it was being read.")
        part = data[at - position :][: self._length - self.emitted]
        self._burst += part
        self.emitted += len(part)
        if len(self._burst) >= _BURST or self.emitted == self._length:
            self._write(bytes(self._burst))
            self._burst.clear()


def _mux(remote: Remote, sink: _Sink, *, closing: Callable[[], None]) -> int:
    """Copy all packets into an MP4 written to `sink`; gives the duration in milliseconds."""
    try:
        with (
            opened(remote) as source,
            av.open(sink, mode="w", format="mp4", options={"fflags": "+bitexact"}) as target,
        ):
            streams = _streams(source, target)
            lines = {index: _Line(source.streams[index].time_base) for index in streams}
            for packet in _packets(source, lines):
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
            closing()
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        sentence = "No working copy can be made without encoding it again"
        raise refusal(sentence, error, code="media.unsuited") from None
    return max(line.ends_ms for line in lines.values())


def _streams(source: InputContainer, target: OutputContainer) -> dict[int, Stream]:
    streams: dict[int, Stream] = {}
    for stream in (*source.streams.video, *source.streams.audio):
        if readable(stream):
            streams[stream.index] = target.add_stream_from_template(stream)
    if not source.streams.video or not streams:
        raise Refused("media.no_video", "It has no picture.")
    for name in ("creation_time", "title", "comment"):
        if name in source.metadata:
            target.metadata[name] = source.metadata[name]
    return streams


def _packets(source: InputContainer, lines: "dict[int, _Line]") -> Iterator["Packet[Stream]"]:
    """Yield the packets to copy, each with a decode time later than the one before it."""
    wanted = [source.streams[index] for index in lines]
    try:
        for packet in source.demux(*wanted):
            if packet.size:
                yield from lines[packet.stream.index].timed(packet)
    except av.error.InvalidDataError:
        pass  # cut or damaged from here on: what came before is the working copy
    for line in lines.values():
        yield from line.rest()


class _Line:
    """Decode times of one stream: MP4 wants them all, and each later than the last.

    Some containers leave them out for the first pictures; those wait until one is known, and get
    the times before it.
    """

    def __init__(self, time_base: Fraction | None) -> None:
        self._time_base = time_base or Fraction(1, 1000)
        self._last: int | None = None
        self._end = 0
        self._waiting: list[Packet[Stream]] = []

    @property
    def ends_ms(self) -> int:
        """When the last picture or sound ends, in milliseconds."""
        return max(0, round(self._end * self._time_base * 1000))

    def timed(self, packet: "Packet[Stream]") -> "Iterable[Packet[Stream]]":
        """Give the packets that can now be written."""
        if packet.dts is not None and not self._waiting:
            return (self._stamped(packet),)
        return self._sorted_out(packet)

    def _sorted_out(self, packet: "Packet[Stream]") -> Iterator["Packet[Stream]"]:
        if packet.dts is None and self._last is None and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(packet)
            return
        if packet.dts is None and packet.pts is not None and self._last is None:
            packet.dts = packet.pts
        yield from self._before(packet)
        yield self._stamped(packet)

    def rest(self) -> Iterator["Packet[Stream]"]:
        """At the end: pictures of a stream that never told a decode time."""
        waiting, self._waiting = self._waiting, []
        for packet in waiting:
            yield self._stamped(packet)

    def _before(self, packet: "Packet[Stream]") -> Iterator["Packet[Stream]"]:
        waiting, self._waiting = self._waiting, []
        step = max(1, packet.duration or 1)
        for ahead, earlier in enumerate(waiting):
            if packet.dts is not None:
                earlier.dts = packet.dts - step * (len(waiting) - ahead)
            yield self._stamped(earlier)

    def _stamped(self, packet: "Packet[Stream]") -> "Packet[Stream]":
        dts = packet.dts
        if dts is None:
            dts = self._last + 1 if self._last is not None else packet.pts or 0
        if self._last is not None and dts <= self._last:
            dts = self._last + 1
        packet.dts = self._last = dts
        pts = packet.pts
        if pts is None or pts < dts:
            packet.pts = pts = dts
        self._end = max(self._end, pts + (packet.duration or 0))
        return packet


def _reader(data: bytes) -> boxes.ReadAt:
    return lambda offset, length: data[offset : offset + length]


def _first_data(first: bytes) -> int:
    """Where the `mdat` box begins, by its kind: its size may not fit into these first bytes."""
    offset = 0
    while offset + 8 <= len(first):
        size, kind = struct.unpack(">I4s", first[offset : offset + 8])
        if kind == b"mdat":
            return offset
        offset += max(size, 8)
    raise Refused("media.unreadable", "The index could not be written.")


def _data_body(first: bytes) -> int:
    offset = _first_data(first)
    (size,) = struct.unpack(">I", first[offset : offset + 4])
    return offset + (16 if size == 1 else 8)


def _data_end(first: bytes) -> int:
    offset = _first_data(first)
    (size,) = struct.unpack(">I", first[offset : offset + 4])
    if size == 1:
        (size,) = struct.unpack(">Q", first[offset + 8 : offset + 16])
    return int(offset + size)
