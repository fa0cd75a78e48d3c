"""A dock tells its bays when they change, and never falls over what it is told or refused."""

import threading

import pytest

from fairwitness.dock import board_telling
from fairwitness.dock.bays import BayView
from fairwitness.dock.doing import Doing
from fairwitness.dock.sending import ServerAway
from fairwitness.formats.bay_board import LONGEST, BayBoard

HOSTILE = BayView(
    2,
    doing=Doing.FAILED,
    camera="volume " + "x" * 90,
    firmware="1\n\x00.1",
    battery=250,
    trouble="it broke\r\n" * 60,
)


def test_what_a_bay_says_fits_and_can_be_printed() -> None:
    empty, told = board_telling.message([HOSTILE, BayView(1)]).bays
    assert (empty.bay, empty.doing, empty.light, empty.camera) == (1, "empty", "off", "")
    assert (told.doing, told.light) == ("failed", "blinking red")
    assert (told.firmware, told.battery_percent) == ("1.1", None)
    assert len(told.trouble) == LONGEST
    assert BayBoard(bays=(empty, told)).encode()


def test_a_server_that_is_away_is_told_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board_telling, "_LOOK_SECONDS", 0.005)
    monkeypatch.setattr(board_telling, "CHANGED_SECONDS", 0.0)
    heard: list[BayBoard] = []
    twice, back = threading.Event(), threading.Event()
    tries = 0

    def tell(board: BayBoard) -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            twice.set()
        if not back.is_set():
            raise ServerAway("It is away.")
        heard.append(board)
        done.set()

    done = threading.Event()
    with board_telling.telling(tell, lambda: (BayView(1),)):
        assert twice.wait(20)
        back.set()
        assert done.wait(20)
    assert heard == [board_telling.message([BayView(1)])], "told once; nothing has changed since"


def test_one_docking_tells_once_and_minds_no_refusal() -> None:
    def tell(_board: BayBoard) -> None:
        raise ServerAway("It is away.")

    board_telling.tell_once(tell, [BayView(1)])
    heard: list[BayBoard] = []
    board_telling.tell_once(heard.append, [BayView(1)])
    assert len(heard) == 1
