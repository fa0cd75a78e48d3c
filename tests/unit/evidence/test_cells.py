"""The grid of places: cells of one size everywhere, and every cell that a circle touches."""

import math
import random

import pytest

from fairwitness.evidence import cells

EARTH = 6_371_000


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great circle, by the haversine formula: another way to the same."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (one, other))
    part = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH * math.asin(math.sqrt(part))


def scaled(place: tuple[float, float]) -> tuple[int, int]:
    return round(place[0] * 1e7), round(place[1] * 1e7)


@pytest.mark.parametrize("latitude", [0.0, 51.5, -33.9, 70.0, 85.0])
@pytest.mark.parametrize("metres", [1, 75, 200, 1000])
def test_whoever_was_within_the_radius_is_found_and_nobody_much_further(
    latitude: float, metres: int
) -> None:
    dice = random.Random(f"{latitude}{metres}")  # noqa: S311 - places, not secrets
    for longitude in (-0.1176, 179.9999, -180.0, 13.4):
        near = cells.cells_near(*scaled((latitude, longitude)), metres=metres)
        degree = metres / 111_195
        for _ in range(200):
            place = (
                latitude + dice.uniform(-3, 3) * degree,
                longitude + dice.uniform(-3, 3) * degree / math.cos(math.radians(latitude)),
            )
            east = (place[1] + 180) % 360 - 180
            apart = metres_between((latitude, longitude), (place[0], east))
            found = cells.cell_of(*scaled((place[0], east))) in near
            if apart < metres * 0.99:
                assert found, (place, apart)
            if apart > metres * 1.01 + cells.SIDE_METRES * math.sqrt(2) * 1.05:
                assert not found, (place, apart)


def test_a_radius_names_a_bounded_number_of_cells_anywhere() -> None:
    for latitude in (0, 51, 89, -90, 90):
        assert 1 <= len(cells.cells_near(latitude * 10_000_000, 0, metres=1000)) < 260


def test_packed_cells_come_back() -> None:
    known = {cells.cell_of(*scaled(place)) for place in ((51.5, -0.1), (-90, 180), (90, -180))}
    assert set(cells.unpack(cells.pack(known))) == known
