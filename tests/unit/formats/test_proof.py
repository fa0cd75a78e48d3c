import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle, proof
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.merkle import ProofInvalid
from fairwitness.formats.note import NoteSigner
from fairwitness.formats.proof import LogProof

ORIGIN = "log.example/custody"
LOG = NoteSigner.generate(ORIGIN)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(21)]


def node(level: int, index: int) -> bytes:
    row = LEAVES[index << level : (index + 1) << level]
    while len(row) > 1:
        row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


HERE = Checkpoint(ORIGIN, len(LEAVES), merkle.root(len(LEAVES), node))
NOTE = checkpoints.sign(HERE, signer=LOG)


def proof_text(index: int, extra: bytes | None = None) -> str:
    hashes = merkle.inclusion_proof(index, len(LEAVES), node)
    return proof.encode(index=index, hashes=hashes, checkpoint_note=NOTE, extra=extra)


@pytest.mark.parametrize("index", range(len(LEAVES)))
def test_each_leaf_is_proved(index: int) -> None:
    read = proof.parse(proof_text(index))
    assert proof.verify(read, leaf_hash=LEAVES[index], verifier=LOG.verifier) == HERE


def test_its_text_is_that_of_c2sp() -> None:
    lines = proof_text(20, extra=b"more").split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 20"]
    assert lines[5:7] == ["", ORIGIN]
    assert proof.parse(proof_text(20, extra=b"more")).extra == b"more"
    assert proof.parse(proof_text(20)).extra is None


def test_a_proof_of_the_only_leaf_has_no_hashes() -> None:
    alone = checkpoints.sign(Checkpoint(ORIGIN, 1, LEAVES[0]), signer=LOG)
    text = proof.encode(index=0, hashes=[], checkpoint_note=alone)
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example")
    proof.verify(proof.parse(text), leaf_hash=LEAVES[0], verifier=LOG.verifier)


def test_every_changed_byte_is_refused() -> None:
    whole = proof_text(6).encode()
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 1
        with pytest.raises(FormatError):
            proof.verify(
                proof.parse(broken.decode(errors="surrogateescape")),
                leaf_hash=LEAVES[6],
                verifier=LOG.verifier,
            )


def test_another_leaf_or_another_log_is_refused() -> None:
    read = proof.parse(proof_text(6))
    with pytest.raises(ProofInvalid):
        proof.verify(read, leaf_hash=LEAVES[7], verifier=LOG.verifier)
    with pytest.raises(FormatError):
        proof.verify(read, leaf_hash=LEAVES[6], verifier=NoteSigner.generate(ORIGIN).verifier)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(FormatError):
        proof.parse(text)


@given(at=st.integers(0, len(proof_text(6))), cut=st.integers(0, 9), put=st.text(max_size=9))
def test_no_edited_proof_raises_anything_else(at: int, cut: int, put: str) -> None:
    text = proof_text(6)
    edited = text[:at] + put + text[at + cut :]
    try:
        read = proof.parse(edited)
    except FormatError:
        return
    assert (
        proof.encode(
            index=read.index,
            hashes=read.hashes,
            checkpoint_note=read.checkpoint,
            extra=read.extra,
        )
        == edited
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 6", "index 06"),
        ("index 6", f"index {2**63}"),
        ("index 6", "index -6"),
        ("index 6\n", ""),
        ("index 6\n", "index 6\nAAAA\n"),
        ("index 6\n", "index 6\n!!\n"),
        ("index 6\n", "index 6\n" + "A" * 43 + "=\n" * 64),
        ("index 6\n", "index 6\n" + ("A" * 43 + "=\n") * 64),
        ("index 6\n", "extra\nindex 6\n"),
        ("index 6\n", "extra !\nindex 6\n"),
        ("\n\n", "\n"),
    ],
)
def test_malformed_proofs_are_refused(old: str, new: str) -> None:
    assert old in proof_text(6)
    with pytest.raises(FormatError):
        proof.parse(proof_text(6).replace(old, new, 1))


def test_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(ProofInvalid, match="UTF-8"):
        proof.parse(proof_text(6) + "\ud800")


def test_a_very_long_proof_is_refused() -> None:
    with pytest.raises(ProofInvalid, match="larger"):
        proof.parse("x" * (proof.MAX_PROOF_BYTES + 1))


def test_what_can_not_be_read_is_not_written() -> None:
    for index, hashes, signed in (
        (-1, [], NOTE),
        (0, [b"short"], NOTE),
        (0, [], b"\xff"),
        (0, [], b"no note\n"),
    ):
        with pytest.raises(FormatError):
            proof.encode(index=index, hashes=hashes, checkpoint_note=signed)


def test_a_proof_is_a_value() -> None:
    assert proof.parse(proof_text(3)) == LogProof(
        3, tuple(merkle.inclusion_proof(3, len(LEAVES), node)), NOTE
    )
