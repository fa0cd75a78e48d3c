"""What a dock tells of its bays: as the specification shows it, and nothing else."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.dock.doing import Doing
from fairwitness.formats import bay_board
from fairwitness.formats.bay_board import LIMIT, LONGEST, MOST, NAME, BayBoard, BayTold
from fairwitness.formats.errors import FormatError

SPEC = (Path(__file__).parents[3] / "docs/specs/dock-api.md").read_text(encoding="utf-8")
ONE = BayTold(
    bay=1,
    doing="uploading",
    light="blinking yellow",
    camera="00417",
    docked_at=datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC),
    recordings_left=2,
    bytes_owed=1_200_000,
    seconds_left=40,
    firmware="1.1",
    battery_percent=64,
)


def shown() -> bytes:
    (example,) = re.findall(
        r'^\{"bays":\[\{"battery.*?"version":1\}$', SPEC, re.MULTILINE | re.DOTALL
    )
    return str(example).replace("\n", "").encode()


def test_it_is_written_as_the_specification_shows() -> None:
    assert BayBoard(bays=(ONE,)).encode() == shown()
    assert bay_board.read(shown()) == BayBoard(bays=(ONE,))


def test_the_specification_names_every_doing() -> None:
    section = SPEC.partition("## Bays")[2].partition("\n## ")[0]
    assert [each for each in Doing if f"`{each.value}`" not in section] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"bay": 0},
        {"bay": MOST + 1},
        {"doing": "<b>"},
        {"light": ""},
        {"recordings_left": -1},
        {"recordings_left": 1 << 31},
        {"bytes_owed": 1 << 53},
        {"seconds_left": -1},
        {"battery_percent": 101},
        {"camera": "x" * (NAME + 1)},
        {"trouble": "x" * (LONGEST + 1)},
    ],
)
def test_what_no_bay_can_say_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        BayTold(**{"bay": 1, "doing": "empty", "light": "off", **wrong})


def test_a_bay_twice_or_out_of_order_is_refused() -> None:
    two = BayTold(bay=2, doing="empty", light="off")
    for bays in ((ONE, ONE), (two, ONE)):
        with pytest.raises(FormatError, match="Each bay once"):
            BayBoard(bays=bays)


def test_the_largest_message_is_within_the_limit() -> None:
    wide = "\N{PILE OF POO}"
    bays = tuple(
        BayTold(
            bay=number,
            doing="uploading",
            light="blinking yellow",
            camera=wide * NAME,
            docked_at=ONE.docked_at,
            recordings_left=(1 << 31) - 1,
            bytes_owed=(1 << 53) - 1,
            seconds_left=(1 << 53) - 1,
            firmware=wide * NAME,
            battery_percent=100,
            trouble=wide * LONGEST,
        )
        for number in range(1, MOST + 1)
    )
    most = BayBoard(bays=bays).encode()
    assert len(most) <= LIMIT
    assert bay_board.read(most) == BayBoard(bays=bays)


@given(st.one_of(st.binary(max_size=200), st.integers(0, 200).map(lambda cut: shown()[:cut])))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        bay_board.read(data)
