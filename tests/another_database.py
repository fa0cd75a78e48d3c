"""A second, empty database that Django uses in a test's stead, and what its tables look like.

The shape is told in the database's own words, so that it says all that the database enforces:
columns in their order, checks, keys, indexes with what they hold, triggers and functions.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

_NAME: Final = "another"
_POSTGRESQL: Final = {
    "column": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
    " a.attnotnull::text, a.attidentity::text, a.attgenerated::text,"
    " coalesce(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    " ORDER BY c.relname, a.attnum",
    "constraint": "SELECT k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid)"
    " FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
    " WHERE n.nspname = 'public'",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid)"
    " FROM pg_trigger t WHERE NOT t.tgisinternal",
    "function": "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p"
    " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'",
    "sequence": "SELECT sequencename, data_type::text FROM pg_sequences"
    " WHERE schemaname = 'public'",
}


@contextmanager
def another_database(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """Everything that asks for the database finds an empty one, and afterwards its own again."""
    ours = connections["default"]
    other = ours.copy()
    vendor = ours.vendor
    other.settings_dict["NAME"] = _NAME if vendor == "postgresql" else folder / f"{_NAME}.sqlite3"
    _anew(ours, other)
    connections["default"] = other
    try:
        yield other
    finally:
        connections["default"] = ours
        other.close()


def shape(database: BaseDatabaseWrapper) -> set[tuple[str, ...]]:
    """All that the database says of its tables; two that say the same do the same."""
    if database.vendor == "postgresql":
        return {
            (kind, *row) for kind, asking in _POSTGRESQL.items() for row in _rows(database, asking)
        } | _orders(_rows(database, _POSTGRESQL["column"]))
    made = "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%%'"
    said: set[tuple[str, ...]] = set()
    for kind, table, name, statement in _rows(database, made):
        plain = " ".join(statement.split())
        if kind == "table":
            said |= {("table", table, clause) for clause in _clauses(plain)}
            columns = _rows(database, "SELECT name FROM pragma_table_xinfo(%s)", table)
            said |= _orders([(table, *column) for column in columns])
        else:
            said.add((kind, table, name, plain))
    return said


def _anew(ours: BaseDatabaseWrapper, other: BaseDatabaseWrapper) -> None:
    if ours.vendor == "sqlite":
        Path(other.settings_dict["NAME"]).unlink(missing_ok=True)
        return
    settings = ours.settings_dict
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], dbname="postgres", autocommit=True
    ) as server:
        name = sql.Identifier(_NAME)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _rows(database: BaseDatabaseWrapper, asking: str, *values: str) -> list[tuple[str, ...]]:
    with database.cursor() as cursor:
        cursor.execute(asking, values)
        rows: list[tuple[str, ...]] = cursor.fetchall()
        return rows


def _orders(columns: list[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Each table with its columns in their order."""
    by_table: dict[str, list[str]] = {}
    for table, name, *_ in columns:
        by_table.setdefault(table, []).append(name)
    return {("order", table, *names) for table, names in by_table.items()}


def _clauses(statement: str) -> Iterator[str]:
    """What stands between the commas of CREATE TABLE, whose order means nothing to SQLite."""
    depth, start = 0, statement.index("(") + 1
    for place in re.finditer(r"'(?:[^']|'')*'|[(),]", statement):
        at = place.start()
        depth += {"(": 1, ")": -1}.get(place.group(), 0)
        if (place.group() == "," and depth == 1) or depth == 0:
            yield statement[start:at].strip()
            start = at + 1
        if depth == 0:
            yield "after: " + statement[start:].strip()
            return
