"""One turn of `benchmarks.seed`, run in a process of its own whose Django is set up already."""

import contextlib
import json
import sqlite3
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection

from fairwitness.config import clock, composition, database
from fairwitness.config.seeding import story
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.force import seed

if TYPE_CHECKING:
    from fairwitness.formats.keys import SigningKey

RECORDINGS = 3000
SCALE = 0.004
BATCH = 1000
_FORMS = (
    "SELECT sql FROM sqlite_master"
    " WHERE tbl_name = ? AND sql IS NOT NULL AND type IN ('table', 'index')"
)


def main() -> None:
    """Print recordings a second of both sides as JSON."""
    database.bring_up_to_date()
    clock.set_training(ENVIRONMENT.data, ahead=timedelta())
    keys: dict[str, SigningKey] = {}
    seed.seed(scale=SCALE, at=clock.now(), keep_key=keys.__setitem__)
    deployment = composition.deployment()
    before = _counts()
    start, busy = time.monotonic(), time.process_time()
    story.tell(
        deployment=deployment,
        keys=keys,
        count=RECORDINGS,
        number=1,
        told=lambda _done, _of: None,
        stopped=lambda: False,
    )
    took, busy = time.monotonic() - start, time.process_time() - busy
    grown = [name for name, count in _counts().items() if count > before[name]]
    plain = _plainly(ENVIRONMENT.data / "plain.sqlite3", grown)
    figures = {
        "ours": RECORDINGS / took,
        "plain": RECORDINGS / plain,
        "cpu": 1000 * busy / RECORDINGS,
    }
    json.dump(figures, sys.stdout)


def _counts() -> dict[str, int]:
    names = [
        name
        for (name,) in _rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    return {
        name: _rows(f"SELECT COUNT(*) FROM {name}")[0][0]  # noqa: S608 - a table's own name
        for name in names
    }


def _plainly(path: Path, tables: list[str]) -> float:
    """Seconds for the same rows, indexes included, without anything that decides or proves."""
    forms = [form for name in tables for form in _rows(_FORMS, name)]
    given = {name: _columns(name) for name in tables}
    found = {
        name: _rows(f"SELECT {given[name]} FROM {name}")  # noqa: S608 - names of our own
        for name in tables
    }
    params = connection.get_connection_params() | {"database": str(path)}
    plain = connection.get_new_connection(params)  # which knows Django's functions, as indexes need
    plain.isolation_level = None
    plain.execute("PRAGMA foreign_keys=OFF")  # what they point to was there before
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=OFF")
    for (form,) in forms:
        plain.execute(form)
    start = time.monotonic()
    for name, rows in found.items():
        marks = ", ".join("?" * len(rows[0]))
        insert = f"INSERT INTO {name} ({given[name]}) VALUES ({marks})"  # noqa: S608 - as above
        for first in range(0, len(rows), BATCH):
            plain.execute("BEGIN IMMEDIATE")
            plain.executemany(insert, rows[first : first + BATCH])
            plain.execute("COMMIT")
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    took = time.monotonic() - start
    plain.close()
    return took


def _columns(table: str) -> str:
    """The columns of a table that are stored as given, not worked out by the database."""
    return ", ".join(f'"{column[1]}"' for column in _rows(f"PRAGMA table_info({table})"))


def _rows(sql: str, *parameters: str) -> list[tuple[Any, ...]]:
    """Rows as they lie in the file, read past Django."""
    with contextlib.closing(sqlite3.connect(ENVIRONMENT.database["NAME"])) as source:
        return source.execute(sql, parameters).fetchall()
