import threading
import time
from datetime import UTC, datetime

import pytest

from fairwitness.dock.offload import Held, Wanted
from fairwitness.dock.transfers import Transfers

AT = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)


def wanted(bay: int, *, first: bool = False) -> Wanted:
    held = Held(name=f"0041{bay}-7-1", counter=7, part=1, size=10, sha256="a" * 64, first=first)
    return Wanted(bay, AT, held)


def test_no_more_send_at_once_than_may_and_what_was_marked_comes_first() -> None:
    turns = Transfers(at_once=1)
    order: list[int] = []
    most, running, lock = 0, 0, threading.Lock()

    def send(wish: Wanted) -> None:
        nonlocal most, running
        with turns.turn(wish):
            with lock:
                running += 1
                most = max(most, running)
                order.append(wish.bay)
            time.sleep(0.02)
            with lock:
                running -= 1

    bays = [
        threading.Thread(target=send, args=(wanted(bay, first=bay == 5),)) for bay in range(1, 6)
    ]
    with turns.turn(wanted(9)):  # all wait for this one
        for bay in bays:
            bay.start()
        while len(turns._waiting) < 5:
            time.sleep(0.005)
    for bay in bays:
        bay.join(5)
    assert most == 1
    assert order == [5, 1, 2, 3, 4]


def test_a_bay_that_fails_gives_its_turn_back() -> None:
    turns = Transfers(at_once=1)
    for bay in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn(wanted(bay)):
            _ = 1 // 0
    done = threading.Event()

    def send() -> None:
        with turns.turn(wanted(8)):
            done.set()

    threading.Thread(target=send).start()
    assert done.wait(5)
