"""Recordings of the very same bytes: linked to each other, never merged.

Each came in its own way and has its own wearer, holds and day. They are found by the keyed digest,
and told only to those who may see each of them.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording, State
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused

MOST = 20
"""Twins that are looked at, at most: beyond that they tell nobody anything."""


def of(
    *, commitment: str, besides: UUID | None, facts: OfficerFacts, at: datetime
) -> Iterator[Recording]:
    """The living recordings of these bytes that this officer may see, the first to come first.

    Args:
        commitment: the keyed digest of the bytes.
        besides: the recording whose twins are asked for.
        facts: who asks.
        at: now.
    """
    found = Recording.objects.filter(commitment=commitment, state=State.LIVE)
    if besides is not None:
        found = found.exclude(pk=besides)
    for twin in found.select_related("unit").order_by("received_at")[:MOST]:
        if may_see(twin, facts=facts, at=at):
            yield twin


def may_see(recording: Recording, *, facts: OfficerFacts, at: datetime) -> bool:
    """Whether this officer may know of a recording that another is linked to."""
    subject = circle.subject_of(recording=recording, at=at, asking=facts.officer)
    return not isinstance(permissions.may(facts, Action.SEE_RECORDING, subject), Refused)
