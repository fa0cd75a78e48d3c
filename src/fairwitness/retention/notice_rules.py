"""When an act that waits in public may go on without a second person: pure, over frozen facts.

Nothing here reads rows or clocks, and nothing here permits: whether its giver may still do it is
asked of `permissions.may`, with the answer of `decide` as one of the facts.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DELAY: Final = timedelta(days=7)
"""What an act without a second person waits longer than with one."""


class Answer(enum.Enum):
    """What is to become of a notice now; the value says why it lapses."""

    WAIT = ""
    GO = "its delay is over and nobody has stopped it"
    OVERTAKEN = "it was decided in another way"
    SECOND_PERSON = "the force no longer runs with one evidence manager"
    CLOSED = "it has ended"


LAPSES: Final = frozenset({Answer.OVERTAKEN, Answer.SECOND_PERSON})


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What is known of a notice.

    Attributes:
        due_at: when its delay is over.
        closed: stopped, lapsed or done.
        open_act: the act still waits for its second person.
        same_period: the time with one manager in which it was given still stands.
        managers: how many evidence managers there are now.
    """

    due_at: datetime
    closed: bool
    open_act: bool
    same_period: bool
    managers: int


def decide(facts: NoticeFacts, at: datetime) -> Answer:
    """Say what becomes of it; total. It goes on only when every condition holds at this moment."""
    if facts.closed:
        return Answer.CLOSED
    if not facts.open_act:
        return Answer.OVERTAKEN
    if not facts.same_period or facts.managers != 1:
        return Answer.SECOND_PERSON
    return Answer.GO if at >= facts.due_at else Answer.WAIT
