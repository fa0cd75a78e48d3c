"""The log's rows as the integrator and the audit need them: by their place in the tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef

from fairwitness.custody.models import Body, Entry, Leaf
from fairwitness.custody.sealed import SealedEntry

BATCH: Final = 2048
"""Leaves indexed by one transaction: some ten milliseconds."""

OVERTAKEN: Final = 4096
"""On PostgreSQL an entry may commit after entries with higher ids; so many are looked back at."""

_SWEEP_EVERY: Final = 1000


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One leaf with its entry, and what is left of its salt."""

    index: int
    entry_id: int
    canonical: bytes
    salt: bytes | None
    leaf: bytes
    leaf_hash: bytes

    @property
    def sealed(self) -> SealedEntry:
        """What is kept of it beside the tiles."""
        return SealedEntry(self.canonical, self.salt)


def count() -> int:
    """How many leaves have an index."""
    last = Leaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def between(start: int, stop: int) -> list[LeafRow]:
    """The leaves from `start` up to, not including, `stop`; shorter if rows are missing."""
    places = dict(
        Leaf.objects.filter(index__gte=start, index__lt=stop).values_list("entry_id", "index")
    )
    entries: dict[int, tuple[bytes, bytes, bytes]] = {}
    salts: dict[int, bytes] = {}
    for chunk in _chunks(list(places)):
        found = Entry.objects.filter(pk__in=chunk)
        columns = found.values_list("pk", "canonical", "leaf", "leaf_hash")
        entries.update(
            (pk, (bytes(one), bytes(two), bytes(three))) for pk, one, two, three in columns
        )
        bodies = Body.objects.filter(entry_id__in=chunk).values_list("entry_id", "salt")
        salts.update((entry_id, bytes(salt)) for entry_id, salt in bodies)
    return [
        LeafRow(
            index=index,
            entry_id=entry_id,
            canonical=canonical,
            salt=salts.get(entry_id) or None,
            leaf=leaf,
            leaf_hash=leaf_hash,
        )
        for entry_id, index in sorted(places.items(), key=lambda item: item[1])
        if entry_id in entries
        for canonical, leaf, leaf_hash in [entries[entry_id]]
    ]


class Indexer:
    """Gives entries their places in the tree, in the order of their ids, without looking at all.

    On SQLite entries commit in the order of their ids, so that only those newer than the newest
    that has a place need looking at. On PostgreSQL an entry may commit after others with higher
    ids: every call looks a little back, and every thousandth looks back to the sweep before the
    last. The first call looks at everything.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._sweeps = (0, 0)

    def index(self) -> int:
        """Give every entry without a place the next ones.

        Returns:
            How many entries got a place.
        """
        newest = Leaf.objects.aggregate(newest=Max("entry_id"))["newest"] or 0
        floor = self._floor(newest)
        total = 0
        while True:
            done = _index_batch(floor)
            total += done
            if done < BATCH:
                return total

    def _floor(self, newest: int) -> int:
        calls, self._calls = self._calls, self._calls + 1
        if calls % _SWEEP_EVERY == 0:
            floor, self._sweeps = self._sweeps[0], (self._sweeps[1], newest)
            return floor
        return newest if connection.vendor == "sqlite" else max(0, newest - OVERTAKEN)


def _index_batch(floor: int) -> int:
    placed = Leaf.objects.filter(entry_id=OuterRef("id"))
    waiting = Entry.objects.filter(~Exists(placed), id__gt=floor).order_by("id")
    ids = list(waiting.values_list("id", flat=True)[:BATCH])
    if ids:
        with transaction.atomic():
            start = count()
            Leaf.objects.bulk_create(
                [Leaf(index=start + i, entry_id=each) for i, each in enumerate(ids)]
            )
    return len(ids)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
