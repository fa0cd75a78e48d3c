"""A standing hold by form, with a preview of what it would bind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from fairwitness.accountability import finding
from fairwitness.errors import FairwitnessError
from fairwitness.force import cameras, officers, permissions
from fairwitness.force.asking import Action
from fairwitness.force.models import Station, Unit
from fairwitness.retention import hold_kinds, holds, narrowing, standing
from fairwitness.retention.holds import HoldInvalid, Terms
from fairwitness.retention.models import HoldKind
from fairwitness.retention.standing import Criteria
from fairwitness.web import acting, consulting, page, showing, times, visits

REVIEW: Final = timedelta(days=180)
_SHOWN: Final = 20
_MOST: Final = 2000
_FIELDS: Final = (
    *("kind", "reference", "basis", "release_when", "review", "silent"),
    *("officers", "cameras", "unit", "station", "from", "until"),
)


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Standing hold",
        sentence="You can’t place a standing hold.",
        detail="Evidence managers, professional standards and independent investigators can.",
        back="/holds",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def place(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The form, what it would bind, and the hold itself."""
    units = permissions.units_where(visit.facts, Action.PLACE_STANDING_HOLD)
    if units == frozenset():
        visits.allowed(visit, Action.PLACE_STANDING_HOLD, about="retention")
        return _refuse(request)
    typed = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    if request.method != "POST":
        return _form(request, visit, typed)
    if request.POST.get("deed") == "place":
        return acting.attempt(
            request, lambda: _place(typed, visit), then="/holds", back="/holds/standing"
        )
    try:
        _terms(typed, visit)
        criteria = _criteria(request.POST)
    except FairwitnessError as error:
        return _form(request, visit, typed, problem=error.message)
    return _form(request, visit, typed, criteria=criteria)


def _place(typed: Mapping[str, str], visit: visits.SignedVisit) -> str:
    placed = holds.place(
        terms=_terms(typed, visit), owner=visit.officer, at=visit.at, criteria=_criteria(typed)
    )
    number = len(placed.bound)
    now = "1 recording" if number == 1 else f"{number} recordings"
    return f"The hold stands. It keeps {now} now, and what matches and is docked later."


def _form(
    request: HttpRequest,
    visit: visits.SignedVisit,
    typed: Mapping[str, str],
    *,
    problem: str = "",
    criteria: Criteria | None = None,
) -> HttpResponse:
    review = typed["review"] or (times.day(visit.at) + REVIEW).isoformat()
    context: dict[str, object] = {
        "typed": {**typed, "review": review, "since": typed["from"]},
        "problem": problem,
        "kinds": [
            (kind.value, hold_kinds.words(kind), hold_kinds.RELEASE[kind])
            for kind in hold_kinds.BY_HAND
            if kind is not HoldKind.REQUEST
        ],
        "units": list(Unit.objects.order_by("name").values_list("code", "name")),
        "stations": list(Station.objects.order_by("name").values_list("code", "name")),
        "previewed": criteria is not None,
    }
    if criteria is not None:
        context |= _preview(criteria, visit)
    return page.render(request, "pages/hold_standing.html", context, status=400 if problem else 200)


def _preview(criteria: Criteria, visit: visits.SignedVisit) -> dict[str, object]:
    """What it would bind of what is here, as far as this visitor may see it; the first of it."""
    looked = list(narrowing.living(criteria)[: _MOST + 1])
    there = [row for row in looked[:_MOST] if not showing.gone_for(row, visit.facts, visit.at)]
    found = [row.pk for row in there if standing.matches(criteria, holds.seen(row))]
    seen = finding.visible(recordings=found, facts=visit.facts, at=visit.at)
    shown = [row for row in seen if row.wearer_id != visit.officer.pk][:_SHOWN]
    consulting.note(visit, of="standing hold", shown=len(shown))
    return {
        "found": len(found),
        "more": len(looked) > _MOST,
        "rows": [
            {
                "id": str(row.pk),
                "reference": row.reference,
                "when": times.near_moment(showing.began(row), at=visit.at),
                "unit": row.unit.name if row.unit else "",
            }
            for row in shown
        ],
    }


def _terms(typed: Mapping[str, str], visit: visits.SignedVisit) -> Terms:
    kinds = {kind.value: kind for kind in hold_kinds.BY_HAND}
    if typed["kind"] not in kinds:
        raise HoldInvalid("Say what the hold is for.")
    if not typed["reference"] or not typed["basis"]:
        raise HoldInvalid("Give its number or name, and on what ground footage is kept.")
    review = times.typed_day(typed["review"])
    if review is None or review <= times.day(visit.at):
        raise HoldInvalid("Give a day, later than today, on which it is looked at again.")
    return Terms(
        kind=kinds[typed["kind"]],
        reference=typed["reference"][:80],
        basis=typed["basis"],
        review_on=review,
        silent=typed["silent"] == "1",
        release_when=typed["release_when"],
    )


def _criteria(typed: Mapping[str, str] | QueryDict) -> Criteria:
    unit, station = typed.get("unit", ""), typed.get("station", "")
    if unit and not Unit.objects.filter(code=unit).exists():
        raise HoldInvalid(f"There is no unit {unit}.")
    if station and not Station.objects.filter(code=station).exists():
        raise HoldInvalid(f"There is no station {station}.")
    return Criteria(
        officers=tuple(officers.named(each).pk for each in _words(typed.get("officers", ""))),
        cameras=tuple(cameras.named(each).pk for each in _words(typed.get("cameras", ""))),
        units=(unit,) if unit else (),
        stations=(station,) if station else (),
        begins_at=_moment(typed.get("from", "")),
        ends_at=_moment(typed.get("until", "")),
    )


def _words(text: str) -> list[str]:
    found = text.replace(",", " ").split()
    if len(found) > 60:  # noqa: PLR2004 - more than a person types
        raise HoldInvalid("Name at most 60; for more, name their unit or station.")
    return found


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    found = times.typed_moment(text)
    if found is None:
        raise HoldInvalid("Write a time as 2017-06-08 22:13.")
    return found
