"""Going through one's own recordings: what is it of? One tap, one more for the next.

The same page stands at the dock, where a session is short because somebody else comes next, and at
the desk, where it is not. It shows one's own recordings and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth import logout
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, circle
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording, State
from fairwitness.force import authority, permissions, sessions
from fairwitness.force.asking import Action, NotAllowed, Refused
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import categories, marking, saying, typed
from fairwitness.retention.marking_many import Mark
from fairwitness.web import acting, page, recording, showing, tapping, times, typing_kept, visits

DOCK: Final = "/kiosk"
DESK: Final = "/categorise"
_MOST: Final = 200
_TOGETHER: Final = timedelta(minutes=30)
_LAST: Final = "kiosk-last"
_STILL: Final = "still"


@dataclass(frozen=True, slots=True)
class _Queue:
    """What waits: one recording for each press of the button, the oldest first."""

    rows: tuple[Recording, ...]
    locked: int

    def at(self, after: str) -> Recording | None:
        """The one to show: the first, or the first behind the one that was put off."""
        ids = [str(row.pk) for row in self.rows]
        start = ids.index(after) + 1 if after in ids else 0
        return next(iter((*self.rows[start:], *self.rows[:start])), None)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One page: which recording of the queue, what is typed in it already, and what is wrong."""

    here: str
    queue: _Queue
    one: Recording | None
    kept: Mapping[str, str]
    problem: str = ""


def _mine(visit: visits.SignedVisit) -> QuerySet[Recording]:
    there = Q(shown_gone_by__isnull=True) | Q(shown_gone_by__gt=visit.at)
    return Recording.objects.filter(
        there, wearer=visit.officer, state=State.LIVE, evidential=False, category=""
    )


def _queue(visit: visits.SignedVisit) -> _Queue:
    found = _mine(visit).select_related("unit", "station", "review", "disposal")
    rows = list(found.filter(locked=False).order_by("began_at", "pk")[:_MOST])
    firsts: dict[object, Recording] = {}
    for row in rows:
        press = (row.camera_id, row.activation) if row.camera_id and row.activation else row.pk
        firsts.setdefault(press, row)
    locked = _mine(visit).filter(locked=True).count()
    return _Queue(rows=tuple(firsts.values()), locked=locked)


def _same_incident(one: Recording, rows: Sequence[Recording]) -> list[Recording]:
    """Those that say the same incident, or that follow each other within half an hour."""
    place = rows.index(one)
    found = [one]
    for step in (-1, 1):
        number = place + step
        while 0 <= number < len(rows) and _together(rows[number - step], rows[number]):
            found.append(rows[number])
            number += step
    return sorted(found, key=showing.began)


def _together(one: Recording, other: Recording) -> bool:
    if one.incident and other.incident:
        return one.incident == other.incident
    first, second = sorted((one, other), key=showing.began)
    return showing.began(second) - (first.ended_at or showing.began(first)) <= _TOGETHER


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def at_the_dock(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The page at the dock: from here on this session is a short one."""
    sessions.shorten(request.session, idle=visit.works.kiosk_idle, at=visit.at)
    return _page(request, visit, DOCK)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def at_the_desk(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The same page at one's desk."""
    return _page(request, visit, DESK)


def _page(request: HttpRequest, visit: visits.SignedVisit, here: str) -> HttpResponse:
    if request.method == "POST":
        return _save(request, visit, here)
    queue = _queue(visit)
    one = queue.at(request.GET.get("after", ""))
    kept = typed.of(officer=visit.officer, recording=one.pk, at=visit.at) if one else {}
    return _show(request, visit, _Shown(here, queue, one, kept))


def _show(request: HttpRequest, visit: visits.SignedVisit, shown: _Shown) -> HttpResponse:
    one, kept = shown.one, shown.kept
    context: dict[str, object] = {
        "here": shown.here,
        "waiting": len(shown.queue.rows),
        "locked": shown.queue.locked,
        "last": request.session.get(_LAST, {}),
        "problem": shown.problem,
        "kept": bool(kept) and not shown.problem,
    }
    token = ""
    if one is not None:
        token = _still(request, visit, one)
        context |= _about(visit, one, shown.queue) | {
            "still": f"/play/{token}/poster" if token else "",
            "taps": tapping.taps(kept, chosen=kept.get("category", "")),
            "matters": tapping.matters(kept),
            "told": tapping.camera_told(one),
        }
    answer = page.render(request, "pages/kiosk.html", context, status=400 if shown.problem else 200)
    if token and one is not None:
        answer.set_cookie(
            _STILL,
            f"{one.pk}.{token}",
            max_age=int(access.VISIT.total_seconds()),
            path=shown.here,
            httponly=True,
            samesite="Strict",
            secure=request.is_secure(),
        )
    return answer


def _about(visit: visits.SignedVisit, one: Recording, queue: _Queue) -> dict[str, object]:
    """The recording in words: when, how long, what goes with it, and why not if one may not."""
    subject = circle.subject_of(recording=one, at=visit.at, asking=visit.officer.pk)
    answer = permissions.may(visit.facts, Action.CATEGORISE, subject)
    together = _same_incident(one, queue.rows)
    parts = 1
    if one.camera_id and one.activation:
        of_one = {"camera": one.camera_id, "activation": one.activation, "state": State.LIVE}
        parts = Recording.objects.filter(**of_one).count()
    return {
        "id": str(one.pk),
        "reference": one.reference,
        "when": times.long_moment(showing.began(one)),
        "length": showing.duration(one),
        "parts": parts,
        "line": showing.line_for(one, facts=visit.facts, at=visit.at),
        "refused": answer.message if isinstance(answer, Refused) else "",
        "together": [
            {
                "id": str(each.pk),
                "when": times.clock(showing.began(each)),
                "length": showing.duration(each),
            }
            for each in together
        ]
        if len(together) > 1
        else [],
    }


def _still(request: HttpRequest, visit: visits.SignedVisit, one: Recording) -> str:
    """The token of a viewing of this recording, for its still; seeing it is written down once."""
    ready = Copy.objects.filter(recording=one, kind=CopyKind.POSTER, state=CopyState.READY)
    if request.method == "HEAD" or not ready.exists():
        return ""
    pk, _, token = request.COOKIES.get(_STILL, "").partition(".")
    if pk == str(one.pk) and access.is_granted(
        token=token, recording=one, officer=visit.officer, at=visit.at
    ):
        return token
    try:
        grant = access.grant_viewing(recording=one, officer=visit.officer, task=None, at=visit.at)
    except access.AccessRefused:
        return ""
    return grant.token


def _save(request: HttpRequest, visit: visits.SignedVisit, here: str) -> HttpResponse:
    """Keep what was tapped, and go on to the next."""
    queue = _queue(visit)
    waiting = {str(row.pk): row for row in queue.rows}
    one = waiting.get(request.POST.get("recording", ""))
    if one is None:
        return _not_waiting(request, visit, here)
    all_of_them = request.POST.getlist("same") if request.POST.get("all") == "1" else []
    chosen = [row for pk, row in waiting.items() if pk == str(one.pk) or pk in all_of_them]
    try:
        done = _do(request, visit, chosen)
    except NotAllowed as refusal:
        return acting.refused(request, refusal, back=f"{here}?after={one.pk}")
    except FairwitnessError as error:
        kept = {name: request.POST.get(name, "") for name in request.POST}
        shown = _Shown(here, queue, one, kept, problem=error.message)
        return _show(request, visit, shown)
    typed.forget(officer=visit.officer)
    ids = [str(row.pk) for row in chosen]
    request.session[_LAST] = {"ids": ids, "at": visit.at.isoformat(), **done}
    return HttpResponseRedirect(here)


def _do(
    request: HttpRequest, visit: visits.SignedVisit, chosen: Sequence[Recording]
) -> dict[str, object]:
    """Categorise them, and keep what was said; returns what the next page tells."""
    code = request.POST.get("category", "")
    if not code:
        raise marking.MarkInvalid("Tap what it is of first.")
    (line,) = categories.named((code,))
    incident = tapping.read_incident(request, line)
    sayings = tapping.read_reasons(request) + tapping.read_fields(request, code)
    saying.categorise(
        marks=[Mark(row.pk, (code,), incident) for row in chosen],
        sayings=sayings,
        officer=visit.officer,
        at=visit.at,
    )
    what = chosen[0].reference if len(chosen) == 1 else f"{len(chosen)} recordings"
    return {"words": f"{what}: {line.name}", "evidence": bool(incident)}


def _not_waiting(request: HttpRequest, visit: visits.SignedVisit, here: str) -> HttpResponse:
    """It is done already, or somebody else's: that is refused like anywhere, and written down."""
    try:
        found = recording.find_alive(visit, UUID(request.POST.get("recording", "")))
    except ValueError:
        found = None
    if found is None:
        return recording.not_here(request)
    return page.refuse(
        request,
        title="Not done",
        sentence="That recording does not wait here: it is done already, locked, or not your own.",
        detail="Nothing was changed. What is done is changed on its own page.",
        back=here,
        status=400,
    )


@require_POST
@visits.signed_in
def undo(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Take back the last one that was done here; evidence takes a second person, and says so."""
    here = DOCK if request.POST.get("here") == DOCK else DESK
    last = request.session.pop(_LAST, None)
    if last is None:
        page.tell(request, "There is nothing to undo.")
        return HttpResponseRedirect(here)
    try:
        saying.take_back(
            recordings=[UUID(pk) for pk in last["ids"]],
            done_at=datetime.fromisoformat(last["at"]),
            officer=visit.officer,
            at=visit.at,
        )
    except FairwitnessError as error:
        return page.refuse(
            request,
            title="Not undone",
            sentence=error.message,
            detail="Nothing was changed.",
            back=here,
            status=403 if isinstance(error, NotAllowed) else 400,
        )
    page.tell(request, "Undone. It waits for you again.")
    return HttpResponseRedirect(here)


@require_POST
def over(request: HttpRequest) -> HttpResponse:
    """A kiosk signs out by itself: what was typed is kept for its officer and nobody else."""
    visit = visits.of(request)
    if visit.officer is not None:
        typing_kept.keep(request, visit.officer, visit.at)
        _sign_out(visit.officer, visit.at)
        logout(request)
    return HttpResponseRedirect(typing_kept.AGAIN)


def _sign_out(officer: Officer, at: datetime) -> None:
    with transaction.atomic():
        ledger.append(
            subject=authority.text(officer),
            act=Act.SESSION_SIGNED_OUT,
            actor="system:sign-in",
            at=at,
            reason="nobody used the kiosk",
        )
        access.end_viewings(officer=officer, at=at)
