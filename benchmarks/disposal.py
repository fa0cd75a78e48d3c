"""What a deletion costs that can be proved, against one that can't: DELETE and unlink.

Ours is timed until every record of deletion is signed; from then on nobody can open what is left.
Both sides use the same database, the same batches, the same files, and take turns. PostgreSQL is
measured where it is installed.
"""

import json
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.databases import on_each
from benchmarks.measuring import Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7 on both databases."""
    for database in on_each(bench, "benchmarks.disposal_turns"):
        what = f"disposal on {database.name} until the records of deletion are signed"
        against = "the same rows and files by DELETE and unlink, same batches"
        if database.printed is None:
            yield Row(what, against, None, least=0.5, note=database.problem)
            continue
        figures = json.loads(database.printed)
        turns = Turns(tuple(figures["signed"]), tuple(figures["plain"]), database.foreign)
        note = f"{figures['ended']:.0f}/s until the sealed bytes are gone as well"
        yield Row(what, against, turns, least=0.5, unit="/s", note=note)
