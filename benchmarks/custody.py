"""What the custody log costs: an entry against a plain insert, each one committed act.

Both sides use the same database, connection and durability settings, and take turns. PostgreSQL is
measured where it is installed.

Where the time goes on PostgreSQL: both sides begin, commit and sync once. Between them a plain
insert is one round trip, an entry two: the lock on its subject with a look at the entry before,
then entry and body in one statement. They were four, at 0.44 of the plain insert's rate; the two
that are gone were a tenth of an act's processor time. What is left, in processor time of one act
against the plain one's: in the server 2.0 times, because there are two rows with seven indexes in
place of one with two; in the client 2.1 times, for a second statement and 14 values in place of
6. Canonical form, salt and hashes are 35 microseconds of it, on either database.

None of the seven indexes can be spared. Two are the tables' keys; two hold what the log promises,
one entry of a name and one of a number in a chain; and the planners of both databases take each of
the other three for a question that people ask: all of an act, what one person did, what was done
on a day.
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
