"""Triggers by which the database itself refuses to change the custody log.

On SQLite one of them refuses REPLACE as well, which deletes rows without asking the others.

They are no wall against someone who owns the database: the tiles, the docks and the witnesses are.
They are a wall against our own mistakes, and a trace: whoever changes a row must first remove a
trigger, and every start looks for them.
"""

import re
from typing import Final

from django.db import connection

from fairwitness.errors import FairwitnessError

TABLES: Final = ("custody_entry", "custody_leaf", "custody_body")

_ERASURE: Final = (
    "NEW.entry_id = OLD.entry_id AND NEW.state = 'erased'"
    " AND NEW.actor = '' AND length(NEW.salt) = 0 AND length(NEW.canonical) = 0"
)

_SOURCE: Final = " BEGIN RAISE EXCEPTION 'The custody log is never changed.'; END "
_FUNCTION: Final = (
    f"CREATE OR REPLACE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_SOURCE}$$"
)
_SAME: Final = {
    "custody_entry": "id = NEW.id OR leaf_hash = NEW.leaf_hash"
    " OR (subject = NEW.subject AND sequence = NEW.sequence)",
    "custody_leaf": '"index" = NEW."index" OR entry_id = NEW.entry_id',
    "custody_body": "entry_id = NEW.entry_id",
}


class TriggersMissing(FairwitnessError):
    """The database would let the custody log be changed."""

    code = "custody.triggers_missing"


def names(vendor: str) -> tuple[str, ...]:
    """The triggers that a database of this vendor must have, sorted."""
    acts = ("change", "delete", "truncate" if vendor == "postgresql" else "replace")
    return tuple(sorted(f"{table}_no_{act}" for table in TABLES for act in acts))


def create(vendor: str) -> list[str]:
    """The statements that make the triggers in a fresh database.

    Raises:
        ValueError: for a vendor other than sqlite and postgresql.
    """
    if vendor == "sqlite":
        return _sqlite()
    if vendor == "postgresql":
        return _postgresql()
    raise ValueError(f"The custody log does not know how to protect itself on {vendor}.")


def _sqlite() -> list[str]:
    statements = []
    for table in TABLES:
        when = f" WHEN NOT ({_ERASURE})" if table == "custody_body" else ""
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {_SAME[table]})"  # noqa: S608 - our own names
        refuse = "BEGIN SELECT RAISE(ABORT, 'The custody log is never changed.'); END"
        statements += [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE ON {table}{when} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} {refuse}",
        ]
    return statements


def _postgresql() -> list[str]:
    statements = [_FUNCTION]
    for table in TABLES:
        when = f" WHEN (NOT ({_ERASURE}))" if table == "custody_body" else ""
        row, whole = (f"FOR EACH {each}" for each in ("ROW", "STATEMENT"))
        refuse = "EXECUTE FUNCTION custody_refuse()"
        statements += [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE ON {table} {row}{when} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {row} {refuse}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {whole} {refuse}",
        ]
    return statements


def present() -> tuple[str, ...]:
    """The triggers that stand on the custody tables now, are switched on and are ours, sorted.

    One that has our name and does something else is not ours.
    """
    return _present_postgresql() if connection.vendor == "postgresql" else _present_sqlite()


def _present_sqlite() -> tuple[str, ...]:
    ours = set(_sqlite())
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s, %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, list(TABLES))
        return tuple(sorted(name for name, sql in cursor.fetchall() if sql in ours))


def _present_postgresql() -> tuple[str, ...]:
    """By what PostgreSQL says of each, as it writes it out; and it fires in ordinary sessions."""
    query = (
        "SELECT t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc"
        " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        " AND t.tgrelid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(TABLES)])
        found = cursor.fetchall()
    ours = {_plain(statement) for statement in _postgresql()}
    return tuple(
        sorted(name for name, text, source in found if source == _SOURCE and _plain(text) in ours)
    )


def _plain(statement: str) -> str:
    """Without what PostgreSQL writes in its own way: case, brackets, spaces, types of texts."""
    return re.sub(r"::text|[()\s]", "", statement.lower())


def check_triggers() -> None:
    """Demand that the database refuses to change the custody log; every start calls this.

    Raises:
        TriggersMissing: naming those that are gone or switched off.
    """
    gone = sorted(set(names(connection.vendor)) - set(present()))
    if gone:
        raise TriggersMissing(
            "The database no longer protects the custody log: "
            f"{', '.join(gone)} is missing. Find out who removed it before going on."
        )
