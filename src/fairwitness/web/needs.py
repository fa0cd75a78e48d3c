"""What needs this person: each kind of work once, with how much there is and where it is done.

Only what one may see is counted. Footage of a closed class or under a lock counts for nobody here:
those who are named for it come by another way. What only a silent hold keeps counts for its wearer
as gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from fairwitness.evidence import annotations, unassigned
from fairwitness.evidence.models import AccessClass, Annotation, Recording, State
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.ingest import counter_gaps, quarantine
from fairwitness.ingest.models import CounterGap, QuarantineState
from fairwitness.retention import hold_sight
from fairwitness.retention.models import Drawn, Hold, Review, Unmarking
from fairwitness.web import times, visits, volumes

SOON: Final = timedelta(days=7)
_SHOWN: Final = 5
_MOST: Final = 200
_SOMEBODY: Final = UUID(int=0)
SECOND: Final = Subject(evidential=True, first_person=_SOMEBODY)
"""What a request has in common that waits for its second person."""


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


def of(visit: visits.SignedVisit) -> list[Need]:
    """All that needs this visitor; what there is none of is left out."""
    found = (kind(visit) for kind in _KINDS)
    return [need for need in found if need is not None and need.count]


def within(units: frozenset[str] | None, path: str = "unit__code") -> Q:
    """Rows of these units, or of the whole force."""
    return Q() if units is None else Q(**{f"{path}__in": units})


def plain(path: str = "") -> Q:
    """Recordings that are of no closed class and not locked; `path` leads to them."""
    return Q(
        **{
            f"{path}state": State.LIVE,
            f"{path}access_class": AccessClass.OPEN,
            f"{path}locked": False,
        }
    )


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


def unmarkings(visit: visits.SignedVisit) -> QuerySet[Unmarking]:
    """Requests to un-mark that this visitor may agree to or decline."""
    units = permissions.units_where(visit.facts, Action.UNMARK_EVIDENTIAL, SECOND)
    return (
        Unmarking.objects.filter(within(units, "recording__unit__code"), plain("recording__"))
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
        Annotation.objects.filter(within(units, "recording__unit__code"), plain("recording__"))
        .filter(kind=annotations.WEARER, second_officer__isnull=True)
        .exclude(mine | Q(detail__to=str(visit.officer.pk)))
        .select_related("recording")
        .order_by("first_at")
    )


def _second_person(visit: visits.SignedVisit) -> Need:
    asked = [
        (
            f"{row.recording.reference}: no longer evidential",
            f"/recordings/{row.recording_id}/unmark",
        )
        for row in unmarkings(visit)[:_MOST]
    ]
    asked += [
        (f"{row.recording.reference}: another wearer", f"/recordings/{row.recording_id}/wearer")
        for row in corrections(visit)[:_MOST]
    ]
    words = _many(len(asked), "request waits", "requests wait")
    href = asked[0][1] if asked else ""
    links = tuple(asked[:_SHOWN])
    return Need(len(asked), f"{words} for you as the second person", href, links=links)


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


def to_look_at(visit: visits.SignedVisit) -> QuerySet[Drawn]:
    """What was drawn and that this visitor may look at."""
    units = permissions.units_where(visit.facts, Action.CHECK_SAMPLE)
    return (
        Drawn.objects.filter(within(units, "sample__unit__code"), plain("recording__"))
        .filter(looked_at__isnull=True)
        .exclude(recording__wearer=visit.officer)
    )


def _sample(visit: visits.SignedVisit) -> Need:
    count = to_look_at(visit).count()
    words = _many(count, "recording of the month’s dip sample", "recordings of the dip sample")
    return Need(count, f"{words} to look at", "/team#sample")


def gaps(visit: visits.SignedVisit) -> QuerySet[CounterGap]:
    """Numbers that never came and that this visitor may explain, but for their own camera's."""
    units = permissions.units_where(visit.facts, Action.EXPLAIN_GAP)
    return counter_gaps.unexplained().filter(within(units, "camera__unit__code"))


def _gaps(visit: visits.SignedVisit) -> Need:
    count = gaps(visit).count()
    words = _many(count, "number is", "numbers are")
    return Need(count, f"{words} missing on cameras’ counters, unexplained", "/team#gaps")


def _unassigned(visit: visits.SignedVisit) -> Need:
    units = permissions.units_where(visit.facts, Action.SEE_UNASSIGNED)
    count = unassigned.waiting().filter(within(units)).count()
    return Need(
        count, _many(count, "recording has", "recordings have") + " no wearer", "/unassigned"
    )


def _reviews(visit: visits.SignedVisit) -> Need:
    units = permissions.units_where(visit.facts, Action.UNMARK_EVIDENTIAL, SECOND)
    reach = within(units, "recording__unit__code")
    if units is not None:
        reach |= Q(marked_by=visit.officer)
    due = Review.objects.filter(reach, plain("recording__"), due_on__lte=times.day(visit.at))
    count = due.count()
    first = due.order_by("due_on", "pk").values_list("pk", "recording__reference")[:_SHOWN]
    links = tuple((reference, f"/recordings/{pk}") for pk, reference in first) if count else ()
    words = _many(count, "kept recording is", "kept recordings are")
    href = links[0][1] if links else ""
    return Need(count, f"{words} due to be looked at again", href, links=links)


def _hold_reviews(visit: visits.SignedVisit) -> Need:
    count = Hold.objects.filter(
        owner=visit.officer, lifted_at__isnull=True, review_on__lte=times.day(visit.at)
    ).count()
    words = _many(count, "hold of yours is", "holds of yours are")
    return Need(count, f"{words} due to be looked at again", "/holds")


def _volumes(visit: visits.SignedVisit) -> Need:
    count = volumes.waiting(visit.facts) or 0
    words = _many(count, "volume waits", "volumes wait")
    return Need(count, f"{words} for approval", "/volumes")


def _many(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


_KINDS: Final[tuple[Callable[[visits.SignedVisit], Need | None], ...]] = (
    _own_unmarked,
    _quarantine,
    _second_person,
    _lifts,
    _sample,
    _gaps,
    _unassigned,
    _reviews,
    _hold_reviews,
    _volumes,
)
"""In the order in which they are shown."""
