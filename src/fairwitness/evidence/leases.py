"""A lease that lives while its holder does, and lapses soon after the holder dies.

Long work (reading back hours of footage) must not make others wait for long when its process is
killed. So leases are short, and a small thread renews them while the work goes on. Work that hangs
loses its lease all the same, after `MOST`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection

LEASE = timedelta(seconds=30)
"""How long a lease outlives the last sign of life."""

EVERY = 8.0
"""Seconds between two signs of life."""

MOST = 6 * 3600.0
"""Seconds after which work counts as hung."""


@contextmanager
def renewed(renew: Callable[[], None]) -> Iterator[None]:
    """Call `renew` now and then, in a thread of its own, while the block runs.

    A renewal that fails is only missed: the lease then lapses, and the holder's own last step
    finds out that it is no longer the holder.
    """
    done = threading.Event()

    def keep() -> None:
        for _ in range(int(MOST / EVERY)):
            if done.wait(EVERY):
                break
            try:
                renew()
            except DatabaseError:
                continue
        connection.close()

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
