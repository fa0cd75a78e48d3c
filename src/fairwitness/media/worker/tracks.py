"""What an MP4's tracks are, as far as libav does not say: the kind of data, and single places.

Walked with our own box walker, which believes no size; a file that is no MP4 has none of this.
"""

import struct
from collections.abc import Iterator
from typing import Final

from fairwitness.formats import boxes
from fairwitness.formats.boxes import Box, BoxInvalid
from fairwitness.media.worker.reading import Remote

_MOST: Final = 5_000
_ENTRY_AT: Final = 8
_LONGEST: Final = 400
_XYZ: Final = "\xa9xyz"
_LOCI_PLACE: Final = struct.Struct(">iii")
_FIXED: Final = 65_536
_STSD: Final = ("mdia", "minf", "stbl", "stsd")


def kinds(remote: Remote) -> tuple[str, ...]:
    """The four letters of each track's first sample entry, in order; empty for no MP4."""
    return tuple(_entry(remote, trak) for trak in _below(remote, _moov(remote), "trak"))


def places(remote: Remote) -> Iterator[tuple[str, str]]:
    """Single places that the file names as a whole: the kind of box, and ISO 6709 text."""
    for udta in _below(remote, _moov(remote), "udta"):
        for box in _walk(remote, udta.body, udta.end):
            body = remote.read_at(box.body, min(box.size - box.header, _LONGEST))
            text = ""
            if box.kind == _XYZ:
                text = body[4:].decode("ascii", "replace")
            elif box.kind == "loci":
                text = _loci(body)
            if text:
                yield ("xyz" if box.kind == _XYZ else "loci", text)


def _loci(body: bytes) -> str:
    """3GPP TS 26.244: flags, language, name ended by a zero, role, then 16.16 numbers."""
    end = body.find(b"\0", 6)
    place = body[end + 2 : end + 2 + _LOCI_PLACE.size]
    if end < 0 or len(place) < _LOCI_PLACE.size:
        return ""
    longitude, latitude, altitude = (part / _FIXED for part in _LOCI_PLACE.unpack(place))
    return f"{latitude:+09.5f}{longitude:+010.5f}{altitude:+.1f}/"


def _moov(remote: Remote) -> Box | None:
    if remote.read_at(4, 4) not in {b"ftyp", b"moov", b"wide", b"free", b"skip", b"mdat", b"styp"}:
        return None
    walked = _walk(remote, 0, remote.size)
    return next((box for box in walked if box.kind == "moov"), None)


def _below(remote: Remote, parent: Box | None, kind: str) -> list[Box]:
    if parent is None:
        return []
    return [box for box in _walk(remote, parent.body, parent.end) if box.kind == kind]


def _entry(remote: Remote, trak: Box) -> str:
    try:
        path = boxes.find(remote.read_at, _STSD, start=trak.body, stop=trak.end)
        stsd = next(path, None)
    except BoxInvalid:
        return ""
    if stsd is None:
        return ""
    return remote.read_at(stsd.body + _ENTRY_AT + 4, 4).decode("latin-1")


def _walk(remote: Remote, start: int, stop: int) -> Iterator[Box]:
    try:
        yield from boxes.walk(remote.read_at, start=start, stop=stop, most=_MOST)
    except BoxInvalid:
        return
