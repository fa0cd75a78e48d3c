"""The log's rows as the integrator and the audit need them: by their place in the tree."""

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from fairwitness.custody.models import Leaf
from fairwitness.custody.sealed import SealedEntry

BATCH: Final = 2048
"""Leaves indexed by one transaction: some ten milliseconds."""

OVERTAKEN: Final = 4096
"""On PostgreSQL an entry may commit after entries with higher ids; so many are looked back at."""

_SWEEP_EVERY: Final = 1000

_BETWEEN: Final = (
    'SELECT l."index", l.entry_id, e.canonical, b.salt, e.leaf, e.leaf_hash'
    " FROM custody_leaf l JOIN custody_entry e ON e.id = l.entry_id"
    " LEFT JOIN custody_body b ON b.entry_id = l.entry_id"
    ' WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"'
)
_PLACE: Final = (
    'INSERT INTO custody_leaf ("index", entry_id)'
    " SELECT %s - 1 + ROW_NUMBER() OVER (ORDER BY waiting.id), waiting.id FROM ("
    "SELECT e.id FROM custody_entry e WHERE e.id > %s"
    " AND NOT EXISTS (SELECT 1 FROM custody_leaf l WHERE l.entry_id = e.id)"
    " ORDER BY e.id LIMIT %s) AS waiting"
)


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
    with connection.cursor() as cursor:
        cursor.execute(_BETWEEN, [start, stop])
        return [
            LeafRow(
                index=index,
                entry_id=entry_id,
                canonical=bytes(canonical),
                salt=bytes(salt or b"") or None,
                leaf=bytes(leaf),
                leaf_hash=bytes(leaf_hash),
            )
            for index, entry_id, canonical, salt, leaf, leaf_hash in cursor.fetchall()
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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLACE, [count(), floor, BATCH])
        return int(cursor.rowcount)
