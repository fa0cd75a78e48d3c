"""What needs this person: each kind of work once, with how much there is and where it is done.

Only what one may see is counted. Footage of a closed class or under a lock counts for nobody here:
those who are named for it come by another way. What only a silent hold keeps counts for its wearer
as gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fairwitness.accountability.models import Loss
from fairwitness.cases.incidents import Involvement
from fairwitness.evidence import annotations, unassigned
from fairwitness.evidence.models import Annotation, Recording, State
from fairwitness.evidence.reaching import plain, rare_within, there, within
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.ingest import counter_gaps, quarantine
from fairwitness.ingest.models import CounterGap, QuarantineState
from fairwitness.retention import desk_sight, hold_sight, stopping
from fairwitness.retention.desk_sight import SECOND
from fairwitness.retention.models import EarlyDeletion, EarlyState, Hold, RuleChange, Unmarking
from fairwitness.web import (
    glass,
    going,
    needs_of_force,
    times,
    unmarked,
    visits,
    volumes,
)

SOON: Final = timedelta(days=7)
_SHOWN: Final = 5
_MOST: Final = 200
_MANY: Final = 1000


@dataclass(frozen=True, slots=True)
class Need:
    """One kind of work.

    Attributes:
        count: how much of it there is.
        words: what it is, to be read after the number.
        href: where it is done.
        soon: it has a day that is near.
        links: some of it one by one, where no page lists it.
    """

    count: int
    words: str
    href: str
    soon: bool = False
    links: tuple[tuple[str, str], ...] = ()

    @property
    def number(self) -> str:
        """How much: of the kinds that may be many, no more than a thousand is counted."""
        return f"{_MANY:,}+" if self.count >= _MANY else str(self.count)


def of(visit: visits.SignedVisit) -> list[Need]:
    """All that needs this visitor; what there is none of is left out."""
    found = (kind(visit) for kind in _KINDS)
    return [need for need in found if need is not None and need.count]


def _own_unmarked(visit: visits.SignedVisit) -> Need:
    count = Recording.objects.filter(
        wearer=visit.officer,
        state=State.LIVE,
        evidential=False,
        category="",
        shown_gone_by__gt=visit.at,
        shown_gone_by__lte=visit.at + SOON,
    ).count()
    words = _many(count, "recording of yours goes", "recordings of yours go")
    words += " within 7 days, and nobody has said what it shows"
    return Need(count, words, "/recordings?category=none&when=soon", soon=True)


def _quarantine(visit: visits.SignedVisit) -> Need | None:
    if permissions.units_where(visit.facts, Action.DECIDE_QUARANTINE) == frozenset():
        return None
    held = quarantine.shown_to(visit.facts).filter(state=QuarantineState.HELD)
    counted = held.aggregate(
        all=Count("pk"),
        long=Count("pk", filter=Q(nag_at__lte=visit.at, bin_until__isnull=True)),
        second=Count("pk", filter=~Q(proposal="") & ~Q(proposed_by=visit.officer)),
    )
    words = "in quarantine to decide on"
    if counted["second"]:
        words += f", {counted['second']} of them as the second person"
    if counted["long"]:
        words += f"; {counted['long']} waiting more than 7 days"
    return Need(counted["all"], words, "/quarantine", soon=bool(counted["long"]))


def _lost(visit: visits.SignedVisit) -> Need | None:
    """What an audit could not open, to who decides on footage that is not as it should be."""
    units = permissions.units_where(visit.facts, Action.DECIDE_QUARANTINE)
    if units == frozenset():
        return None
    open_ones = Recording.objects.filter(within(units), plain(), there(visit.at))
    found = Loss.objects.filter(
        Exists(open_ones.filter(pk=OuterRef("recording"))), resolved_at__isnull=True
    )
    count = found.count()
    first = found.order_by("found_at", "pk").values_list("recording", "recording__reference")
    links = tuple((name, f"/recordings/{pk}") for pk, name in first[:_SHOWN]) if count else ()
    words = _many(count, "recording can’t be opened", "recordings can’t be opened")
    return Need(count, f"{words}: an audit found it", "/figures/force", soon=True, links=links)


def unmarkings(visit: visits.SignedVisit) -> QuerySet[Unmarking]:
    """Requests to un-mark that this visitor may agree to or decline."""
    units = permissions.units_where(visit.facts, Action.UNMARK_EVIDENTIAL, SECOND)
    return (
        Unmarking.objects.filter(rare_within(units, "recording__unit"), plain("recording__"))
        .filter(decided_at__isnull=True, recording__evidential=True)
        .exclude(Q(asked_by=visit.officer) | Q(recording__wearer=visit.officer))
        .select_related("recording")
        .order_by("asked_at")
    )


def corrections(visit: visits.SignedVisit) -> QuerySet[Annotation]:
    """Requests to correct a wearer that this visitor may agree to or decline."""
    units = permissions.units_where(visit.facts, Action.CORRECT_WEARER, SECOND)
    mine = Q(first_officer=visit.officer) | Q(recording__wearer=visit.officer)
    return (
        Annotation.objects.filter(rare_within(units, "recording__unit"), plain("recording__"))
        .filter(there(visit.at, "recording__"))
        .filter(kind=annotations.WEARER, second_officer__isnull=True)
        .exclude(mine | Q(detail__to=str(visit.officer.pk)))
        .select_related("recording")
        .order_by("first_at")
    )


def _second_person(visit: visits.SignedVisit) -> Need:
    told = ("recording__reference", "recording")
    asked = [
        (f"{reference}: no longer evidential", f"/recordings/{pk}/unmark")
        for reference, pk in unmarkings(visit).values_list(*told)[:_MOST]
    ]
    asked += [
        (f"{reference}: another wearer", f"/recordings/{pk}/wearer")
        for reference, pk in corrections(visit).values_list(*told)[:_MOST]
    ]
    words = _many(len(asked), "request waits", "requests wait")
    href = asked[0][1] if asked else ""
    links = tuple(asked[:_SHOWN])
    return Need(len(asked), f"{words} for you as the second person", href, links=links)


def _early(visit: visits.SignedVisit) -> Need:
    """Requests for early deletion that wait for this very visitor, to decide or to agree."""
    found = EarlyDeletion.objects.filter(plain("recording__"))
    found = found.exclude(Q(asked_by=visit.officer) | Q(recording__wearer=visit.officer))
    decides = permissions.units_where(visit.facts, Action.DECIDE_EARLY_DELETION, SECOND)
    agrees = permissions.units_where(visit.facts, Action.AGREE_EARLY_DELETION, SECOND)
    asked = Q(state=EarlyState.ASKED) & rare_within(decides, "recording__unit")
    decided = Q(state=EarlyState.DECIDED) & rare_within(agrees, "recording__unit")
    count = found.filter(asked | decided & ~Q(decided_by=visit.officer)).count()
    words = _many(count, "request waits", "requests wait")
    return Need(count, f"{words} for you about deleting early", "/early-deletions")


def _rules(visit: visits.SignedVisit) -> Need | None:
    """Changes of rules that wait for a second person."""
    if permissions.units_where(visit.facts, Action.APPROVE_RULE, SECOND) is not None:
        return None  # a rule is the whole force's, and so is the second person's role
    waiting = RuleChange.objects.filter(approved_at__isnull=True, withdrawn_at__isnull=True)
    count = waiting.exclude(proposed_by=visit.officer).count()
    words = _many(count, "change of a rule waits", "changes of rules wait")
    return Need(count, f"{words} for a second person", "/rules")


def _lifts(visit: visits.SignedVisit) -> Need | None:
    if permissions.units_where(visit.facts, Action.LIFT_HOLD, SECOND) == frozenset():
        return None
    count = (
        Hold.objects.filter(hold_sight.within(visit.facts), lifted_at__isnull=True)
        .filter(lift_asked_at__isnull=False)
        .exclude(Q(lift_asked_by=visit.officer) | Q(bindings__recording__wearer=visit.officer))
        .count()
    )
    words = _many(count, "hold waits", "holds wait")
    return Need(count, f"{words} for you to agree that it is lifted", "/holds")


def _sample(visit: visits.SignedVisit) -> Need:
    count = desk_sight.drawn(visit.facts).count()
    words = _many(count, "recording of the month’s dip sample", "recordings of the dip sample")
    return Need(count, f"{words} to look at", "/team#sample")


def gaps(visit: visits.SignedVisit) -> QuerySet[CounterGap]:
    """Numbers that never came and that this visitor may explain, but for their own camera's."""
    units = permissions.units_where(visit.facts, Action.EXPLAIN_GAP)
    return counter_gaps.unexplained().filter(within(units, "camera__unit__code"))


def _records(visit: visits.SignedVisit) -> Need | None:
    if permissions.units_where(visit.facts, Action.LOOK_AT_EVENT) == frozenset():
        return None
    count = desk_sight.marks(visit.facts).order_by().values("recording").distinct()[:_MANY].count()
    words = _many(count, "recording that a record marks", "recordings that records mark")
    return Need(count, f"{words}, to look at", "/records")


def _without(visit: visits.SignedVisit) -> Need | None:
    if permissions.units_where(visit.facts, Action.LOOK_AT_EVENT) == frozenset():
        return None
    count = desk_sight.records_missing(visit.facts).order_by()[:_MANY].count()
    words = _many(count, "record of force, search or arrest", "records of force, search or arrest")
    return Need(count, f"{words} without a recording", "/records#missing")


def _unmarked(visit: visits.SignedVisit) -> Need | None:
    step = unmarked.step_of(visit)
    if step is None:
        return None
    count = unmarked.rows(visit, step).order_by()[:_MANY].count()
    days = f"{step.span.days} days"
    words = _many(count, "recording goes", "recordings go")
    return Need(count, f"{words} within {days}, unmarked", "/unmarked", soon=True)


def _gaps(visit: visits.SignedVisit) -> Need:
    count = gaps(visit).order_by()[:_MANY].count()
    words = _many(count, "number is", "numbers are")
    return Need(count, f"{words} missing on cameras’ counters, unexplained", "/team#gaps")


def _unassigned(visit: visits.SignedVisit) -> Need:
    units = permissions.units_where(visit.facts, Action.SEE_UNASSIGNED)
    count = unassigned.waiting().filter(there(visit.at), rare_within(units)).count()
    return Need(
        count, _many(count, "recording has", "recordings have") + " no wearer", "/unassigned"
    )


def _reviews(visit: visits.SignedVisit) -> Need:
    due = desk_sight.reviews(visit.facts).filter(due_on__lte=times.day(visit.at))
    count = due.count()
    first = due.order_by("due_on", "pk").values_list("pk", "recording__reference")[:_SHOWN]
    links = tuple((reference, f"/recordings/{pk}") for pk, reference in first) if count else ()
    words = _many(count, "kept recording is", "kept recordings are")
    return Need(count, f"{words} due to be looked at again", "/reviews", links=links)


def _hold_reviews(visit: visits.SignedVisit) -> Need:
    count = Hold.objects.filter(
        owner=visit.officer, lifted_at__isnull=True, review_on__lte=times.day(visit.at)
    ).count()
    words = _many(count, "hold of yours is", "holds of yours are")
    return Need(count, f"{words} due to be looked at again", "/reviews#holds")


def _viewings(visit: visits.SignedVisit) -> Need | None:
    """Officers of open critical incidents to whom this visitor may release viewing."""
    units = permissions.units_where(visit.facts, Action.RELEASE_VIEWING)
    if units == frozenset():
        return None
    waiting = Involvement.objects.filter(rare_within(units, "incident__unit"))
    waiting = waiting.filter(incident__closed_at__isnull=True, released_at__isnull=True)
    count = waiting.exclude(officer=visit.officer)[:_MANY].count()
    words = _many(count, "officer of an open incident waits", "officers of open incidents wait")
    return Need(count, f"{words} to be released to view", "/incidents", soon=True)


def _volumes(visit: visits.SignedVisit) -> Need:
    count = volumes.waiting(visit.facts) or 0
    words = _many(count, "volume waits", "volumes wait")
    return Need(count, f"{words} for approval", "/volumes")


def _glass(visit: visits.SignedVisit) -> Need:
    count = glass.waiting(visit)
    words = _many(count, "recording was opened", "recordings were opened")
    words += " in an emergency: look, and judge whether it was right"
    return Need(count, words, "/broken-glass", soon=True)


def _missing_cameras(visit: visits.SignedVisit) -> Need:
    count = needs_of_force.missing(visit).count()
    words = _many(count, "camera was", "cameras were")
    return Need(count, f"{words} reported lost or stolen", "/force/cameras?state=missing")


def _keys_of_stolen(visit: visits.SignedVisit) -> Need:
    found = needs_of_force.believed(visit)
    count = found.count()
    some = found[:_SHOWN] if count else []
    links = [(f"Camera {row.serial}", f"/force/cameras/{row.pk}") for row in some]
    words = _many(count, "stolen camera’s key is", "stolen cameras’ keys are")
    href = links[0][1] if links else ""
    return Need(count, f"{words} still believed", href, soon=True, links=tuple(links))


def _watchers_gone(visit: visits.SignedVisit) -> Need:
    found = {row.officer_id: row.officer.title for row in needs_of_force.watchers_gone(visit)}
    links = [(who, f"/log?search=1&subject=officer:{pk}") for pk, who in found.items()]
    words = _many(len(found), "person watches", "people watch")
    words += " the force no more: see in the log who ended it"
    href = links[0][1] if links else ""
    return Need(len(found), words, href, soon=True, links=tuple(links[:_SHOWN]))


def _stops(visit: visits.SignedVisit) -> Need | None:
    """What stopped deletion, of the whole force, to all who may let it go on with another."""
    if not going.may_stop(visit):
        return None
    count = stopping.open_stops(visit.at).exclude(let_on_by=visit.officer).count()
    words = _many(count, "stop of deletion", "stops of deletion")
    words += " in the whole force: look why, and with a second person let it go on"
    return Need(count, words, "/deletions#stops", soon=True)


def _many(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


_KINDS: Final[tuple[Callable[[visits.SignedVisit], Need | None], ...]] = (
    _stops,
    _glass,
    _viewings,
    _own_unmarked,
    _quarantine,
    _lost,
    _second_person,
    _early,
    _rules,
    _lifts,
    _sample,
    _records,
    _without,
    _unmarked,
    _gaps,
    _unassigned,
    _reviews,
    _hold_reviews,
    _volumes,
    _missing_cameras,
    _keys_of_stolen,
    _watchers_gone,
)
"""In the order in which they are shown."""
