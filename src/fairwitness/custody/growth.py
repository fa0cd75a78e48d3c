"""How the tree's files grow: which tiles a longer tree needs, and what is in them.

Nothing here writes or signs. The same leaves always give the same tiles, so that a step that was
cut short is simply done again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fairwitness.custody import sealed
from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.custody.rows import LeafRow
from fairwitness.custody.sealed import Sealing
from fairwitness.formats import merkle, tile
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.tile import WIDTH, Tile, TileTree

CHUNK = 16 * WIDTH
"""Leaves that one step of growth adds at most."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The next checkpoint and the files that it needs, all in memory.

    Attributes:
        checkpoint: what is to be signed once the files are durable.
        old_root: the root, by the new files, of the tree as it was.
        files: path under the log's folder to bytes.
    """

    checkpoint: Checkpoint
    old_root: bytes
    files: dict[str, bytes]


def first_row(old_size: int) -> int:
    """The first leaf whose row is needed to grow from `old_size`: the start of its last tile."""
    return old_size - old_size % WIDTH


def grow(*, old_size: int, rows: Sequence[LeafRow], files: LogFiles, sealing: Sealing) -> Growth:
    """Work out the files of the tree that ends with the last of `rows`.

    Args:
        old_size: leaves that the files cover already.
        rows: from `first_row(old_size)` on, without gaps, at least up to `old_size`.
        files: the tree's present files.
        sealing: how to seal the entries.

    Raises:
        LogFileMissing: if a full tile that covers the old tree is gone.
    """
    start = first_row(old_size)
    size = start + len(rows)
    made: dict[Tile, bytes] = {}
    sealed_files: dict[str, bytes] = {}
    for at in range(0, len(rows), WIDTH):
        part = rows[at : at + WIDTH]
        index, width = (start + at) // WIDTH, len(part)
        made[Tile(0, index, width)] = tile.encode_tile([each.leaf_hash for each in part])
        made[Tile(None, index, width)] = tile.encode_entries(each.leaf for each in part)
        sealed_files[sealed.path(index, width)] = sealing.seal(
            [each.sealed for each in part], index=index
        )
    level = 1
    while size >> (tile.HEIGHT * level):
        _grow_level(level, old_size=old_size, size=size, made=made, files=files)
        level += 1
    tree = TileTree(size, lambda wanted: made[wanted] if wanted in made else files.tile(wanted))
    return Growth(
        Checkpoint(sealing.origin, size, merkle.root(size, tree.node)),
        merkle.root(old_size, tree.node),
        {**{each.path: data for each, data in made.items()}, **sealed_files},
    )


def _grow_level(
    level: int, *, old_size: int, size: int, made: dict[Tile, bytes], files: LogFiles
) -> None:
    """Add the tiles of one upper level that have more hashes than before."""
    old_count, count = old_size >> (tile.HEIGHT * level), size >> (tile.HEIGHT * level)
    if count == old_count:
        return
    for index in range(old_count // WIDTH, -(-count // WIDTH)):
        first, width = index * WIDTH, min(WIDTH, count - index * WIDTH)
        kept = _kept(files, Tile(level, index, old_count - first)) if first < old_count else []
        below = [
            made.get(Tile(level - 1, first + i)) or files.tile(Tile(level - 1, first + i))
            for i in range(len(kept), width)
        ]
        made[Tile(level, index, width)] = tile.encode_tile([*kept, *map(root_of_full, below)])


def _kept(files: LogFiles, known: Tile) -> list[bytes]:
    """The hashes that a partial tile had already; none if it is gone, to be made anew."""
    try:
        return tile.parse_tile(files.tile(known), width=known.width)
    except LogFileMissing:
        return []


def root_of_full(data: bytes) -> bytes:
    """The root of a full tile, which is one hash of the tile above."""
    row = tile.parse_tile(data, width=WIDTH)
    while len(row) > 1:
        row = [merkle.node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]
