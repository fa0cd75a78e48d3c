"""Wakes the integrator of this process when there is something to integrate.

Only a courtesy: an integrator looks by itself twice a second, and one in another process is never
woken from here.
"""

import threading
import weakref

_SLEEPERS: "weakref.WeakSet[threading.Event]" = weakref.WeakSet()


def listen(event: threading.Event) -> None:
    """Have `event` set at every `wake` for as long as it lives."""
    _SLEEPERS.add(event)


def wake() -> None:
    """Set every event that listens."""
    for event in list(_SLEEPERS):
        event.set()
