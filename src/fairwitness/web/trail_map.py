"""Where the camera was, drawn: the trail over a scale and north, in words, and as rows.

Places are footage: they come out of the sealed trail through a granted viewing, or not at all. The
drawing is an outline made here, and asks nobody for anything. Only where the operator names a map's
server does it lie over that map's tiles, and the browser then tells that server which tiles.

The projection is the one that tiles have (Web Mercator), so that both drawings are one. At the size
of a walk its shapes are right; the scale is that of the trail's own latitude.
"""

import itertools
import math
import statistics
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpResponse

from fairwitness.accountability.search import USUAL_RADIUS
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import glimpses
from fairwitness.evidence.glimpses import Place
from fairwitness.web import moments, security_headers, times, visits

WIDE, TALL = 480, 320
_MARGIN: Final = 40
_TILE: Final = 256
_CLOSEST: Final = 19
_STEEPEST: Final = 85.05
_LONGEST_BAR: Final = 130
_MOST_CORNERS: Final = 400
_MOST_ROWS: Final = 60
_MOST_GAPS: Final = 100
_BRIDGED_MS: Final = 5_000
_EARTH_METRES: Final = 6_371_000
_TENTHS: Final = 10_000_000
_COMPASS: Final = (
    *("north", "north-east", "east", "south-east"),
    *("south", "south-west", "west", "north-west"),
)

Run = Sequence[Place]


@dataclass(frozen=True, slots=True)
class Corner:
    """One row of the trail's table: a place, or a stretch without one."""

    at: str
    moment: str
    place: str
    height: str
    speed: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of the map, and where it lies."""

    href: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Scale:
    """A bar on the drawing and the length that it stands for."""

    wide: int
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The trail as lines, in words, and as rows.

    Attributes:
        ways: a line for each stretch with places.
        gaps: a dashed line across each stretch without.
        start: where it begins.
        end: where it ends.
        scale: the bar.
        tiles: the map below; none without a setting.
        attribution: whose map that is.
        places: the time and point of each corner, for the script; stretches apart.
        last: the number of the last corner.
        same_place: the search for what else was near where it begins.
        words: all of it in a sentence.
        without: how much of it is without a place.
        rows: the table.
    """

    ways: tuple[str, ...]
    gaps: tuple[str, ...]
    start: tuple[int, int]
    end: tuple[int, int]
    scale: Scale
    tiles: tuple[Tile, ...]
    attribution: str
    places: str
    last: int
    same_place: str
    words: str
    without: str
    rows: tuple[Corner, ...]


def draw(*, token: str, at: datetime, works: visits.Works) -> Drawn | None:
    """The trail of the recording that this viewing is granted for; None when there is none."""
    try:
        places = glimpses.places(token=token, at=at, vault=works.vault)
    except FairwitnessError:
        return None
    if not places:
        return None
    return drawing(places, tiles=works.map_tiles, attribution=works.map_attribution)


def drawing(places: Sequence[Place], *, tiles: str, attribution: str) -> Drawn:
    """These places drawn.

    Args:
        places: at least one, in order of time.
        tiles: the address of the map's tiles; empty for none.
        attribution: whose map that is.
    """
    runs = _runs(places)
    sheet = _Sheet.of(places)
    corners = [_thinned(run, max(2, _MOST_CORNERS * len(run) // len(places))) for run in runs]
    lines = [[sheet.point(place) for place in run] for run in corners]
    spoken = [
        "".join(f"{p.at_ms} {x} {y};" for p, (x, y) in zip(r, line, strict=True))
        for r, line in zip(corners, lines, strict=True)
    ]
    return Drawn(
        ways=tuple(_line(line) for line in lines),
        gaps=tuple(_line([a[-1], b[0]]) for a, b in itertools.pairwise(lines)),
        start=lines[0][0],
        end=lines[-1][-1],
        scale=sheet.scale(),
        tiles=sheet.tiles(tiles) if tiles else (),
        attribution=attribution,
        places="|".join(spoken),
        last=sum(map(len, corners)) - 1,
        same_place=_search(places[0]),
        words=_in_words(places),
        without=_without(runs),
        rows=_rows(runs, len(places)),
    )


def let_tiles_in(answer: HttpResponse, *, drawn: object) -> HttpResponse:
    """Let the page show the map's tiles, where it has any: the one page that may ask elsewhere."""
    if isinstance(drawn, Drawn) and drawn.tiles:
        parts = urllib.parse.urlsplit(drawn.tiles[0].href)
        policy = security_headers.with_pictures_from(f"{parts.scheme}://{parts.netloc}")
        answer.headers["Content-Security-Policy"] = policy
    return answer


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The drawing's frame: how near, and the point of the world in its corner."""

    zoom: int
    left: float
    top: float
    latitude: float

    @classmethod
    def of(cls, places: Sequence[Place]) -> "_Sheet":
        """The nearest whole step at which the whole trail is within the frame."""
        points = [_on_the_world(place) for place in places]
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        north, south = min(y for _, y in points), max(y for _, y in points)
        zoom = _CLOSEST
        room = (WIDE - 2 * _MARGIN, TALL - 2 * _MARGIN)
        while zoom and any(
            size * _TILE * 2**zoom > most
            for size, most in zip((east - west, south - north), room, strict=True)
        ):
            zoom -= 1
        size = _TILE * 2**zoom
        middle = statistics.fmean(place.latitude for place in places) / _TENTHS
        return cls(
            zoom,
            round((west + east) / 2 * size) - WIDE / 2,
            round((north + south) / 2 * size) - TALL / 2,
            middle,
        )

    def point(self, place: Place) -> tuple[int, int]:
        """Where on the sheet a place is."""
        x, y = _on_the_world(place)
        size = _TILE * 2**self.zoom
        return round(x * size - self.left), round(y * size - self.top)

    def scale(self) -> Scale:
        """The longest bar of a round length that has room."""
        shrink = math.cos(math.radians(self.latitude))
        metres = 2 * math.pi * _EARTH_METRES * max(shrink, 0.01) / (_TILE * 2**self.zoom)
        most = metres * _LONGEST_BAR
        power = 10 ** math.floor(math.log10(most))
        length = next(each * power for each in (5, 2, 1) if each * power <= most)
        words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"  # noqa: PLR2004 - metres
        return Scale(round(length / metres), words)

    def tiles(self, template: str) -> tuple[Tile, ...]:
        """The tiles that cover the sheet."""
        count = 2**self.zoom
        columns = range(math.floor(self.left / _TILE), math.ceil((self.left + WIDE) / _TILE))
        rows = range(math.floor(self.top / _TILE), math.ceil((self.top + TALL) / _TILE))
        return tuple(
            Tile(
                href=template.replace("{z}", str(self.zoom))
                .replace("{x}", str(column % count))
                .replace("{y}", str(row)),
                x=round(column * _TILE - self.left),
                y=round(row * _TILE - self.top),
            )
            for row in rows
            if 0 <= row < count
            for column in columns
        )


def _on_the_world(place: Place) -> tuple[float, float]:
    """Across and down a square of side 1: Web Mercator."""
    latitude = max(-_STEEPEST, min(_STEEPEST, place.latitude / _TENTHS))
    down = math.asinh(math.tan(math.radians(latitude)))
    return place.longitude / _TENTHS / 360 + 0.5, 0.5 - down / (2 * math.pi)


def _line(points: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _runs(places: Sequence[Place]) -> list[list[Place]]:
    """The stretches with places: apart where one is missed for much longer than is usual."""
    steps = [after.at_ms - before.at_ms for before, after in itertools.pairwise(places)]
    longest = sorted(steps)[-_MOST_GAPS:]
    bridged = max(_BRIDGED_MS, 3 * statistics.median(steps)) if steps else 0
    if len(longest) == _MOST_GAPS:
        bridged = max(bridged, longest[0])
    runs = [[places[0]]]
    for step, place in zip(steps, places[1:], strict=True):
        if step > bridged:
            runs.append([])
        runs[-1].append(place)
    return runs


def _thinned(places: Run, most: int) -> list[Place]:
    """At most so many, evenly, with the first and the last."""
    if len(places) <= most:
        return list(places)
    return [places[number * (len(places) - 1) // (most - 1)] for number in range(most)]


def _metres(place: Place, origin: Place) -> tuple[float, float]:
    """How far east and north of another place."""
    degree = math.radians(1 / _TENTHS) * _EARTH_METRES
    shrink = math.cos(math.radians(origin.latitude / _TENTHS))
    east = (place.longitude - origin.longitude) * degree * shrink
    return east, (place.latitude - origin.latitude) * degree


def _in_words(places: Sequence[Place]) -> str:
    first, last = places[0], places[-1]
    began = f"The video says that the camera was at {_place(first)}"
    if len(places) == 1:
        return f"{began}."
    way = sum(math.hypot(*_metres(after, before)) for before, after in itertools.pairwise(places))
    east, north = _metres(last, first)
    apart = math.hypot(east, north)
    length = times.length(timedelta(milliseconds=last.at_ms - first.at_ms))
    ended = "where it began"
    if apart >= 1:
        heading = _COMPASS[round(math.degrees(math.atan2(east, north)) / 45) % 8]
        ended = f"{apart:,.0f} m to the {heading}"
    return f"{began} when its trail begins, went {way:,.0f} m in {length}, and ended {ended}."


def _without(runs: Sequence[Run]) -> str:
    """What is without a place, in words; nothing when all of the trail has one."""
    gaps = [after[0].at_ms - before[-1].at_ms for before, after in itertools.pairwise(runs)]
    if not gaps:
        return ""
    many = "once" if len(gaps) == 1 else f"{len(gaps)} times"
    length = times.length(timedelta(milliseconds=sum(gaps)))
    return f"It had no position {many}, for {length} in all: a dotted line, and not a way it went."


def _place(place: Place) -> str:
    return f"{place.latitude / _TENTHS:.5f}, {place.longitude / _TENTHS:.5f}"


def _search(place: Place) -> str:
    sought = [("place", _place(place)), ("radius", USUAL_RADIUS)]
    return f"/search?{urllib.parse.urlencode(sought)}"


def _rows(runs: Sequence[Run], count: int) -> tuple[Corner, ...]:
    rows: list[Corner] = []
    for number, run in enumerate(runs):
        if number:
            lost = runs[number - 1][-1].at_ms
            span = f"{times.counter(lost)} to {times.counter(run[0].at_ms)}"
            rows.append(Corner(span, "", "no position", "", ""))
        rows += map(_row, _thinned(run, max(2, _MOST_ROWS * len(run) // count)))
    return tuple(rows)


def _row(place: Place) -> Corner:
    return Corner(
        at=times.counter(place.at_ms),
        moment=moments.write(place.at_ms),
        place=_place(place),
        height="" if place.altitude is None else f"{place.altitude / 1000:.0f} m",
        speed="" if place.speed is None else f"{place.speed * 3.6 / 1000:.0f} km/h",
    )
