"""Which cases somebody may see, as a condition on rows, for pages and programs alike."""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from fairwitness.cases.models import Case, CaseState
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Subject


def within(facts: OfficerFacts) -> Q:
    """Cases of the units where this officer's roles see them, and those they are the officer in."""
    units = permissions.units_where(facts, Action.SEE_CASE)
    seen = Q() if units is None else Q(unit__code__in=units) | Q(officer_in_case=facts.officer)
    theirs = permissions.units_where(facts, Action.SEE_CASE, Subject(oversight=True))
    if theirs is None:
        return seen
    return seen & (Q(oversight=False) | Q(unit__code__in=theirs))


def open_ones(facts: OfficerFacts) -> QuerySet[Case]:
    """Open cases that somebody may see: those they are the officer in first, then the newest."""
    seen = Case.objects.filter(within(facts), state=CaseState.OPEN).select_related("unit")
    others = ExpressionWrapper(~Q(officer_in_case=facts.officer), BooleanField())
    return seen.order_by(others, "-opened_at", "reference")
