"""Which requests to keep footage somebody answers, for pages and programs alike."""

from django.db.models import Q, QuerySet

from fairwitness.disclosure.request_rows import KeepRequest
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts


def within(facts: OfficerFacts) -> QuerySet[KeepRequest]:
    """Requests that this officer answers; never one about himself or herself."""
    found = KeepRequest.objects.select_related("unit", "officer__unit", "closed_by")
    found = found.exclude(officer=facts.officer)
    units = permissions.units_where(facts, Action.SEE_REQUESTS)
    if units is None:
        return found
    return found.filter(Q(unit__code__in=units) | Q(officer__unit__code__in=units))
