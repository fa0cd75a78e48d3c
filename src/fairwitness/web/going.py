"""What goes: the lists of the next 48 hours against the log, the bin, and stopping it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import history, knowing, sight
from fairwitness.evidence.models import Recording, State
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.retention import listing, stopping, sweep
from fairwitness.retention.models import DisposalListing, DisposalRun, ListedDisposal
from fairwitness.retention.rules import Policy
from fairwitness.web import acting, consulting, keyset, page, seen_rows, showing, times, visits

_CHECKED: Final = 3
"""Lists of a page that are compared with the log while one waits: each has a thousand lines."""

_STOPS: Final = 5

_OWN: Final = 50


def refuse(request: HttpRequest) -> HttpResponse:
    """What is said to whoever may not see what is deleted."""
    return page.refuse(
        request,
        title="Deletions",
        sentence="You can’t see what is deleted and when.",
        detail="That is for evidence managers, professional standards, auditors and independent"
        " investigators. Your own recordings show their day.",
        back="/recordings",
    )


def stops(at: datetime) -> list[dict[str, object]]:
    """What stops deletion now, the latest first, with who stopped it and who asked to go on."""
    shown = stopping.open_stops(at).select_related("let_on_by")[:_STOPS]
    entries = stopping.entries(shown)
    names = history.names(entries.values())
    by = {number: names.get(row.body.actor, "") for number, row in entries.items() if row.body}
    return [
        {
            "id": run.pk,
            "when": times.short_moment(run.started_at),
            "problem": run.problem,
            "by_person": run.problem_code == sweep.BY_PERSON,
            "by": by.get(run.pk, ""),
            "asked_by": str(run.let_on_by) if run.let_on_by else "",
            "mend": run.problem_code in stopping.MEND,
        }
        for run in shown
    ]


def may_stop(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may stop deletion, or let it go on as one of two."""
    return permissions.units_where(visit.facts, Action.STOP_DISPOSALS) != frozenset()


@require_POST
@visits.signed_in
def stop(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Stop all deletion; one person is enough."""

    def act() -> str:
        stopping.stop(reason=request.POST.get("reason", ""), officer=visit.officer, at=visit.at)
        return "Deletion is stopped in the whole force. Whoever may let it go on sees it on Today."

    return acting.attempt(request, act, then="/deletions", back="/deletions")


@require_POST
@visits.signed_in
def let_on(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Ask that deletion go on, or agree to it as the second person."""
    found = DisposalRun.objects.filter(pk=pk).first()
    if found is None:
        visits.allowed(visit, Action.STOP_DISPOSALS, about=listing.SUBJECT)
        return refuse(request)

    def act() -> str:
        reason = request.POST.get("reason", "")
        if stopping.let_on(run=found, reason=reason, officer=visit.officer, at=visit.at):
            return "Two people let it on: deletion goes on."
        return "Asked. Deletion stays stopped until a second person agrees, who sees it on Today."

    return acting.attempt(request, act, then="/deletions", back="/deletions")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list for the table."""

    id: str
    reference: str
    due: str
    state: str
    colour: str


def _listed(line: ListedDisposal, row: Recording | None, visit: visits.SignedVisit) -> Listed:
    state, colour = "Goes", "tag-soon"
    if row is None or row.state == State.DISPOSED:
        state, colour = "Deleted", ""
    else:
        known = showing.dates(row, to=showing.reader(row, visit.facts))
        if known.gone_by is None:
            state, colour = "Kept since it was listed", "tag-kept"
        elif known.gone_by != line.due:
            state, colour = f"Moved to {times.plain_day(known.gone_by)}", ""
    return Listed(
        id=str(line.recording_id),
        reference=row.reference if row else "not known",
        due=times.short_moment(line.due),
        state=state,
        colour=colour,
    )


@require_safe
@visits.signed_in
def forecast(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What the committed lists say goes in the next 48 hours, and whether the log says the same."""
    units = visits.reach(visit, Action.SEE_DISPOSALS)
    if units is not None and not units:
        return refuse(request)
    lines = ListedDisposal.objects.select_related("listing").filter(
        due__gt=visit.at, due__lte=visit.at + listing.NOTICE
    )
    if not visit.facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        ended = Recording.objects.filter(
            pk=OuterRef("recording_id"), force_gone_by__lte=visit.at, state=State.LIVE
        )
        lines = lines.exclude(Exists(ended))
    if units is not None:
        theirs = Recording.objects.filter(pk=OuterRef("recording_id"), unit__code__in=units)
        lines = lines.filter(Exists(theirs))
    key = keyset.read(request.GET.get("after", ""), like=int)
    if key:
        lines = lines.filter(key.after("due", "pk"))
    shown, more = keyset.cut(lines.order_by("due", "pk")[: keyset.PAGE + 1])
    rows = Recording.objects.in_bulk([line.recording_id for line in shown])
    seen = seen_rows.of(visit, rows)
    consulting.note(visit, of="forecast", shown=len(shown))
    context = {
        "rows": [
            (_listed(line, rows.get(line.recording_id), visit), line.recording_id in seen)
            for line in shown
        ],
        "lists": _lists([line.listing for line in shown], visit.at),
        "next": keyset.link("/deletions/forecast", keyset.text(shown[-1].due, shown[-1].pk))
        if more
        else "",
        "first": key is None,
        "until": times.long_moment(visit.at + listing.NOTICE),
        "stops": stops(visit.at),
        "may_stop": may_stop(visit),
    }
    return page.render(request, "pages/forecast.html", context)


def _lists(named: list[DisposalListing], at: datetime) -> list[dict[str, object]]:
    """The lists that name what is shown; the first few are compared with the log at once."""
    lists = list({made.pk: made for made in named}.values())
    return [
        {
            "committed": times.short_moment(made.committed_at),
            "count": made.count,
            "digest": made.digest,
            "leaf": made.entry_leaf,
            "same": listing.matches(made) if number < _CHECKED else None,
            "in_force": made.committed_at <= at - listing.NOTICE,
        }
        for number, made in enumerate(lists)
    ]


@require_safe
@visits.signed_in
def bin_page(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The last days: one's own recordings, and those of the units of an evidence manager."""
    at, names = visit.at, showing.category_names()
    related = ("wearer", "unit", "station", "review", "disposal")
    mine = (
        Recording.objects.select_related(*related)
        .prefetch_related("bindings__hold")
        .filter(wearer=visit.officer, state=State.LIVE)
        .filter(shown_hidden_from__lte=at, shown_gone_by__gt=at)
        .order_by("shown_gone_by", "pk")[:_OWN]
    )
    units = permissions.units_where(visit.facts, Action.SEE_RECORDING, Subject(hidden=True))
    others: list[Recording] = []
    more = False
    key = keyset.read(request.GET.get("after", ""))
    known = knowing.columns(visit.facts)
    if units is None or units:
        found = (
            Recording.objects.select_related(*related)
            .prefetch_related("bindings__hold")
            .filter(
                state=State.LIVE,
                **{
                    f"{known.gone_by}__gt": at,
                    f"{known.gone_by}__lte": at + Policy().grace,
                    f"{known.hidden_from}__lte": at,
                },
            )
            .filter(sight.obstacles(visit.facts, at))
            .exclude(wearer=visit.officer)
        )
        if units is not None:
            found = found.filter(unit__code__in=units)
        if key:
            found = found.filter(key.after(known.gone_by, "pk"))
        others, more = keyset.cut(found.order_by(known.gone_by, "pk")[: keyset.PAGE + 1])
        consulting.note(visit, of="bin", shown=len(others))
    last = getattr(others[-1], known.gone_by) if more else None
    context = {
        "mine": [_binned(row, visit, names) for row in mine],
        "others": [_binned(row, visit, names) for row in others],
        "manages": units is None or bool(units),
        "next": keyset.link("/deletions/bin", keyset.text(last, others[-1].pk)) if last else "",
        "first": key is None,
    }
    return page.render(request, "pages/bin.html", context)


def _binned(
    row: Recording, visit: visits.SignedVisit, names: Mapping[str, str]
) -> dict[str, object]:
    known = showing.dates(row, to=showing.reader(row, visit.facts))
    return {
        "id": str(row.pk),
        "reference": row.reference,
        "title": showing.title(row, names),
        "wearer": str(row.wearer) if row.wearer else "nobody yet",
        "unit": row.unit.name if row.unit else "",
        "because": known.because,
        "line": showing.line_for(row, facts=visit.facts, at=visit.at),
    }
