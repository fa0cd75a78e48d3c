"""Walking the boxes of an MP4 file (ISO/IEC 14496-12) without trusting a single size.

A box is a 32-bit size, a four-letter kind and a body; size 1 says that a 64-bit size follows, size
0 that the box runs to the end of the file. The walker reads sixteen bytes a box, never a body, so
its memory is bounded whatever the file claims. It stops at the first box that does not fit.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fairwitness.formats.errors import FormatError

ReadAt = Callable[[int, int], bytes]
"""Gives up to `length` bytes at `offset`; fewer only at the end."""

CONTAINERS = frozenset(
    {"moov", "trak", "mdia", "minf", "stbl", "edts", "mvex", "moof", "traf", "mfra"},
)
MOST_BOXES = 1_000_000
_HEADER = 8
_LONG_HEADER = 16
_SIZE_FOLLOWS = 1
_TO_THE_END = 0


class BoxInvalid(FormatError):
    """A box that cannot be: it runs past its parent, or is smaller than its own header.

    Attributes:
        offset: where in the file the box begins.
        truncated: True when the file may merely have been cut: the box says that it goes on
            beyond the end.
    """

    code = "format.box"

    def __init__(self, message: str, *, offset: int, truncated: bool) -> None:
        super().__init__(message)
        self.offset = offset
        self.truncated = truncated


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where it begins and what it claims, checked to fit into its parent."""

    kind: str
    offset: int
    header: int
    size: int

    @property
    def body(self) -> int:
        """The offset of the first byte after the header."""
        return self.offset + self.header

    @property
    def end(self) -> int:
        """The offset of the first byte after the box."""
        return self.offset + self.size


def walk(read: ReadAt, *, start: int, stop: int, most: int = MOST_BOXES) -> Iterator[Box]:
    """Yield the boxes that lie side by side from `start` to `stop`, in order.

    Args:
        read: gives bytes of the file.
        start: offset of the first box.
        stop: where the parent (or the file) ends.
        most: how many boxes are believed before the file is called hostile.

    Raises:
        BoxInvalid: at the first box that does not fit; those before it have been yielded.
    """
    offset, count = start, 0
    while offset < stop:
        count += 1
        if count > most:
            raise BoxInvalid(f"More than {most} boxes.", offset=offset, truncated=False)
        box = _box_at(read, offset, stop)
        yield box
        offset = box.end


def find(read: ReadAt, path: tuple[str, ...], *, start: int, stop: int) -> Iterator[Box]:
    """Yield every box at `path` (such as `("moov", "trak", "mdia")`) below start..stop.

    Raises:
        BoxInvalid: as `walk`.
    """
    for box in walk(read, start=start, stop=stop):
        if box.kind == path[0]:
            if len(path) == 1:
                yield box
            else:
                yield from find(read, path[1:], start=box.body, stop=box.end)


def _box_at(read: ReadAt, offset: int, stop: int) -> Box:
    head = read(offset, min(_LONG_HEADER, stop - offset))
    if len(head) < _HEADER:
        raise BoxInvalid("The file ends inside a box's header.", offset=offset, truncated=True)
    size, kind = struct.unpack(">I4s", head[:_HEADER])
    header = _HEADER
    if size == _SIZE_FOLLOWS:
        if len(head) < _LONG_HEADER:
            raise BoxInvalid("The file ends inside a box's header.", offset=offset, truncated=True)
        header = _LONG_HEADER
        (size,) = struct.unpack(">Q", head[_HEADER:_LONG_HEADER])
    elif size == _TO_THE_END:
        size = stop - offset
    name = kind.decode("latin-1")
    if size < header:
        raise BoxInvalid(
            f"The box {name!r} says it is {size} bytes long, less than its own header.",
            offset=offset,
            truncated=False,
        )
    if offset + size > stop:
        raise BoxInvalid(
            f"The box {name!r} at byte {offset} says it ends at byte {offset + size}, "
            f"but there are only {stop}.",
            offset=offset,
            truncated=True,
        )
    return Box(kind=name, offset=offset, header=header, size=size)
