"""Where the camera is, as its receiver would tell: from a GPX or CSV file, or an invented walk.

A trail is played from the moment the camera is switched on: its first point is where it then is.
Between two points the camera moves in a straight line; where they lie further apart in time than a
receiver would bridge, and after the last one, its position is lost.
"""

import csv
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from fairwitness.errors import FairwitnessError

WALK: Final = "walk"
BRIDGED_MS: Final = 10_000
"""Points further apart than this leave the position lost between them; the figure is ours."""
_LARGEST: Final = 64 << 20
_METRES_A_DEGREE: Final = 111_320.0


class TrailUnreadable(FairwitnessError):
    """The file is no trail."""

    code = "camera.trail"


@dataclass(frozen=True, slots=True)
class Fix:
    """A position: degrees, metres above the sea, metres a second."""

    latitude: float
    longitude: float
    altitude: float = 0.0
    speed: float = 0.0


class Trail(Protocol):
    """Anything that knows where the camera is."""

    def at(self, ms: int) -> Fix | None:
        """Where it is, so many milliseconds after it was switched on; None: no position."""


@dataclass(frozen=True, slots=True)
class _Point:
    ms: int
    latitude: float
    longitude: float
    altitude: float


class FileTrail:
    """A recorded trail: points in order of time."""

    def __init__(self, points: list[_Point]) -> None:
        self._points = points
        self._times = [point.ms for point in points]

    def at(self, ms: int) -> Fix | None:
        """Where it is, between the points before and after."""
        place = bisect_right(self._times, ms)
        if place == 0:
            return None
        before = self._points[place - 1]
        if place == len(self._points):
            there = ms - before.ms < 1000  # noqa: PLR2004 (a receiver tells once a second)
            return Fix(before.latitude, before.longitude, before.altitude) if there else None
        after = self._points[place]
        passed = after.ms - before.ms
        if passed > BRIDGED_MS:
            return None
        share = (ms - before.ms) / passed
        return Fix(
            latitude=before.latitude + share * (after.latitude - before.latitude),
            longitude=before.longitude + share * (after.longitude - before.longitude),
            altitude=before.altitude + share * (after.altitude - before.altitude),
            speed=_metres(before, after) * 1000 / passed,
        )


class Walk:
    """An invented walk round a square in Lambeth; a minute in every ten there is no position."""

    def at(self, ms: int) -> Fix | None:
        """On one of the four sides, at walking pace."""
        seconds = ms / 1000
        if seconds % _LOST_EVERY >= _LOST_EVERY - _LOST_FOR:
            return None
        side, along = divmod(seconds * _PACE, _SIDE)
        north, east = _CORNERS[int(side) % 4]
        to_north, to_east = _CORNERS[(int(side) + 1) % 4]
        share = along / _SIDE
        metres_north = (north + share * (to_north - north)) * _SIDE
        metres_east = (east + share * (to_east - east)) * _SIDE
        latitude = _START[0] + metres_north / _METRES_A_DEGREE
        longitude = _START[1] + metres_east / _METRES_A_DEGREE / math.cos(math.radians(_START[0]))
        return Fix(latitude, longitude, altitude=12.0, speed=_PACE)


_START: Final = (51.4613, -0.1156)
_SIDE: Final = 120.0
_PACE: Final = 1.4
_CORNERS: Final = ((0, 0), (0, 1), (1, 1), (1, 0))
_LOST_EVERY, _LOST_FOR = 600, 60


def read_trail(source: str) -> Trail:
    """The trail that a command line names: `walk`, or a GPX or CSV file.

    Raises:
        TrailUnreadable: it is none.
    """
    if source == WALK:
        return Walk()
    path = Path(source)
    try:
        if path.stat().st_size > _LARGEST:
            raise TrailUnreadable(f"{path} is too large for a trail.")
        data = path.read_bytes()
    except OSError as error:
        raise TrailUnreadable(f"{path} can't be read: {error.strerror}.") from error
    gpx = path.suffix.lower() == ".gpx"
    try:
        found = list(_gpx(data) if gpx else _csv(data.decode("utf-8-sig")))
    except (ValueError, ParseError, OverflowError) as error:
        raise TrailUnreadable(f"{path} is no trail: {error}.") from error
    return FileTrail(_checked(found, path))


def _checked(found: list[tuple[float, float, float, float]], path: Path) -> list[_Point]:
    if not found:
        raise TrailUnreadable(f"{path} has no point with a time.")
    first = found[0][0]
    points = [_Point(round((at - first) * 1000), *place) for at, *place in found]
    for point in points:
        if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180):  # noqa: PLR2004 (degrees)
            raise TrailUnreadable(f"{path} has a point that is not on the Earth.")
        if not abs(point.altitude) < 100_000:  # noqa: PLR2004 (metres)
            raise TrailUnreadable(f"{path} has a point in space.")
    if any(after.ms <= before.ms for before, after in pairwise(points)):
        raise TrailUnreadable(f"{path} has points that are not in order of time.")
    return points


def _csv(text: str) -> Iterator[tuple[float, float, float, float]]:
    """Rows of time, latitude, longitude and perhaps altitude; a first row of names is passed."""
    for number, row in enumerate(csv.reader(text.splitlines())):
        if not row or (number == 0 and not _is_number(row[1] if len(row) > 1 else "")):
            continue
        if len(row) not in {3, 4}:
            raise ValueError(f"line {number + 1} is not time,lat,lon")
        latitude, longitude, altitude = (float(text) for text in [*row[1:], "0"][:3])
        yield _seconds(row[0].strip()), latitude, longitude, altitude


def _gpx(data: bytes) -> Iterator[tuple[float, float, float, float]]:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a GPX file declares no types or entities")
    parser = XMLParser(target=TreeBuilder())  # noqa: S314 (entities are refused above)
    parser.feed(data)
    root: Element = parser.close()
    for point in root.iterfind(".//{*}trkpt"):
        time, height = point.findtext("{*}time"), point.findtext("{*}ele")
        if time is not None:
            latitude, longitude = float(point.get("lat", "")), float(point.get("lon", ""))
            yield _seconds(time.strip()), latitude, longitude, float(height or 0)


def _seconds(text: str) -> float:
    """Seconds from any beginning: a number, or a time with its date."""
    if _is_number(text):
        return float(text)
    at = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*-?[0-9]+(\.[0-9]*)?\s*", text) is not None


def _metres(one: _Point, other: _Point) -> float:
    north = (other.latitude - one.latitude) * _METRES_A_DEGREE
    east = (other.longitude - one.longitude) * _METRES_A_DEGREE
    return math.hypot(north, east * math.cos(math.radians(one.latitude)))
