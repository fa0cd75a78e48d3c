"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1, over SHA-256.

A tree is known here only by its size and by the hashes of its *complete subtrees*: the node at
`(level, index)` covers the leaves from `index << level` up to, not including, `(index + 1) <<
level`. Provers ask for such nodes through a function, so that they work alike over tiles on disk,
over HTTP and over a list in a test. Verifiers need nothing but the hashes handed to them.

Specification: docs/specs/transparency-log.md.
"""

import hashlib
from collections.abc import Callable, Sequence

from fairwitness.formats.errors import FormatError

HASH_SIZE = 32
MAX_SIZE = (1 << 63) - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree at (level, index)."""


class ProofInvalid(FormatError):
    """A proof, or the tree it is about, does not show what it claims."""

    code = "format.proof"


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: SHA-256 of 0x00 and the data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent: SHA-256 of 0x01, left and right."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf lies at `index` in the tree of `size` leaves with this root.

    Args:
        index: zero-based position of the leaf.
        size: number of leaves in the tree.
        leaf_hash: the hash of the leaf (see the function of that name), not the leaf.
        proof: from the leaf's sibling up to the root's child.
        root: the root hash that a verified checkpoint states.

    Raises:
        ProofInvalid: in every other case.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofInvalid(f"Leaf {index} can't lie in a tree of {size} leaves.")
    _demand_hashes([leaf_hash, root, *proof])
    at, last, computed = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("The inclusion proof is too long for a tree of this size.")
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            at, last = _skip_absent(at, last)
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofInvalid("The inclusion proof is too short for a tree of this size.")
    if computed != root:
        raise ProofInvalid("The inclusion proof leads to another root than the checkpoint's.")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the newer tree has the older one as its beginning.

    A size of 0 is refused: every tree extends the empty one, and a caller that means it says so.

    Raises:
        ProofInvalid: when this is not shown.

    Source: RFC 9162, 2.1.4.2.
    """
    if not 0 < old_size <= new_size <= MAX_SIZE:
        raise ProofInvalid(f"A tree of {new_size} leaves can't extend one of {old_size}.")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ProofInvalid("Two trees of one size have different roots, or a needless proof.")
        return
    _demand_hashes([old_root, new_root, *proof])
    if not proof:
        raise ProofInvalid("The consistency proof is missing.")
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    old, new = _fold_consistency(old_size - 1, new_size - 1, path)
    if old != old_root or new != new_root:
        raise ProofInvalid("The newer tree does not extend the older one.")


def _fold_consistency(at: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Compute the older and the newer root from a consistency path."""
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("The consistency proof is too long for trees of these sizes.")
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _skip_absent(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofInvalid("The consistency proof is too short for trees of these sizes.")
    return old, new


def _skip_absent(at: int, last: int) -> tuple[int, int]:
    """Climb over the levels at which the right edge of the tree has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _demand_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofInvalid(f"A hash in the proof is not {HASH_SIZE} bytes long.")


def root(size: int, node: NodeReader) -> bytes:
    """Compute the root hash of the tree with the first `size` leaves.

    Raises:
        ProofInvalid: if the size is negative or beyond 2^63 - 1.
    """
    if not 0 <= size <= MAX_SIZE:
        raise ProofInvalid(f"A tree can't have {size} leaves.")
    return _span(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Prove that leaf `index` lies in the tree with the first `size` leaves.

    Raises:
        ProofInvalid: if there is no such leaf.

    Source: RFC 6962, 2.1.1.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofInvalid(f"Leaf {index} can't lie in a tree of {size} leaves.")
    start, stop, path = 0, size, []
    while stop - start > 1:
        middle = start + _left_width(stop - start)
        if index < middle:
            path.append(_span(middle, stop, node))
            stop = middle
        else:
            path.append(_span(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old_size: int, new_size: int, node: NodeReader) -> list[bytes]:
    """Prove that the tree of `new_size` leaves extends that of `old_size`; empty if equal.

    Raises:
        ProofInvalid: if `old_size` is 0 or larger than `new_size`.

    Source: RFC 6962, 2.1.2.
    """
    if not 0 < old_size <= new_size <= MAX_SIZE:
        raise ProofInvalid(f"A tree of {new_size} leaves can't extend one of {old_size}.")
    start, stop, known, path = 0, new_size, True, []
    while old_size != stop:
        middle = start + _left_width(stop - start)
        if old_size <= middle:
            path.append(_span(middle, stop, node))
            stop = middle
        else:
            path.append(_span(start, middle, node))
            start, known = middle, False
    if not known:
        path.append(_span(start, stop, node))
    return path[::-1]


def _left_width(width: int) -> int:
    """The largest power of two smaller than `width` (at least 2)."""
    return 1 << ((width - 1).bit_length() - 1)


def _span(start: int, stop: int, node: NodeReader) -> bytes:
    """Hash the leaves from `start` to `stop`, where `start` is aligned to the span."""
    parts = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    computed = parts.pop()
    while parts:
        computed = node_hash(parts.pop(), computed)
    return computed
