"""What retention does when a recording arrives, in the transaction of its registration."""

from collections.abc import Sequence
from datetime import datetime

from fairwitness.evidence.models import CircleMember, Provenance, Recording, Standing
from fairwitness.retention import dates, events, gathering, holds
from fairwitness.retention.models import CategoryMark, Review


def settle(recording: Recording, at: datetime) -> None:
    """Give a recording that just arrived its marks, holds and dates.

    It takes over what the other parts of its activation have (categories, evidential, lock),
    is bound by the holds that concern it, and the dates of all parts are decided anew.

    Raises:
        NoTransaction: outside the transaction of its registration.
    """
    _inherit(recording, at)
    if holds.bind_arrivals(recording, at):
        recording.refresh_from_db(fields=["locked"])
    events.match_arrival(recording, at)
    dates.recompute(recording, at)


def settle_many(recordings: Sequence[Recording], at: datetime) -> None:
    """As `settle` for many recordings that arrived together, with a few queries for them all.

    Raises:
        NoTransaction: outside the transaction of their registration.
    """
    standing, awaited = holds.any_standing(), events.any_events()
    several = [each for each in recordings if _of_several(each)]
    gathering.lock([each.pk for each in several])
    for recording in several:
        _inherit(recording, at)
    for recording in recordings if standing else several:
        holds.bind_arrivals(recording, at)
    for recording in recordings if awaited else ():
        events.match_arrival(recording, at)
    alone = [] if standing or awaited else [each for each in recordings if not _of_several(each)]
    dates.compute_many(alone, at)
    known = {recording.pk for recording in alone}
    dates.recompute_many([each.pk for each in recordings if each.pk not in known], at)


def _of_several(recording: Recording) -> bool:
    """Whether its press may have other parts."""
    axis = recording.provenance == Provenance.AXIS
    return axis or recording.part > 1 or not recording.last_part


def _inherit(recording: Recording, at: datetime) -> None:
    (activation,) = gathering.activations_of([recording.pk])
    parts = activation.parts
    siblings = [part for part in parts if part.pk != recording.pk]
    if not siblings:
        return
    like = siblings[0]
    marks = CategoryMark.objects.filter(recording=like).values_list("code", flat=True)
    CategoryMark.objects.bulk_create(
        [CategoryMark(recording=recording, code=code, at=at) for code in marks],
        ignore_conflicts=True,
    )
    review = Review.objects.filter(recording=like).first()
    if review is not None:
        Review.objects.get_or_create(
            recording=recording,
            defaults={
                "due_on": review.due_on,
                "marked_by_id": review.marked_by_id,
                "marked_at": review.marked_at,
            },
        )
    locks = CircleMember.objects.filter(recording=like, standing=Standing.LOCK)
    CircleMember.objects.bulk_create(
        [
            CircleMember(
                recording=recording,
                officer_id=member.officer_id,
                standing=Standing.LOCK,
                reference=member.reference,
                oversight=member.oversight,
                since=at,
            )
            for member in locks
        ],
        ignore_conflicts=True,
    )
    taken = {
        "category": like.category,
        "incident": like.incident,
        "evidential": like.evidential,
        "access_class": like.access_class,
        "locked": like.locked,
    }
    Recording.objects.filter(pk=recording.pk).update(**taken)
    recording.refresh_from_db(fields=list(taken))
