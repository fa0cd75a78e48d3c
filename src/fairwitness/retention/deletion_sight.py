"""Which records of deletion somebody may see, as a condition on rows.

What oversight's silent holds kept past the day that the force knows was deleted later, and its
record says so. So the force is shown none, as a wearer is shown none of theirs (ADR 0050).
"""

from django.db.models import Exists, F, OuterRef, Q

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import OfficerFacts, Role


def within(facts: OfficerFacts, path: str = "recording__") -> Q:
    """Records of deletion, or deleted recordings, whose day this officer may know.

    Of a record it is asked row by row, so that a database walks the records by their day.

    Args:
        facts: who asks.
        path: leads to the recording.
    """
    if facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        return Q()
    if not path:
        return for_force(path)
    known = Recording.objects.filter(for_force(""), pk=OuterRef(path.removesuffix("__")))
    return Q(Exists(known))


def for_force(path: str = "recording__") -> Q:
    """Those whose day nobody outside the force moved."""
    same = Q(**{f"{path}force_gone_by": F(f"{path}gone_by")})
    return Q(**{f"{path}force_gone_by__isnull": True}) | same
