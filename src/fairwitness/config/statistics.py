"""The database's statistics, by which it chooses an index: SQLite renews none by itself.

PostgreSQL has its own (autovacuum), and is left alone. SQLite looks at a bounded number of rows of
each index, and only at tables that have grown since, so this takes a fraction of a second whatever
the size (https://sqlite.org/lang_analyze.html, *approximate ANALYZE*).
"""

from typing import Final

from django.db import connection

LOOKED_AT: Final = 1000
"""Rows of each index."""
_ALL_TABLES: Final = 0x10002
"""Tables that this connection did not ask are looked at too, which the default leaves out."""


def renew() -> int:
    """Renew what has changed much; returns 1 where there was something to look after."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
        cursor.execute(f"PRAGMA optimize({_ALL_TABLES})")
    return 1
