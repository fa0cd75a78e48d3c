"""A backup of the test database, and its restore, the way an operator would do it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql


class DatabaseCopy:
    """The whole database as it was when this was made; needs a test with real transactions."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "yesterday.sqlite3"
        connection.close()
        if connection.vendor == "sqlite":
            _copy(str(connection.settings_dict["NAME"]), self._file)
        else:
            self._postgresql(("DROP DATABASE IF EXISTS yesterday",), "yesterday", self._name)

    def restore(self) -> None:
        """Put the database back to what it was."""
        connection.close()
        if connection.vendor == "sqlite":
            _copy(self._file, str(connection.settings_dict["NAME"]))
            return
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name))
        self._postgresql((drop,), self._name, "yesterday")

    @property
    def _name(self) -> str:
        return str(connection.settings_dict["NAME"])

    def _postgresql(self, before: tuple[str | sql.Composed, ...], made: str, template: str) -> None:
        settings = connection.settings_dict
        with psycopg.connect(
            host=settings["HOST"], user=settings["USER"], dbname="postgres", autocommit=True
        ) as server:
            for statement in before:
                server.execute(
                    statement if isinstance(statement, sql.Composed) else sql.SQL(statement)
                )
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(made), sql.Identifier(template)
                )
            )


def _copy(source: str | Path, target: str | Path) -> None:
    """By SQLite's own means, so that connections of other threads need not be closed."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
