"""Which of some recordings a visitor may see: a list names the others by number alone, or not."""

import functools
import operator
from collections.abc import Iterable
from uuid import UUID

from fairwitness.evidence import sight
from fairwitness.evidence.models import Recording
from fairwitness.web import visits


def of(visit: visits.SignedVisit, recordings: Iterable[UUID]) -> set[UUID]:
    """The ids of those that this visitor may see, in few queries."""
    ways = sight.grounds(visit.facts, visit.at)
    wanted = list(recordings)
    if not ways or not wanted:
        return set()
    grounds = functools.reduce(operator.or_, ways)
    found = Recording.objects.filter(pk__in=wanted).filter(grounds)
    return set(found.filter(sight.obstacles(visit.facts, visit.at)).values_list("pk", flat=True))
