"""Strays: blobs that nothing names, left by work that was cut short.

It deletes, so its rules:

1. Only pieces are looked at; a manifest is named by its recording's key and is never a stray here.
   Besides them go the empty blobs by which a sweep that was killed asked for the store's time.
2. A blob is a stray only if it was last written to three days ago or more, by the store's own
   clock: no piece, and no working copy of a long recording, takes that long from its first byte to
   its row. Our clock has no say: it may be wrong, or run ahead on training data.
3. The caller is asked which names count *after* they were listed, so that a row committed
   meanwhile is seen.
4. What the caller says must come from rows *and* manifests. After a database was lost, or restored
   to yesterday, only manifests know some of the footage; rows alone would have it deleted.
5. So a stray is a piece that was never acknowledged, or whose recording's key is destroyed.
   Deleting it loses nothing; keeping it wastes room.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeAlias

from fairwitness.vault.pieces import PREFIX
from fairwitness.vault.port import BlobMissing, BlobStore

Named: TypeAlias = Callable[[Sequence[str]], AbstractSet[str]]
"""Of these blobs, the ones that a row or a manifest names."""

_AGE: Final = timedelta(days=3)
_AT_ONCE: Final = 500
_PROBE: Final = "probe/"


def find(*, store: BlobStore, named: Named) -> Iterator[str]:
    """The names of all strays.

    Raises:
        StoreFull: the store has not even room for the empty blob that tells its time.
    """
    before = _store_time(store) - _AGE
    names = store.names(PREFIX)
    while some := list(islice(names, _AT_ONCE)):
        known = named(some)
        for name in some:
            if name not in known and _older(store, name, before):
                yield name
    yield from (name for name in store.names(_PROBE) if _older(store, name, before))


def sweep(*, store: BlobStore, named: Named) -> int:
    """Deletes all strays; returns how many. Raises as `find`."""
    count = 0
    for name in find(store=store, named=named):
        store.delete(name)
        count += 1
    return count


def _store_time(store: BlobStore) -> datetime:
    """What time it is by the clock that dates blobs."""
    name = f"{_PROBE}{secrets.token_hex(16)}"
    store.create(name).finish()
    try:
        return store.facts(name).written_at
    finally:
        store.delete(name)


def _older(store: BlobStore, name: str, before: datetime) -> bool:
    try:
        return store.facts(name).written_at < before
    except BlobMissing:
        return False
