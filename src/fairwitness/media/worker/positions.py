"""Where a camera was, read from what cameras write into video: ISO 6709, camm and GPMF.

Each parser is bounded by the bytes it is given, believes no count, and gives only places that are
on the Earth. Times are milliseconds from the beginning.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ISO_6709: Final = re.compile(
    r"([+-]\d{1,2}(?:\.\d{1,12})?)([+-]\d{1,3}(?:\.\d{1,12})?)([+-]\d{1,6}(?:\.\d{1,6})?)?"
)
_HEADER: Final = 8
_DEEPEST: Final = 6
_MOST_VALUES: Final = 4_096
_CAMM_PLACE, _CAMM_FULL = 5, 6
_CAMM: Final = {_CAMM_PLACE: struct.Struct("<ddd"), _CAMM_FULL: struct.Struct("<diddfffffff")}
_GPS9: Final = struct.Struct(">7iHH")
_GPS5: Final = struct.Struct(">5i")
_SCALES: Final = {"l": "i", "L": "I", "s": "h", "S": "H", "f": "f"}
_NO_FIX: Final = 0


@dataclass(frozen=True, slots=True)
class Position:
    """One place: degrees times ten million, millimetres, millimetres a second; None: not told."""

    at_ms: int
    latitude: int
    longitude: int
    altitude: int | None
    speed: int | None


def position(
    at_ms: int,
    latitude: float,
    longitude: float,
    altitude: float | None = None,
    speed: float | None = None,
) -> Position | None:
    """A place in degrees and metres; None when there is no such place."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 (degrees); false for NaN
        return None
    if latitude == 0 == longitude:
        return None  # what receivers write while they have no fix
    return Position(
        at_ms=max(0, at_ms),
        latitude=round(latitude * 1e7),
        longitude=round(longitude * 1e7),
        altitude=_thousandths(altitude),
        speed=_thousandths(speed),
    )


def _thousandths(metres: float | None) -> int | None:
    if metres is None or not abs(metres) < 1e6:  # noqa: PLR2004 (a million metres is no height)
        return None
    return round(metres * 1000)


def iso_6709(text: str) -> Position | None:
    """One place, as `+51.5007-000.1246+012.3/`."""
    found = _ISO_6709.match(text)
    if found is None:
        return None
    latitude, longitude, altitude = found.groups()
    height = float(altitude) if altitude else None
    return position(0, float(latitude), float(longitude), height)


def camm(sample: bytes, at_ms: int) -> Position | None:
    """A sample of a camera motion metadata track: types 5 (place) and 6 (place and velocity)."""
    if len(sample) < 4:  # noqa: PLR2004 (reserved, type)
        return None
    kind = int.from_bytes(sample[2:4], "little")
    layout = _CAMM.get(kind)
    if layout is None or len(sample) < 4 + layout.size:
        return None
    values = layout.unpack_from(sample, 4)
    if kind == _CAMM_PLACE:
        return position(at_ms, values[0], values[1], values[2])
    _, fix, latitude, longitude, altitude, _, _, east, north, up, _ = values
    if fix == _NO_FIX:
        return None
    return position(at_ms, latitude, longitude, altitude, math.sqrt(east**2 + north**2 + up**2))


def gpmf(sample: bytes, at_ms: int) -> Position | None:
    """The first place with a fix in one sample of GoPro's metadata."""
    return next(_streams(memoryview(sample), at_ms, depth=0), None)


def _items(data: memoryview) -> Iterator[tuple[bytes, str, int, memoryview]]:
    """Key, type, size of one value, and value; stops at the first that does not fit."""
    at = 0
    while at + _HEADER <= len(data):
        key, kind, size = bytes(data[at : at + 4]), chr(data[at + 4]), data[at + 5]
        length = size * int.from_bytes(data[at + 6 : at + 8], "big")
        body = data[at + _HEADER : at + _HEADER + length]
        if len(body) < length:
            return
        yield key, kind, size, body
        at += _HEADER + (length + 3) // 4 * 4


def _streams(data: memoryview, at_ms: int, *, depth: int) -> Iterator[Position]:
    scale: list[float] = []
    fix = -1
    for key, kind, size, body in _items(data):
        if key in {b"DEVC", b"STRM"} and kind == "\0" and depth < _DEEPEST:
            yield from _streams(body, at_ms, depth=depth + 1)
        elif key == b"SCAL":
            scale = _scales(kind, size, body)
        elif key == b"GPSF" and len(body) >= 4:  # noqa: PLR2004 (one 32-bit number)
            fix = int.from_bytes(body[:4], "big")
        elif key == b"GPS5" and size == _GPS5.size and fix != _NO_FIX:
            yield from _scaled(_GPS5.iter_unpack(_whole(body, _GPS5)), scale, at_ms)
        elif key == b"GPS9" and size == _GPS9.size:
            rows = (row for row in _GPS9.iter_unpack(_whole(body, _GPS9)) if row[8] != _NO_FIX)
            yield from _scaled(rows, scale, at_ms)


def _whole(body: memoryview, layout: struct.Struct) -> memoryview:
    return body[: min(len(body) // layout.size, _MOST_VALUES) * layout.size]


def _scales(kind: str, size: int, body: memoryview) -> list[float]:
    letter = _SCALES.get(kind)
    if letter is None or struct.calcsize(letter) != size:
        return []
    layout = struct.Struct(f">{letter}")
    return [float(value) for (value,) in layout.iter_unpack(_whole(body, layout))]


def _scaled(rows: Iterator[tuple[int, ...]], scale: list[float], at_ms: int) -> Iterator[Position]:
    divisors = scale * 4 if len(scale) == 1 else scale
    if len(divisors) < 4 or 0 in divisors[:4]:  # noqa: PLR2004 (latitude, longitude, altitude, speed)
        return
    for row in rows:
        latitude, longitude, altitude, speed = (
            value / divisor for value, divisor in zip(row[:4], divisors[:4], strict=True)
        )
        found = position(at_ms, latitude, longitude, altitude, speed)
        if found is not None:
            yield found
