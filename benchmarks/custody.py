"""What the custody log costs: an entry against a plain insert, each one committed act, in one run.

Both sides use the same database, connection and durability settings, and take turns. Run it as
`python -m benchmarks.custody [FOLDER]`; a minute. PostgreSQL is measured where it is installed.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.postgres import PostgreSQLMissing, TemporaryServer

GOAL = 0.5
_CHILD = "import django; django.setup(); from benchmarks import custody_turns as t; t.main()"


@dataclass(frozen=True)
class CustodyRates:
    """One database's figures; rates are acts or entries per second, for this run only.

    Attributes:
        database: "sqlite" or "postgresql".
        inserts: plain inserts, each committed.
        entries: custody entries, each committed.
        bulk: custody entries, 150 to a transaction.
        integrated: entries brought into the public log by one step.
        ratio: `entries` to `inserts`; the goal is at least `goal`.
    """

    database: str
    inserts: float
    entries: float
    bulk: float
    integrated: float
    ratio: float
    goal: float = GOAL


def on_sqlite(folder: Path) -> CustodyRates:
    """Measure on the embedded database, in `folder`."""
    return _measure("sqlite", folder, {})


def on_postgresql(folder: Path) -> CustodyRates:
    """Measure on a PostgreSQL server started for it, with its default durability.

    Raises:
        PostgreSQLMissing: if it is not installed.
    """
    with TemporaryServer(durable=True) as server:
        return _measure("postgresql", folder, {"FAIRWITNESS_DATABASE_URL": server.url})


def measure(folder: Path) -> list[CustodyRates]:
    """Measure wherever we can."""
    found = [on_sqlite(folder / "sqlite")]
    try:
        found.append(on_postgresql(folder / "postgresql"))
    except PostgreSQLMissing as error:
        print(error, file=sys.stderr)
    return found


def _measure(database: str, folder: Path, more: dict[str, str]) -> CustodyRates:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
    settings = {
        "FAIRWITNESS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**kept, **settings, **more},
    )
    rates = json.loads(done.stdout)
    return CustodyRates(
        database=database,
        inserts=rates["plain_inserts"],
        entries=rates["custody_entries"],
        bulk=rates["bulk_entries"],
        integrated=rates["integrated"],
        ratio=rates["custody_entries"] / rates["plain_inserts"],
    )


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        for each in measure(Path(folder)):
            print(json.dumps(asdict(each)))


if __name__ == "__main__":
    main()
