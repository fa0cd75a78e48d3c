"""Removes sealed blobs that nothing names, left by work that was cut short.

What counts is a row *or* a manifest: after a database was lost or restored, only manifests know
some of the footage, and rows alone would have it deleted (`vault.strays`, rule 4). A manifest that
does not open for any reason but a destroyed key stops the sweep: better room wasted than footage.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import islice
from typing import Final

from fairwitness.evidence.models import Piece, Recording
from fairwitness.formats import manifest
from fairwitness.vault import manifests, strays
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.vault import Vault

_AT_ONCE: Final = 500


class _Named:
    """Which blobs a row or a manifest names; manifests are read at the first doubt only."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __call__(self, names: Sequence[str]) -> AbstractSet[str]:
        known = set(Piece.objects.filter(blob__in=names).values_list("blob", flat=True))
        doubtful = set(names) - known
        return known | (doubtful & self._only_in_manifests if doubtful else set())

    @cached_property
    def _only_in_manifests(self) -> frozenset[str]:
        """Blobs of recordings that have a manifest and a living key, but no row."""
        found: set[str] = set()
        every = manifests.recordings(store=self._vault.store)
        while some := list(islice(every, _AT_ONCE)):
            rows = set(Recording.objects.filter(pk__in=some).values_list("pk", flat=True))
            for recording in some:
                if recording in rows or self._vault.ring.state(recording) is KeyState.DESTROYED:
                    continue
                data = manifests.read(
                    store=self._vault.store,
                    key=self._vault.ring.get(recording),
                    recording=recording,
                )
                found |= {piece.blob for piece in manifest.parse(data).pieces}
        return frozenset(found)


def sweep(*, vault: Vault) -> int:
    """Delete what nothing names and is old enough; returns how many blobs.

    Raises:
        FairwitnessError: a manifest without a row does not open; nothing more is deleted.
    """
    return strays.sweep(store=vault.store, named=_Named(vault))
