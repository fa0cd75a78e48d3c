"""Triggers by which the database itself refuses to change the custody log.

They are no wall against someone who owns the database: the tiles, the docks and the witnesses are.
They are a wall against our own mistakes, and a trace: whoever changes a row must first remove a
trigger, and every start looks for them.
"""

from typing import Final

from django.db import connection

from fairwitness.errors import FairwitnessError

TABLES: Final = ("custody_entry", "custody_leaf", "custody_body")

_ERASURE: Final = (
    "NEW.entry_id = OLD.entry_id AND NEW.state = 'erased'"
    " AND NEW.actor = '' AND length(NEW.salt) = 0 AND length(NEW.canonical) = 0"
)

_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'The custody log is never changed.'; END $$"
)


class TriggersMissing(FairwitnessError):
    """The database would let the custody log be changed."""

    code = "custody.triggers_missing"


def names(vendor: str) -> tuple[str, ...]:
    """The triggers that a database of this vendor must have, sorted."""
    acts = ("change", "delete", "truncate") if vendor == "postgresql" else ("change", "delete")
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
        refuse = "BEGIN SELECT RAISE(ABORT, 'The custody log is never changed.'); END"
        statements += [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE ON {table}{when} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
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
    """The triggers that stand on the custody tables now and are switched on, sorted."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
            " AND t.tgrelid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)"
        )
        parameters: list[str | list[str]] = [list(TABLES)]
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s, %s)"
        parameters = list(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return tuple(sorted(row[0] for row in cursor.fetchall()))


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
