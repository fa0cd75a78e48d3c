"""Which holds somebody may see, as a condition on rows, for pages and programs alike."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Role
from fairwitness.force.models import Officer
from fairwitness.retention import hold_kinds, standing
from fairwitness.retention.models import Hold, HoldBinding


def within(facts: OfficerFacts) -> Q:
    """Holds that this officer may see: their own, and those on recordings where they may.

    Whatever their role, a silent one on what they wore themselves is not for them; nor, for the
    force, oversight's silent ones.
    """
    units = permissions.units_where(facts, Action.SEE_HOLDS)
    bound = HoldBinding.objects.filter(hold=OuterRef("pk"))
    found = Q() if units is None else Q(Exists(bound.filter(recording__unit__code__in=units)))
    mine = Exists(bound.filter(recording__wearer=facts.officer))
    if not facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        found &= ~Q(silent=True, oversight=True)
    return Q(owner=facts.officer) | found & ~Q(mine, silent=True)


def own_open(officer: Officer, besides: UUID) -> QuerySet[Hold]:
    """An officer's own holds, placed by hand, that stand and do not bind a recording, newest first.

    Args:
        officer: the owner.
        besides: the recording.
    """
    open_ones = Hold.objects.filter(lifted_at=None, locks=False, kind__in=hold_kinds.BY_HAND)
    mine = open_ones.filter(owner=officer).exclude(bindings__recording=besides)
    return mine.order_by("-placed_at")


def waits_for(hold: Hold, facts: OfficerFacts) -> bool:
    """Whether a silent hold waits for what this officer will record, and another placed it."""
    if not (hold.silent and hold.standing) or hold.owner_id == facts.officer:
        return False
    return facts.officer in standing.criteria_from(hold.criteria).officers
