"""One integrator at a time, whatever starts: two signers of one log would fork it.

A lock on a file in the log's folder keeps out every other process on this machine; on PostgreSQL
an advisory lock, held by the integrator's own connection, keeps out other machines. Both vanish
with the process that held them.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from django.db import connection

from fairwitness.errors import FairwitnessError

_LOCK_CLASS: Final = 0x66770002
_LOCK_NUMBER: Final = 1


class NotElected(FairwitnessError):
    """Another process integrates this log."""

    code = "log.not_elected"


class Election:
    """Holds, or tries to hold, the right to integrate; used by one thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._handle: int | None = None

    def demand(self) -> bool:
        """Be elected, or still be.

        Returns:
            Whether the election is new: another may have integrated since the last time.

        Raises:
            NotElected: if another process is elected.
        """
        fresh = self._handle is None
        if self._handle is None:
            self._handle = self._lock_file()
        if connection.vendor == "postgresql" and not _holds():
            fresh = True
            if not _try_lock():
                self.resign()
                raise NotElected("Another server integrates the custody log of this database.")
        return fresh

    def resign(self) -> None:
        """Let another be elected."""
        if self._handle is None:
            return
        if connection.vendor == "postgresql" and _holds():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, _LOCK_NUMBER])
        os.close(self._handle)
        self._handle = None

    def _lock_file(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise NotElected("Another process on this machine integrates this log.") from error
        return handle


def _try_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, _LOCK_NUMBER])
        return bool(cursor.fetchone()[0])


def _holds() -> bool:
    """Whether this very connection holds the lock; a connection made anew does not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND classid = %s AND objid = %s AND pid = pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_LOCK_CLASS, _LOCK_NUMBER],
        )
        return bool(cursor.fetchone()[0])
