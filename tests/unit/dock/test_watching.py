from pathlib import Path

import pytest

from fairwitness.dock import watching
from fairwitness.dock.watching import number_for


@pytest.mark.parametrize(
    ("name", "taken", "number"),
    [
        ("bay-3", {}, 3),
        ("Bay 07", {}, 7),
        ("bay3", {3: ""}, 1),
        ("00417", {}, 1),
        ("CAMERA", {1: "", 2: "", 4: ""}, 3),
        ("bay-0", {}, 1),
    ],
)
def test_a_volume_has_the_bay_that_its_folder_names_or_the_lowest_free(
    name: str, taken: dict[int, str], number: int
) -> None:
    assert number_for(Path("/mnt") / name, taken=taken) == number


def test_named_volumes_have_the_first_bays() -> None:
    named = [Path("/a"), Path("/b")]
    assert number_for(Path("/b"), taken={}, named=named) == 2
    assert number_for(Path("/mnt/bay-1"), taken={}, named=named) == 3


def test_a_full_dock_has_no_bay_left() -> None:
    taken = dict.fromkeys(range(1, watching.MOST + 1), "")
    assert number_for(Path("/mnt/x"), taken=taken) is None
