"""What the force is not shown of the independent investigation: its acts, and what it keeps.

What oversight looks at, whether it keeps it or not: a look shows an inquiry before any hold does,
and leaving out only some would show which. Of a critical incident all acts of oversight, and of a
recording that only its silent holds keep all that happens after the day on which it is gone for the
force (ADR 0050). They are in the log like any other, numbered and provable. They are left out of
what the force reads of it: who of oversight looked at what, when, and what they did with it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F

from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.force.asking import Role
from fairwitness.force.models import RoleGrant
from fairwitness.formats.acts import Act

_RECORDING = "recording:"
_OFFICER = "officer:"
_THEIRS = ("case:", "hold:", "incident:")
"""Kinds of subject at which nobody sees what oversight does, whichever they belong to."""

_LOOKS = frozenset(
    {
        Act.RECORDING_VIEWED,
        Act.RECORDING_VIEW_REFUSED,
        Act.RECORDING_HISTORY_READ,
        Act.RECORDING_SHOWN,
        Act.RECORDING_SEARCHED,
        Act.CAMERA_LOG_READ,
        Act.ACCESS_REFUSED,
    }
)


def oversights(rows: Iterable[HistoryRow]) -> set[int]:
    """Which of these entries the force is not told, by their numbers here."""
    listed = list(rows)
    by_them = _by_oversight(listed)
    recordings = _ids((row.entry.subject for row in by_them), _RECORDING)
    locked = {
        f"{_RECORDING}{pk}"
        for pk in CircleMember.objects.filter(
            recording__in=recordings, standing__in=[Standing.INCIDENT, Standing.CLOSED]
        ).values_list("recording_id", flat=True)
    }
    return {
        row.entry_id
        for row in by_them
        if row.entry.act in _LOOKS
        or row.entry.subject in locked
        or row.entry.subject.startswith(_THEIRS)
    } | _after_its_day(listed, {row.entry_id for row in by_them})


def is_oversight(officer: UUID, at: datetime) -> bool:
    """Whether this person is of the oversight body at that time."""
    since = _since([officer]).get(officer)
    return since is not None and any(begins <= at < ends for begins, ends in since)


def _after_its_day(rows: list[HistoryRow], by_them: set[int]) -> set[int]:
    """What happened to a recording when it was gone for the force, but for the force's own acts."""
    about = set(_ids((row.entry.subject for row in rows), _RECORDING))
    if not about:
        return set()
    days = {
        f"{_RECORDING}{pk}": day
        for pk, day in Recording.objects.filter(pk__in=about, force_gone_by__isnull=False)
        .exclude(gone_by=F("force_gone_by"))
        .values_list("pk", "force_gone_by")
        if day is not None
    }
    return {
        row.entry_id
        for row in rows
        if row.entry.subject in days and row.entry.at >= days[row.entry.subject]
        if row.entry_id in by_them or row.body is None or not row.body.actor.startswith(_OFFICER)
    }


def _by_oversight(rows: list[HistoryRow]) -> list[HistoryRow]:
    since = _since(_ids((row.body.actor for row in rows if row.body), _OFFICER))
    return [
        row
        for row in rows
        if row.body is not None
        for officer in _ids([row.body.actor], _OFFICER)
        if any(begins <= row.entry.at < ends for begins, ends in since.get(officer, []))
    ]


def _since(officers: list[UUID]) -> dict[UUID, list[tuple[datetime, datetime]]]:
    if not officers:
        return {}
    never = datetime.max.replace(tzinfo=UTC)
    held: dict[UUID, list[tuple[datetime, datetime]]] = {}
    grants = RoleGrant.objects.filter(
        officer__in=officers, role=Role.INDEPENDENT_INVESTIGATOR.value
    ).values_list("officer_id", "begins_at", "ends_at")
    for officer, begins, ends in grants:
        held.setdefault(officer, []).append((begins, ends or never))
    return held


def _ids(texts: Iterable[str], prefix: str) -> list[UUID]:
    return [UUID(each.removeprefix(prefix)) for each in texts if each.startswith(prefix)]
