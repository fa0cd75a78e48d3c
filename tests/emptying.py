"""Emptying the database after a test whose transactions were real.

Django's own way empties every table and then makes all content types and permissions anew, which
takes longer than most tests do. Here only tables that hold something are emptied, and what the
migrations made stays. The triggers of the custody log are taken down for that moment, here and
nowhere else, and put up again.
"""

from functools import cache
from typing import Final

from django.db import connection, transaction

from fairwitness.custody import triggers

_STAYS: Final = {"django_content_type", "auth_permission"}
"""What Django itself wrote when the tables were made."""


def empty() -> None:
    """Leave every table as the migrations left it, and the triggers in their places."""
    postgresql = connection.vendor == "postgresql"
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        if postgresql:
            cursor.execute("SET LOCAL session_replication_role = replica")
        for name in triggers.names(connection.vendor):
            table = f" ON {name[: name.index('_no_')]}" if postgresql else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")
        cursor.execute(_asking())
        for (table,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - Django's own names
        for statement in triggers.create(connection.vendor):
            cursor.execute(statement)


@cache
def _asking() -> str:
    """Which tables hold anything."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - _STAYS
    return " UNION ALL ".join(
        f"SELECT '{each}' WHERE EXISTS (SELECT 1 FROM \"{each}\")"  # noqa: S608 - the same
        for each in sorted(tables)
    )
