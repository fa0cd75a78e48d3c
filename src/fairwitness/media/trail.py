"""Where the camera was, as its video says: a derived copy, sealed like the footage itself.

A place is as private as a picture, so the trail lies nowhere in the clear: it is a small JSON
document under the recording's key (docs/specs/trail.md), and goes when the recording goes.
"""

import itertools
import struct
from dataclasses import dataclass
from typing import Final

from fairwitness.formats import canonical
from fairwitness.formats.errors import FormatError
from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, MediaUnreadable, Output, limits_for

MEDIA_TYPE: Final = "application/json"
VERSION: Final = 1
MOST: Final = 24 * 3600
SOURCES: Final = ("camm", "gpmd", "xyz", "loci", "metadata")
_VALUES: Final = 5
_LAYOUT: Final = struct.Struct(">qiiqq")
_NOT_TOLD: Final = -(1 << 62)
_LATITUDE, _LONGITUDE = 900_000_000, 1_800_000_000
_THOUSANDTHS: Final = 1_000_000_000


class TrailInvalid(FormatError):
    """A document that is no trail."""

    code = "format.trail"


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
    source = Answer(facts).text("source")
    if source not in SOURCES:
        raise _broken()
    return Trail(source=source, places=tuple(sorted(places, key=lambda place: place.at_ms)))


def encode(trail: Trail) -> bytes:
    """The document, as docs/specs/trail.md has it."""
    rows = [
        [place.at_ms, place.latitude, place.longitude, place.altitude, place.speed]
        for place in trail.places
    ]
    return canonical.encode({"version": VERSION, "source": trail.source, "places": rows})


def parse(data: bytes) -> Trail:
    """Read a document that `encode` made.

    Raises:
        FormatError: it is none.
    """
    document = canonical.decode(data)
    if not isinstance(document, dict) or set(document) != {"version", "source", "places"}:
        raise TrailInvalid("This is no trail.")
    rows, source = document["places"], document["source"]
    if document["version"] != VERSION or source not in SOURCES or not isinstance(rows, list):
        raise TrailInvalid("This is no trail of a version that we read.")
    places = tuple(_row(row) for row in rows)
    if any(after.at_ms < before.at_ms for before, after in itertools.pairwise(places)):
        raise TrailInvalid("The places of a trail are in order of time.")
    return Trail(source=source, places=places)


def _row(row: object) -> Place:
    if not isinstance(row, list) or len(row) != _VALUES:
        raise TrailInvalid("A place has five values.")
    wrong = [value for value in row[3:] if value is not None and type(value) is not int]
    if wrong or any(type(value) is not int for value in row[:3]):
        raise TrailInvalid("The values of a place are whole numbers.")
    try:
        return _checked(tuple(_NOT_TOLD if value is None else value for value in row))
    except MediaUnreadable:
        raise TrailInvalid("There is no such place.") from None


def _checked(row: tuple[int, ...]) -> Place:
    at_ms, latitude, longitude, altitude, speed = row
    on_earth = abs(latitude) <= _LATITUDE and abs(longitude) <= _LONGITUDE
    if not on_earth or not 0 <= at_ms < 1 << 53:
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
