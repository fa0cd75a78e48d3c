"""Who and what a call names: collar numbers, serial numbers, codes of units and stations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

from fairwitness.api.exchange import RequestRefused
from fairwitness.evidence.models import Recording
from fairwitness.force import cameras, officers
from fairwitness.force.models import Camera, Officer, Station, Unit

M = TypeVar("M", bound=Model)
MOST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Officers, cameras, units and stations; a kind that is left out asks for nothing."""

    officers: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of what was named, each once."""

    officers: tuple[Officer, ...]
    cameras: tuple[Camera, ...]
    units: tuple[Unit, ...]
    stations: tuple[Station, ...]


def collar(officer: Officer | None) -> str | None:
    """Somebody's collar number, where there is somebody."""
    return officer.collar_number if officer else None


def unit(code: str) -> Unit:
    """The unit of this code.

    Raises:
        RequestRefused: there is none.
    """
    (found,) = _coded(Unit.objects.all(), [code])
    return found


def rows(said: Whom) -> Rows:
    """What was named.

    Raises:
        RequestRefused: more than 60 of a kind, or a unit or station that is not.
        OfficerInvalid, CameraRefused: one that is not.
    """
    for kind in (said.officers, said.cameras, said.units, said.stations):
        if len(kind) > MOST:
            raise RequestRefused(
                f"Name at most {MOST} of a kind; for more, their unit or station.",
                code="request.body",
            )
    return Rows(
        tuple(officers.named(each) for each in _each(said.officers)),
        tuple(cameras.named(each) for each in _each(said.cameras)),
        _coded(Unit.objects.all(), said.units),
        _coded(Station.objects.all(), said.stations),
    )


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in names))


def _coded(found: QuerySet[M], codes: Iterable[str]) -> tuple[M, ...]:
    wanted = _each(codes)
    known = {str(getattr(row, "code", "")): row for row in found.filter(code__in=wanted)}
    unknown = [code for code in wanted if code not in known]
    if unknown:
        raise RequestRefused(f"There is no unit or station {unknown[0][:40]}.", code="request.body")
    return tuple(known[code] for code in wanted)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A recording that would be kept."""

    reference: str
    wearer: str | None
    unit: str | None


def preview_row(row: Recording) -> PreviewRow:
    """A recording as a preview tells it."""
    return PreviewRow(
        row.reference,
        collar(row.wearer),
        row.unit.code if row.unit else None,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """How many recordings it would keep now, and the first of those that this account may see.

    With `more` there are more than were counted.
    """

    number: int
    more: bool
    shown: tuple[PreviewRow, ...]
