"""Find it: one search whose address says all of it, and acts on what it found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from fairwitness.accountability import finding, search
from fairwitness.accountability.search import (
    FLAGS,
    MOST_METRES,
    USUAL_RADIUS,
    SearchInvalid,
    Sought,
)
from fairwitness.evidence import cells, stills
from fairwitness.evidence.circle import AROUND
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.models import Station, Unit
from fairwitness.web import (
    consulting,
    leaving_out,
    page,
    recordings,
    showing,
    tasks,
    times,
    visits,
)
from fairwitness.web.finding_acts import DEEDS

MOST_ROWS: Final = 1000
_NO_PICTURES: Final = "There is no still of these that you may see. Nothing was shown."
_SAY_WHAT_FOR: Final = "Say what you need the pictures for, with its number. Nothing was shown."


def address(sought: Sought, after: object = None) -> str:
    """The query that says this search, each field once, nothing empty."""
    return urlencode(_said(sought) + ([("after", str(after))] if after else []))


def same(recording: Recording) -> list[tuple[str, str]]:
    """Searches in one click: its incident, its station, its time; words and address of each."""
    start = showing.began(recording) - AROUND
    end = (recording.ended_at or showing.began(recording)) + AROUND
    moments = [("from", _typed(start)), ("to", _typed(end + timedelta(minutes=1)))]
    found = [("Same time", urlencode(moments))]
    if recording.station:
        place = [("station", recording.station.code), *moments]
        found.insert(0, ("Same place", urlencode(place)))
    if recording.incident:
        found.insert(0, ("Same incident", urlencode([("incident", recording.incident)])))
    return [(words, f"/search?{query}") for words, query in found]


def _typed(at: datetime) -> str:
    return times.london(at).strftime("%Y-%m-%dT%H:%M")


def _said(sought: Sought) -> list[tuple[str, str]]:
    plain = ("officer", "camera", "unit", "station")
    fields = [(name, getattr(sought, name)) for name in plain]
    fields.append(("from", _typed(sought.begins_at) if sought.begins_at else ""))
    fields.append(("to", _typed(sought.ends_at) if sought.ends_at else ""))
    if sought.near:
        fields += [("place", sought.near.place), ("radius", str(sought.near.metres))]
    if sought.around:
        fields += [("around", sought.around.station), ("radius", str(sought.around.metres))]
    plain = ("incident", "category", "exhibit", "words")
    fields += [(name, getattr(sought, name)) for name in plain]
    return [field for field in fields if field[1]] + [("flag", one) for one in sorted(sought.flags)]


def note(visit: visits.SignedVisit, sought: Sought, shown: int, as_what: str) -> None:
    """Write down that somebody looked through what a search found, and what they sought."""
    said: dict[str, str] = {}
    for name, value in _said(sought):
        said[name] = f"{said[name]}, {value}" if name in said else value
    if sought.near is not None:  # what the log keeps is no trail: see ADR 0048
        said["place"] = f"about {sought.near.roughly}"
    if sought.after is not None:
        said["after"] = str(sought.after)
    consulting.note(visit, of=as_what, shown=shown, sought=said)


def refused(request: HttpRequest, error: SearchInvalid) -> HttpResponse:
    """What is said of an address that is no search."""
    return page.refuse(
        request,
        title="This is no search",
        sentence=error.message,
        detail="Nothing was searched.",
        back="/search",
        status=400,
    )


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The form, and one page of what is found of what one may see."""
    try:
        sought = search.read(dict(request.GET.lists()))
    except SearchInvalid as error:
        return refused(request, error)
    if any(not value for _name, values in request.GET.lists() for value in values):
        return HttpResponseRedirect(f"/search?{address(sought, sought.after)}")
    found = finding.Found((), None)
    if sought.asked:
        found = finding.find(
            sought=sought, facts=visit.facts, at=visit.at, ring=visit.works.vault.ring
        )
        note(visit, sought, len(found.recordings), "search")
    return _page(request, visit, sought, found, pictures={})


@require_POST
@visits.signed_in
def pictures(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The same page of the search with a still of each: a look, for one reason, written down."""
    try:
        sought = search.read(parse_qs(request.POST.get("query", ""))).demand_asked()
    except SearchInvalid as error:
        return refused(request, error)
    found = finding.find(sought=sought, facts=visit.facts, at=visit.at, ring=visit.works.vault.ring)
    note(visit, sought, len(found.recordings), "search with pictures")
    task = tasks.read(request)
    wanted = [
        row for row in found.recordings if task is not None or row.wearer_id == visit.officer.pk
    ]
    tokens = stills.grant(recordings=wanted, officer=visit.officer, task=task, at=visit.at)
    if not tokens:
        page.tell(request, _NO_PICTURES if task or wanted else _SAY_WHAT_FOR)
    return _page(request, visit, sought, found, pictures=tokens)


def _page(
    request: HttpRequest,
    visit: visits.SignedVisit,
    sought: Sought,
    found: finding.Found,
    *,
    pictures: Mapping[UUID, str],
) -> HttpResponse:
    names = showing.category_names()
    query = address(sought)
    context = {
        "sought": dict(_said(sought)),
        "flags": [(code, words, code in sought.flags) for code, words in FLAGS.items()],
        "categories": sorted(names.items(), key=lambda item: item[1]),
        "asked": sought.asked,
        **_places(sought, names),
        "side": cells.SIDE_METRES,
        "farthest": MOST_METRES,
        "usual_radius": USUAL_RADIUS,
        "rows": [_row(row, names, visit, pictures.get(row.pk, "")) for row in found.recordings],
        "first": sought.after is None,
        "next_page": f"/search?{address(sought, found.after)}" if found.after else "",
        "table": f"/search.csv?{query}",
        "begin": f"/search?{query}",
        "most": f"{MOST_ROWS:,}",
        "deeds": _deeds(visit),
        "query": query,
        "this_page": address(sought, sought.after),
        "pictures": len(pictures),
        "others": any(row.wearer_id != visit.officer.pk for row in found.recordings),
        "task_kinds": tasks.kinds(),
    }
    return page.render(request, "pages/search.html", context)


def _places(sought: Sought, categories: Mapping[str, str]) -> dict[str, object]:
    """Units and stations to choose from, what this search is near, and all it says, in words."""
    units = dict(Unit.objects.order_by("name").values_list("code", "name"))
    rows = list(Station.objects.order_by("name").values_list("code", "name", "latitude"))
    stations = {code: name for code, name, _latitude in rows}
    placed = [(code, name) for code, name, latitude in rows if latitude is not None]
    if sought.around is None:
        near, what = sought.near, sought.near.place if sought.near else ""
    else:
        code = sought.around.station
        near, what = finding.around(sought.around), stations.get(code, code)
    names: dict[str, Mapping[str, str]] = {
        "unit": units,
        "station": stations,
        "around": stations,
        "category": {**categories, search.UNCATEGORISED: "none"},
    }
    return {
        "units": _with(units, sought.unit),
        "stations": _with(stations, sought.station),
        "placed": placed,
        "near": near,
        "near_what": what,
        "said": leaving_out.told(_said(sought), names),
    }


def _with(known: Mapping[str, str], code: str) -> list[tuple[str, str]]:
    """What one chooses from, and what the address says though nobody has that code."""
    return [*known.items(), *([(code, code)] if code and code not in known else [])]


def _deeds(visit: visits.SignedVisit) -> list[tuple[str, str]]:
    """The acts that this visitor may do to anything but their own, and those to their own."""
    return [
        (code, deed.words)
        for code, deed in DEEDS.items()
        if deed.own or permissions.units_where(visit.facts, deed.action) != frozenset()
    ]


def _row(
    found: Recording, names: Mapping[str, str], visit: visits.SignedVisit, token: str
) -> dict[str, object]:
    return {
        "id": str(found.pk),
        "row": recordings.row(found, names=names, facts=visit.facts, at=visit.at),
        "unit": found.unit.name if found.unit else "",
        "station": found.station.name if found.station else "",
        "picture": f"/play/{token}/{stills.ONLY}" if token else "",
    }
