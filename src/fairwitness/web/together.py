"""Watch together: up to four recordings of one incident in step, on one clock.

Each is a viewing of its own: asked for, granted or refused, and written down by itself, for the one
reason that was given for all. What one may not know of is not named, whoever asked for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.accountability import finding, search
from fairwitness.evidence import access, circle, one_clock
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Refused, TaskKind
from fairwitness.web import consulting, page, recording, showing, tasks, times, visits
from fairwitness.web import finding as searching

COOKIE: Final = "together"
_PATH: Final = "/together"
_REMEMBERED: Final = 12
"""Tokens kept in the cookie: those of the last few sets that somebody watched."""
_OFFERED: Final = 25
_USUAL_RATE: Final = 30
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the common line in thousandths, and its words."""

    form: str
    x: int
    width: int
    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Camera:
    """One recording of the set: where it lies, how surely, and where it plays from."""

    number: int
    id: str
    name: str
    reference: str
    source: str
    refused: str
    begins_ms: int
    ends_ms: int
    rate: int
    began: str
    ended: str
    clock: str
    alone: bool
    bar: Bar
    doubt: Bar | None
    spans: tuple[Bar, ...]
    marks: tuple[Bar, ...]


def _asked(values: Iterable[str]) -> list[UUID] | None:
    """The recordings asked for, each once, in order; None when one is no number of a recording."""
    try:
        return list(dict.fromkeys(UUID(value) for value in values))
    except ValueError:
        return None


def address(recordings: Iterable[UUID]) -> str:
    """The address of a set."""
    return f"{_PATH}?{urlencode([('recording', str(pk)) for pk in recordings])}"


def _not_a_set(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Choose two to four recordings",
        sentence=f"Up to {one_clock.MOST} recordings are played together.",
        detail="Tick them in a search, or begin at the page of one of them.",
        back="/search",
        status=400,
    )


def _known(
    visit: visits.SignedVisit, wanted: Sequence[UUID], task: access.Task | None = None
) -> list[Recording]:
    """Those of the set that this visitor may know of, and that are not deleted."""
    found = [recording.find(visit, pk, task=task) for pk in wanted]
    return [each for each in found if each is not None and not _gone(visit, each)]


def _gone(visit: visits.SignedVisit, row: Recording) -> bool:
    known = showing.dates(row, to_wearer=row.wearer_id == visit.officer.pk)
    return showing.gone(row, known=known, at=visit.at)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The set on its common line, with its players once watching was granted.

    What a search has ticked comes by POST, and is led to the address of the set.
    """
    asked = request.POST if request.method == "POST" else request.GET
    wanted = _asked(asked.getlist("recording"))
    if not wanted or len(wanted) > one_clock.MOST:
        return _not_a_set(request)
    if request.method == "POST":
        return HttpResponseRedirect(address(wanted))
    known = _known(visit, wanted)
    if not known:
        return recording.not_here(request)
    if len(wanted) == 1:
        return _choose(request, visit, known[0])
    timed = [each for each in known if each.started_at is not None]
    tokens = access.granted(
        tokens=request.COOKIES.get(COOKIE, "").split("."),
        recordings=[each.pk for each in timed],
        officer=visit.officer,
        at=visit.at,
    )
    refusals = {each.pk: _refusal(visit, each) for each in timed}
    cameras, line = _laid_out(timed, tokens, refusals) if timed else ((), None)
    names = showing.category_names()
    context = {
        "title": _title(known, names),
        "cameras": cameras,
        "line": _line(line, cameras) if line else None,
        "ids": [str(each.pk) for each in known],
        "begin_at": str(known[0].pk),
        "untimed": [each.reference for each in known if each.started_at is None],
        "missing": len(wanted) - len(known),
        "playing": bool(tokens),
        "askable": any(each.pk not in tokens and not refusals[each.pk] for each in timed),
        "needs_task": any(_needs_task(visit, each) for each in timed if each.pk not in tokens),
        "task_kinds": tasks.kinds(),
        "watermark": f"{visit.officer.title} {visit.officer.collar_number}"
        f" · {times.short_moment(visit.at)}",
    }
    return page.render(request, "pages/together.html", context)


def _title(known: Sequence[Recording], names: Mapping[str, str]) -> str:
    incidents = {each.incident for each in known}
    if len(incidents) == 1 and (incident := incidents.pop()):
        return f"Incident {incident}"
    return showing.title(known[0], names)


def _subject_refuses(visit: visits.SignedVisit, row: Recording, task: TaskKind | None) -> str:
    subject = circle.subject_of(recording=row, at=visit.at, task=task, asking=visit.officer.pk)
    decision = permissions.may(visit.facts, Action.VIEW_RECORDING, subject)
    return decision.message if isinstance(decision, Refused) else ""


def _refusal(visit: visits.SignedVisit, row: Recording) -> str:
    """Why this visitor may not watch it, whatever the task; nothing when they may."""
    return _subject_refuses(visit, row, TaskKind.INCIDENT)


def _needs_task(visit: visits.SignedVisit, row: Recording) -> bool:
    return bool(_subject_refuses(visit, row, None)) and not _refusal(visit, row)


def _told(row: Recording) -> one_clock.Told:
    low, high = row.clock_ahead_us_min, row.clock_ahead_us_max
    return one_clock.Told(
        started_at=showing.began(row),
        duration_ms=row.duration_ms,
        ahead_us=None if low is None or high is None else (low, high),
        frame_us=_SECOND // _rate(row),
    )


def _rate(row: Recording) -> int:
    said = showing.claim(row)
    return said.frames_per_second if said else _USUAL_RATE


def _laid_out(
    rows: Sequence[Recording], tokens: Mapping[UUID, str], refusals: Mapping[UUID, str]
) -> tuple[tuple[Camera, ...], one_clock.Line]:
    line = one_clock.lay_out([_told(row) for row in rows])
    ready = set(
        Copy.objects.filter(
            recording__in=tokens, kind=CopyKind.WORKING, state=CopyState.READY
        ).values_list("recording_id", flat=True)
    )
    cameras = []
    for number, (row, place) in enumerate(zip(rows, line.places, strict=True), start=1):
        kind = "working" if row.pk in ready else "master"
        token = tokens.get(row.pk, "")
        cameras.append(
            Camera(
                number=number,
                id=str(row.pk),
                name=row.wearer.title if row.wearer else f"Camera {row.camera_serial}",
                reference=row.reference,
                source=f"/play/{token}/{kind}" if token else "",
                refused=refusals[row.pk],
                begins_ms=place.begins_ms,
                ends_ms=place.ends_ms,
                rate=_rate(row),
                began=_exact(line.begins_at, place.begins_ms),
                ended=_exact(line.begins_at, place.ends_ms),
                clock=_clock(place.slack_us),
                alone=place.alone,
                bar=_bar(line, "bar", place.begins_ms, place.ends_ms, "Recorded"),
                doubt=_doubt(line, place),
                spans=_spans(row, line, place),
                marks=_marks(row, line, place),
            )
        )
    return tuple(cameras), line


def _exact(begins_at: datetime, milliseconds: int) -> str:
    """'23:12:07.4': true time, to the tenth."""
    at = times.london(begins_at + timedelta(milliseconds=milliseconds))
    return f"{at:%H:%M:%S}.{at.microsecond // 100_000}"


def _finely(microseconds: int) -> str:
    """'40 ms', '0.6 s': how long, never rounded to nothing."""
    if microseconds < _SECOND // 2:
        return f"{max(1, -(-microseconds // 1000))} ms"
    return times.give_or_take(microseconds)


def _clock(slack_us: int | None) -> str:
    if slack_us is None:
        return "not measured: where it lies is what its own clock says"
    return f"give or take {_finely(slack_us)}"


def _bar(line: one_clock.Line, form: str, start: int, end: int, words: str) -> Bar:
    total = max(1, line.length_ms)
    x = max(0, min(998, start * 1000 // total))
    width = max(2, min(1000 - x, (end - max(0, start)) * 1000 // total))
    at = times.counter(max(0, start))
    if end > start:
        at = f"{at} to {times.counter(max(0, end))}"
    return Bar(form, x, width, at, words)


def _doubt(line: one_clock.Line, place: one_clock.Place) -> Bar | None:
    """The beginning as surely as it is known: a band round it."""
    if place.slack_us is None:
        return None
    slack = -(-place.slack_us // 1000)
    words = f"Its beginning, {_clock(place.slack_us)}"
    return _bar(line, "doubt", place.begins_ms - slack, place.begins_ms + slack, words)


def _spans(row: Recording, line: one_clock.Line, place: one_clock.Place) -> tuple[Bar, ...]:
    said = showing.claim(row)
    if said is None:
        return ()

    def bar(form: str, start: int, end: int, words: str) -> Bar:
        return _bar(line, form, place.begins_ms + start, place.begins_ms + end, words)

    buffer = "Buffer: picture without sound, from before record was pressed"
    spans = [bar("none", 0, said.buffer_ms, buffer)] if said.buffer_ms else []
    for span in said.mute:
        why = f": {span.reason}" if span.reason else ""
        spans.append(bar("muted", span.from_ms, span.to_ms, f"Muted by the officer{why}"))
    for span in said.stealth:
        words = "Stealth: lights and sounds were off"
        spans.append(bar("muted", span.from_ms, span.to_ms, words))
    return tuple(spans)


def _marks(row: Recording, line: one_clock.Line, place: one_clock.Place) -> tuple[Bar, ...]:
    """Markers, as the camera signed them."""
    said = showing.claim(row)
    if said is None:
        return ()
    return tuple(
        _bar(
            line,
            "marker",
            place.begins_ms + event.at_ms,
            place.begins_ms + event.at_ms,
            showing.MARKED[event.kind],
        )
        for event in said.events
        if event.kind in showing.MARKED
    )


def _line(line: one_clock.Line, cameras: Sequence[Camera]) -> dict[str, object]:
    """The line in words."""
    bars = [
        (each.x, each.at, f"{camera.number}. {camera.name}", each.words)
        for camera in cameras
        for each in (camera.bar, *camera.spans, *camera.marks)
    ]
    return {
        "length": line.length_ms,
        "words": times.counter(line.length_ms),
        "day": times.long_day(line.begins_at),
        "error": _error(line, cameras),
        "serious": not line.within_a_frame,
        "alone": [camera for camera in cameras if camera.alone] if len(cameras) > 1 else [],
        "gaps": [f"{times.counter(a)} to {times.counter(b)}" for a, b in line.gaps],
        "rows": [bar[1:] for bar in sorted(bars)],
    }


def _error(line: one_clock.Line, cameras: Sequence[Camera]) -> str:
    """How far apart what stands side by side may be, in time and in pictures."""
    if line.apart_us is None:
        unknown = [f"{each.number}" for each in cameras if each.doubt is None]
        which = f"camera {unknown[0]}" if len(unknown) == 1 else f"cameras {', '.join(unknown)}"
        return (
            f"How far apart they are is not known: nobody measured the clock of {which}."
            " Don’t tell from the pictures alone what came first."
        )
    apart = _finely(line.apart_us)
    if line.within_a_frame:
        return f"What you see side by side is one moment to within {apart}, less than a picture."
    return (
        f"What you see side by side may be up to {apart} apart, {line.frames} pictures:"
        " their clocks are not known better. Don’t tell what came first from less than that."
    )


def _choose(request: HttpRequest, visit: visits.SignedVisit, first: Recording) -> HttpResponse:
    """Recordings of the same incident, or of the same place and time, to go with this one."""
    nearest, same_time = searching.same(first)[0][1], searching.same(first)[-1][1]
    query = parse_qs(urlsplit(nearest).query) | parse_qs(urlsplit(same_time).query)
    sought = search.read(query)
    found = finding.find(sought=sought, facts=visit.facts, at=visit.at, limit=_OFFERED + 1)
    others = [row for row in found.recordings if row.pk != first.pk and row.started_at is not None]
    said = {name: values[0] for name, values in query.items()}
    consulting.note(visit, of="together", shown=len(others), sought=said)
    names = showing.category_names()
    context = {
        "first": _offer(first, names),
        "offers": [_offer(row, names) for row in others[:_OFFERED]],
        "more": found.after is not None,
        "search": f"/search?{searching.address(sought)}",
        "most": one_clock.MOST - 1,
    }
    return page.render(request, "pages/together_choose.html", context)


def _offer(row: Recording, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "id": str(row.pk),
        "title": showing.title(row, names),
        "reference": row.reference,
        "wearer": row.wearer.title if row.wearer else "nobody yet",
        "when": times.exact(showing.began(row)),
        "length": showing.duration(row),
    }


@require_POST
@visits.signed_in
def watch(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Ask to watch all of a set for one reason; what is refused is said, the others play."""
    wanted = _asked(request.POST.getlist("recording"))
    if not wanted or len(wanted) > one_clock.MOST:
        return _not_a_set(request)
    task = tasks.read(request)
    known = _known(visit, wanted, task)
    if not known:
        return recording.not_here(request)
    tokens, refused = [], []
    for each in known:
        try:
            grant = access.grant_viewing(
                recording=each, officer=visit.officer, task=task, at=visit.at
            )
        except access.AccessRefused as refusal:
            refused.append(f"{each.reference} is refused: {refusal.message}")
        else:
            tokens.append(grant.token)
    if refused:
        page.tell(request, " ".join(refused))
    answer = HttpResponseRedirect(f"{address(wanted)}#player")
    before = request.COOKIES.get(COOKIE, "").split(".")
    answer.set_cookie(
        COOKIE,
        ".".join([*tokens, *filter(None, before)][:_REMEMBERED]),
        max_age=int(access.VISIT.total_seconds()),
        path=_PATH,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return answer
