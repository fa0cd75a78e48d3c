"""Proofs from the log's files: that an entry is in the log, and that the log only grew."""

from collections.abc import Sequence
from typing import Final

from fairwitness.custody.files import LogFiles
from fairwitness.custody.models import Entry, Leaf
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, proof

_CHUNK: Final = 500


class NoSuchTree(FairwitnessError):
    """The log never had the size that is asked about."""

    code = "log.no_such_tree"


def inclusion(leaf_hash: bytes, *, files: LogFiles) -> str | None:
    """Prove under the latest checkpoint that the entry of this name is in the log.

    Returns:
        A C2SP tlog-proof, or None while no checkpoint covers the entry: within a second it will.

    Raises:
        LogFileMissing: if the log's files are not all there.
    """
    return inclusions([leaf_hash], files=files).get(leaf_hash)


def inclusions(leaf_hashes: Sequence[bytes], *, files: LogFiles) -> dict[bytes, str]:
    """Prove many entries under one and the same checkpoint, the latest.

    Returns:
        Leaf hash to C2SP tlog-proof; entries that no checkpoint covers yet are not in it.

    Raises:
        LogFileMissing: if the log's files are not all there.
    """
    note = files.checkpoint()
    if note is None:
        return {}
    size = checkpoints.parse(note)[0].size
    tree = files.tree(size)
    return {
        leaf_hash: proof.encode(
            index=index,
            hashes=merkle.inclusion_proof(index, size, tree.node),
            checkpoint_note=note,
        )
        for leaf_hash, index in _places(leaf_hashes).items()
        if index < size
    }


def _places(leaf_hashes: Sequence[bytes]) -> dict[bytes, int]:
    places: dict[bytes, int] = {}
    for start in range(0, len(leaf_hashes), _CHUNK):
        chunk = leaf_hashes[start : start + _CHUNK]
        ids = dict(Entry.objects.filter(leaf_hash__in=chunk).values_list("id", "leaf_hash"))
        leaves = Leaf.objects.filter(entry_id__in=list(ids)).values_list("entry_id", "index")
        places.update((bytes(ids[entry_id]), index) for entry_id, index in leaves)
    return places


def consistency(old_size: int, new_size: int, *, files: LogFiles) -> list[bytes]:
    """Prove that the tree of `new_size` extends that of `old_size`; empty from 0, and if equal.

    Raises:
        NoSuchTree: if the log was never that large, or the sizes are the wrong way round.
        LogFileMissing: if the log's files are not all there.
    """
    note = files.checkpoint()
    size = checkpoints.parse(note)[0].size if note is not None else 0
    if not 0 <= old_size <= new_size <= size:
        raise NoSuchTree(
            f"The log has {size} entries; it has no proof from {old_size} to {new_size}."
        )
    if old_size in {0, new_size}:
        return []
    return merkle.consistency_proof(old_size, new_size, files.tree(new_size).node)
