"""What a reader of the whole log is not shown: acts that concern the reader.

Whoever reads the log may be the very officer that an inquiry is about. Of footage that they wore
they read on its own page, without what professional standards and oversight did. The same holds for
whatever else those wrote of them: a silent hold, a list of all that they recorded, their camera's
log. And the force is not shown what oversight does in a critical incident.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence import apart_from_force
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Role
from fairwitness.force.models import Issue, Officer, RoleGrant
from fairwitness.formats.custody import recording_subject
from fairwitness.retention.models import Hold

LEFT_OUT = (
    "Entries about what you recorded yourself are on the pages of those recordings, and are left"
    " out here."
)
_QUIET = (Role.PROFESSIONAL_STANDARDS, Role.INDEPENDENT_INVESTIGATOR)


def kept(rows: Collection[HistoryRow], *, reader: Officer, at: datetime) -> list[HistoryRow]:
    """These entries without those that this reader may not know of."""
    own = _worn_by(reader, {row.entry.subject for row in rows})
    apart = apart_from_force.oversights(rows)
    if apart and apart_from_force.is_oversight(reader.pk, at):
        apart = set()
    left = [row for row in rows if row.entry.subject not in own and row.entry_id not in apart]
    about = {row.entry_id for row in _about(reader, left)}
    return [row for row in left if row.entry_id not in about]


def _about(reader: Officer, rows: Collection[HistoryRow]) -> list[HistoryRow]:
    """What professional standards or oversight wrote, of which the reader is the matter."""
    quiet = _since({row.body.actor for row in rows if row.body is not None} - {_name(reader)})
    theirs = [
        row
        for row in rows
        if row.body is not None
        and row.body.actor in quiet
        and row.entry.at >= quiet[row.body.actor]
    ]
    if not theirs:
        return []
    holds = _holds(reader, {row.entry.subject for row in theirs})
    cameras = Issue.objects.filter(officer=reader).values_list("camera_id", flat=True)
    subjects = holds | {_name(reader)} | {f"camera:{pk}" for pk in cameras}
    words = (str(reader.pk), reader.collar_number)
    named = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words), re.IGNORECASE)
    return [row for row in theirs if row.entry.subject in subjects or _says(row, named)]


def _says(row: HistoryRow, named: re.Pattern[str]) -> bool:
    assert row.body is not None  # noqa: S101 - only those with a body are asked
    values = [
        text
        for value in row.body.detail.values()
        for text in (value if isinstance(value, list | tuple) else [value])
    ]
    return any(named.search(str(text)) for text in (row.body.reason, *values))


def _name(officer: Officer) -> str:
    return f"officer:{officer.pk}"


def _since(actors: Collection[str]) -> dict[str, datetime]:
    """Who of these is of professional standards or oversight, and since when."""
    named = _ids(actors, "officer:")
    grants = RoleGrant.objects.filter(officer__in=named, role__in=[each.value for each in _QUIET])
    since: dict[str, datetime] = {}
    for officer, begins in grants.values_list("officer_id", "begins_at"):
        name = f"officer:{officer}"
        since[name] = min(begins, since.get(name, datetime.max.replace(tzinfo=UTC)))
    return since


def _holds(reader: Officer, subjects: Collection[str]) -> set[str]:
    """Those of these subjects that are holds on what the reader recorded, or will record."""
    found = Hold.objects.filter(pk__in=_ids(subjects, "hold:")).exclude(owner=reader)
    worn = set(found.filter(bindings__recording__wearer=reader).values_list("pk", flat=True))
    return {
        f"hold:{pk}"
        for pk, criteria in found.values_list("pk", "criteria")
        if pk in worn or str(reader.pk) in str(criteria)
    }


def _worn_by(reader: Officer, subjects: Collection[str]) -> set[str]:
    """Those of these subjects that are recordings of this officer."""
    named = _ids(subjects, "recording:")
    worn = Recording.objects.filter(wearer=reader, pk__in=named).values_list("pk", flat=True)
    return {recording_subject(pk) for pk in worn}


def _ids(texts: Collection[str], prefix: str) -> list[UUID]:
    return [UUID(each.removeprefix(prefix)) for each in texts if each.startswith(prefix)]
