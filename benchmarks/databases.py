"""The same turns on the embedded database and on PostgreSQL, each in a process of its own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.bench import ROOT, Bench
from benchmarks.measuring import Foreign
from tests.postgres import PostgreSQLMissing, TemporaryServer

NAMES: Final = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Told:
    """What one database's turns printed.

    Attributes:
        name: "SQLite" or "PostgreSQL".
        printed: JSON; None when they could not run here.
        foreign: processors that were busy with other work meanwhile.
        problem: why they could not run.
    """

    name: str
    printed: str | None
    foreign: float = 0.0
    problem: str = ""


def on_each(bench: Bench, module: str) -> Iterator[Told]:
    """Run a module's `main` on each database that is asked for.

    `main` is given a folder, the rounds, how many recordings a large store has, and whether the
    folder is kept (`standing`).

    PostgreSQL is started for it, with its default durability, where it is installed.
    """
    if "SQLite" in bench.databases:
        yield _told(bench, module, "SQLite", "")
    if "PostgreSQL" not in bench.databases:
        return
    try:
        server = TemporaryServer(durable=True, kept=_kept(bench, "PostgreSQL", "cluster"))
    except PostgreSQLMissing as error:
        yield Told("PostgreSQL", None, problem=f"skipped: {error}")
        return
    with contextlib.ExitStack() as stack:
        stack.enter_context(server)
        yield _told(bench, module, "PostgreSQL", server.url)


def _told(bench: Bench, module: str, name: str, url: str) -> Told:
    folder = _kept(bench, name)
    if folder is None:
        folder = bench.folder / f"{module.rpartition('.')[2]}-{name}"
        folder.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
    settings = {
        "FAIRWITNESS_DATA": str(folder),
        "FAIRWITNESS_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
    }
    start = f"import django; django.setup(); import {module} as turns; turns.main()"
    given = (folder, bench.rounds, bench.recordings, int(bench.world is not None))
    with Foreign(*((str(folder),) if bench.world else ())) as foreign:
        done = subprocess.run(
            [sys.executable, "-c", start, *map(str, given)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=kept | settings,
        )
    return Told(name, done.stdout, foreign.processors)


def _kept(bench: Bench, *names: str) -> Path | None:
    """A folder in the one whose stores are kept; None where none is."""
    if bench.world is None:
        return None
    folder = bench.world.joinpath(*names).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
