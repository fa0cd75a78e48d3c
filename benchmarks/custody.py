"""What the custody log costs: an entry against a plain insert, each one committed act.

Both sides use the same database, connection and durability settings, and take turns. PostgreSQL is
measured where it is installed.
"""

import json
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.databases import on_each
from benchmarks.measuring import Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7 on both databases, and what entries cost in bulk."""
    for database in on_each(bench, "benchmarks.custody_turns"):
        what = f"custody entries on {database.name}, one committed act each"
        against = "one committed plain insert each"
        if database.printed is None:
            yield Row(what, against, None, least=0.5, note=database.problem)
            continue
        figures = json.loads(database.printed)
        turns = Turns(tuple(figures["entries"]), tuple(figures["inserts"]), database.foreign)
        note = (
            f"{figures['bulk']:.0f}/s when 150 share a transaction,"
            f" {figures['integrated']:.0f}/s into the public log"
        )
        yield Row(what, against, turns, least=0.5, unit="/s", note=note)
