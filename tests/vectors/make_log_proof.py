"""Makes the vectors of docs/specs/log-proof.md: `python -m tests.vectors.make_log_proof`."""

from typing import Any

from tests.vectors import make_transparency_log as log
from tests.vectors import samples, writing

from fairwitness.formats import checkpoint, merkle, proof
from fairwitness.formats.checkpoint import Checkpoint

NAME = "log-proof"
SIZE = 7
INDEX = 5


def make() -> dict[str, Any]:
    """The content of the file."""
    good = text()
    return {
        "vkey": samples.LOG.vkey,
        "leaf_hash": log.HASHES[INDEX].hex(),
        "valid": [
            writing.valid("leaf 5 of 7", good.encode(), index=INDEX, size=SIZE),
            writing.valid("with extra data", text(extra=b"more").encode(), index=INDEX, size=SIZE),
        ],
        "invalid": [
            writing.invalid(name, case.encode(), check)
            for name, case in {
                "of another index": good.replace("index 5", "index 4"),
                "an index with a leading zero": good.replace("index 5", "index 05"),
                "no index": good.replace("index 5\n", ""),
                "another version": good.replace("@v1", "@v2"),
                "a hash too few": _without_line(good, 2),
                "a hash too many": good.replace("index 5\n", f"index 5\n{_line(good, 2)}\n"),
                "hashes in another order": _swapped(good),
                "a short hash": good.replace(_line(good, 2), "AAAA"),
                "extra data after the index": good.replace("index 5\n", "index 5\nextra AAAA\n"),
                "of another leaf": text(index=6),
                "a checkpoint that is not signed": good.rpartition("\n\n")[0] + "\n\n",
                "no empty line": good.replace("\n\n", "\n", 1),
                "carriage returns": good.replace("\n", "\r\n"),
            }.items()
        ],
    }


def text(*, index: int = INDEX, extra: bytes | None = None) -> str:
    """A proof of a leaf in the tree of seven."""
    here = Checkpoint(samples.LOG.name, SIZE, merkle.root(SIZE, log.node))
    return proof.encode(
        index=index,
        hashes=merkle.inclusion_proof(index, SIZE, log.node),
        checkpoint_note=checkpoint.sign(here, signer=samples.LOG),
        extra=extra,
    )


def check(data: bytes) -> Checkpoint:
    """What a reader does that knows the log and has the leaf."""
    return proof.verify(
        proof.parse(data.decode()), leaf_hash=log.HASHES[INDEX], verifier=samples.LOG.verifier
    )


def _line(good: str, number: int) -> str:
    return good.split("\n")[number]


def _without_line(good: str, number: int) -> str:
    lines = good.split("\n")
    del lines[number]
    return "\n".join(lines)


def _swapped(good: str) -> str:
    lines = good.split("\n")
    lines[2], lines[3] = lines[3], lines[2]
    return "\n".join(lines)


if __name__ == "__main__":
    writing.write(NAME, make())
