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
from fairwitness.force.asking import AccessClass, Subject, TaskKind, Truly

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
        asking: who asks; for the wearer, what only a silent hold keeps is gone. For the rest of
            the force, so is what only oversight's silent holds keep, whoever asks.
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
    found = []
    for recording in recordings:
        members = circles[recording.pk]
        to_wearer = asking is not None and asking == recording.wearer_id
        known = recording.shown_hidden_from if to_wearer else recording.force_hidden_from
        true = Truly(hidden=_past(recording.hidden_from, at), gone=is_gone(recording, at))
        found.append(
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
                hidden=_past(known, at),
                gone=is_over(recording, at, to_wearer=to_wearer),
                truly=None if to_wearer else true,
                evidential=recording.evidential,
                person=person,
                first_person=first_person,
            )
        )
    return found


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


def is_gone(recording: Recording, at: datetime, *, asking: UUID | None = None) -> bool:
    """Whether it may not be read any more: disposed, or past its day, swept or not.

    For the wearer asking, the day is the one without silent holds. Whether anybody else is of the
    force, and may know of it only that it is gone, is for `permissions.may` to say.
    """
    if asking is not None and asking == recording.wearer_id:
        return is_over(recording, at, to_wearer=True)
    return recording.state != State.LIVE or _past(recording.gone_by, at)


def is_over(recording: Recording, at: datetime, *, to_wearer: bool = False) -> bool:
    """Whether it is gone as far as the force may know: oversight's silent holds left out."""
    ends = [recording.gone_by, recording.force_gone_by]
    if to_wearer:
        ends.append(recording.shown_gone_by)
    return recording.state != State.LIVE or any(_past(end, at) for end in ends)


def _past(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and at >= moment


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
