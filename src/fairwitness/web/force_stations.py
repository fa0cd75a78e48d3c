"""Stations: the list, and each one's page: where it is, its docks, and which cameras hang there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import reaching
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.force.bay_rows import CameraInDock
from fairwitness.force.models import Dock, EnrolmentStatus, Issue, Station, Unit
from fairwitness.web import (
    consulting,
    force_cameras,
    force_docks,
    force_words,
    page,
    times,
    visits,
)

PAGE: Final = 50
AROUND: Final = 500
"""Metres of the search that a station's page offers."""


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The stations of the units where one may look: by code, a page at a time."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return force_cameras.refuse(request)
    asked = {
        name: consulting.words(request.GET.get(name, "")) for name in ("words", "unit", "state")
    }
    found = Station.objects.filter(reaching.within(units))
    found = found.filter(closed_at__isnull=asked["state"] != "closed")
    if asked["unit"]:
        found = found.filter(unit__code=asked["unit"].upper())
    if asked["words"]:
        typed = asked["words"]
        found = found.filter(Q(code__iexact=typed) | Q(name__icontains=typed))
    rows = list(
        found.filter(code__gt=request.GET.get("after", "")[:16])
        .select_related("unit")
        .annotate(number=Count("docks", filter=Q(docks__status=EnrolmentStatus.APPROVED)))
        .order_by("code")[: PAGE + 1]
    )
    shown, more = rows[:PAGE], rows[PAGE:]
    there = Unit.objects.filter(reaching.within(units, "code"))
    context = {
        "rows": [
            {
                "code": row.code,
                "name": row.name,
                "unit": row.unit.name,
                "docks": row.number,
                "place": str(row.place) if row.place else "",
            }
            for row in shown
        ],
        "asked": asked,
        "units": list(there.values_list("code", "name")),
        "next": f"?{urlencode({**asked, 'after': shown[-1].code})}" if more else "",
        "registers": _may_register(visit),
    }
    return page.render(request, "pages/force_stations.html", context)


def _may_register(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may register a station anywhere."""
    own = Subject(unit=visit.officer.unit.code)
    return visits.may(visit, Action.KEEP_STATIONS, own)


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """One station."""
    station = Station.objects.select_related("unit").filter(code=code.upper()).first()
    subject = Subject(unit=station.unit.code if station else None)
    about = f"station:{code[:16].upper()}"
    known = visits.allowed(visit, Action.SEE_FORCE, about=about, subject=subject)
    if station is None or not known:
        return force_cameras.refuse(request)
    units = permissions.units_where(visit.facts, Action.SEE_FORCE)
    docks = list(
        station.docks.exclude(status=EnrolmentStatus.DECLINED)
        .select_related("station", "board")
        .order_by("serial")[: PAGE + 1]
    )
    hung = list(
        CameraInDock.objects.filter(dock__station=station)
        .select_related("camera__unit", "dock")
        .order_by("-told_at", "camera__serial")[: PAGE + 1]
    )
    place = station.place
    context = {
        "code": station.code,
        "name": station.name,
        "unit": station.unit.name,
        "unit_code": station.unit.code,
        "address": station.address,
        "place": str(place) if place else "",
        "around": f"/search?around={station.code}&radius={AROUND}" if place else "",
        "metres": AROUND,
        "recordings": f"/search?station={station.code}",
        "closed": times.short_moment(station.closed_at) if station.closed_at else "",
        "docks": [force_docks.row(dock, visit.at) for dock in docks[:PAGE]],
        "more_docks": len(docks) > PAGE,
        "bays": _bays(docks),
        "cameras": _cameras(hung[:PAGE], units, visit.at),
        "more_cameras": len(hung) > PAGE,
        "officers": _officers(station, units, visit.at),
        "keeps": visits.may(visit, Action.KEEP_STATIONS, subject),
    }
    return page.render(request, "pages/force_station.html", context)


def _bays(docks: Sequence[Dock]) -> str:
    """How many bays all of its docks have told of, and how many hold something."""
    boards = [board.bays for dock in docks if (board := getattr(dock, "board", None))]
    bays = [bay for board in boards for bay in board]
    full = sum(bool(bay["camera"]) for bay in bays)
    return f"{full} of {len(bays)} in use" if bays else "none told yet"


def _cameras(
    hung: Sequence[CameraInDock], units: frozenset[str] | None, at: datetime
) -> list[Mapping[str, object]]:
    """Each camera; who has it is said of the cameras of one's own units only."""
    seen = {row.camera_id for row in hung if _of(units, row.camera.unit)}
    out = force_words.out_now([row.camera for row in hung if row.camera_id in seen], at=at)
    return [_camera(row, out.get(row.camera_id), at, opens=row.camera_id in seen) for row in hung]


def _of(units: frozenset[str] | None, unit: Unit | None) -> bool:
    return units is None or (unit is not None and unit.code in units)


def _camera(
    row: CameraInDock, running: Issue | None, at: datetime, *, opens: bool
) -> Mapping[str, object]:
    return {
        "serial": row.camera.serial,
        "href": f"/force/cameras/{row.camera_id}" if opens else "",
        "dock": row.dock.serial,
        "bay": row.bay,
        "told": times.near_moment(row.told_at, at=at),
        "holder": f"{running.officer.title}, {running.officer.collar_number}" if running else "",
        "holder_href": f"/force/officers/{running.officer_id}" if running else "",
    }


def _officers(
    station: Station, units: frozenset[str] | None, at: datetime
) -> list[Mapping[str, object]]:
    """Whoever has a camera of one's units that belongs to this station, by collar number."""
    found = (
        Issue.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            reaching.within(units, "camera__unit__code"),
            begins_at__lte=at,
            camera__station=station,
        )
        .select_related("officer", "camera")
        .order_by("officer__collar_number", "camera__serial")[:PAGE]
    )
    return [
        {
            "href": f"/force/officers/{officer.pk}",
            "name": f"{officer.title}, {officer.collar_number}",
            "cameras": ", ".join(row.camera.serial for row in theirs),
        }
        for officer, theirs in groupby(found, key=lambda row: row.officer)
    ]
