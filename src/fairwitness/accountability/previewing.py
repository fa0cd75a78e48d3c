"""What a bulk act would change, and what it would be refused: asked before anything is done.

Nothing is written down here: it is a question. The act itself asks again, of each recording.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused, TaskKind


@dataclass(frozen=True, slots=True)
class Preview:
    """Recordings that may be changed, and the others with the sentence that refuses each."""

    changed: tuple[Recording, ...]
    refused: tuple[tuple[Recording, str], ...]


def preview(
    *,
    action: Action,
    recordings: Iterable[Recording],
    facts: OfficerFacts,
    at: datetime,
    task: TaskKind | None = None,
) -> Preview:
    """Whether this officer may do this to each of these recordings."""
    changed: list[Recording] = []
    refused: list[tuple[Recording, str]] = []
    for recording in recordings:
        subject = circle.subject_of(recording=recording, at=at, task=task, asking=facts.officer)
        decision = permissions.may(facts, action, subject)
        if isinstance(decision, Refused):
            refused.append((recording, decision.message))
        else:
            changed.append(recording)
    return Preview(tuple(changed), tuple(refused))
