"""Docks and their bays, as each told them last: what uploads, what hangs, who is silent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.dock.doing import WORDS, Doing
from fairwitness.evidence import reaching
from fairwitness.force import bays, permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, Dock, EnrolmentStatus, Issue, Station
from fairwitness.formats import timestamp
from fairwitness.web import (
    consulting,
    force_cameras,
    force_people,
    force_words,
    page,
    times,
    visits,
)

PAGE: Final = 50
_TROUBLED: Final = frozenset({Doing.FAILED, Doing.WAITING, Doing.AWAY})
_BUSY: Final = frozenset({Doing.LOOKING, Doing.QUEUED, Doing.UPLOADING, Doing.CHECKING})
_WORDS: Final[Mapping[str, str]] = {doing.value: words for doing, words in WORDS.items()}
STATES: Final = {"silent": "Silent", "pending": "Waiting for approval", "revoked": "Revoked"}


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The docks of the units where one may look: by serial, a page at a time."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return force_cameras.refuse(request)
    asked = {
        name: consulting.words(request.GET.get(name, "")) for name in ("station", "state", "words")
    }
    found = _narrowed(asked, units, visit.at)
    after = request.GET.get("after", "")[:40]
    rows = list(
        found.filter(serial__gt=after)
        .select_related("station__unit", "board")
        .order_by("serial")[: PAGE + 1]
    )
    shown, more = rows[:PAGE], rows[PAGE:]
    stations = Station.objects.filter(reaching.within(units)).values_list("code", "name")
    context = {
        "rows": [row(dock, visit.at) for dock in shown],
        "asked": asked,
        "states": STATES.items(),
        "stations": list(stations),
        "next": f"?{urlencode({**asked, 'after': shown[-1].serial})}" if more else "",
    }
    return page.render(request, "pages/force_docks.html", context)


def _narrowed(
    asked: Mapping[str, str], units: frozenset[str] | None, at: datetime
) -> QuerySet[Dock]:
    found = Dock.objects.filter(reaching.within(units, "station__unit__code"))
    if asked["station"]:
        found = found.filter(station__code=asked["station"].upper())
    if asked["words"]:
        found = found.filter(serial__icontains=asked["words"])
    if asked["state"] == "silent":
        return found.filter(pk__in=bays.silent(at=at).values("pk"))
    if asked["state"] in STATES:
        return found.filter(status=asked["state"])
    return found.exclude(status=EnrolmentStatus.DECLINED)


def row(dock: Dock, at: datetime) -> dict[str, object]:
    """A dock in a list of docks."""
    board = getattr(dock, "board", None)
    full = [bay for bay in board.bays if bay["camera"]] if board else []
    return {
        "href": f"/force/docks/{dock.pk}",
        "serial": dock.serial,
        "station": dock.station.name if dock.station else "none",
        "state": dock.get_status_display(),
        "approved": dock.status == EnrolmentStatus.APPROVED,
        "told": _told(board.told_at, at) if board else "never",
        "silent": _silent(dock, at),
        "bays": f"{len(full)} of {len(board.bays)}" if board else "not told",
        "busy": sum(bay["doing"] in _BUSY for bay in full),
        "troubled": sum(bay["doing"] in _TROUBLED for bay in full),
    }


def _silent(dock: Dock, at: datetime) -> bool:
    board = getattr(dock, "board", None)
    return (
        dock.status == EnrolmentStatus.APPROVED
        and board is not None
        and board.told_at < at - bays.SILENT
    )


def _told(moment: datetime, at: datetime) -> str:
    if times.day(moment) == times.day(at):
        return f"today, {times.clock(moment)}"
    return times.near_moment(moment, at=at)


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One dock: its bays as it told them last."""
    dock = Dock.objects.select_related("station__unit", "board").filter(pk=pk).first()
    unit = dock.station.unit.code if dock and dock.station else None
    known = visits.allowed(visit, Action.SEE_FORCE, about=f"dock:{pk}", subject=Subject(unit=unit))
    if dock is None or not known:
        return force_cameras.refuse(request)
    board = getattr(dock, "board", None)
    context = {
        **row(dock, visit.at),
        "reason": dock.status_reason,
        "unit": dock.station.unit.name if dock.station else "none",
        "station_code": dock.station.code if dock.station else "",
        "since": times.short_moment(dock.approved_at) if dock.approved_at else "",
        "seen": times.short_moment(dock.last_seen_at) if dock.last_seen_at else "not yet",
        "told_at": times.short_moment(board.told_at) if board else "",
        "board": _bays(board.bays, visit) if board else [],
        "owed": force_words.size(sum(bay["bytes_owed"] for bay in board.bays)) if board else "",
    }
    return page.render(request, "pages/force_dock.html", context)


def _bays(told: list[dict[str, Any]], visit: visits.SignedVisit) -> list[dict[str, object]]:
    """Each bay; whose camera hangs in it is said of the cameras of one's own units only."""
    serials = [bay["camera"] for bay in told if bay["camera"]]
    units = permissions.units_where(visit.facts, Action.SEE_FORCE)
    seen = {
        row.serial: row for row in Camera.objects.filter(reaching.within(units), serial__in=serials)
    }
    issues = Issue.objects.filter(
        force_people.running(visit.at), camera__in=seen.values()
    ).select_related("officer")
    holders = {row.camera_id: row.officer for row in issues}
    return [_bay(bay, seen, holders, visit.at) for bay in told]


def _bay(
    bay: dict[str, Any],
    cameras: Mapping[str, Camera],
    holders: Mapping[UUID, Any],
    at: datetime,
) -> dict[str, object]:
    camera = cameras.get(bay["camera"])
    holder = holders.get(camera.pk) if camera else None
    since = timestamp.parse(bay["docked_at"]) if bay["docked_at"] else None
    left = bay["recordings_left"]
    return {
        "number": bay["bay"],
        "camera": bay["camera"],
        "href": f"/force/cameras/{camera.pk}" if camera else "",
        "holder": f"{holder.title}, {holder.collar_number}" if holder else "",
        "doing": _WORDS.get(bay["doing"], bay["doing"]),
        "tag": "tag-bad"
        if bay["doing"] in _TROUBLED
        else "tag-good"
        if bay["doing"] in {Doing.READY, Doing.RELEASED}
        else "tag-soon"
        if bay["doing"] in _BUSY | {Doing.UNASSIGNED}
        else "",
        "light": bay["light"],
        "since": times.near_moment(since, at=at) if since else "",
        "left": f"{left}, {force_words.size(bay['bytes_owed'])}" if left else "",
        "time_left": _minutes(bay["seconds_left"]) if left else "",
        "battery": "" if bay["battery_percent"] is None else f"{bay['battery_percent']} %",
        "trouble": bay["trouble"],
    }


def _minutes(seconds: int | None) -> str:
    if seconds is None:
        return "nobody can say how long"
    minutes = max(1, round(seconds / 60))
    return "about 1 minute" if minutes == 1 else f"about {minutes} minutes"
