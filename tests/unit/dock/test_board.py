import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from fairwitness.dock import board, page, terminal
from fairwitness.dock.bays import BayView
from fairwitness.dock.board import Board
from fairwitness.dock.doing import Doing

AT = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)
BUSY = BayView(
    1,
    doing=Doing.UPLOADING,
    camera="00417",
    wearer="614LX",
    firmware="1.0",
    firmware_wanted="1.1",
    battery=61,
    owed=3_000_000,
    left=2,
    sent_of=("00417-7-1", 500_000, 2_000_000),
    time_left=timedelta(minutes=3),
    since=AT,
)
STUCK = BayView(
    2,
    doing=Doing.WAITING,
    camera="00999",
    left=1,
    trouble="<b>no</b> [x.y]",
    gaps=tuple(range(1, 9)),
)


def made(*bays: BayView, rate: float | None = None) -> Board:
    return Board(dock="D-0007", station="LAM1", bays=bays, rate=rate)


def test_what_goes_on_is_said_in_words() -> None:
    assert board.status_of(BUSY) == "uploading, leave it in: 25 % of 2.0 MB"
    assert board.left_of(BUSY) == "3.0 MB, 3 min"
    assert board.left_of(STUCK) == "1 on it"
    assert board.notes_of(BUSY) == ("firmware 1.0; 1.1 is wanted", "battery 61 %")
    assert "8 never arrived: number 1, 2, 3, 4, 5 ..." in board.notes_of(STUCK)
    assert board.summary([BUSY, STUCK, BayView(3)]) == (
        "2 of 3 bays have a camera, 1 busy, 1 with trouble"
    )


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (made(BUSY), "unknown"),
        (made(BUSY, rate=100_000.0), "30 s"),
        (made(BayView(1)), "nothing to send"),
        (made(BayView(1, doing=Doing.CHECKING, camera="00417"), rate=9000.0), "unknown"),
    ],
)
def test_the_time_left_for_all_is_honest(now: Board, left: str) -> None:
    assert now.time_left == left


def test_programs_get_the_same() -> None:
    said = board.to_json(made(BUSY, BayView(2), rate=100_000.0))
    assert isinstance(said, dict)
    assert said["seconds_left"] == 30
    bays = said["bays"]
    assert isinstance(bays, list)
    first, second = bays
    assert isinstance(first, dict)
    assert (first["light"], first["camera"], first["seconds_left"]) == (
        "blinking yellow",
        "00417",
        180,
    )
    assert isinstance(second, dict)
    assert (second["light"], second["camera"]) == ("off", None)


def test_a_cameras_words_are_never_markup() -> None:
    drawn = page.drawn(made(STUCK), still=False)
    assert "<b>no</b>" not in drawn
    assert "&lt;b&gt;no&lt;/b&gt;" in drawn
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(terminal.drawn(made(BayView(1, camera="[red]x[/]"), BUSY)))
    text = console.export_text()
    assert "[red]x[/]" in text
    assert "uploading" in text
