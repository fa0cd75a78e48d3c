"""Who is near a recording, as the facts that permissions decide on.

`force.permissions.may` is pure; this is where a recording becomes the `Subject` it is asked about.
Roles and units come from the force; what is the recording's own (wearer, class, lock, who is named
for it, who was at the same incident) is read here.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fairwitness.evidence.models import CircleMember, Recording, Standing, State
from fairwitness.force.asking import AccessClass, Subject, TaskKind

AROUND = timedelta(minutes=30)
"""How far apart two recordings of one incident may lie and still show the same people there."""

Members = list[tuple[str, UUID, bool, str]]
_CHUNK = 500
_LOCKS = (Standing.LOCK, Standing.INCIDENT)

MOST_PRESENT = 500  # one incident has at most so many recordings whose wearers count as present


def subject_of(
    *,
    recording: Recording,
    at: datetime,
    task: TaskKind | None = None,
    person: UUID | None = None,
    first_person: UUID | None = None,
    asking: UUID | None = None,
) -> Subject:
    """The facts of a recording that bear on who may do what to it, at a moment.

    Args:
        recording: as it is now.
        at: now, in UTC.
        asking: who asks; for the wearer, what only a silent hold keeps is gone.
        task: the kind of work that the person gave as reason.
        person: whom the act is about (a new wearer).
        first_person: who took the first of two steps.
    """
    (subject,) = subjects_of(
        recordings=[recording],
        at=at,
        task=task,
        person=person,
        first_person=first_person,
        asking=asking,
    )
    return subject


def subjects_of(
    *,
    recordings: Sequence[Recording],
    at: datetime,
    task: TaskKind | None = None,
    person: UUID | None = None,
    first_person: UUID | None = None,
    asking: UUID | None = None,
) -> list[Subject]:
    """As `subject_of` for each of many recordings, with a few queries for them all."""
    circles = _members([recording.pk for recording in recordings], at)
    return [
        Subject(
            unit=recording.unit.code if recording.unit else None,
            wearer=recording.wearer_id,
            access_class=AccessClass(recording.access_class),
            locked=recording.locked,
            oversight=any(sees for standing, _, sees, _ in members if standing in _LOCKS),
            owners=_of(members, Standing.HOLD),
            lock_owners=_of(members, Standing.LOCK),
            released=_released(members),
            named=_of(members, Standing.NAMED),
            broken=_of(members, Standing.GLASS),
            present=_present(recording),
            task=task,
            hidden=_is_hidden(recording, at, asking),
            gone=is_gone(recording, at, asking=asking),
            evidential=recording.evidential,
            person=person,
            first_person=first_person,
        )
        for recording in recordings
        for members in [circles[recording.pk]]
    ]


def _members(ids: Sequence[UUID], at: datetime) -> dict[UUID, Members]:
    """Who is named for, holds or locks each of these at this moment."""
    found: dict[UUID, Members] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        rows = CircleMember.objects.filter(recording__in=ids[start : start + _CHUNK])
        columns = ("recording_id", "standing", "officer_id", "oversight", "reference")
        for pk, *member in rows.exclude(until__lte=at).values_list(*columns):
            standing, officer, oversight, reference = member
            found[pk].append((standing, officer, oversight, reference))
    return found


def _is_hidden(recording: Recording, at: datetime, asking: UUID | None) -> bool:
    hidden_from = recording.hidden_from
    if asking is not None and asking == recording.wearer_id:
        hidden_from = recording.shown_hidden_from
    return hidden_from is not None and at >= hidden_from


def is_gone(recording: Recording, at: datetime, *, asking: UUID | None = None) -> bool:
    """Whether it may not be read any more: disposed, or past its day, swept or not.

    For the wearer asking, the day is the one without silent holds.
    """
    ends = [recording.gone_by]
    if asking is not None and asking == recording.wearer_id:
        ends.append(recording.shown_gone_by)
    past = any(end is not None and at >= end for end in ends)
    return past or recording.state != State.LIVE


def _of(members: Members, standing: Standing) -> frozenset[UUID]:
    return frozenset(officer for kind, officer, _, _ in members if kind == standing)


def _released(members: Members) -> frozenset[UUID]:
    """Who may look in spite of every lock on it: a release reaches one incident's lock only."""
    locks = {(kind, reference) for kind, _, _, reference in members if kind in _LOCKS}
    given: dict[UUID, set[tuple[str, str]]] = {}
    for kind, officer, _, reference in members:
        if kind == Standing.RELEASED:
            given.setdefault(officer, set()).add((Standing.INCIDENT, reference))
    return frozenset(officer for officer, opened in given.items() if locks <= opened)


def _present(recording: Recording) -> frozenset[UUID]:
    """Wearers of recordings of the same incident at the same time.

    The incident alone proves nothing: anyone can write somebody else's on their own recording.
    """
    if not recording.incident or recording.started_at is None or recording.ended_at is None:
        return frozenset()
    others = (
        Recording.objects.filter(
            incident=recording.incident,
            wearer__isnull=False,
            started_at__lte=recording.ended_at + AROUND,
            ended_at__gte=recording.started_at - AROUND,
        )
        .exclude(pk=recording.pk)
        .values_list("wearer_id", flat=True)
        .distinct()[:MOST_PRESENT]
    )
    return frozenset(others)
