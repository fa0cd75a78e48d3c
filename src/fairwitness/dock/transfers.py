"""Turns to send: at most so many bays at once, and across all bays what is needed first goes first.

`offload.next_turns` decides; this waits for it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fairwitness.dock import offload
from fairwitness.dock.offload import Wanted


class Transfers:
    """The turns of one dock, shared by all its bays.

    Args:
        at_once: how many bays may send at the same time.
    """

    def __init__(self, *, at_once: int = 4) -> None:
        self.at_once = at_once
        self._changed = threading.Condition()
        self._waiting: list[Wanted] = []
        self._running = 0

    @contextmanager
    def turn(self, wanted: Wanted) -> Iterator[None]:
        """Wait for a turn, and keep it for the length of the block."""
        with self._changed:
            self._waiting.append(wanted)
            try:
                self._changed.wait_for(lambda: self._may(wanted))
            finally:
                self._waiting.remove(wanted)
            self._running += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _may(self, wanted: Wanted) -> bool:
        return wanted in offload.next_turns(self._waiting, free=self.at_once - self._running)
