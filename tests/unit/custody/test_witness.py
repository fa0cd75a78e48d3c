"""A witness follows a log that only grows, and no other."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwitness.custody import witness
from fairwitness.custody.witness import Request, Witness
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner, SignatureType

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
LOG = NoteSigner.generate("fairwitness.example/log")
KEY = NoteSigner.generate("oversight.example", kind=SignatureType.COSIGNATURE_V1)


class Tree:
    """A log of numbered leaves; `fork` changes every leaf from some index on."""

    def __init__(self, *, fork: int | None = None) -> None:
        self.fork = fork

    def node(self, level: int, index: int) -> bytes:
        if level == 0:
            name = "b" if self.fork is not None and index >= self.fork else "a"
            return merkle.leaf_hash(f"{name}{index}".encode())
        return merkle.node_hash(
            self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1)
        )

    def note(self, size: int, *, signer: NoteSigner = LOG) -> bytes:
        made = Checkpoint(signer.name, size, merkle.root(size, self.node))
        return checkpoints.sign(made, signer=signer)

    def request(self, old: int, new: int) -> Request:
        proof = merkle.consistency_proof(old, new, self.node) if 0 < old < new else []
        return Request(old, tuple(proof), self.note(new))


def _witness(folder: Path) -> Witness:
    return Witness(folder, logs={LOG.name: LOG.verifier}, signer=KEY)


def test_a_growing_log_is_cosigned_and_remembered_across_restarts(tmp_path: Path) -> None:
    tree = Tree()
    sizes = [0, 1, 2, 2, 7, 300]
    for old, new in zip([0, *sizes], sizes, strict=False):
        cosigned = _witness(tmp_path).add(tree.request(old, new), at=AT)
        (seen,) = checkpoints.cosignatures(cosigned, witnesses=[KEY.verifier])
        assert (seen.name, seen.at) == (KEY.name, AT)
        assert checkpoints.open_checkpoint(cosigned, verifier=LOG.verifier).size == new
        assert _witness(tmp_path).latest(LOG.name) == cosigned


@pytest.mark.parametrize(
    ("request_", "error", "status"),
    [
        (
            Request(0, (), Tree().note(9, signer=NoteSigner.generate("x.example"))),
            "log_unknown",
            404,
        ),
        (Request(5, (), Tree().note(9, signer=NoteSigner.generate(LOG.name))), "log_unsigned", 403),
        (Request(5, (), b"nothing"), "refused", 400),
        (Tree().request(3, 9), "size_conflict", 409),
        (Request(5, (), Tree().note(9)), "inconsistent", 422),
        (Tree(fork=2).request(5, 9), "inconsistent", 422),
        (Tree(fork=2).request(5, 5), "inconsistent", 409),
        (Request(5, (), Tree().note(4)), "refused", 400),
    ],
)
def test_everything_else_is_refused_and_changes_nothing(
    tmp_path: Path, request_: Request, error: str, status: int
) -> None:
    before = _witness(tmp_path).add(Tree().request(0, 5), at=AT)
    with pytest.raises(witness.WitnessRefused) as refused:
        _witness(tmp_path).add(request_, at=AT)
    assert (refused.value.stable_code, refused.value.status) == (f"witness.{error}", status)
    assert _witness(tmp_path).latest(LOG.name) == before


def test_a_conflict_says_which_size_is_remembered(tmp_path: Path) -> None:
    _witness(tmp_path).add(Tree().request(0, 5), at=AT)
    with pytest.raises(witness.SizeConflict) as refused:
        _witness(tmp_path).add(Tree().request(0, 9), at=AT)
    assert refused.value.size == 5


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 20)), max_size=12),
    st.integers(0, 19),
)
def test_whatever_is_submitted_one_history_is_cosigned(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[bool, int, int]], fork: int
) -> None:
    checker = _witness(tmp_path_factory.mktemp("witness"))
    honest, forked = Tree(), Tree(fork=fork)
    accepted: list[Checkpoint] = []
    for lies, old, new in asked:
        try:
            cosigned = checker.add((forked if lies else honest).request(old, new), at=AT)
        except witness.WitnessRefused:
            continue
        accepted.append(checkpoints.parse(cosigned)[0])
    for one, next_ in itertools.pairwise(accepted):
        assert one.size <= next_.size
    for tree in (honest, forked):
        if accepted and accepted[-1].root == merkle.root(accepted[-1].size, tree.node):
            assert all(each.root == merkle.root(each.size, tree.node) for each in accepted)


def test_requests_are_read_as_they_are_written() -> None:
    for request in (Tree().request(3, 9), Tree().request(0, 9)):
        assert witness.parse_request(request.encode()) == request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1",
        b"old 01\n\nnote",
        b"old 1\nno base64\n\nnote",
        "old 1\n\u2014\n\nnote".encode(),
        b"old 1\n" + b"AAAA\n" * 64 + b"\nnote",
        b"old 1\n\n" + bytes(200_000),
    ],
)
def test_malformed_requests_are_refused(body: bytes) -> None:
    with pytest.raises(witness.WitnessRefused):
        witness.parse_request(body)


def test_nothing_needs_no_proof_to_be_extended() -> None:
    new = checkpoints.parse(Tree().note(3))[0]
    with pytest.raises(witness.Inconsistent):
        witness.demand_extends(None, new, [bytes(32)])
