"""Records of force, search, arrest and complaint, and calls: what they mark, and what is missing.

The list is a consultation of the recordings that it names, and is written down as one. Nobody sees
here what they wore themselves, nor a record that is about them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import desk_sight, looking, reminding
from fairwitness.retention.event_rows import WATCHED, Event, EventList, EventMatch
from fairwitness.web import acting, consulting, page, showing, times, visits

SHOWN: Final = 50
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording that waits for a look, and the records that mark it."""

    recording: str
    reference: str
    when: str
    wearer: str
    records: tuple[str, ...]
    since: str
    certain: bool
    ticked: bool
    told: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A record that no recording is of."""

    id: str
    name: str
    officer: str
    when: str
    place: str


def refuse(request: HttpRequest) -> HttpResponse:
    """The one answer to whoever these are not for."""
    return page.refuse(
        request,
        title="Records",
        sentence="You can’t see what records mark.",
        detail="It is for supervisors, evidence managers and professional standards.",
        back="/today",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What waits for a look, and what has no recording."""
    units = visits.reach(visit, Action.LOOK_AT_EVENT)
    if units is not None and not units:
        return refuse(request)
    marks, missing = desk_sight.marks(visit.facts), desk_sight.records_missing(visit.facts)
    found = list(
        marks.select_related("event", "recording__wearer").order_by("matched_at", "pk")[:SHOWN]
    )
    without = list(missing.select_related("officer", "camera", "unit")[:SHOWN])
    consulting.note(visit, of="records", shown=len(found))
    brings = permissions.units_where(visit.facts, Action.BRING_EVENTS) != frozenset()
    rows = _rows(found, visit)
    context = {
        "watch": [row for row in rows if not row.ticked],
        "tick": [row for row in rows if row.ticked],
        "waiting_total": marks[:_MOST].count() if len(found) == SHOWN else len(found),
        "missing": [_missing(each) for each in without],
        "missing_total": missing[:_MOST].count() if len(without) == SHOWN else len(without),
        "most": _MOST,
        "brings": brings,
        "lists": _lists() if brings else [],
    }
    return page.render(request, "pages/records.html", context)


def _rows(found: Sequence[EventMatch], visit: visits.SignedVisit) -> list[Waiting]:
    """One row for each recording, whatever the number of records that mark it."""
    grouped: dict[UUID, list[EventMatch]] = {}
    for each in found:
        grouped.setdefault(each.recording_id, []).append(each)
    rows = []
    for marks in grouped.values():
        recording, since = marks[0].recording, marks[0].matched_at
        told = reminding.due(reminding.LOOK, day=since, at=visit.at)
        rows.append(
            Waiting(
                recording=str(recording.pk),
                reference=recording.reference,
                when=times.near_moment(showing.began(recording), at=visit.at),
                wearer=recording.wearer.title if recording.wearer else "nobody yet",
                records=tuple(str(each.event) for each in marks),
                since=times.near_moment(since, at=visit.at),
                certain=any(each.certain for each in marks),
                ticked=all(each.event.kind not in WATCHED for each in marks),
                told=_TOLD[told[-1]] if told else "",
            )
        )
    return rows


_TOLD: Final = {
    reminding.SUPERVISOR: "",
    reminding.MANAGER: "waits 14 days: the evidence manager was told",
    reminding.STANDARDS: "waits 31 days: professional standards were told",
}


def _missing(event: Event) -> Missing:
    who = event.officer.title if event.officer else ""
    camera = f"camera {event.camera.serial}" if event.camera else ""
    return Missing(
        id=str(event.pk),
        name=str(event)[:1].upper() + str(event)[1:],
        officer=", ".join(filter(None, (who, camera))) or f"incident {event.incident}",
        when=f"{times.short_moment(event.begins_at)} to {times.clock(event.ends_at)}",
        place=", ".join(filter(None, (event.call_type, event.place))),
    )


def _lists() -> list[dict[str, object]]:
    return [
        {
            "href": f"/records/lists/{row.pk}",
            "name": row.name,
            "moment": times.short_moment(row.at),
            "counts": ", ".join(f"{number} {what}" for what, number in sorted(row.counts.items())),
        }
        for row in EventList.objects.order_by("-at").defer("lines")[:10]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def look(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Look at one recording that records mark, and say so."""
    recording = (
        Recording.objects.select_related("wearer", "unit", "station", "review", "disposal")
        .filter(pk=pk)
        .first()
    )
    marks = list(looking.waiting().filter(recording=pk).select_related("event"))
    subject, about = Subject(), "force"
    if recording is not None:
        about = recording_subject(pk)
        subject = circle.subject_of(recording=recording, at=visit.at, asking=visit.officer.pk)
    if any(each.event.officer_id == visit.officer.pk for each in marks):
        subject = replace(subject, wearer=visit.officer.pk)  # it is about the visitor
    if not visits.allowed(visit, Action.LOOK_AT_EVENT, about=about, subject=subject):
        return refuse(request)
    if recording is None:
        return refuse(request)
    if request.method == "POST":
        return _looked(request, visit, [pk], back=f"/records/look/{pk}")
    context = {
        "id": str(pk),
        "reference": recording.reference,
        "wearer": recording.wearer.title if recording.wearer else "nobody yet",
        "when": times.long_moment(showing.began(recording)),
        **showing.life_line_rows(recording, facts=visit.facts, at=visit.at),
        "marks": [_mark(each, visit) for each in marks],
        "watched": looking.watched(matches=marks, officer=visit.officer),
        "task": _task(recording, marks),
        "evidential": recording.evidential,
    }
    return page.render(request, "pages/records_look.html", context)


def _task(recording: Recording, marks: Sequence[EventMatch]) -> str:
    """What watching is for, as its entry says it: never what the wearer must not learn of."""
    told = (each.event.reference for each in marks if not each.event.silent)
    return next(told, recording.reference)


def _mark(match: EventMatch, visit: visits.SignedVisit) -> dict[str, object]:
    event = match.event
    return {
        "name": str(event)[:1].upper() + str(event)[1:],
        "when": f"{times.short_moment(event.begins_at)} to {times.clock(event.ends_at)}",
        "incident": event.incident,
        "place": ", ".join(filter(None, (event.call_type, event.place))),
        "certain": match.certain,
        "since": times.near_moment(match.matched_at, at=visit.at),
    }


@require_POST
@visits.signed_in
def looked(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Tick off recordings that only calls mark."""
    units = visits.reach(visit, Action.LOOK_AT_EVENT)
    if units is not None and not units:
        return refuse(request)
    ids = []
    for text in request.POST.getlist("recording")[:SHOWN]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return _looked(request, visit, ids, back="/records#calls")


def _looked(
    request: HttpRequest, visit: visits.SignedVisit, ids: list[UUID], *, back: str
) -> HttpResponse:
    def act() -> str:
        looking.look(
            recordings=ids,
            reason=request.POST.get("reason", ""),
            officer=visit.officer,
            at=visit.at,
        )
        what = "1 recording no longer waits" if len(ids) == 1 else f"{len(ids)} no longer wait"
        return f"Written down: {what} for a look. What nothing else keeps goes by its own period."

    return acting.attempt(request, act, then="/records", back=back)


@require_POST
@visits.signed_in
def explain(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say why there is no recording of a record."""
    event = Event.objects.select_related("unit").filter(pk=pk).first()
    if event is None:
        visits.allowed(visit, Action.LOOK_AT_EVENT, about=f"event:{pk}", subject=Subject())
        return refuse(request)

    def act() -> str:
        reason = request.POST.get("reason", "")
        looking.explain(event=event, reason=reason, officer=visit.officer, at=visit.at)
        return f"Written down: why there is no recording of {event}."

    return acting.attempt(request, act, then="/records#missing", back="/records#missing")
