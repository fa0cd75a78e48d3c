"""The right edge of a growing tree: all that is needed to add leaves and to know every root."""

from collections.abc import Iterator

from fairwitness.formats import merkle
from fairwitness.formats.tile import WIDTH, Tile


class Edge:
    """A tree held by its peaks and its unfinished tiles: some kilobytes, whatever the size.

    Attributes:
        size: how many leaves it has.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []
        self._rows: list[list[bytes]] = []
        self._full: list[int] = []

    def add(self, leaf_hash: bytes) -> list[tuple[Tile, list[bytes]]]:
        """Add a leaf; returns the tiles that it filled, lowest first."""
        self.size += 1
        height, peak = 0, leaf_hash
        while self._peaks and self._peaks[-1][0] == height:
            peak = merkle.node_hash(self._peaks.pop()[1], peak)
            height += 1
        self._peaks.append((height, peak))
        return list(self._fill(leaf_hash))

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self._peaks:
            return merkle.EMPTY_ROOT
        computed = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            computed = merkle.node_hash(peak, computed)
        return computed

    def partial(self) -> list[tuple[Tile, list[bytes]]]:
        """The unfinished tiles, lowest first."""
        return [
            (Tile(level, self._full[level], len(row)), list(row))
            for level, row in enumerate(self._rows)
            if row
        ]

    def _fill(self, digest: bytes) -> Iterator[tuple[Tile, list[bytes]]]:
        level = 0
        while True:
            if level == len(self._rows):
                self._rows.append([])
                self._full.append(0)
            row = self._rows[level]
            row.append(digest)
            if len(row) < WIDTH:
                return
            yield Tile(level, self._full[level]), row
            self._rows[level] = []
            self._full[level] += 1
            level, digest = level + 1, _fold(row)


def _fold(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [merkle.node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]
