"""Two people export the whole force: whether they may, and what the two of them may take with them.

Design rules:

1. Two people answer for it each time it runs, each with a role for the whole force. One of them
   handles footage; the other may be an administrator, who runs the machine and has no footage.
2. Nothing leaves that neither of the two may open. There is no third key to locks and classes.
3. The folder lies open to both. So what one of them must not learn of what they wore themselves is
   left out, whatever the other may see.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence import apart_from_force, circle, history
from fairwitness.evidence.knowing import Reader
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, Allowed, OfficerFacts, Refused, Role, Subject
from fairwitness.force.models import Officer
from fairwitness.retention import hold_sight
from fairwitness.retention.event_rows import SILENT
from fairwitness.retention.models import Hold, HoldBinding

ABOUT = "bundle"
"""The custody subject of refusals; an export's own is this with its id."""


@dataclass(frozen=True, slots=True)
class Two:
    """Who answers for an export.

    Attributes:
        first: who makes it.
        second: who agrees.
        facts: their roles, in that order, at the moment that they were asked.
    """

    first: Officer
    second: Officer
    facts: tuple[OfficerFacts, OfficerFacts]

    @classmethod
    def demand(cls, *, first: Officer, second: Officer, at: datetime) -> Self:
        """Go on only when the first may export the force and the second may agree.

        Raises:
            NotAllowed: after the refusal was written down.
        """
        authority.demand(
            actor=first, action=Action.EXPORT_FORCE, subject=Subject(), about=ABOUT, at=at
        )
        authority.demand(
            actor=second,
            action=Action.AGREE_EXPORT_FORCE,
            subject=Subject(first_person=first.pk),
            about=ABOUT,
            at=at,
        )
        known = authority.facts_of_many(officers=[first, second], at=at)
        return cls(first, second, (known[first.pk], known[second.pk]))

    @property
    def oversight(self) -> bool:
        """Whether one of them is the independent investigator."""
        return any(each.holds(Role.INDEPENDENT_INVESTIGATOR, None) for each in self.facts)

    def refused(self, recording: Recording, at: datetime) -> Refused | None:
        """Why this recording does not leave; None when one of the two may open it."""
        subject = circle.subject_of(
            recording=recording,
            at=at,
            asking=recording.wearer_id if self._wore(recording) else None,
        )
        answers = [permissions.may(each, Action.EXPORT_FORCE, subject) for each in self.facts]
        if any(isinstance(answer, Allowed) for answer in answers):
            return None
        return next(answer for answer in answers if isinstance(answer, Refused))

    def may(self, action: Action) -> bool:
        """Whether one of them may do this in the whole force."""
        return any(
            isinstance(permissions.may(each, action, Subject()), Allowed) for each in self.facts
        )

    def withheld(self, recording: Recording, rows: list[HistoryRow]) -> set[int]:
        """The entries of a recording's history that these two are not told, by number here."""
        hidden = set() if self.oversight else apart_from_force.oversights(rows)
        if self._wore(recording):
            shown = {row.entry_id for row in history.shown(recording, to_wearer=True)}
            hidden |= {row.entry_id for row in rows} - shown
        return hidden

    def reader(self, recording: Recording) -> Reader:
        """As whom these two read of its dates: of silent holds that are not for them, no trace."""
        if self._wore(recording):
            return Reader.WEARER
        return Reader.OVERSIGHT if self.oversight else Reader.FORCE

    def holds(self) -> Q:
        """The holds that they may see."""
        first, second = (hold_sight.within(each) for each in self.facts)
        theirs = HoldBinding.objects.filter(hold=OuterRef("pk"), recording__wearer__in=self.people)
        waiting = [
            hold.pk
            for hold in Hold.objects.filter(silent=True, standing=True).iterator()
            if any(hold_sight.waits_for(hold, each) for each in self.facts)
        ]
        return (first | second) & ~Q(Exists(theirs), silent=True) & ~Q(pk__in=waiting)

    @property
    def people(self) -> list[UUID]:
        """Their ids."""
        return [self.first.pk, self.second.pk]

    def events(self, to: str = "") -> Q:
        """The records that they may see: of a complaint, whom it is about sees no trace."""
        about = {f"{to}kind__in": SILENT, f"{to}officer__in": self.people}
        return ~Q(**about)

    def _wore(self, recording: Recording) -> bool:
        return recording.wearer_id in self.people
