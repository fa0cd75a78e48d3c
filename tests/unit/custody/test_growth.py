"""The tree's files follow from the leaves alone, however the log grew to them."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.custody import growth
from fairwitness.custody.edge import Edge
from fairwitness.custody.files import LogFiles
from fairwitness.custody.rows import LeafRow
from fairwitness.custody.sealed import Sealing
from fairwitness.formats import merkle, tile
from fairwitness.formats.tile import WIDTH

SEALING = Sealing(bytes(32), "fairwitness.example/log")


def _row(index: int) -> LeafRow:
    leaf = b"\x01" + hashlib.sha256(str(index).encode()).digest()
    return LeafRow(
        index=index,
        entry_id=index + 1,
        canonical=b"entry %d" % index,
        salt=bytes(16),
        leaf=leaf,
        leaf_hash=merkle.leaf_hash(leaf),
    )


ROWS = [_row(index) for index in range(3 * WIDTH * 4)]


def _naive_root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return merkle.node_hash(_naive_root(hashes[:middle]), _naive_root(hashes[middle:]))


def _grow(files: LogFiles, old_size: int, size: int) -> growth.Growth:
    rows = ROWS[growth.first_row(old_size) : size]
    grown = growth.grow(old_size=old_size, rows=rows, files=files, sealing=SEALING)
    files.write(grown.files)
    return grown


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.integers(1, 600), min_size=1, max_size=6))
def test_roots_are_those_of_a_naive_tree_however_it_grew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    files = LogFiles(tmp_path_factory.mktemp("log"))
    size, root = 0, merkle.EMPTY_ROOT
    for step in steps:
        old, size = size, min(size + step, len(ROWS))
        if old == size:
            break
        grown = _grow(files, old, size)
        assert grown.old_root == root
        root = _naive_root([row.leaf_hash for row in ROWS[:size]])
        assert grown.checkpoint.size == size
        assert grown.checkpoint.root == root
        files.tidy(old, size)
    assert merkle.root(size, files.tree(size).node) == root
    assert files.first_missing(size) == size
    assert files.sealed_size() == size
    kept = files.entries((size - 1) // WIDTH, (size - 1) % WIDTH + 1, SEALING)[-1]
    assert kept.canonical == ROWS[size - 1].canonical


def test_growing_in_one_go_or_in_many_steps_gives_the_same_tiles(tmp_path: Path) -> None:
    once, often = LogFiles(tmp_path / "once"), LogFiles(tmp_path / "often")
    _grow(once, 0, 1500)
    for old, new in ((0, 1), (1, 255), (255, 256), (256, 257), (257, 1024), (1024, 1500)):
        _grow(often, old, new)
    for each in tile.tiles_of(1500):
        assert once.tile(each) == often.tile(each)


def test_a_lost_partial_tile_above_is_made_anew_from_full_ones_below(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    _grow(files, 0, 600)
    for each in (tmp_path / "tile" / "1" / "000.p").iterdir():
        each.unlink()
    grown = _grow(files, 600, 900)
    assert grown.checkpoint.root == _naive_root([row.leaf_hash for row in ROWS[:900]])


def test_the_edge_of_the_tree_knows_every_root_and_every_tile(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    size = 2 * WIDTH + 17
    _grow(files, 0, size)
    edge = Edge()
    assert edge.root() == merkle.EMPTY_ROOT
    seen = []
    for count, row in enumerate(ROWS[:size], start=1):
        seen += edge.add(row.leaf_hash)
        if count in {1, 2, 3, 255, 256, 257, size}:
            assert edge.root() == _naive_root([each.leaf_hash for each in ROWS[:count]])
    seen += edge.partial()
    assert sorted(made.path for made, _ in seen) == sorted(t.path for t in tile.tiles_of(size))
    for made, hashes in seen:
        assert files.tile(made) == tile.encode_tile(hashes)


def test_the_tree_grows_a_third_level_of_tiles(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    rows = [_row(index) for index in range(WIDTH * WIDTH + 5)]
    old = WIDTH * WIDTH - 5
    growth_to_old = growth.grow(old_size=0, rows=rows[:old], files=files, sealing=SEALING)
    files.write(growth_to_old.files)
    start = growth.first_row(old)
    grown = growth.grow(old_size=old, rows=rows[start:], files=files, sealing=SEALING)
    files.write(grown.files)
    assert grown.old_root == growth_to_old.checkpoint.root
    assert grown.checkpoint.root == _naive_root([row.leaf_hash for row in rows])
    assert tile.tile_path(2, 0, 1) in grown.files
