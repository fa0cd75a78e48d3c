"""Acts on what a search found: what will change and what is refused is shown before it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from fairwitness.accountability import finding, previewing, search
from fairwitness.accountability.previewing import Preview
from fairwitness.cases import opening, producing, producing_many, sight
from fairwitness.cases.models import Case
from fairwitness.cases.producing_many import Wanted
from fairwitness.evidence.models import Recording
from fairwitness.force import officers, permissions
from fairwitness.force.asking import Action, Refused, TaskKind
from fairwitness.retention import categories, hold_kinds, holds, marking
from fairwitness.web import acting, kept_words, page, showing, times, visits

MOST: Final = 100
"""Recordings of one bulk act from a page."""

REVIEW: Final = timedelta(days=180)
_CASES: Final = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """A bulk act: what it needs leave for, and how it is called; `own`: wearers may do it too."""

    words: str
    action: Action
    task: TaskKind | None
    do: Callable[[visits.SignedVisit, Sequence[Recording], HttpRequest], str]
    own: bool = False


def _many(number: int) -> str:
    return "1 recording" if number == 1 else f"{number} recordings"


def _categorise(
    visit: visits.SignedVisit, chosen: Sequence[Recording], request: HttpRequest
) -> str:
    marking.categorise(
        recordings=[row.pk for row in chosen],
        codes=request.POST.getlist("category"),
        officer=visit.officer,
        at=visit.at,
    )
    return f"Categorised: {_many(len(chosen))}, with all their parts."


def _hold(visit: visits.SignedVisit, chosen: Sequence[Recording], request: HttpRequest) -> str:
    kinds = {kind.value: kind for kind in hold_kinds.BY_HAND}
    kind = kinds.get(request.POST.get("kind", ""))
    review = times.typed_day(request.POST.get("review", ""))
    if kind is None or review is None:
        raise holds.HoldInvalid("Say what the hold is for, and when somebody looks at it again.")
    placed = holds.place(
        terms=holds.Terms(
            kind=kind,
            reference=request.POST.get("reference", "").strip(),
            basis=request.POST.get("basis", "").strip(),
            review_on=review,
            silent=request.POST.get("silent") == "1",
        ),
        owner=visit.officer,
        at=visit.at,
        recordings=[row.pk for row in chosen],
    )
    return f"The hold stands. It keeps {_many(len(placed.bound))}."


def _add_to_case(
    visit: visits.SignedVisit, chosen: Sequence[Recording], request: HttpRequest
) -> str:
    wanted = request.POST.get("case", "")
    case = next((case for case in _cases(visit) if str(case.pk) == wanted), None)
    if case is None:
        raise producing.ExhibitInvalid("Choose a case.")
    producer = officers.named(request.POST.get("producer", "").strip())
    title = request.POST.get("title", "").strip()
    made = producing_many.produce(
        case=case,
        wanted=[Wanted(each, producer, title) for each in sorted(chosen, key=showing.began)],
        officer=visit.officer,
        at=visit.at,
    )
    if not made:
        return f"All of them were in case {case.reference} already. Nothing was changed."
    names = made[0].reference if len(made) == 1 else f"{made[0].reference} to {made[-1].reference}"
    already = len(chosen) - len(made)
    rest = f" {_many(already)} were in it already, or part of one." if already else ""
    return f"In case {case.reference} as {names}, and kept.{rest}"


DEEDS: Final[Mapping[str, Deed]] = {
    "categorise": Deed("Categorise", Action.CATEGORISE, None, _categorise, own=True),
    "hold": Deed("Place a hold", Action.PLACE_HOLD, None, _hold),
    "case": Deed("Add to a case", Action.PRODUCE_EXHIBIT, TaskKind.CASE, _add_to_case),
}


def _cases(visit: visits.SignedVisit) -> list[Case]:
    """Open cases in which this visitor may produce, their own first."""

    def may(case: Case) -> bool:
        answer = permissions.may(visit.facts, Action.PRODUCE_EXHIBIT, opening.subject_of(case))
        return not isinstance(answer, Refused)

    return [case for case in sight.open_ones(visit.facts)[:_CASES] if may(case)]


def _chosen(request: HttpRequest, visit: visits.SignedVisit) -> list[Recording]:
    """What was ticked, of what this visitor may see.

    Raises:
        SearchInvalid: nothing, too much, or what is no recording's id.
    """
    ticked = request.POST.getlist("recording")
    if not ticked:
        raise search.SearchInvalid("Tick the recordings first.", code="search.none")
    if len(ticked) > MOST:
        raise search.SearchInvalid(f"Take at most {MOST} at once.", code="search.many")
    try:
        keys = {UUID(text) for text in ticked}
    except ValueError:
        raise search.SearchInvalid("That is no recording.", code="search.none") from None
    found = finding.visible(recordings=keys, facts=visit.facts, at=visit.at)
    if len(found) != len(keys):
        raise search.SearchInvalid(
            "One of them is gone, or none that you may see. Search again.", code="search.gone"
        )
    return found


def _deed(request: HttpRequest) -> Deed:
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise search.SearchInvalid("Say what to do with them.", code="search.deed")
    return deed


def _back(request: HttpRequest) -> str:
    """The search that this came from: only ever an address of the search itself."""
    query = request.POST.get("query", "")
    return f"/search?{query}" if query.isprintable() else "/search"


@require_POST
@visits.signed_in
def act(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Show what an act on many recordings would do; asked again with *confirm*, do it."""
    back = _back(request)
    try:
        deed = _deed(request)
        chosen = _chosen(request, visit)
    except search.SearchInvalid as error:
        return acting.refused(request, error, back=back)
    if request.POST.get("confirm") == "1":
        return acting.attempt(
            request, lambda: deed.do(visit, chosen, request), then=back, back=back
        )
    told = previewing.preview(
        action=deed.action, recordings=chosen, facts=visit.facts, at=visit.at, task=deed.task
    )
    return page.render(
        request, "pages/search_act.html", _preview_rows(request, visit, deed, told, back)
    )


def _preview_rows(
    request: HttpRequest, visit: visits.SignedVisit, deed: Deed, told: Preview, back: str
) -> dict[str, object]:
    names = showing.category_names()
    wearers = {row.wearer.collar_number for row in told.changed if row.wearer}

    def row(recording: Recording) -> dict[str, str]:
        known = showing.dates(recording, to=showing.reader(recording, visit.facts))
        goes = times.plain_day(known.gone_by) if known.gone_by else ""
        return {
            "id": str(recording.pk),
            "title": showing.title(recording, names),
            "reference": recording.reference,
            "when": times.short_moment(showing.began(recording)),
            "wearer": recording.wearer.title if recording.wearer else "nobody yet",
            "now": showing.category(recording, names) or "not categorised",
            "dates": f"deletes on {goes}" if goes else f"kept: {kept_words.why(known.because)}",
        }

    kinds = request.POST.get("deed", "")
    return {
        "deed": kinds,
        "words": deed.words,
        "back": back,
        "query": request.POST.get("query", ""),
        "changed": [row(each) for each in told.changed],
        "refused": [(row(each), why) for each, why in told.refused],
        "categories": _timed(told) if kinds == "categorise" else [],
        "kinds": [(kind.value, hold_kinds.words(kind)) for kind in hold_kinds.BY_HAND],
        "review": (times.day(visit.at) + REVIEW).isoformat(),
        "cases": [(str(case.pk), f"{case.reference}: {case.title}") for case in _cases(visit)]
        if kinds == "case"
        else [],
        "producer": wearers.pop() if len(wearers) == 1 else "",
    }


def _timed(told: Preview) -> list[tuple[str, str]]:
    """The categories that all of them can have: what waits for a review is for evidence only."""
    all_kept = all(row.evidential for row in told.changed)
    lines = [line for line in categories.current().values() if all_kept or line.days is not None]
    return sorted(((line.code, line.name) for line in lines), key=lambda line: line[1])
