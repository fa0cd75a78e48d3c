"""Strays: blobs that nothing names, left by work that was cut short.

It deletes, so its rules:

1. Only pieces are looked at; a manifest is named by its recording's key and is never a stray here.
2. A blob is a stray only if it was last written to before a time that the caller gives, a day ago
   or more: no piece takes that long between its first byte and its row.
3. The caller is asked which names count *after* they were listed, so that a row committed
   meanwhile is seen.
4. A stray is a cut piece that was never acknowledged, or one of a recording whose key is destroyed.
   Deleting it loses nothing; keeping it wastes room.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import islice
from typing import Final, TypeAlias

from fairwitness.vault.pieces import PREFIX
from fairwitness.vault.port import BlobMissing, BlobStore

Named: TypeAlias = Callable[[Sequence[str]], AbstractSet[str]]
"""Of these blobs, the ones that a row names."""

_AT_ONCE: Final = 500


def find(*, store: BlobStore, named: Named, before: datetime) -> Iterator[str]:
    """The strays that were last written to before this time."""
    names = store.names(PREFIX)
    while some := list(islice(names, _AT_ONCE)):
        known = named(some)
        for name in some:
            if name not in known and _older(store, name, before):
                yield name


def sweep(*, store: BlobStore, named: Named, before: datetime) -> int:
    """Deletes the strays that were last written to before this time; returns how many."""
    count = 0
    for name in find(store=store, named=named, before=before):
        store.delete(name)
        count += 1
    return count


def _older(store: BlobStore, name: str, before: datetime) -> bool:
    try:
        return store.facts(name).written_at < before
    except BlobMissing:
        return False
