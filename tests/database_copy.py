"""A backup of the test database, and its restore, the way an operator would do it."""

import shutil
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
            shutil.copy(str(connection.settings_dict["NAME"]), self._file)
        else:
            self._postgresql(("DROP DATABASE IF EXISTS yesterday",), "yesterday", self._name)

    def restore(self) -> None:
        """Put the database back to what it was."""
        connection.close()
        if connection.vendor == "sqlite":
            shutil.copy(self._file, str(connection.settings_dict["NAME"]))
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
