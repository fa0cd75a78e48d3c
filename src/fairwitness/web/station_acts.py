"""What administrators do to stations: register one, say anew where it is, close it."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import reaching
from fairwitness.force import coordinates, stations
from fairwitness.force.asking import Action, Subject
from fairwitness.force.coordinates import Coordinates
from fairwitness.force.models import Station, Unit
from fairwitness.force.stations import Described, NewStation
from fairwitness.web import acting, page, visits

_LIST: Final = "/force/stations"
_FIELDS: Final = ("code", "name", "unit", "address", "place")


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Stations",
        sentence="You can’t register or change stations.",
        detail="It is for administrators, of its unit or the whole force.",
        back=_LIST,
    )


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in _FIELDS}


def _place(text: str) -> Coordinates | None:
    return coordinates.read(text) if text else None


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def register(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Register a station of a unit where one may."""
    units = visits.reach(visit, Action.KEEP_STATIONS)
    if units is not None and not units:
        return _refuse(request)
    said = _said(request)
    said["unit"] = said["unit"] or visit.officer.unit.code

    def act() -> Station:
        new = NewStation(
            code=said["code"].upper(),
            name=said["name"],
            unit=said["unit"],
            address=said["address"],
            place=_place(said["place"]),
        )
        return stations.register(actor=visit.officer, station=new, at=visit.at)

    there = Unit.objects.filter(reaching.within(units, "code")).values_list("code", "name")
    context = {"new": True, "units": list(there), "back": _LIST}
    return _asked(
        request,
        {**said, "unit": said["unit"] or visit.officer.unit.code},
        context,
        act,
        "registered",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def change(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """Say a station's name, address and place anew."""
    station = _named(visit, code)
    if station is None:
        return _refuse(request)
    said = _said(request)

    def act() -> Station:
        described = Described(
            name=said["name"], address=said["address"], place=_place(said["place"])
        )
        return stations.change(station=station, said=described, actor=visit.officer, at=visit.at)

    if request.method != "POST":
        place = station.place
        said |= {"name": station.name, "address": station.address}
        said["place"] = str(place) if place else ""
    context = {"title": station.name, "code": station.code, "back": f"{_LIST}/{station.code}"}
    return _asked(request, said, context, act, "changed")


def _asked(
    request: HttpRequest,
    said: Mapping[str, str],
    context: Mapping[str, object],
    act: Callable[[], Station],
    done: str,
) -> HttpResponse:
    """The form; or the act, or the form again with what was typed and what is wrong."""
    form = {**context, "said": said, "problem": ""}
    if request.method != "POST":
        return page.render(request, "pages/force_station_form.html", form)
    try:
        row = act()
    except FairwitnessError as error:
        form["problem"] = error.message
        return page.render(request, "pages/force_station_form.html", form, status=400)
    page.tell(request, f"{row.name} is {done}.")
    return HttpResponseRedirect(f"{_LIST}/{row.code}")


@require_POST
@visits.signed_in
def close(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """Close a station where no dock stands any more."""
    station = _named(visit, code)
    if station is None:
        return _refuse(request)

    def act() -> str:
        reason = request.POST.get("reason", "")
        stations.close(station=station, actor=visit.officer, at=visit.at, reason=reason)
        return f"{station.name} is closed."

    there = f"{_LIST}/{station.code}"
    return acting.attempt(request, act, then=there, back=there)


@require_POST
@visits.signed_in
def reopen(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """Open a closed station again."""
    station = _named(visit, code)
    if station is None:
        return _refuse(request)

    def act() -> str:
        reason = request.POST.get("reason", "")
        stations.reopen(station=station, actor=visit.officer, at=visit.at, reason=reason)
        return f"{station.name} is open again."

    there = f"{_LIST}/{station.code}"
    return acting.attempt(request, act, then=there, back=there)


def _named(visit: visits.SignedVisit, code: str) -> Station | None:
    """The station, if this visitor may change it; that one may not is written down."""
    station = Station.objects.select_related("unit").filter(code=code.upper()).first()
    known = visits.allowed(
        visit,
        Action.KEEP_STATIONS,
        about=f"station:{code[:16].upper()}",
        subject=Subject(unit=station.unit.code if station else None),
    )
    return station if known else None
