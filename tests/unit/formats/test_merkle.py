import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import merkle
from fairwitness.formats.merkle import ProofInvalid

PUBLISHED = Path(__file__).parents[4] / "shared" / "vectors" / "merkle" / "testdata"
LARGEST = 70


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    children = naive_root(leaves[:split]) + naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + children).digest()


def naive_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_inclusion(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_inclusion(index - split, leaves[split:]), naive_root(leaves[:split])]


def node_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def node(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "a prover asked for a subtree that is not complete"
        return naive_root(part)

    return node


LEAVES = [bytes([number]) * 3 for number in range(LARGEST)]
NODE = node_of(LEAVES)
ROOTS = [naive_root(LEAVES[:size]) for size in range(LARGEST + 1)]


def published() -> list[Path]:
    found = [
        path
        for kind in ("inclusion", "consistency")
        for path in PUBLISHED.glob(f"{kind}/**/*.json")
    ]
    return sorted(found)


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def check(vector: dict[str, Any]) -> None:
    proof = [raw(each) for each in vector["proof"] or []]
    if "leafHash" in vector:
        merkle.verify_inclusion(
            index=vector["leafIdx"],
            size=vector["treeSize"],
            leaf_hash=raw(vector["leafHash"]),
            proof=proof,
            root=raw(vector["root"]),
        )
    else:
        merkle.verify_consistency(
            old_size=vector["size1"],
            new_size=vector["size2"],
            old_root=raw(vector["root1"]),
            new_root=raw(vector["root2"]),
            proof=proof,
        )


def test_agrees_with_all_196_published_vectors() -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the vectors of transparency-dev/merkle are not beside this checkout")
    verdicts = {}
    for path in published():
        vector = json.loads(path.read_text())
        try:
            check(vector)
            refused = False
        except ProofInvalid:
            refused = True
        verdicts[path.relative_to(PUBLISHED)] = (refused, vector["wantErr"])
    assert len(verdicts) == 196
    assert [path for path, (got, wanted) in verdicts.items() if got != wanted] == []


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_root_is_that_of_the_naive_tree(size: int) -> None:
    assert merkle.root(size, NODE) == ROOTS[size]


def test_the_empty_tree_has_the_digest_of_nothing_as_its_root() -> None:
    assert hashlib.sha256(b"").digest() == merkle.EMPTY_ROOT == merkle.root(0, NODE)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_is_proved_and_verified(size: int) -> None:
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, NODE)
        assert proof == naive_inclusion(index, LEAVES[:size])
        merkle.verify_inclusion(
            index=index,
            size=size,
            leaf_hash=merkle.leaf_hash(LEAVES[index]),
            proof=proof,
            root=ROOTS[size],
        )


@pytest.mark.parametrize("new_size", range(1, LARGEST + 1))
def test_every_older_tree_is_proved_and_verified(new_size: int) -> None:
    for old_size in range(1, new_size + 1):
        proof = merkle.consistency_proof(old_size, new_size, NODE)
        merkle.verify_consistency(
            old_size=old_size,
            new_size=new_size,
            old_root=ROOTS[old_size],
            new_root=ROOTS[new_size],
            proof=proof,
        )


@given(st.data())
def test_a_changed_inclusion_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, NODE)
    leaf, root = merkle.leaf_hash(LEAVES[index]), ROOTS[size]
    parts = [leaf, root, *proof]
    which = data.draw(st.integers(0, len(parts) - 1))
    where = data.draw(st.integers(0, 31))
    flip = data.draw(st.integers(1, 255))
    broken = bytearray(parts[which])
    broken[where] ^= flip
    parts[which] = bytes(broken)
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(
            index=index, size=size, leaf_hash=parts[0], proof=parts[2:], root=parts[1]
        )


@given(st.data())
def test_a_proof_holds_for_no_other_index_of_the_tree(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-1, size + 1).filter(lambda value: value != index))
    proof = merkle.inclusion_proof(index, size, NODE)
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(
            index=other,
            size=size,
            leaf_hash=merkle.leaf_hash(LEAVES[index]),
            proof=proof,
            root=ROOTS[size],
        )


@given(st.data())
def test_a_rewritten_history_has_no_consistency_proof(data: st.DataObject) -> None:
    new_size = data.draw(st.integers(2, LARGEST))
    old_size = data.draw(st.integers(1, new_size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    leaves = LEAVES[:new_size]
    leaves[changed] = b"rewritten"
    proof = merkle.consistency_proof(old_size, new_size, node_of(leaves))
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(
            old_size=old_size,
            new_size=new_size,
            old_root=ROOTS[old_size],
            new_root=naive_root(leaves),
            proof=proof,
        )


hashes = st.binary(min_size=32, max_size=32) | st.binary(max_size=40)


@given(
    index=st.integers(),
    size=st.integers(),
    leaf=hashes,
    proof=st.lists(hashes, max_size=8),
    root=hashes,
)
def test_no_inclusion_claim_raises_anything_else(
    index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes
) -> None:
    try:
        merkle.verify_inclusion(index=index, size=size, leaf_hash=leaf, proof=proof, root=root)
    except ProofInvalid:
        return
    assert size == 1
    assert leaf == root


@given(
    old=st.integers(-2, 80),
    new=st.integers(-2, 80) | st.integers(),
    first=hashes,
    second=hashes,
    proof=st.lists(hashes, max_size=8),
)
def test_no_consistency_claim_raises_anything_else(
    old: int, new: int, first: bytes, second: bytes, proof: list[bytes]
) -> None:
    try:
        merkle.verify_consistency(
            old_size=old, new_size=new, old_root=first, new_root=second, proof=proof
        )
    except ProofInvalid:
        return
    assert old == new
    assert first == second


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (0, 1 << 63)])
def test_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofInvalid):
        merkle.inclusion_proof(index, size, NODE)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_no_proof_of_an_older_tree_that_is_none(old: int, new: int) -> None:
    with pytest.raises(ProofInvalid):
        merkle.consistency_proof(old, new, NODE)


@pytest.mark.parametrize("size", [-1, 1 << 63])
def test_no_root_of_an_impossible_tree(size: int) -> None:
    with pytest.raises(ProofInvalid):
        merkle.root(size, NODE)
