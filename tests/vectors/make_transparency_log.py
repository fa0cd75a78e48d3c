"""Makes the vectors of docs/specs/transparency-log.md.

Run `python -m tests.vectors.make_transparency_log`.
"""

import base64
import hashlib
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import checkpoint, merkle, note, tile
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.tile import Tile

NAME = "transparency-log"
SIZES = (0, 1, 2, 3, 7, 8, 255, 256, 257, 300)
LEAVES = [
    b"\x01" + hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(max(SIZES))
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
AT = samples.RECEIVED


def node(level: int, index: int) -> bytes:
    """The complete subtree at (level, index) of the sample's tree."""
    row = HASHES[index << level : (index + 1) << level]
    while len(row) > 1:
        row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "leaf": "0x01 and the SHA-256 of the leaf's number in four bytes, big-endian",
        "roots": {str(size): merkle.root(size, node).hex() for size in SIZES},
        "inclusion": [_inclusion(index, size) for index, size in _leaves()],
        "consistency": [_consistency(old, new) for old, new in ((1, 2), (3, 7), (256, 300))],
        "paths": {each.path: [each.level, each.index, each.width] for each in _tiles()},
        "tiles_of_300": {each.path: _tile_sha256(each) for each in tile.tiles_of(300)},
        "entries_of_300": {
            tile.entries_path(0): _entries_sha256(0, 256),
            tile.entries_path(1, 44): _entries_sha256(256, 300),
        },
        "vkey": samples.LOG.vkey,
        "witness_vkey": samples.WITNESS.vkey,
        "checkpoints": {
            "valid": [
                writing.valid("of 300 leaves", _signed(300), size=300),
                writing.valid("of the empty tree", _signed(0), size=0),
                writing.valid("with a cosignature", _cosigned(), size=300, cosigned=True),
            ],
            "invalid": _invalid(),
        },
    }


def check(data: bytes) -> Checkpoint:
    """What a reader does that knows the log and its witness."""
    opened = checkpoint.open_checkpoint(data, verifier=samples.LOG.verifier)
    checkpoint.cosignatures(data, witnesses=[samples.WITNESS.verifier])
    return opened


def _leaves() -> tuple[tuple[int, int], ...]:
    return ((0, 1), (0, 2), (6, 7), (3, 8), (255, 256), (256, 257), (299, 300))


def _inclusion(index: int, size: int) -> dict[str, Any]:
    proof = merkle.inclusion_proof(index, size, node)
    return {"index": index, "size": size, "proof": [each.hex() for each in proof]}


def _consistency(old: int, new: int) -> dict[str, Any]:
    proof = merkle.consistency_proof(old, new, node)
    return {"old_size": old, "new_size": new, "proof": [each.hex() for each in proof]}


def _tiles() -> tuple[Tile, ...]:
    return (Tile(0, 0), Tile(0, 1234067), Tile(1, 273, 112), Tile(None, 999), Tile(None, 1000, 1))


def _tile_sha256(which: Tile) -> str:
    level = which.level or 0
    start = which.index * tile.WIDTH
    hashes = [node(level * tile.HEIGHT, start + at) for at in range(which.width)]
    return hashlib.sha256(tile.encode_tile(hashes)).hexdigest()


def _entries_sha256(start: int, stop: int) -> str:
    return hashlib.sha256(tile.encode_entries(LEAVES[start:stop])).hexdigest()


def _signed(size: int) -> bytes:
    here = Checkpoint(samples.LOG.name, size, merkle.root(size, node))
    return checkpoint.sign(here, signer=samples.LOG)


def _cosigned() -> bytes:
    return checkpoint.cosign(_signed(300), signer=samples.WITNESS, at=AT)


def _sign_text(text: str) -> bytes:
    return samples.LOG.sign(text).encode()


def _invalid() -> list[dict[str, Any]]:
    root = base64.b64encode(merkle.root(300, node)).decode()
    origin = samples.LOG.name
    stranger = note.NoteSigner.from_pem(samples.WITNESS.pem(), name=origin)
    other = note.NoteSigner.from_pem(samples.WITNESS.pem(), name="other.example")
    moved = note.add_signatures(
        note.parse(_signed(7)), note.parse(_cosigned()).signatures[1:]
    ).encode()
    cases = {
        "signed by another key of the same name": checkpoint.sign(
            Checkpoint(origin, 300, merkle.root(300, node)), signer=stranger
        ),
        "of another log": checkpoint.sign(
            Checkpoint("other.example", 300, merkle.root(300, node)), signer=other
        ),
        "another size than signed": _signed(300).replace(b"\n300\n", b"\n299\n"),
        "size with a leading zero": _sign_text(f"{origin}\n0300\n{root}\n"),
        "an extension line": _sign_text(f"{origin}\n300\n{root}\nmore\n"),
        "an empty tree with a root": _sign_text(f"{origin}\n0\n{root}\n"),
        "no root": _sign_text(f"{origin}\n300\n"),
        "no signature": _signed(300).partition(b"\n\n")[0] + b"\n\n",
        "no final newline": _signed(300)[:-1],
        "a carriage return": _signed(300).replace(b"\n300\n", b"\r\n300\n"),
        "a cosignature of another checkpoint": moved,
    }
    return [writing.invalid(name, case, check) for name, case in cases.items()]


if __name__ == "__main__":
    writing.write(NAME, make())
