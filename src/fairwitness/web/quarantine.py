"""The quarantine desk: what arrived and can't be registered as it is, for people to decide on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import access, apart, history
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused, Subject
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import quarantine
from fairwitness.ingest.checks import Reason
from fairwitness.ingest.models import Quarantine, QuarantineState, UploadState
from fairwitness.web import acting, consulting, life_line, page, quarantine_words, times, visits

PAGE: Final = 25
COOKIE: Final = "viewing-apart"
SOON: Final = timedelta(days=7)
MOST_AT_ONCE: Final = 200
"""Cases that are checked again by one press; the next press takes the next."""

_PROPOSALS: Final[Mapping[str, str]] = {"release": "let it in", "reject": "reject it", "": ""}
_WAITS: Final = (
    ("", "All"),
    ("long", "More than 7 days"),
    ("second", "For a second person"),
    ("bin", "In the bin, rejected"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case, on the list and on its own page."""

    id: int
    href: str
    title: str
    message: str
    claimed: str
    arrived: str
    goes: str
    waiting_long: bool
    where: str
    filename: str
    size: str
    proposed: str
    proposal: str
    proposed_by: str
    proposed_reason: str
    by_me: bool
    line: life_line.LifeLine


@dataclass(frozen=True, slots=True)
class Filters:
    """What the visitor asked for, as the form shows it again."""

    words: str
    reason: str
    waits: str


def _line(case: Quarantine, at: datetime) -> life_line.LifeLine:
    """Its clock: 31 days from arrival, drawn as any recording's."""
    rejected = case.state == QuarantineState.REJECTED
    facts = life_line.Facts(
        recorded_at=case.arrived_at,
        signed_by="",
        docked_at=case.arrived_at,
        docked_where="",
        sealed_at=case.arrived_at,
        camera_erased=False,
        clock_started_at=case.arrived_at,
        gone_by=case.bin_until or case.gone_by,
        hidden_from=None,
        kept_because="",
        kept_at=None,
        look_again=None,
        disposed_at=case.decided_at if rejected else None,
    )
    return life_line.draw(facts, at=at)


def _row(case: Quarantine, visit: visits.SignedVisit) -> Row:
    dock = case.upload.dock
    station = dock.station.name if dock and dock.station else ""
    return Row(
        id=case.pk,
        href=f"/quarantine/{case.pk}",
        title=quarantine_words.of(case.reason).title,
        message=case.message,
        claimed=case.claimed or "not known",
        arrived=times.short_moment(case.arrived_at),
        goes=times.short_day(case.bin_until or case.gone_by),
        waiting_long=case.bin_until is None and visit.at >= case.nag_at,
        where=station or str(case.upload.officer or case.upload.axis or "not known"),
        filename=case.upload.filename or "none",
        size=f"{case.upload.length:,} bytes",
        proposed=case.proposal,
        proposal=_PROPOSALS.get(case.proposal, case.proposal),
        proposed_by=str(case.proposed_by) if case.proposed_by else "",
        proposed_reason=case.proposal_reason,
        by_me=case.proposed_by_id == visit.officer.pk,
        line=_line(case, visit.at),
    )


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Quarantine",
        sentence="You can’t see the quarantine.",
        detail="It is for evidence managers.",
        back="/recordings",
    )


def _find(visit: visits.SignedVisit, pk: int) -> Quarantine | None:
    """The case, if this visitor may know of it; that one may not is written down."""
    sender = ("upload__dock__station__unit", "upload__officer__unit", "proposed_by", "decided_by")
    case = Quarantine.objects.select_related(*sender).filter(pk=pk).first()
    if case is None:
        return None
    about, subject = recording_subject(case.recording_id), Subject(unit=quarantine.unit_of(case))
    may = visits.allowed(visit, Action.SEE_QUARANTINE, about=about, subject=subject)
    return case if may else None


def _without(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The same answer for a case that is not and one of another unit."""
    if permissions.units_where(visit.facts, Action.SEE_QUARANTINE) == frozenset():
        return _refuse(request)
    return page.refuse(
        request,
        title="Not found",
        sentence="There is no such case in quarantine, or none that you may see.",
        detail="It may have been decided and registered meanwhile.",
        back="/quarantine",
        status=404,
    )


def _filters(asked: Mapping[str, str]) -> Filters:
    reason, waits = asked.get("why", ""), asked.get("waits", "")
    return Filters(
        words=consulting.words(asked.get("words", "")),
        reason=reason if reason in set(Reason) else "",
        waits=waits if waits in {value for value, _name in _WAITS} else "",
    )


def _waiting(visit: visits.SignedVisit) -> QuerySet[Quarantine]:
    return quarantine.shown_to(visit.facts).filter(state=QuarantineState.HELD)


def _in_bin(visit: visits.SignedVisit) -> QuerySet[Quarantine]:
    return quarantine.shown_to(visit.facts).filter(state=QuarantineState.BINNED)


def _long(cases: QuerySet[Quarantine], at: datetime) -> QuerySet[Quarantine]:
    return cases.filter(nag_at__lte=at)


def _narrowed(cases: QuerySet[Quarantine], filters: Filters, at: datetime) -> QuerySet[Quarantine]:
    if filters.words:
        cases = cases.filter(
            Q(claimed__icontains=filters.words)
            | Q(upload__filename__icontains=filters.words)
            | Q(upload__dock__station__name__icontains=filters.words)
            | Q(upload__officer__collar_number__iexact=filters.words)
        )
    if filters.reason:
        cases = cases.filter(reason=filters.reason)
    if filters.waits == "long":
        cases = _long(cases, at)
    if filters.waits == "second":
        cases = cases.exclude(proposal="")
    return cases


def waiting_long(facts: OfficerFacts, at: datetime) -> int:
    """How many this officer should look at at last; 0 for whoever may not see them."""
    cases = quarantine.shown_to(facts).filter(state=QuarantineState.HELD)
    return _long(cases, at).count()


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What waits for a decision, oldest first."""
    if visits.reach(visit, Action.SEE_QUARANTINE) == frozenset():
        return _refuse(request)
    waiting = _waiting(visit)
    filters = _filters(request.GET.dict())
    rejected = _in_bin(visit)
    found = _narrowed(rejected if filters.waits == "bin" else waiting, filters, visit.at)
    asked = request.GET.get("page", "1")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1  # noqa: PLR2004 - no list is longer
    start, total = (number - 1) * PAGE, found.count()
    query = {"words": filters.words, "why": filters.reason, "waits": filters.waits}
    rows = [_row(case, visit) for case in found[start : start + PAGE]]
    consulting.note(visit, of="quarantine", shown=len(rows), sought=query)
    context = {
        "rows": rows,
        "total": total,
        "numbers": {
            "waiting": waiting.count(),
            "long": _long(waiting, visit.at).count(),
            "soon": waiting.filter(gone_by__lte=visit.at + SOON).count(),
            "second": waiting.exclude(proposal="").count(),
            "bin": rejected.count(),
        },
        "filters": filters,
        "reasons": [(one.value, words.title) for one, words in quarantine_words.REASONS.items()],
        "waits": _WAITS,
        "many": f"{min(total, MOST_AT_ONCE)}"
        if filters.reason and filters.waits != "bin" and total > 1
        else "",
        "next_page": f"?{urlencode({**query, 'page': number + 1})}" if start + PAGE < total else "",
    }
    return page.render(request, "pages/quarantine.html", context)


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """One case: what it is, why it is here, what to do, what happened to it, and the ways out."""
    case = _find(visit, pk)
    if case is None:
        return _without(request, visit)
    lines = history.before_registration(
        recording=case.recording_id, officer=visit.officer, at=visit.at
    )
    subject = Subject(unit=quarantine.unit_of(case))
    decide = permissions.may(visit.facts, Action.DECIDE_QUARANTINE, subject)
    held = case.state == QuarantineState.HELD
    words = quarantine_words.of(case.reason)
    context = {
        "row": _row(case, visit),
        "why": words.why,
        "steps": words.steps,
        "held": held,
        "outcome": _outcome(case),
        "recording": _became(case),
        "may_decide": held and not isinstance(decide, Refused),
        "may_take_back": case.state == QuarantineState.BINNED and not isinstance(decide, Refused),
        "may_release": case.reason != Reason.STORE_DAMAGED,
        "watching": _watching(request, visit, case) if held else "",
        "watermark": f"{visit.officer.title} {visit.officer.collar_number}"
        f" · {times.short_moment(visit.at)}",
        "counting": case.state in {QuarantineState.HELD, QuarantineState.BINNED},
        "kept": case.state != QuarantineState.REJECTED and quarantine.kept(case),
        "story": [
            {"at": line.at.isoformat(), "moment": times.short_moment(line.at), "words": line.text}
            for line in lines
        ],
    }
    return page.render(request, "pages/quarantine_case.html", context)


def _watching(request: HttpRequest, visit: visits.SignedVisit, case: Quarantine) -> str:
    """Where the player finds it; nothing before it was asked for."""
    token = request.COOKIES.get(COOKIE, "")
    granted = apart.is_granted(
        token=token, recording=case.recording_id, officer=visit.officer, at=visit.at
    )
    return f"/play/{token}/quarantined" if granted else ""


@require_POST
@visits.signed_in
def watch(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Ask to watch it, to decide; granted, the page comes back with its player."""
    case = _find(visit, pk)
    if case is None:
        return _without(request, visit)
    try:
        grant = quarantine.watch(case=case, officer=visit.officer, at=visit.at)
    except (access.AccessRefused, quarantine.QuarantineClosed) as refusal:
        return page.refuse(
            request,
            title="You can’t watch this",
            sentence=refusal.message,
            detail="This request was written down.",
            back=f"/quarantine/{pk}",
        )
    answer = HttpResponseRedirect(f"/quarantine/{pk}#player")
    answer.set_cookie(
        COOKIE,
        grant.token,
        max_age=int(access.VISIT.total_seconds()),
        path=f"/quarantine/{pk}",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return answer


def _outcome(case: Quarantine) -> str:
    """What became of it, in a sentence; empty while it waits."""
    if case.state == QuarantineState.REJECTED:
        by_rule = "Its time was over, so it was deleted by rule."
        return f"{case.decided_by} rejected it." if case.decided_by else by_rule
    if case.state == QuarantineState.BINNED:
        day = times.short_day(case.bin_until or case.gone_by)
        return f"{case.decided_by} rejected it. It is in the bin until {day}."
    if case.state == QuarantineState.HELD:
        return ""
    if case.upload.state == UploadState.VERIFYING:
        return "It is being checked again."
    if case.upload.state == UploadState.RECEIVED:
        return "It was let out, and is registered."
    return "It was checked again and did not pass; its newer case waits on the list."


def _became(case: Quarantine) -> str:
    """The page of the recording that it became."""
    received = case.upload.received_as if case.upload.state == UploadState.RECEIVED else None
    return f"/recordings/{received}" if received else ""


def _act(request: HttpRequest, visit: visits.SignedVisit, case: Quarantine) -> str:
    step = request.POST.get("step", "")
    if step == "check":
        quarantine.check_again(case=case, officer=visit.officer, at=visit.at)
        return "It is being checked again. If it does not pass, it comes back to this list."
    if step == "confirm":
        proposal = request.POST.get("proposal", "")
        quarantine.confirm(case=case, proposal=proposal, officer=visit.officer, at=visit.at)
        return "Confirmed, as the second person."
    reason = request.POST.get("reason", "").strip()
    if step == "take_back":
        quarantine.take_back(case=case, officer=visit.officer, reason=reason, at=visit.at)
        return "Taken out of the bin. It waits for a decision again."
    if step in set(quarantine.Proposal):
        if not reason:
            raise quarantine.QuarantineClosed("Say why: whoever confirms it reads your reason.")
        quarantine.propose(
            case=case,
            proposal=quarantine.Proposal(step),
            officer=visit.officer,
            reason=reason,
            at=visit.at,
        )
        return "Proposed. Nothing happens until another person confirms."
    raise quarantine.QuarantineClosed("Choose what to do.")


@require_POST
@visits.signed_in
def decide(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Check again, propose, confirm what another proposed, or take it out of the bin."""
    case = _find(visit, pk)
    if case is None:
        return _without(request, visit)
    there = f"/quarantine/{pk}"
    return acting.attempt(request, lambda: _act(request, visit, case), then=there, back=there)


@require_POST
@visits.signed_in
def check_many(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Check again all that wait for one reason, such as all of a camera enrolled meanwhile."""
    if visits.reach(visit, Action.SEE_QUARANTINE) == frozenset():
        return _refuse(request)
    filters = _filters(request.POST.dict())

    def act() -> str:
        if not filters.reason:
            raise quarantine.QuarantineClosed("Choose a reason first: they are mended one by one.")
        cases = _narrowed(_waiting(visit), filters, visit.at)[:MOST_AT_ONCE]
        done = quarantine.check_many_again(cases=list(cases), officer=visit.officer, at=visit.at)
        return f"{done} being checked again. What does not pass comes back to this list."

    return acting.attempt(request, act, then="/quarantine", back="/quarantine")
