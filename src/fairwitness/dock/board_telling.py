"""The board of bays goes to the server: when something has changed, and often enough to be missed.

Nothing waits for it and nothing fails with it: a server that is away is told when it is back.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from fairwitness.dock.bays import BayView
from fairwitness.errors import FairwitnessError
from fairwitness.formats.bay_board import LONGEST, NAME, BayBoard, BayTold

CHANGED_SECONDS: Final = 15.0
"""A change is told no sooner after the last telling than this."""
AT_LEAST_SECONDS: Final = 300.0
"""And when nothing changes, so often."""
_LOOK_SECONDS: Final = 1.0

Tell = Callable[[BayBoard], None]


def message(views: Sequence[BayView]) -> BayBoard:
    """The board as it is told."""
    return BayBoard(bays=tuple(map(_bay, sorted(views, key=lambda view: view.number))))


def _bay(view: BayView) -> BayTold:
    left = view.time_left
    return BayTold(
        bay=view.number,
        doing=view.doing.value,
        light=view.light.value,
        camera=_line(view.camera, NAME),
        docked_at=view.since,
        recordings_left=view.left,
        bytes_owed=view.owed,
        seconds_left=int(left.total_seconds()) if left is not None else None,
        firmware=_line(view.firmware, NAME),
        battery_percent=view.battery if view.battery in range(101) else None,
        trouble=_line(view.trouble, LONGEST),
    )


def _line(text: str, longest: int) -> str:
    """One line that can be printed, and no longer than may be told."""
    return "".join(each for each in text if each.isprintable())[:longest]


def tell_once(tell: Tell, views: Sequence[BayView]) -> None:
    """Tell the board as it is now, if the server is there to hear it."""
    with suppress(FairwitnessError):
        tell(message(views))


@contextmanager
def telling(tell: Tell, views: Callable[[], Sequence[BayView]]) -> Iterator[None]:
    """Tell the board for as long as this lasts."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_go_on, args=(tell, views, stop), name="board-telling", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2)


def _go_on(tell: Tell, views: Callable[[], Sequence[BayView]], stop: threading.Event) -> None:
    last: BayBoard | None = None
    told = time.monotonic() - AT_LEAST_SECONDS
    while not stop.wait(_LOOK_SECONDS):
        now, passed = message(views()), time.monotonic() - told
        if passed < CHANGED_SECONDS or (now == last and passed < AT_LEAST_SECONDS):
            continue
        told = time.monotonic()
        with suppress(FairwitnessError):
            tell(now)
            last = now
