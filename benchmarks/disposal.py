"""What a deletion costs that can be proved, against one that can't: DELETE and unlink, in one run.

Ours is timed until every record of deletion is signed; from then on nobody can open what is left.
Both sides use the same database, the same batches, the same files, and take turns. Run it as
`python -m benchmarks.disposal [FOLDER]`; a minute. PostgreSQL is measured where it is installed.
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
_CHILD = "import django; django.setup(); from benchmarks import disposal_turns as t; t.main()"


@dataclass(frozen=True)
class DisposalRates:
    """One database's figures; rates are recordings per second, for this run only.

    Attributes:
        database: "sqlite" or "postgresql".
        signed: deletions until their records are signed.
        ended: deletions until their sealed bytes are gone as well.
        plain: the same rows and files by DELETE and unlink.
        ratio: `signed` to `plain`; the goal is at least `goal`.
    """

    database: str
    signed: float
    ended: float
    plain: float
    ratio: float
    goal: float = GOAL


def on_sqlite(folder: Path) -> DisposalRates:
    """Measure on the embedded database, in `folder`."""
    return _measure(folder, {})


def on_postgresql(folder: Path) -> DisposalRates:
    """Measure on a PostgreSQL server started for it, with its default durability.

    Raises:
        PostgreSQLMissing: if it is not installed.
    """
    with TemporaryServer(durable=True) as server:
        return _measure(folder, {"FAIRWITNESS_DATABASE_URL": server.url})


def measure(folder: Path) -> list[DisposalRates]:
    """Measure wherever we can."""
    found = [on_sqlite(folder / "sqlite")]
    try:
        found.append(on_postgresql(folder / "postgresql"))
    except PostgreSQLMissing as error:
        print(error, file=sys.stderr)
    return found


def _measure(folder: Path, more: dict[str, str]) -> DisposalRates:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
    settings = {
        "FAIRWITNESS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**kept, **settings, **more},
    )
    figures = json.loads(done.stdout)
    return DisposalRates(**figures, ratio=figures["signed"] / figures["plain"])


def main() -> None:
    """Measure and print JSON lines."""
    given = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(prefix="fairwitness-bench-", dir=given) as folder:
        for rates in measure(Path(folder)):
            print(json.dumps(asdict(rates)))


if __name__ == "__main__":
    main()
