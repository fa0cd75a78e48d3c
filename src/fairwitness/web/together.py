"""Watch together: up to four recordings of one incident in step, on one clock.

Each is a viewing of its own: asked for, granted or refused, and written down by itself, for the one
reason that was given for all. What one may not know of is not named, whoever asked for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.accountability import finding, search
from fairwitness.evidence import access, circle, one_clock
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Refused, TaskKind
from fairwitness.web import (
    consulting,
    page,
    recording,
    showing,
    tasks,
    times,
    together_telling,
    visits,
)
from fairwitness.web import finding as searching

COOKIE: Final = "together"
_PATH: Final = "/together"
_REMEMBERED: Final = 12
"""Tokens kept in the cookie: those of the last few sets that somebody watched."""
_OFFERED: Final = 25


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
    known = showing.dates(row, to=showing.reader(row, visit.facts))
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
    cameras, line = together_telling.laid_out(timed, tokens, refusals) if timed else ((), None)
    names = showing.category_names()
    context = {
        "title": _title(known, names),
        "cameras": cameras,
        "line": together_telling.line_in_words(line, cameras) if line else None,
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
    if len(known) > 1:
        return f"Recordings of {times.long_day(min(map(showing.began, known)))}"
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


def _choose(request: HttpRequest, visit: visits.SignedVisit, first: Recording) -> HttpResponse:
    """Recordings of the same incident, or of the same place and time, to go with this one."""
    nearest, same_time = searching.same(first)[0][1], searching.same(first)[-1][1]
    query = parse_qs(urlsplit(nearest).query) | parse_qs(urlsplit(same_time).query)
    sought = search.read(query)
    found = finding.find(
        sought=sought,
        facts=visit.facts,
        at=visit.at,
        ring=visit.works.vault.ring,
        limit=_OFFERED + 1,
    )
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
