"""What an Axis system says of a recording, read leniently and bounded: pure, and total.

All of it is claims by a clock that nobody compared and by names that people typed. What can't be
read is left out here and kept as it came, sealed, in the container's enclosures.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fairwitness.ingest.axis import naming

MOST_POSITIONS: Final = 20_000
MOST_BOOKMARKS: Final = 500
_LONGEST: Final = 2000
_LONGEST_TRAIL: Final = 7 * 86_400
"""Seconds; more than any camera's battery lasts."""
_YEARS: Final = range(1970, 2500)
"""As our own cameras' clocks: what a page can show and a calendar reckon with."""
_POINT: Final = re.compile(r"\s*POINT\s*\(\s*(-?[0-9.]+)\s+(-?[0-9.]+)\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place in a recording, a note, a category, or all of them."""

    at: datetime | None
    ends_at: datetime | None
    text: str
    category: str
    category_name: str
    tags: str


@dataclass(frozen=True, slots=True)
class Clip:
    """When a clip began and ended by the camera's clock; None where it does not say."""

    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A recording as its container tells it.

    Attributes:
        user: the wearer, by the Axis system's id.
        camera: its serial number.
        started_at: with the buffer.
        triggered_at: when the button was pressed; what comes before is buffer.
        texts: the rest as it was said, by our names.
    """

    user: str
    camera: str
    started_at: datetime | None
    triggered_at: datetime | None
    texts: Mapping[str, str] = field(default_factory=dict)


_TEXTS: Final = {
    "trigger_on": "triggeron",
    "trigger_off": "triggeroff",
    "time_zone": "timezone",
    "model": "bwcmodel",
    "firmware": "firmwareversion",
    "controller": "scuserialnumber",
    "location_on": "triggeronlocation",
    "location_off": "triggerofflocation",
}


def whole(name: str, metadata: Mapping[str, str]) -> Whole:
    """What a container and its name tell.

    Args:
        name: of the container.
        metadata: of the container, keys in lower case.
    """
    original = metadata.get("rejectedcontentoriginalcontainer", "") or name
    named = naming.read(original)
    texts = {
        ours: metadata[theirs][:_LONGEST] for ours, theirs in _TEXTS.items() if metadata.get(theirs)
    }
    return Whole(
        user=(metadata.get("userid") or named.user)[:256],
        camera=(metadata.get("bwcserialnumber") or named.camera)[:256],
        started_at=moment(metadata, "starttime"),
        triggered_at=moment(metadata, "triggerontime") or named.triggered_at,
        texts=texts,
    )


def clip(metadata: Mapping[str, str]) -> Clip:
    """When a clip was; an end before its start is no end."""
    begins, ends = moment(metadata, "starttime"), moment(metadata, "stoptime")
    if begins is not None and ends is not None and ends < begins:
        return Clip(begins, None)
    return Clip(begins, ends)


def bookmark(metadata: Mapping[str, str], body: bytes) -> Bookmark:
    """A bookmark from its metadata and its text."""
    return Bookmark(
        at=instant(metadata.get("starttime", "")),
        ends_at=instant(metadata.get("endtime", "")),
        text=body.decode("utf-8", errors="replace").replace("\0", "\ufffd")[:_LONGEST],
        category=metadata.get("categoryid", "")[:80],
        category_name=metadata.get("categoryname", "")[:_LONGEST],
        tags=metadata.get("tags", "")[:_LONGEST],
    )


def trail(body: bytes) -> list[list[float]] | None:
    """The positions of a trail: seconds from the recording's start, latitude, longitude.

    Returns:
        None when it is no trail; entries that can't be read are left out.
    """
    try:
        entries = json.loads(body)["CoordinateEntries"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if not isinstance(entries, list):
        return None
    found = [position for entry in entries if (position := _position(entry)) is not None]
    step = -(-len(found) // MOST_POSITIONS) or 1
    return found[::step]


def told(
    *,
    of: Whole,
    when: Clip,
    received_at: datetime,
    bookmarks: Sequence[Bookmark],
    trail: list[list[float]],
) -> dict[str, Any]:
    """What is kept beside a registered clip and shown to people, as JSON.

    Places are milliseconds from the clip's own first frame.
    """
    begins = when.started_at
    ahead = when.ended_at - received_at if when.ended_at else timedelta()
    said: dict[str, Any] = {
        "maker": "axis",
        "user": of.user,
        "camera": of.camera,
        **of.texts,
        "buffer_ms": _buffer(of, begins),
        "bookmarks": [
            line
            for one in bookmarks[:MOST_BOOKMARKS]
            if (line := _line(one, begins, when.ended_at)) is not None
        ],
        "trail": trail,
    }
    if ahead > timedelta():
        said["ahead_at_least_ms"] = _ms(ahead)
    return said


def moment(metadata: Mapping[str, str], key: str) -> datetime | None:
    """A time that is given as text, as a number, or as both; the text is believed first."""
    return instant(metadata.get(f"{key}iso", "")) or instant(metadata.get(key, ""))


def instant(text: str) -> datetime | None:
    """A moment from RFC 3339 text or from seconds since 1970; None for anything else."""
    text = text.strip()
    try:
        if text.replace(".", "", 1).isdigit():
            at = datetime.fromtimestamp(float(text), tz=UTC)
        else:
            at = datetime.fromisoformat(text)
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year in _YEARS else None


def _buffer(of: Whole, begins: datetime | None) -> int:
    if begins is None or of.triggered_at is None or of.triggered_at <= begins:
        return 0
    return min(_ms(of.triggered_at - begins), 3_600_000)


def _line(one: Bookmark, begins: datetime | None, ends: datetime | None) -> dict[str, Any] | None:
    """A bookmark in one clip; None when it is in another. One without a time is in all."""
    if (
        one.at is not None
        and begins is not None
        and ends is not None
        and not begins <= one.at <= ends
    ):
        return None
    place = _ms(one.at - begins) if one.at is not None and begins is not None else None
    line: dict[str, Any] = {"at_ms": max(0, place) if place is not None else None}
    for name in ("text", "category", "category_name", "tags"):
        if value := getattr(one, name):
            line[name] = value
    return line


def _position(entry: object) -> list[float] | None:
    if not isinstance(entry, dict):
        return None
    point = _POINT.fullmatch(str(entry.get("LocationWKT", "")))
    seconds = entry.get("SecondsFromStart", 0)
    if point is None or not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        since, longitude, latitude = float(seconds), float(point[1]), float(point[2])
    except (ValueError, OverflowError):
        return None
    good = 0 <= since < _LONGEST_TRAIL and abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 # degrees
    return [since, latitude, longitude] if good else None


def _ms(length: timedelta) -> int:
    return int(length / timedelta(milliseconds=1))
