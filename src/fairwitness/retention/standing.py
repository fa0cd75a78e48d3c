"""Which recordings a standing hold binds: pure, and in doubt it binds.

Criteria of one kind are alternatives, kinds add up: officers A or B, *and* at station C, *and*
overlapping the window. A kind left empty asks for nothing. What is not known of a recording (no
wearer, no station, a clock that nobody checked) never saves it from being bound: holding too much
can be undone, letting go can't.

A critical incident's are about `any_of` the kinds: these officers, *or* that camera, *or* at that
station, in the window. In doubt it binds what was worn: footage of which nobody knows the wearer,
or neither wearer nor camera. It leaves alone what somebody brought in from elsewhere, because it
locks what it binds, and a street's CCTV of that night is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.formats import records
from fairwitness.formats.canonical import Json


class CriteriaInvalid(FairwitnessError):
    """Criteria that ask for nothing, or for a window that ends before it begins."""

    code = "hold.criteria_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a standing hold asks for; at least one kind.

    Attributes:
        officers: wearers.
        cameras: cameras, by id.
        units: units, by code.
        stations: stations where the camera was docked, by code.
        begins_at: start of the window, UTC; None for no start.
        ends_at: end of the window, UTC; None for no end.
        any_of: one kind that fits is enough.
    """

    officers: tuple[UUID, ...] = ()
    cameras: tuple[UUID, ...] = ()
    units: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    any_of: bool = False

    def __post_init__(self) -> None:
        kinds = (self.officers, self.cameras, self.units, self.stations)
        window = (self.begins_at, self.ends_at)
        if not any(kinds) and window == (None, None):
            raise CriteriaInvalid("Say whom, which camera, where or when the hold is about.")
        if self.begins_at and self.ends_at and self.ends_at < self.begins_at:
            raise CriteriaInvalid("The window ends before it begins.")

    def to_json(self) -> Json:
        """The criteria as stored with the hold."""
        return records.to_json(self)


def criteria_from(json: Json) -> Criteria:
    """The criteria as stored with a hold.

    Raises:
        FormatError: it is something else.
    """
    if isinstance(json, Mapping):
        json = {"any_of": False, **json}  # holds placed before there were any such
    return records.from_json(Criteria, json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a recording; None where nothing is.

    Attributes:
        officer: its wearer.
        camera: its camera.
        unit: the unit's code.
        station: the station's code.
        began: the earliest moment it can have begun.
        ended: the latest moment it can have ended.
        worn: it came from a body-worn camera, as far as is known.
    """

    officer: UUID | None = None
    camera: UUID | None = None
    unit: str | None = None
    station: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    worn: bool = True


def matches(criteria: Criteria, seen: Seen) -> bool:
    """Whether a hold with these criteria binds a recording of which this is known."""
    if criteria.any_of:
        return (
            _one_fits(criteria, seen)
            and _not_after(seen.began, criteria.ends_at)
            and _not_after(criteria.begins_at, seen.ended)
        )
    return (
        _among(seen.officer, criteria.officers)
        and _among(seen.camera, criteria.cameras)
        and _among(seen.unit, criteria.units)
        and _among(seen.station, criteria.stations)
        and _not_after(seen.began, criteria.ends_at)
        and _not_after(criteria.begins_at, seen.ended)
    )


def _one_fits(criteria: Criteria, seen: Seen) -> bool:
    nobody = seen.worn and seen.officer is None
    return (
        bool(criteria.officers and nobody)
        or bool(criteria.cameras and nobody and seen.camera is None)
        or seen.officer in criteria.officers
        or seen.camera in criteria.cameras
        or seen.unit in criteria.units
        or seen.station in criteria.stations
    )


def _among(value: UUID | str | None, wanted: tuple[UUID, ...] | tuple[str, ...]) -> bool:
    return not wanted or value is None or value in wanted


def _not_after(first: datetime | None, second: datetime | None) -> bool:
    return first is None or second is None or first <= second
