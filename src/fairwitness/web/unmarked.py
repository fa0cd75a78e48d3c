"""Unmarked footage that goes soon: who has been told of it, and when who is told next."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import reaching
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Role
from fairwitness.retention import reminding
from fairwitness.retention.reminding import Step
from fairwitness.web import consulting, page, showing, team, times, visits

SHOWN: Final = 50
_STEPS: Final = {step.told: step for step in reminding.STEPS[reminding.UNMARKED]}
_WORDS: Final = {
    reminding.OFFICER: "the officer who wore it",
    reminding.SUPERVISOR: "the supervisor",
    reminding.MANAGER: "the evidence manager",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One recording, and whom its end was told to."""

    href: str
    reference: str
    when: str
    wearer: str
    goes: str
    told: tuple[str, ...]


def step_of(visit: visits.SignedVisit) -> Step | None:
    """The step at which this visitor is told; None for whoever is told as its wearer only."""
    if permissions.units_where(visit.facts, Action.CHECK_SAMPLE) == frozenset():
        return None
    manages = Role.EVIDENCE_MANAGER in visit.roles
    return _STEPS[reminding.MANAGER if manages else reminding.SUPERVISOR]


def rows(visit: visits.SignedVisit, step: Step) -> QuerySet[Recording]:
    """What this visitor may see of it, the next to go first; the bin, only as its manager."""
    units = permissions.units_where(visit.facts, Action.CHECK_SAMPLE)
    shown = Q(force_hidden_from__isnull=True) | Q(force_hidden_from__gt=visit.at)
    return (
        reminding.going(step.span, visit.at)
        .filter(reaching.within(units), reaching.plain(), shown | _managed(visit))
        .exclude(wearer=visit.officer)
        .order_by("force_gone_by", "pk")
    )


def _managed(visit: visits.SignedVisit) -> Q:
    """What this visitor is the evidence manager of."""
    if Role.EVIDENCE_MANAGER in visit.facts.force_wide:
        return Q(pk__isnull=False)
    held = visit.facts.by_unit
    return Q(unit__code__in=[unit for role, unit in held if role is Role.EVIDENCE_MANAGER])


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The list, of the units that one answers for."""
    units = visits.reach(visit, Action.CHECK_SAMPLE)
    if units is not None and not units:
        return team.refuse(request)
    found = rows(visit, _STEPS[reminding.OFFICER])
    shown = list(found.select_related("wearer").prefetch_related("reminders")[:SHOWN])
    consulting.note(visit, of="unmarked", shown=len(shown))
    context = {
        "rows": [_row(each, visit) for each in shown],
        "more": len(shown) == SHOWN,
        "steps": [
            {"who": _WORDS[told], "days": step.span.days, "day": 31 - step.span.days}
            for told, step in _STEPS.items()
        ],
    }
    return page.render(request, "pages/unmarked.html", context)


def _row(recording: Recording, visit: visits.SignedVisit) -> Row:
    told = [each for each in recording.reminders.all() if each.about == reminding.UNMARKED]
    gone_by = recording.force_gone_by or visit.at
    return Row(
        href=f"/recordings/{recording.pk}",
        reference=recording.reference,
        when=times.near_moment(showing.began(recording), at=visit.at),
        wearer=recording.wearer.title if recording.wearer else "nobody yet",
        goes=f"{times.short_moment(gone_by)}, {times.from_now(gone_by, at=visit.at)}",
        told=tuple(
            f"{_WORDS[each.told]}, {times.short_moment(each.at)}"
            for each in sorted(told, key=lambda each: each.at)
        ),
    )
