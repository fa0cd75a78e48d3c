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


def inclusion(leaf_hash: bytes, *, files: LogFiles, since: int = 0) -> str | None:
    """Prove that the entry of this name is in the log, under a checkpoint as `inclusions` has it.

    Returns:
        A C2SP tlog-proof, or None while no checkpoint covers the entry: within a second it will.

    Raises:
        LogFileMissing: if the log's files are not all there.
    """
    return inclusions([leaf_hash], files=files, since=since).get(leaf_hash)


def inclusions(
    leaf_hashes: Sequence[bytes], *, files: LogFiles, since: int = 0
) -> dict[bytes, str]:
    """Prove many entries under one and the same checkpoint.

    It is the one that most outside witnesses cosigned, where that covers the entries; else the
    latest, with what cosignatures it has.

    Args:
        leaf_hashes: the entries' public names.
        files: the log's files.
        since: the checkpoint is not smaller than this, or the latest.

    Returns:
        Leaf hash to C2SP tlog-proof; entries that no checkpoint covers yet are not in it.

    Raises:
        LogFileMissing: if the log's files are not all there.
    """
    latest = files.checkpoint()
    if latest is None:
        return {}
    places = _places(leaf_hashes)
    note = _most_cosigned(
        files, latest, least=max([since, *(each + 1 for each in places.values())])
    )
    size = checkpoints.parse(note)[0].size
    tree = files.tree(size)
    return {
        leaf_hash: proof.encode(
            index=index,
            hashes=merkle.inclusion_proof(index, size, tree.node),
            checkpoint_note=note,
        )
        for leaf_hash, index in places.items()
        if index < size
    }


def _most_cosigned(files: LogFiles, latest: bytes, *, least: int) -> bytes:
    """The checkpoint of at least `least` leaves with the most signatures, or the latest."""
    size = checkpoints.parse(latest)[0].size
    best, rank = latest, (0, 0)
    for each in checkpoints.gather([latest, *files.cosigned()]):
        opened, signed = checkpoints.parse(each)
        mine = (len(signed.signatures), opened.size)
        if (least <= opened.size <= size or opened.size == size) and mine > rank:
            best, rank = each, mine
    return best


def _places(leaf_hashes: Sequence[bytes]) -> dict[bytes, int]:
    places: dict[bytes, int] = {}
    for start in range(0, len(leaf_hashes), _CHUNK):
        chunk = leaf_hashes[start : start + _CHUNK]
        ids = dict(Entry.objects.filter(leaf_hash__in=chunk).values_list("id", "leaf_hash"))
        leaves = Leaf.objects.filter(entry_id__in=list(ids)).values_list("entry_id", "index")
        places.update((bytes(ids[entry_id]), index) for entry_id, index in leaves)
    return places


def demand_size(size: int, *, files: LogFiles) -> None:
    """Demand that the log has at least this size.

    Raises:
        NoSuchTree: if it has not: who has seen that size saw another log.
    """
    have = _size(files)
    if size > have:
        raise NoSuchTree(f"The log has {have} entries, and never had {size}.")


def _size(files: LogFiles) -> int:
    note = files.checkpoint()
    return checkpoints.parse(note)[0].size if note is not None else 0


def consistency(old_size: int, new_size: int, *, files: LogFiles) -> list[bytes]:
    """Prove that the tree of `new_size` extends that of `old_size`; empty from 0, and if equal.

    Raises:
        NoSuchTree: if the log was never that large, or the sizes are the wrong way round.
        LogFileMissing: if the log's files are not all there.
    """
    size = _size(files)
    if not 0 <= old_size <= new_size <= size:
        raise NoSuchTree(
            f"The log has {size} entries; it has no proof from {old_size} to {new_size}."
        )
    if old_size in {0, new_size}:
        return []
    return merkle.consistency_proof(old_size, new_size, files.tree(new_size).node)
