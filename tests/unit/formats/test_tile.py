import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import merkle, tile
from fairwitness.formats.tile import Tile, TileInvalid, TileTree

LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]


def levels(size: int) -> list[list[bytes]]:
    """Per tile level, the roots of all complete subtrees of that height: the definition."""
    rows, row = [], LEAVES[:size]
    while row:
        rows.append(row)
        for _ in range(tile.HEIGHT):
            row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return rows


ROWS = levels(len(LEAVES))


def read_tile(which: Tile) -> bytes:
    assert which.level is not None
    start = which.index * tile.WIDTH
    return tile.encode_tile(ROWS[which.level][start : start + which.width])


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (999, 256, "tile/0/999"),
        (1000, 256, "tile/0/x001/000"),
        (1234067, 256, "tile/0/x001/x234/067"),
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_paths_are_those_of_c2sp(index: int, width: int, path: str) -> None:
    assert tile.tile_path(0, index, width) == path
    assert tile.entries_path(index, width) == path.replace("tile/0", "tile/entries")
    assert tile.parse_path(path) == Tile(0, index, width)


@given(
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, 2**63 - 1),
    width=st.integers(1, 256),
)
def test_a_path_names_one_tile(level: int | None, index: int, width: int) -> None:
    which = Tile(level, index, width)
    assert tile.parse_path(which.path) == which


@given(st.text() | st.from_regex(r"tile/(entries|\d{1,2})/(x?\d{2,4}/){0,9}\d{3}(\.p/\d{0,4})?"))
def test_no_path_raises_anything_else(path: str) -> None:
    with contextlib.suppress(TileInvalid):
        assert tile.parse_path(path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/0001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/../../../etc/passwd",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/" + "x999/" * 6 + "999",
        "tile/0/" + "x001/" * 60 + "000",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(TileInvalid):
        tile.parse_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_there_are_no_other_tiles(level: int, index: int, width: int) -> None:
    with pytest.raises(TileInvalid):
        tile.tile_path(level, index, width)


def test_a_tree_of_70000_has_the_tiles_that_c2sp_counts() -> None:
    tiles = list(tile.tiles_of(70_000))
    assert tiles.count(Tile(0, 273, 112)) == 1
    assert tiles[-3:] == [Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert list(tile.tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tile.tiles_of(0)) == []


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_roots_and_proofs_come_out_of_tiles(size: int) -> None:
    tree = TileTree(size, read_tile)
    root = merkle.root(size, tree.node)
    for index in {0, size // 2, size - 1}:
        merkle.verify_inclusion(
            index=index,
            size=size,
            leaf_hash=LEAVES[index],
            proof=merkle.inclusion_proof(index, size, tree.node),
            root=root,
        )
    for old in {1, (size + 1) // 2, size}:
        merkle.verify_consistency(
            old_size=old,
            new_size=size,
            old_root=merkle.root(old, tree.node),
            new_root=root,
            proof=merkle.consistency_proof(old, size, tree.node),
        )


def test_only_the_tiles_of_that_size_are_asked_for() -> None:
    asked: list[Tile] = []

    def read(which: Tile) -> bytes:
        asked.append(which)
        return read_tile(which)

    tree = TileTree(70_000, read)
    merkle.inclusion_proof(69_999, 70_000, tree.node)
    merkle.inclusion_proof(69_998, 70_000, tree.node)
    assert set(asked) <= set(tile.tiles_of(70_000))
    assert len(asked) == len(set(asked)), "a tile was read twice"


@pytest.mark.parametrize(("level", "index"), [(0, 300), (9, 0), (8, 1), (-1, 0), (0, -1)])
def test_a_subtree_that_is_not_complete_is_refused(level: int, index: int) -> None:
    with pytest.raises(TileInvalid):
        TileTree(300, read_tile).node(level, index)


def test_a_tile_of_another_length_is_refused() -> None:
    with pytest.raises(TileInvalid):
        TileTree(300, lambda which: read_tile(which)[:-1]).node(0, 0)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_entries_are_written_and_read(entries: list[bytes]) -> None:
    assert tile.parse_entries(tile.encode_entries(entries), width=len(entries)) == entries


@given(data=st.binary(max_size=600), width=st.integers(-1, 300))
def test_no_entry_bundle_raises_anything_else(data: bytes, width: int) -> None:
    with contextlib.suppress(TileInvalid):
        assert tile.encode_entries(tile.parse_entries(data, width=width)) == data


@given(data=st.binary(max_size=600), width=st.integers(-1, 300))
def test_no_tile_raises_anything_else(data: bytes, width: int) -> None:
    with contextlib.suppress(TileInvalid):
        assert tile.encode_tile(tile.parse_tile(data, width=width)) == data


def test_what_can_not_be_read_is_not_written() -> None:
    for entries in ([], [b""] * 257, [b"x" * 65_536]):
        with pytest.raises(TileInvalid):
            tile.encode_entries(entries)
    for hashes in ([], [bytes(32)] * 257, [bytes(31)]):
        with pytest.raises(TileInvalid):
            tile.encode_tile(hashes)
