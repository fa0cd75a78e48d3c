"""Police firearms: each discharge with its independent investigation, and noting what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from fairwitness.accountability import firearms
from fairwitness.accountability.firearms import FirearmsInvalid
from fairwitness.accountability.models import Discharge, FirearmsOperations, Outcome
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.force.models import Unit
from fairwitness.web import acting, page, times, visits

_HOME: Final = "/figures/firearms"
_SHOWN: Final = 200
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One discharge."""

    pk: int
    reference: str
    unit: str
    happened: str
    body: str
    opened: str
    concluded: str
    outcome: str

    @property
    def waits(self) -> bool:
        """Whether no independent body has taken it up."""
        return not self.opened


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Every discharge, the latest first, and what this visitor may note."""
    if not visits.allowed(visit, Action.SEE_FIGURES):
        return page.refuse(
            request, title="You can't see the figures", sentence="You hold no role here any more."
        )
    rows = Discharge.objects.select_related("unit").order_by("-happened_on", "-pk")[:_SHOWN]
    operations = FirearmsOperations.objects.select_related("unit").order_by("-month", "unit__name")
    noting = _units(visit, Action.NOTE_FIREARMS)
    context = {
        "rows": [_row(row) for row in rows],
        "operations": [
            (f"{each.month:%B %Y}", each.unit.name, each.number) for each in operations[:_SHOWN]
        ],
        "units": noting,
        "may_investigate": permissions.units_where(visit.facts, Action.NOTE_INVESTIGATION)
        != frozenset(),
        "outcomes": [(each.value, str(each.label)) for each in Outcome],
        "today": times.day(visit.at).isoformat(),
        "month": f"{times.day(visit.at):%Y-%m}",
    }
    return page.render(request, "pages/firearms.html", context)


@require_POST
@visits.signed_in
def operations(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Note how many operations a unit had in a month."""

    def act() -> str:
        unit = _unit(request)
        row = firearms.note_operations(
            unit=unit,
            month=_day(f"{request.POST.get('month', '')}-01"),
            number=_number(request.POST.get("number", "")),
            officer=visit.officer,
            at=visit.at,
        )
        return f"{unit.name} had {row.number} operations in {row.month:%B %Y}."

    return _attempt(request, visit, Action.NOTE_FIREARMS, act)


@require_POST
@visits.signed_in
def discharge(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Note that a police firearm was fired."""

    def act() -> str:
        row = firearms.note_discharge(
            reference=request.POST.get("reference", ""),
            unit=_unit(request),
            happened_on=_day(request.POST.get("day", "")),
            officer=visit.officer,
            at=visit.at,
        )
        return f"The discharge {row} is noted. It counts as not investigated until it is."

    return _attempt(request, visit, Action.NOTE_FIREARMS, act)


@require_POST
@visits.signed_in
def investigate(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Note that an independent body investigates a discharge."""
    row = get_object_or_404(Discharge.objects.select_related("unit"), pk=pk)

    def act() -> str:
        done = firearms.open_investigation(
            discharge=row,
            body=request.POST.get("body", ""),
            opened_on=_day(request.POST.get("day", "")),
            officer=visit.officer,
            at=visit.at,
        )
        return f"{done.body} investigates {done}."

    return _attempt(request, visit, Action.NOTE_INVESTIGATION, act)


@require_POST
@visits.signed_in
def conclude(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Note what an investigation came to."""
    row = get_object_or_404(Discharge.objects.select_related("unit"), pk=pk)

    def act() -> str:
        wanted = request.POST.get("outcome", "")
        if wanted not in Outcome.values:
            raise FirearmsInvalid("Choose what the investigation came to.")
        done = firearms.conclude_investigation(
            discharge=row,
            outcome=Outcome(wanted),
            concluded_on=_day(request.POST.get("day", "")),
            officer=visit.officer,
            at=visit.at,
        )
        return f"The investigation of {done} is concluded: {done.get_outcome_display()}."

    return _attempt(request, visit, Action.NOTE_INVESTIGATION, act)


def _attempt(
    request: HttpRequest, visit: visits.SignedVisit, action: Action, act: Callable[[], str]
) -> HttpResponse:
    """Who may note nothing at all is told so whatever they sent; the domain asks again."""
    if permissions.units_where(visit.facts, action) == frozenset():
        visits.allowed(visit, action, about=firearms.SUBJECT)
        return page.refuse(
            request,
            title="You can’t do this",
            sentence="It takes another role.",
            detail="This request was written down.",
            back=_HOME,
        )
    return acting.attempt(request, act, then=_HOME, back=_HOME)


def _units(visit: visits.SignedVisit, action: Action) -> list[tuple[str, str]]:
    within = permissions.units_where(visit.facts, action)
    units = Unit.objects.order_by("name").values_list("code", "name")
    return [(code, name) for code, name in units if within is None or code in within]


def _unit(request: HttpRequest) -> Unit:
    found = Unit.objects.filter(code=request.POST.get("unit", "")).first()
    if found is None:
        raise FirearmsInvalid("Choose a unit.")
    return found


def _day(text: str) -> date:
    day = times.typed_day(text)
    if day is None:
        raise FirearmsInvalid("Give a day.", code="firearms.day")
    return day


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise FirearmsInvalid("Give a number of operations.")
    return int(text)


def _row(row: Discharge) -> Row:
    return Row(
        pk=row.pk,
        reference=row.reference,
        unit=row.unit.name,
        happened=_plain(row.happened_on),
        body=row.body,
        opened=_plain(row.opened_on),
        concluded=_plain(row.concluded_on),
        outcome=row.get_outcome_display() if row.outcome else "",
    )


def _plain(day: date | None) -> str:
    return times.plain_date(day) if day else ""
