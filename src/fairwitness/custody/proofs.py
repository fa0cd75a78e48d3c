"""Proofs from the log's files: that an entry is in the log, and that the log only grew."""

from fairwitness.custody.files import LogFiles
from fairwitness.custody.models import Entry, Leaf
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, proof


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
    note = files.checkpoint()
    entries = Entry.objects.filter(leaf_hash=leaf_hash)
    place = Leaf.objects.filter(entry_id__in=entries.values("id")).first()
    if note is None or place is None:
        return None
    size = checkpoints.parse(note)[0].size
    if place.index >= size:
        return None
    hashes = merkle.inclusion_proof(place.index, size, files.tree(size).node)
    return proof.encode(index=place.index, hashes=hashes, checkpoint_note=note)


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
