"""Footage that arrives and a standing hold that is placed come one after the other.

On PostgreSQL two transactions that are committed side by side don't see each other: a recording
would be registered of which the hold knows nothing, and which knows nothing of the hold. So every
registration takes one lock with all others, and placing a standing hold takes it alone; each
before it locks a recording. On SQLite a transaction that writes is alone anyhow.
"""

from typing import Final

from django.db import connection

_LOCK_CLASS: Final = 0x66770003
_LOCK_NUMBER: Final = 1


def before_holds() -> None:
    """Register in this transaction; standing holds placed from now on wait for its end."""
    _take("SELECT pg_advisory_xact_lock_shared(%s, %s)")


def before_arrivals() -> None:
    """Place a standing hold in this transaction: after what is registered now, before the rest."""
    _take("SELECT pg_advisory_xact_lock(%s, %s)")


def _take(statement: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [_LOCK_CLASS, _LOCK_NUMBER])
