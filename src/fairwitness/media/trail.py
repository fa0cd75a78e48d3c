"""Where the camera was, as its video says: a derived copy, sealed like the footage itself.

A place is as private as a picture, so the trail lies nowhere in the clear: it is a small JSON
document under the recording's key (docs/specs/trail.md), and goes when the recording goes.
"""

import json
import struct
from dataclasses import dataclass
from typing import Final

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, MediaUnreadable, Output, limits_for

MEDIA_TYPE: Final = "application/json"
VERSION: Final = 1
MOST: Final = 48 * 3600
_LAYOUT: Final = struct.Struct(">qiiqq")
_NOT_TOLD: Final = -(1 << 62)
_LATITUDE, _LONGITUDE = 900_000_000, 1_800_000_000
_THOUSANDTHS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """One place, `at_ms` into the recording.

    Attributes:
        latitude: degrees north, times ten million.
        longitude: degrees east, times ten million.
        altitude: millimetres; None when it was not told.
        speed: millimetres a second; None when it was not told.
    """

    at_ms: int
    latitude: int
    longitude: int
    altitude: int | None
    speed: int | None


@dataclass(frozen=True, slots=True)
class Trail:
    """The places in order of time, and what they were read from: `camm`, `gpmd`, `xyz`, ..."""

    source: str
    places: tuple[Place, ...]


def make_trail(footage: Footage, *, limits: Limits | None = None) -> Trail:
    """Read where the camera was; no places when the footage does not tell.

    Raises:
        MediaUnreadable: the footage can't be read.
    """
    packed = bytearray()
    facts = child.run(
        "trail",
        footage,
        output=Output(begin=lambda _total: None, write=packed.extend),
        limits=limits or limits_for(footage, output=MOST * _LAYOUT.size),
    )
    if len(packed) % _LAYOUT.size:
        raise _broken()
    places = tuple(_checked(row) for row in _LAYOUT.iter_unpack(packed))
    return Trail(source=Answer(facts).text("source")[:20], places=places)


def encode(trail: Trail) -> bytes:
    """The document, as docs/specs/trail.md has it."""
    rows = [
        [place.at_ms, place.latitude, place.longitude, place.altitude, place.speed]
        for place in trail.places
    ]
    document = {"version": VERSION, "source": trail.source, "places": rows}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def parse(data: bytes) -> Trail:
    """Read a document that `encode` made.

    Raises:
        MediaUnreadable: it is none.
    """
    try:
        document = json.loads(data)
        rows = document["places"]
        source = document["source"]
        if document["version"] != VERSION or not isinstance(source, str):
            raise _broken()
        places = tuple(_checked(tuple(_NOT_TOLD if v is None else v for v in row)) for row in rows)
    except (ValueError, KeyError, TypeError):
        raise _broken() from None
    return Trail(source=source, places=places)


def _checked(row: tuple[int, ...]) -> Place:
    at_ms, latitude, longitude, altitude, speed = row
    on_earth = abs(latitude) <= _LATITUDE and abs(longitude) <= _LONGITUDE
    if not on_earth or not 0 <= at_ms < 1 << 62:
        raise _broken()
    return Place(at_ms, latitude, longitude, _told(altitude), _told(speed))


def _told(value: int) -> int | None:
    if value == _NOT_TOLD:
        return None
    if abs(value) > _THOUSANDTHS:
        raise _broken()
    return value


def _broken() -> MediaUnreadable:
    message = "The program that reads video gave a trail that can't be true."
    return MediaUnreadable(message, code="media.crashed")
