"""Acts that begin together, each in a thread and a connection of its own."""

import threading
from collections.abc import Callable

from tests.waiting_turns import begin, end


def at_once(*doings: Callable[[], object]) -> list[Exception]:
    """Run acts in threads that start together; returns what they raised."""
    start = threading.Barrier(len(doings))
    raised: list[Exception] = []

    def together(act: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            start.wait()
            act()

        return run

    end(*[begin(together(act), raised) for act in doings])
    return raised
