"""Moving the index of an MP4 (its `moov` box) to the front: every chunk offset grows by its length.

The table `stco` has 32-bit offsets. When one of them would no longer fit, all tables become `co64`,
which makes the index longer, so the length is settled first.
"""

import struct
from typing import Final

from fairwitness.formats import boxes
from fairwitness.media.worker.opening import Refused

_FOUR_GIB: Final = 1 << 32
_PATH: Final = ("trak", "mdia", "minf", "stbl")


def moved(moov: bytes) -> bytes:
    """Give a `moov` box with its chunk offsets moved by its own length, 64 bits wide if needed.

    Raises:
        Refused: it is not the index that libav writes.
    """
    grown = _rewritten(moov, by=len(moov), wide=False)
    if grown is None:
        size = len(_need(_rewritten(moov, by=0, wide=True)))
        grown = _need(_rewritten(moov, by=size, wide=True))
    return grown


def _need(moov: bytes | None) -> bytes:
    if moov is None:
        raise Refused("media.unreadable", "The index could not be written.")
    return moov


def _rewritten(moov: bytes, *, by: int, wide: bool) -> bytes | None:
    """Rewrite a `moov` (a whole box); None when an offset needs 64 bits and `wide` is False."""
    (box,) = boxes.walk(_reader(moov), start=0, stop=len(moov))
    return _container(moov, box, _PATH, by=by, wide=wide)


def _container(
    data: bytes,
    box: boxes.Box,
    path: tuple[str, ...],
    *,
    by: int,
    wide: bool,
) -> bytes | None:
    body = bytearray()
    for child in boxes.walk(_reader(data), start=box.body, stop=box.end):
        part: bytes | None = data[child.offset : child.end]
        if path and child.kind == path[0]:
            part = _container(data, child, path[1:], by=by, wide=wide)
        elif not path and child.kind in {"stco", "co64"}:
            part = _offsets(data, child, by=by, wide=wide)
        if part is None:
            return None
        body += part
    return struct.pack(">I4s", 8 + len(body), box.kind.encode("latin-1")) + bytes(body)


def _offsets(data: bytes, box: boxes.Box, *, by: int, wide: bool) -> bytes | None:
    (count,) = struct.unpack(">I", data[box.body + 4 : box.body + 8])
    letter = "I" if box.kind == "stco" else "Q"
    start = box.body + 8
    old = struct.unpack(f">{count}{letter}", data[start : start + count * struct.calcsize(letter)])
    new = [offset + by for offset in old]
    if box.kind == "stco" and not wide:
        if new and max(new) >= _FOUR_GIB:
            return None
        return struct.pack(f">I4sII{count}I", 16 + 4 * count, b"stco", 0, count, *new)
    return struct.pack(f">I4sII{count}Q", 16 + 8 * count, b"co64", 0, count, *new)


def _reader(data: bytes) -> boxes.ReadAt:
    return lambda offset, length: data[offset : offset + length]
