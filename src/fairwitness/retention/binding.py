"""Binding locked recordings to holds: the rows, the circle of who may see them, the entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.retention import hold_entries, lockdown
from fairwitness.retention.models import Hold, HoldBinding

_BATCH: Final = 200


def bind(hold: Hold, parts: Sequence[Recording], at: datetime) -> list[UUID]:
    """Bind locked recordings, in the caller's transaction; those bound already stay as they are."""
    bind_each([(hold, parts)], at)
    return [part.pk for part in parts]


def bind_each(wanted: Sequence[tuple[Hold, Sequence[Recording]]], at: datetime) -> None:
    """As `bind` for each of many holds."""
    there = HoldBinding.objects.filter(hold__in=[hold for hold, _ in wanted])
    known = set(there.values_list("hold_id", "recording_id"))
    fresh = [
        (hold, part) for hold, parts in wanted for part in parts if (hold.pk, part.pk) not in known
    ]
    HoldBinding.objects.bulk_create(
        [HoldBinding(hold=hold, recording=part, bound_at=at) for hold, part in fresh],
        batch_size=_BATCH,
    )
    CircleMember.objects.bulk_create(
        [
            CircleMember(
                recording=part,
                officer_id=hold.owner_id,
                standing=Standing.INCIDENT if hold.locks else Standing.HOLD,
                reference=str(hold.pk),
                oversight=hold.oversight,
                since=at,
            )
            for hold, part in fresh
            if hold.owner_id is not None
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    ledger.append_many([hold_entries.bound(hold, part.pk, at) for hold, part in fresh])
    for hold, _ in wanted:
        if hold.locks:
            lockdown.lock(hold, [part for each, part in fresh if each is hold], at)
