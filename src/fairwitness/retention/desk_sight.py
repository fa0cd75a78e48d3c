"""What waits at the retention desk, and for whom, as conditions on rows, for pages and programs."""

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from fairwitness.evidence.models import Recording, State
from fairwitness.evidence.reaching import plain, within
from fairwitness.force import permissions
from fairwitness.force.asking import Action, OfficerFacts, Role, Subject
from fairwitness.retention import hold_sight, looking, not_recording
from fairwitness.retention.event_rows import Event, EventMatch
from fairwitness.retention.models import (
    Drawn,
    EarlyDeletion,
    EarlyState,
    Hold,
    HoldKind,
    NotRecorded,
    Review,
)

SECOND: Final = Subject(evidential=True, first_person=UUID(int=0))
"""What has in common that waits for its second person."""
_OPEN: Final = (EarlyState.ASKED, EarlyState.DECIDED, EarlyState.AGREED)


def reviews(facts: OfficerFacts) -> QuerySet[Review]:
    """Reviews that this officer decides: those of the units where one un-marks, and one's own.

    What must hold of the recording is asked row by row, so that a database walks the reviews by
    their day and never all that lives.
    """
    units = permissions.units_where(facts, Action.UNMARK_EVIDENTIAL, SECOND)
    recording = Recording.objects.filter(plain(), pk=OuterRef("pk"))
    reach = Q(Exists(recording.filter(within(units))))
    if units is not None:
        reach |= Q(marked_by=facts.officer) & Q(Exists(recording))
    return Review.objects.filter(reach)


def holds(facts: OfficerFacts) -> QuerySet[Hold]:
    """Holds whose review this officer decides: one's own, and those one may agree to lift.

    Not a dip sample's, which ends with its form, nor an incident's, which ends with the incident.
    """
    found = Hold.objects.filter(lifted_at__isnull=True, locks=False)
    found = found.exclude(kind=HoldKind.DIP_SAMPLE)
    if permissions.units_where(facts, Action.LIFT_HOLD, SECOND) == frozenset():
        return found.filter(owner=facts.officer)
    if not facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR):
        found = found.filter(Q(oversight=False) | Q(owner=facts.officer))
    return found.filter(hold_sight.within(facts))


def early(facts: OfficerFacts) -> QuerySet[EarlyDeletion]:
    """Open requests of the units where this officer decides or agrees, and those one brought."""
    found = EarlyDeletion.objects.filter(recording__state=State.LIVE, state__in=_OPEN)
    reach = Q(asked_by=facts.officer)
    for action in (Action.DECIDE_EARLY_DELETION, Action.AGREE_EARLY_DELETION):
        units = permissions.units_where(facts, action, SECOND)
        if units is None:
            return found
        reach |= within(units, "recording__unit__code")
    return found.filter(reach)


def drawn(facts: OfficerFacts) -> QuerySet[Drawn]:
    """What was drawn and that this officer may look at."""
    units = permissions.units_where(facts, Action.CHECK_SAMPLE)
    return (
        Drawn.objects.filter(within(units, "sample__unit__code"), plain("recording__"))
        .filter(looked_at__isnull=True)
        .exclude(recording__wearer=facts.officer)
    )


def not_recorded(facts: OfficerFacts) -> QuerySet[NotRecorded]:
    """What stands of the officers of one's units, but for one's own; newest first."""
    units = permissions.units_where(facts, Action.CHECK_SAMPLE)
    return not_recording.standing().filter(within(units)).exclude(officer=facts.officer)


def marks(facts: OfficerFacts) -> QuerySet[EventMatch]:
    """What records mark and waits for a look that this officer may take, the longest first.

    Never what they wore themselves, nor by a record that is about them. All that is asked of the
    recording is asked of it once, by its id.
    """
    units = permissions.units_where(facts, Action.LOOK_AT_EVENT)
    open_ones = Recording.objects.filter(within(units), plain()).exclude(wearer=facts.officer)
    return (
        looking.unseen()
        .filter(Exists(open_ones.filter(pk=OuterRef("recording"))))
        .exclude(event__officer=facts.officer)
    )


def records_missing(facts: OfficerFacts) -> QuerySet[Event]:
    """Records without a recording of which this officer may say why; newest first."""
    units = permissions.units_where(facts, Action.LOOK_AT_EVENT)
    mine = Q(officer=facts.officer, officer__isnull=False)
    return looking.missing().filter(within(units)).exclude(mine)
