"""Bringing the tables up to date before a command works with them.

One process at a time: the embedded database by a lock on a file beside it, PostgreSQL by an
advisory lock. Where nothing is to be done this takes one look at the list of migrations.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from fairwitness.config.settings import ENVIRONMENT
from fairwitness.errors import FairwitnessError

_LOCK = 0x66770002
_OURS = "fairwitness."


class DatabaseUnready(FairwitnessError):
    """The database can't be reached, or was made by a newer Fairwitness."""

    code: ClassVar[str] = "database.unready"


def bring_up_to_date() -> None:
    """Make or change the tables so that they are what this version of the code needs.

    Raises:
        DatabaseUnready: the database can't be reached, or knows migrations that we don't.
    """
    ENVIRONMENT.data.mkdir(parents=True, exist_ok=True)
    try:
        if _is_current():
            return
        with _turn():
            if not _is_current():
                _begin()
                call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise DatabaseUnready(f"The database can't be reached: {error}") from error


def _is_current() -> bool:
    executor = MigrationExecutor(connection)
    known = set(executor.loader.disk_migrations or {})
    applied = set(executor.loader.applied_migrations or {})
    ours = {app for app, _name in known}
    newer = sorted(f"{app}.{name}" for app, name in applied - known if app in ours)
    if newer:
        raise DatabaseUnready(
            f"The database was made by a newer Fairwitness ({newer[0]}). Use that version.",
            code="database.newer",
        )
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _begin() -> None:
    """In a new database, make the tables of others first; of ours, what those point to.

    Each step that alters a table has Django picture anew all that is tied to it: a few tables at
    this point, and some forty when ours are there.
    """
    executor = MigrationExecutor(connection)
    if executor.loader.applied_migrations:
        return
    steps = executor.loader.disk_migrations or {}
    ours = {app for (app, _), step in steps.items() if step.__module__.startswith(_OURS)}
    executor.migrate([each for each in executor.loader.graph.leaf_nodes() if each[0] not in ours])


@contextmanager
def _turn() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    with (ENVIRONMENT.data / "migrating.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
