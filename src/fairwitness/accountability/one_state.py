"""Reading one state of the database for as long as it takes, without keeping anybody from writing.

A transaction of ours begins as a writer's on SQLite, and sees a new state with each statement on
PostgreSQL; neither will do for a count that may take many seconds and has to add up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


@contextmanager
def reading() -> Iterator[None]:
    """All that is read inside is of one moment; nothing may be written inside.

    Inside a transaction of the caller's it is that transaction's state.
    """
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
