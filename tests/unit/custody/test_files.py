"""What of the log's folder is public, and what goes when fuller files come."""

from pathlib import Path

import pytest

from fairwitness.custody import sealed
from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.formats import tile
from fairwitness.formats.tile import Tile


def _hashes(count: int) -> bytes:
    return tile.encode_tile([bytes([number]) * 32 for number in range(count)])


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    return LogFiles(tmp_path / "log")


def test_the_world_reads_checkpoint_tiles_and_entry_bundles(files: LogFiles) -> None:
    contents = {"checkpoint": b"note", "tile/0/000.p/3": _hashes(3), "tile/entries/000.p/1": b"x"}
    files.write(contents)
    assert {path: files.public(path) for path in contents} == contents


@pytest.mark.parametrize(
    "path",
    [
        "sealed/000.p/1",
        "lock",
        "tile/0/../../sealed/000.p/1",
        "../secret",
        "/etc/passwd",
        "tile/0",
        "tile/0/000.p",
        "",
        "checkpoint/",
    ],
)
def test_the_world_reads_nothing_else(files: LogFiles, path: str) -> None:
    files.write({"sealed/000.p/1": b"s", "tile/0/000.p/3": _hashes(3), "lock": b""})
    (files.folder.parent / "secret").write_bytes(b"secret")
    assert files.public(path) is None


def test_sealed_entries_are_readable_by_us_alone(files: LogFiles) -> None:
    files.write({"sealed/000.p/1": b"s", "tile/0/000.p/3": _hashes(3)})
    assert (files.folder / "sealed/000.p/1").stat().st_mode & 0o777 == 0o600
    assert (files.folder / "tile/0/000.p/3").stat().st_mode & 0o044 == 0o044


def test_a_superseded_partial_tile_is_cut_from_the_full_one(files: LogFiles) -> None:
    files.write({"tile/0/000": _hashes(256)})
    assert files.tile(Tile(0, 0, 3)) == _hashes(3)
    files.write({"tile/entries/000": tile.encode_entries([b"%d" % i for i in range(256)])})
    assert files.tile(Tile(None, 0, 2)) == tile.encode_entries([b"0", b"1"])
    with pytest.raises(LogFileMissing):
        files.tile(Tile(1, 0, 1))


def test_a_partial_tile_that_was_never_written_is_cut_from_a_wider_one(files: LogFiles) -> None:
    files.write({"tile/0/000.p/9": _hashes(9)})
    assert files.tile(Tile(0, 0, 3)) == _hashes(3)
    files.write({"tile/entries/000.p/4": tile.encode_entries([b"%d" % i for i in range(4)])})
    assert files.tile(Tile(None, 0, 2)) == tile.encode_entries([b"0", b"1"])
    with pytest.raises(LogFileMissing):
        files.tile(Tile(0, 0, 10))


def test_tidying_removes_partial_files_that_fuller_ones_replace(files: LogFiles) -> None:
    for width in (10, 20):
        files.write(
            {
                tile.tile_path(0, 0, width): b"",
                tile.entries_path(0, width): b"",
                sealed.path(0, width): b"",
            }
        )
    files.tidy(10, 20)
    assert files.read(tile.tile_path(0, 0, 10)) is not None, "readers of old checkpoints need it"
    assert files.read(sealed.path(0, 10)) is None
    assert files.sealed_width(0) == 20
    files.write({tile.tile_path(0, 0): b"", tile.entries_path(0): b"", sealed.path(0, 256): b""})
    files.tidy(20, 256)
    names = {each.name for each in files.folder.rglob("*") if each.is_file()}
    assert names == {"000"}


def test_cutting_removes_what_lies_beyond_and_nothing_before(files: LogFiles) -> None:
    for index in range(3):
        files.write(
            {
                tile.tile_path(0, index): b"",
                tile.entries_path(index): b"",
                sealed.path(index, 256): b"",
            }
        )
    files.write(
        {tile.tile_path(0, 1, 4): b"", tile.tile_path(0, 1, 5): b"", sealed.path(1, 5): b""}
    )
    files.cut(256 + 4)
    left = {
        str(each.relative_to(files.folder)) for each in files.folder.rglob("*") if each.is_file()
    }
    assert left == {"tile/0/000", "tile/entries/000", "sealed/000", "tile/0/001.p/4"}


def test_the_first_file_missing_says_from_where_to_write_anew(files: LogFiles) -> None:
    assert files.first_missing(0) == 0
    assert files.first_missing(700) == 0
    for index in range(3):
        files.write({tile.tile_path(0, index): b"", tile.entries_path(index): b""})
        files.write({sealed.path(index, 256): b""})
    assert files.first_missing(700) == 0, "the tile above is missing"
    files.write({tile.tile_path(1, 0, 2): b""})
    assert files.first_missing(700) == 700
    (files.folder / sealed.path(1, 256)).unlink()
    assert files.first_missing(700) == 256


def test_what_a_dead_process_was_writing_is_removed(files: LogFiles) -> None:
    files.drop_temporaries()
    files.write({"tile/0/000": b"", "tile/0/.000.abcd": b""})
    files.drop_temporaries()
    assert [each.name for each in (files.folder / "tile/0").iterdir()] == ["000"]
