"""Tiles and entry bundles: how a log lies on disk and on the web (C2SP tlog-tiles v0.1.0).

A tile holds up to 256 hashes of one level; each hash of a tile above is the root of a *full* tile
below. Tiles never change once full, so that they can be copied, cached and served as plain files.

Specification: docs/specs/transparency-log.md.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.formats import merkle
from fairwitness.formats.errors import FormatError

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 0xFFFF
_LONGEST_INDEX: Final = 6 * len("x000/") + 3
_PATH: Final = re.compile(
    "tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?"
)


class TileInvalid(FormatError):
    """A tile, an entry bundle or the path of one is malformed or incomplete."""

    code = "format.tile"


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: its level (None for an entry bundle), index within it, and width 1 to 256."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path under the log's prefix."""
        if self.level is None:
            return entries_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile under the log's prefix, `tile/0/x001/234.p/7`.

    Raises:
        TileInvalid: if there is no such tile.
    """
    if not 0 <= level <= MAX_LEVEL:
        raise TileInvalid(f"There is no tile level {level}.")
    return _path(str(level), index, width)


def entries_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle under the log's prefix.

    Raises:
        TileInvalid: if there is no such bundle.
    """
    return _path("entries", index, width)


def _path(level: str, index: int, width: int) -> str:
    if not 0 <= index <= merkle.MAX_SIZE or not 0 < width <= WIDTH:
        raise TileInvalid(f"There is no tile {index} of width {width}.")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def parse_path(path: str) -> Tile:
    """Read a tile's path, refusing every spelling but the one that `Tile.path` writes.

    Raises:
        TileInvalid: if it is not the path of a tile or entry bundle.
    """
    match = _PATH.fullmatch(path)
    if match is None or len(match[2]) > _LONGEST_INDEX:
        raise TileInvalid("This is not the path of a tile.")
    level = None if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(re.sub("[x/]", "", match[2])), int(match[3] or WIDTH))
    if tile.path != path:
        raise TileInvalid("This is not the path of a tile.")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles, not entry bundles, of a tree of this size, level by level from 0."""
    level, count = 0, size
    while count:
        full, rest = divmod(count, WIDTH)
        for index in range(full):
            yield Tile(level, index)
        if rest:
            yield Tile(level, full, rest)
        level, count = level + 1, full


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """Write a tile of 1 to 256 hashes.

    Raises:
        TileInvalid: if there are more or fewer, or one is not a hash.
    """
    if not 0 < len(hashes) <= WIDTH or any(len(each) != merkle.HASH_SIZE for each in hashes):
        raise TileInvalid("A tile has 1 to 256 hashes of 32 bytes.")
    return b"".join(hashes)


def parse_tile(data: bytes, *, width: int) -> list[bytes]:
    """Read a tile of the width its path says.

    Raises:
        TileInvalid: if it has another length.
    """
    if not 0 < width <= WIDTH or len(data) != width * merkle.HASH_SIZE:
        raise TileInvalid(f"A tile of width {width} has {width * merkle.HASH_SIZE} bytes.")
    return [data[at : at + merkle.HASH_SIZE] for at in range(0, len(data), merkle.HASH_SIZE)]


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """Write an entry bundle of 1 to 256 entries, each after its length in two bytes.

    Raises:
        TileInvalid: if there are more or fewer, or one is longer than 65,535 bytes.
    """
    listed = list(entries)
    if not 0 < len(listed) <= WIDTH or any(len(each) > MAX_ENTRY_BYTES for each in listed):
        raise TileInvalid("A bundle has 1 to 256 entries of at most 65,535 bytes.")
    return b"".join(struct.pack(">H", len(each)) + each for each in listed)


def parse_entries(data: bytes, *, width: int) -> list[bytes]:
    """Read an entry bundle of the width its path says.

    Raises:
        TileInvalid: if it is cut short, or holds more or fewer entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        start = at + 2
        if start > len(data):
            raise TileInvalid("The entry bundle is cut short.")
        (length,) = struct.unpack(">H", data[at:start])
        at = start + length
        if at > len(data):
            raise TileInvalid("The entry bundle is cut short.")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != width or not 0 < width <= WIDTH:
        raise TileInvalid(f"The entry bundle does not hold {width} entries.")
    return entries


class TileTree:
    """The complete subtrees of a tree of one size, read from its tiles.

    Its `node` is what the provers of `merkle` ask for. A tile is read once and kept: use one
    `TileTree` for one question, not for the life of a process.
    """

    def __init__(self, size: int, read_tile: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree at (level, index).

        Raises:
            TileInvalid: if the tree does not have that subtree, or a tile is malformed.
        """
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise TileInvalid("The tree has no such complete subtree.")
        tile_level, inner = divmod(level, HEIGHT)
        first = index << inner
        hashes = self._tile(tile_level, first // WIDTH)
        at = first % WIDTH
        row = hashes[at : at + (1 << inner)]
        while len(row) > 1:
            row = [merkle.node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    def _tile(self, level: int, index: int) -> list[bytes]:
        key = (level, index)
        if key not in self._tiles:
            count = self.size >> (HEIGHT * level)
            tile = Tile(level, index, min(WIDTH, count - index * WIDTH))
            self._tiles[key] = parse_tile(self._read_tile(tile), width=tile.width)
        return self._tiles[key]
