"""The grid by which places are searched: cells of about 150 m, the same size all over the Earth.

Pure. A row of cells is 0.00135 degrees of latitude; each row has as many cells as make them as wide
as they are high. Places are degrees times ten million, as trails have them.
"""

import math
import struct
from collections.abc import Iterable, Iterator
from typing import Final

SIDE_METRES: Final = 150
_STEP: Final = 13_500
_AROUND: Final = 3_600_000_000
_HALF: Final = 1_800_000_000
_QUARTER: Final = 900_000_000
_METRES: Final = 111_195 / 10_000_000
_PACKED: Final = struct.Struct(">ii")

Cell = tuple[int, int]


def cell_of(latitude: int, longitude: int) -> Cell:
    """The cell that a place is in."""
    row = (latitude + _QUARTER) // _STEP
    return row, (longitude + _HALF) % _AROUND * _count(row) // _AROUND


def cells_near(latitude: int, longitude: int, *, metres: int) -> frozenset[Cell]:
    """Every cell of which some part lies within so many metres of a place."""
    reach = math.ceil(metres / _METRES)
    rows = range(
        (max(-_QUARTER, latitude - reach) + _QUARTER) // _STEP,
        (min(_QUARTER, latitude + reach) + _QUARTER) // _STEP + 1,
    )
    return frozenset(
        cell for row in rows for cell in _of_row(row, latitude, longitude, metres=metres)
    )


def _of_row(row: int, latitude: int, longitude: int, *, metres: int) -> Iterator[Cell]:
    low = row * _STEP - _QUARTER
    nearest = min(max(latitude, low), low + _STEP)
    north = (nearest - latitude) * _METRES
    if abs(north) > metres:
        return
    count = _count(row)
    shrink = max(math.cos(math.radians(nearest / 10_000_000)), 1e-6)
    half = math.sqrt(metres**2 - north**2) / (_METRES * shrink)
    if 2 * half >= _AROUND:
        yield from ((row, column) for column in range(count))
        return
    first = math.floor((longitude + _HALF - half) * count / _AROUND)
    last = math.floor((longitude + _HALF + half) * count / _AROUND)
    yield from ((row, column % count) for column in range(first, last + 1))


def _count(row: int) -> int:
    middle = math.radians((row * _STEP + _STEP / 2 - _QUARTER) / 10_000_000)
    return max(1, round(_AROUND * math.cos(middle) / _STEP))


def pack(cells: Iterable[Cell]) -> bytes:
    """Cells as bytes, in order: eight for each."""
    return b"".join(_PACKED.pack(*cell) for cell in sorted(cells))


def unpack(data: bytes) -> list[Cell]:
    """The cells that `pack` packed."""
    return [(row, column) for row, column in _PACKED.iter_unpack(data)]
