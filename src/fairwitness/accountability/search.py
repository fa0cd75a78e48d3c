"""What somebody looks for, read strictly from an address: the URL is the search.

Design rules:

1. Nothing is guessed. A field that is not known, said twice, or not as it is written here is
   refused in words that name it; nothing is searched then.
2. Reading is pure: no clock, no database. Codes that nobody has are no nonsense, and find nothing.
3. Days and times are London's, as people write them; what is kept and compared is UTC.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fairwitness.errors import FairwitnessError
from fairwitness.force import coordinates
from fairwitness.force.coordinates import DEGREE, Coordinates, PlaceInvalid

LONDON: Final = ZoneInfo("Europe/London")
_LONGEST: Final = 80
_CURSOR: Final = re.compile(r"(\d{1,20})-([0-9a-f]{32})")
_EXHIBIT: Final = re.compile(r"[A-Z]{2,6}/[1-9][0-9]{0,5}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_METRES: Final = 1000
USUAL_RADIUS: Final = 200
_METRES: Final = re.compile(r"\d{1,6}", re.ASCII)
UNCATEGORISED: Final = "none"

FLAGS: Final[Mapping[str, str]] = {
    "evidential": "kept as evidence",
    "kept": "kept, for whatever reason",
    "soon": "deleted within 7 days",
    "late": "docked late",
    "locked": "locked",
    "restricted": "restricted or confidential",
    "unassigned": "without a wearer",
    "uncategorised": "not categorised",
    "unsigned": "not signed by a camera",
}
FIELDS: Final[Mapping[str, str]] = {
    "officer": "Officer",
    "camera": "Camera",
    "unit": "Unit",
    "station": "Station",
    "from": "From",
    "to": "To",
    "incident": "Incident or crime number",
    "category": "Category",
    "place": "Place",
    "around": "Around a station",
    "radius": "How far from there",
    "exhibit": "Exhibit reference",
    "words": "Words",
    "after": "Where the page begins",
}
"""Each field of a search, and what people call it."""


class SearchInvalid(FairwitnessError):
    """An address that is no search."""

    code: ClassVar[str] = "search.invalid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the order of results a page begins: after this recording."""

    began_at: datetime
    recording: UUID

    def __str__(self) -> str:
        return f"{(self.began_at - _EPOCH) // timedelta(microseconds=1)}-{self.recording.hex}"


@dataclass(frozen=True, slots=True)
class Near:
    """A place, degrees times ten million, and how many metres from it."""

    latitude: int
    longitude: int
    metres: int

    @property
    def place(self) -> str:
        """As it is written: to about a metre."""
        return str(Coordinates(self.latitude, self.longitude))

    @property
    def roughly(self) -> str:
        """As an entry may hold it: to about a kilometre."""
        return f"{self.latitude / DEGREE:.2f}, {self.longitude / DEGREE:.2f}"


@dataclass(frozen=True, slots=True)
class Around:
    """A station by its code, and how many metres from it."""

    station: str
    metres: int


@dataclass(frozen=True, slots=True)
class Sought:
    """A search. Everything given must be true of what is found.

    Attributes:
        officer: a collar number, or words of a name.
        camera: a serial number.
        unit: a code.
        station: a code.
        begins_at: it still ran then or later.
        ends_at: it began before.
        incident: an incident or crime number, whole.
        category: a code, or `none`.
        near: a place and how far from it.
        around: a station and how far from it.
        exhibit: a reference, `ABC/1`.
        flags: of `FLAGS`.
        words: whole words of notes and imports, or its own number.
        after: of the page before.
    """

    officer: str = ""
    camera: str = ""
    unit: str = ""
    station: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    incident: str = ""
    category: str = ""
    near: Near | None = None
    around: Around | None = None
    exhibit: str = ""
    flags: frozenset[str] = frozenset()
    words: str = ""
    after: Place | None = None

    @property
    def asked(self) -> bool:
        """Whether anything is sought at all."""
        return self != Sought(after=self.after)

    def demand_asked(self) -> "Sought":
        """This search, if anything is sought.

        Raises:
            SearchInvalid: nothing is.
        """
        if not self.asked:
            raise SearchInvalid("Say what you look for.", code="search.empty")
        return self


def read(fields: Mapping[str, Sequence[str]]) -> Sought:
    """The search that an address says.

    Args:
        fields: its query, each name with the values it has there.

    Raises:
        SearchInvalid: it says nonsense; the sentence says which, and how it is written.
    """
    unknown = sorted(name for name in fields if name not in FIELDS and name != "flag")
    if unknown:
        raise SearchInvalid(f"A search knows no {_quoted(unknown[0])}.", code="search.field")
    said = {name: _one(name, fields.get(name, ())) for name in FIELDS}
    begins_at = _moment("from", said["from"])
    ends_at = _moment("to", said["to"], end=True)
    if begins_at and ends_at and ends_at <= begins_at:
        raise SearchInvalid("The time ends before it begins.", code="search.window")
    exhibit = said["exhibit"].upper()
    if exhibit and not _EXHIBIT.fullmatch(exhibit):
        raise SearchInvalid("An exhibit reference is written ABC/1.", code="search.exhibit")
    near = _near(said["place"], said["around"].upper(), said["radius"])
    return Sought(
        officer=said["officer"],
        camera=said["camera"],
        unit=said["unit"].upper(),
        station=said["station"].upper(),
        begins_at=begins_at,
        ends_at=ends_at,
        incident=said["incident"],
        category=said["category"],
        near=near if isinstance(near, Near) else None,
        around=near if isinstance(near, Around) else None,
        exhibit=exhibit,
        flags=_flags(fields.get("flag", ())),
        words=said["words"],
        after=_place(said["after"]),
    )


def _one(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise SearchInvalid(f"{FIELDS[name]} is given twice.", code="search.twice")
    text = values[0].strip() if values else ""
    if len(text) > _LONGEST:
        raise SearchInvalid(
            f"{FIELDS[name]} has more than {_LONGEST} characters.", code="search.long"
        )
    if not text.isprintable():
        raise SearchInvalid(f"{FIELDS[name]} has characters that nobody types.")
    return text


def _moment(name: str, text: str, *, end: bool = False) -> datetime | None:
    """A day, or a day with hour and minute; a day alone ends when it is over."""
    if not text:
        return None
    day_alone = len(text) == len("2017-06-08")
    try:
        when = datetime.strptime(text, "%Y-%m-%d" if day_alone else "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - London's, below
        when += timedelta(days=1 if end and day_alone else 0)
        return when.replace(tzinfo=LONDON).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SearchInvalid(
            f"{FIELDS[name]} is no day. It is written 2017-06-08, or 2017-06-08T21:30.",
            code="search.time",
        ) from None


def _near(place: str, station: str, radius: str) -> Near | Around | None:
    """A place or a station, and a radius that is not too large to look through."""
    if place and station:
        raise SearchInvalid("Say a place or a station to search around, not both.")
    if not place and not station:
        if radius and radius != str(USUAL_RADIUS):
            raise SearchInvalid("How far from where? Give a place too.", code="search.place")
        return None
    metres = int(radius) if _METRES.fullmatch(radius) else 0 if radius else USUAL_RADIUS
    if not 1 <= metres <= MOST_METRES:
        raise SearchInvalid(
            f"How far is a whole number of metres, at most {MOST_METRES:,}.", code="search.radius"
        )
    if station:
        return Around(station, metres)
    try:
        found = coordinates.read(place)
    except PlaceInvalid as error:
        raise SearchInvalid(error.message, code="search.place") from None
    return Near(found.latitude, found.longitude, metres)


def _flags(values: Sequence[str]) -> frozenset[str]:
    unknown = sorted(set(values) - FLAGS.keys())
    if unknown:
        raise SearchInvalid(f"There is no flag {_quoted(unknown[0])}.", code="search.flag")
    return frozenset(values)


def _place(text: str) -> Place | None:
    if not text:
        return None
    match = _CURSOR.fullmatch(text)
    try:
        if match is not None:
            began_at = _EPOCH + timedelta(microseconds=int(match[1]))
            return Place(began_at, UUID(hex=match[2]))
    except OverflowError:
        pass
    raise SearchInvalid("This page of the search is none. Search again.", code="search.page")


def _quoted(text: str) -> str:
    return f"“{''.join(each for each in text if each.isprintable())[:20]}”"
