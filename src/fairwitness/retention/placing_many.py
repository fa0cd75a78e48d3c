"""Placing many holds of one owner together, each on recordings that it names.

The same checks, rows and custody entries as `holds.place`, in one transaction and with a handful of
queries. All of it happens, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.evidence import columns
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.retention import binding, dates, hold_entries, holds
from fairwitness.retention.gathering import Activation
from fairwitness.retention.holds import NothingToHold, Placed, Terms
from fairwitness.retention.models import Hold


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold to be placed, and what it is to keep."""

    terms: Terms
    recordings: tuple[UUID, ...]


def place(*, wanted: Sequence[Wanted], owner: Officer, at: datetime) -> list[Placed]:
    """Keep the recordings of each until its hold is lifted; in the order given.

    Raises:
        HoldInvalid, NotAllowed: as `holds.place`; nothing is bound then.
        NothingToHold: all recordings of one of them are gone.
    """
    made = [holds.begun(each.terms, owner, each.recordings, at) for each in wanted]
    named = [pk for each in wanted for pk in each.recordings]
    holds.demand(owner, named, at)
    with transaction.atomic():
        activations, gone = holds.still_there(named, owner, at)
        lost = set(gone)
        bound = [_parts(each, activations) for each in wanted]
        if not all(bound):
            raise NothingToHold("All of these recordings have reached their day.")
        columns.insert(made)
        gone_of = [tuple(pk for pk in each.recordings if pk in lost) for each in wanted]
        ledger.append_many(
            [
                hold_entries.placed(hold, list(some), at)
                for hold, some in zip(made, gone_of, strict=True)
            ]
        )
        binding.bind_each(list(zip(made, bound, strict=True)), at)
        dates.recompute_many([part.pk for parts in bound for part in parts], at)
    return [
        _placed(hold, parts, some) for hold, parts, some in zip(made, bound, gone_of, strict=True)
    ]


def _parts(wanted: Wanted, activations: Sequence[Activation]) -> list[Recording]:
    named = set(wanted.recordings)
    return [
        part
        for each in activations
        if not named.isdisjoint(part.pk for part in each.parts)
        for part in each.parts
    ]


def _placed(hold: Hold, parts: Sequence[Recording], gone: tuple[UUID, ...]) -> Placed:
    return Placed(hold.pk, tuple(part.pk for part in parts), gone, ())
