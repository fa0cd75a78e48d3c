"""What the log means for a recording that was registered again: kept, protected, or gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.accountability.fates import TOLD_BY, Fate
from fairwitness.accountability.fates import read as read_fate
from fairwitness.accountability.paging import PAGE
from fairwitness.custody import reading
from fairwitness.custody.reading import Logged
from fairwitness.evidence.models import AccessClass, Recording, State
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import arrivals as retention_arrivals
from fairwitness.retention import dates, disposal
from fairwitness.retention.models import CategoryMark, Disposal

CATEGORY_LOST: Final = "lost-with-database"
"""A category that no table has, and so one that keeps until a person gives another."""

RULE_LOST: Final = "lost-with-database"


def settle(recording: Recording, fate: Fate, at: datetime) -> None:
    """Holds, marks, protection and dates of a recording that was registered again.

    Runs in the transaction of its registration.
    """
    retention_arrivals.settle(recording, at)
    changes: dict[str, object] = {}
    if fate.evidential:
        changes["evidential"] = True
    if fate.locked:
        changes["locked"] = True
    if fate.narrowed:
        changes["access_class"] = AccessClass.CONFIDENTIAL.value
    if fate.kept:
        changes["category"] = CATEGORY_LOST
        CategoryMark.objects.get_or_create(
            recording=recording, code=CATEGORY_LOST, defaults={"at": at}
        )
    if changes:
        Recording.objects.filter(pk=recording.pk).update(**changes)
        dates.recompute(recording, at)


def bury(gone: Sequence[tuple[Recording, Logged]]) -> None:
    """Make tombstones of recordings that the log says were deleted; their deletion then goes on.

    Runs in the caller's transaction. Why and by whom was lost with the database; when was not.

    Args:
        gone: each with the entry of its deletion.
    """
    Disposal.objects.bulk_create(
        [
            Disposal(
                recording=recording,
                rule=RULE_LOST,
                because="the custody log says that it was deleted; why was lost with the database",
                due=recording.gone_by or entry.at,
                disposed_at=entry.at,
                entry_leaf=entry.leaf_hash.hex(),
            )
            for recording, entry in gone
        ]
    )
    disposal.leave_tombstones([recording.pk for recording, _entry in gone])


def catch_up_deletions() -> int:
    """Bury living recordings that the log says were deleted; returns how many.

    A database that was restored from an older copy has forgotten those deletions.
    """
    last, done = UUID(int=0), 0
    living = Recording.objects.filter(state=State.LIVE).order_by("pk")
    while page := list(living.filter(pk__gt=last)[:PAGE]):
        chains = reading.chains([recording_subject(row.pk) for row in page], acts=TOLD_BY)
        gone = [
            (row, entry)
            for row in page
            if (entry := read_fate(chains[recording_subject(row.pk)]).disposed) is not None
        ]
        if gone:
            with transaction.atomic():
                bury(gone)
        done += len(gone)
        last = page[-1].pk
    return done
