"""Acts that meet on PostgreSQL: each in a thread and a connection of its own, seen to wait."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection


def until_waiting(waiting: int) -> None:
    """Return when so many other connections to this database wait for a lock."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    ends = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(asked)
            if cursor.fetchone()[0] >= waiting:
                return
            time.sleep(0.01)  # between two looks; what is waited for is another's turn
    pytest.fail(f"never {waiting} waited")


def begin(act: Callable[[], object], raised: list[Exception]) -> threading.Thread:
    """Begin an act in a thread; what it raises is put into `raised`."""

    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed to the test, whatever it is
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def end(*threads: threading.Thread) -> None:
    """Wait until all have ended."""
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
