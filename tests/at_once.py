"""Acts that begin together, each in a thread and a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(*doings: Callable[[], object]) -> list[Exception]:
    """Run acts in threads that start together; returns what they raised."""
    start = threading.Barrier(len(doings))
    raised: list[Exception] = []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed to the test, whatever it is
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
