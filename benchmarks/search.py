"""What a search costs when there is ten times as much to search in: 1,000,000 against 100,000.

Rows are written straight into the tables of a scratch database, spread over units, officers,
cameras, incidents, categories and words as a force's are. Each kind of search is asked many times
with other particulars, by somebody who may see the whole force, one unit, or only their own; what
is timed is all of `finding.find`, rows of the page included. Each kind is one pair: its 95th
percentile at 1,000,000 against that at 100,000.
"""

import json
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.databases import on_each
from benchmarks.measuring import Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """One row for each database, with the milliseconds of each kind."""
    for database in on_each(bench, "benchmarks.search_turns"):
        what = f"filtered search over 1,000,000 on {database.name}, p95 of each kind"
        against = "the same over 100,000"
        if database.printed is None:
            yield Row(what, against, None, most=2, note=database.problem)
            continue
        figures = json.loads(database.printed)
        turns = Turns(
            tuple(each["p95"] for each in figures["large"].values()),
            tuple(each["p95"] for each in figures["small"].values()),
            database.foreign,
        )
        note = "; ".join(
            f"{kind} {each['p50']:.1f} and {each['p95']:.1f}"
            for kind, each in figures["large"].items()
        )
        yield Row(what, against, turns, most=2, unit="ms", note=f"p50 and p95 in ms: {note}")
