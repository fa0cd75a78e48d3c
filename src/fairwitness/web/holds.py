"""Holds: what keeps footage from deletion, who answers for each, and lifting one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.retention import hold_kinds, hold_sight, holds, lifting
from fairwitness.retention.models import Hold, HoldBinding, HoldKind
from fairwitness.web import acting, page, recording, showing, times, visits

_SEE: Final = Action.SEE_HOLDS
REVIEW: Final = timedelta(days=180)
_SHOWN: Final = 100
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One hold in the list."""

    id: str
    kind: str
    reference: str
    basis: str
    owner: str
    placed: str
    review: str
    ends: str
    overdue: bool
    bound: int
    problems: int
    silent: bool
    standing: bool
    lift_asked_by: str
    lifted: str
    locks: bool


def _row(hold: Hold, bound: int, problems: int, today: date) -> Row:
    return Row(
        id=str(hold.pk),
        kind=hold.get_kind_display(),
        reference=hold.reference,
        basis=hold.basis,
        owner=str(hold.owner) if hold.owner else "Nobody: a person who was filmed asked for it",
        placed=times.short_moment(hold.placed_at),
        review=times.plain_date(hold.review_on),
        ends=hold.release_when or hold_kinds.RELEASE[HoldKind(hold.kind)],
        overdue=hold.review_on <= today and hold.lifted_at is None,
        bound=bound,
        problems=problems,
        silent=hold.silent,
        standing=hold.standing,
        lift_asked_by=str(hold.lift_asked_by) if hold.lift_asked_by else "",
        lifted=times.short_moment(hold.lifted_at) if hold.lifted_at else "",
        locks=hold.locks,
    )


def refuse(request: HttpRequest) -> HttpResponse:
    """What is said to whoever may not see a hold."""
    return page.refuse(
        request,
        title="Holds",
        sentence="You can’t see the holds.",
        detail="They are for evidence managers, professional standards and who owns one.",
        back="/recordings",
    )


def _rows(found: QuerySet[Hold], visit: visits.SignedVisit) -> list[Row]:
    """The first of them, each with how much it keeps: counted for these alone."""
    bound = HoldBinding.objects.filter(hold=OuterRef("pk")).order_by().values("hold")

    def number(which: Q) -> Coalesce:
        return Coalesce(Subquery(bound.filter(which).annotate(n=Count("pk")).values("n")), 0)

    shown = found.select_related("owner", "lift_asked_by").annotate(
        number=number(Q()), troubles=number(~Q(problem=""))
    )
    return [
        _row(hold, hold.number, hold.troubles, times.day(visit.at))
        for hold in shown[:_SHOWN]
        if not hold_sight.waits_for(hold, visit.facts)
    ]


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Holds, open ones first: one's own, and those of the units where one may see them."""
    found = Hold.objects.filter(hold_sight.within(visit.facts))
    places = permissions.units_where(visit.facts, Action.PLACE_HOLD) != frozenset()
    if not places and not found.exists() and visits.reach(visit, _SEE) == frozenset():
        return refuse(request)
    kind = request.GET.get("kind", "")
    words = request.GET.get("words", "").strip()
    sought = _sought(kind, words)
    if sought is None:
        return _no_search(request)
    stand = found.filter(lifted_at=None)
    samples = stand.filter(kind=HoldKind.DIP_SAMPLE).count() if not kind and not words else 0
    open_ones = stand.filter(sought).order_by("review_on", "pk")
    lifted = _rows(
        found.filter(sought, lifted_at__isnull=False).order_by("-lifted_at", "pk"), visit
    )
    context = {
        "stands": permissions.units_where(visit.facts, Action.PLACE_STANDING_HOLD) != frozenset(),
        "standing": _rows(open_ones, visit),
        "lifted": lifted,
        "kinds": [(each.value, hold_kinds.words(each)) for each in HoldKind],
        "kind": kind,
        "words": words,
        "samples": samples,
        "most": _SHOWN,
        "more": open_ones[_SHOWN : _SHOWN + 1].exists(),
    }
    return page.render(request, "pages/holds.html", context)


def _sought(kind: str, words: str) -> Q | None:
    """Which holds are looked for; None when nobody can mean it.

    Unless something is looked for, a month's dip samples are left out: they are many, and each
    ends with its form.
    """
    if kind not in {"", *HoldKind.values} or len(words) > _LONGEST or not words.isprintable():
        return None
    if not kind and not words:
        return ~Q(kind=HoldKind.DIP_SAMPLE)
    of_kind = Q(kind=kind) if kind else Q()
    return of_kind & (Q(reference__icontains=words) | Q(basis__icontains=words))


def _no_search(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="This is no search",
        sentence="Choose a kind from the list, and at most 80 characters of a number or name.",
        detail="Nothing was searched.",
        back="/holds",
        status=400,
    )


def _named(visit: visits.SignedVisit, request: HttpRequest) -> Recording | None:
    try:
        pk = UUID(request.GET.get("recording") or request.POST.get("recording") or "")
    except ValueError:
        return None
    return recording.find_alive(visit, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def place(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Place a hold on one recording and all parts of it."""
    found = _named(visit, request)
    if found is None:
        return recording.not_here(request)
    if request.method != "POST":
        context = {
            "id": str(found.pk),
            "reference": found.reference,
            **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
            "own_holds": hold_sight.own_open(visit.officer, found.pk)[:_SHOWN],
            "kinds": [(kind.value, hold_kinds.words(kind)) for kind in hold_kinds.BY_HAND],
            "review": (times.day(visit.at) + REVIEW).isoformat(),
        }
        return page.render(request, "pages/hold_new.html", context)

    def act() -> str:
        review = times.typed_day(request.POST.get("review", ""))
        placed = holds.place(
            terms=holds.Terms(
                kind=_kind(request.POST.get("kind", "")),
                reference=request.POST.get("reference", "").strip(),
                basis=request.POST.get("basis", "").strip(),
                review_on=review or times.day(visit.at) + REVIEW,
                silent=request.POST.get("silent") == "1",
                release_when=request.POST.get("release_when", ""),
            ),
            owner=visit.officer,
            at=visit.at,
            recordings=[found.pk],
        )
        return f"The hold stands. It keeps {_many(len(placed.bound))}."

    return acting.attempt(
        request,
        act,
        then=f"/recordings/{found.pk}",
        back=f"/holds/new?recording={found.pk}",
    )


def _many(number: int) -> str:
    return "1 recording" if number == 1 else f"{number} recordings"


def _kind(text: str) -> HoldKind:
    kinds = {kind.value: kind for kind in hold_kinds.BY_HAND}
    if text not in kinds:
        raise holds.HoldInvalid("Say what the hold is for.")
    return kinds[text]


@require_POST
@visits.signed_in
def lift(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Lift a hold as its owner, or as one of two others."""
    hold = Hold.objects.filter(hold_sight.within(visit.facts), pk=pk).first()
    if hold is None or hold_sight.waits_for(hold, visit.facts):
        visits.allowed(visit, _SEE, about=f"hold:{pk}", subject=Subject())
        return refuse(request)
    reason = request.POST.get("reason", "")

    def act() -> str:
        lifted = lifting.lift(hold=hold, officer=visit.officer, reason=reason, at=visit.at)
        if not lifted.lifted:
            return "Asked. The hold stands until a second person lifts it."
        return f"Lifted. Back in the count: {_many(len(lifted.released))}."

    return acting.attempt(request, act, then="/holds", back="/holds")
