"""The database's statistics, by which it chooses an index: SQLite renews none by itself.

PostgreSQL has its own (autovacuum), and is left alone. SQLite looks at a bounded number of rows of
each index, so this takes a second or two whatever the size
(https://sqlite.org/lang_analyze.html, *approximate ANALYZE*), and a moment for each table, in which
nobody else writes. It is asked for each table by name: *optimize* passes over tables that this
connection did not ask before, and only newer versions of SQLite can be told not to.
"""

from typing import Final

from django.db import connection

LOOKED_AT: Final = 1000
"""Rows of each index."""


def renew() -> int:
    """Have SQLite look at its tables; returns how many it looked at."""
    if connection.vendor != "sqlite":
        return 0
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
    return len(tables)
