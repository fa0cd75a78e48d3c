"""What a search costs among a million recordings: against 50 ms, and among a tenth of them.

A scratch database is filled by itself (`search_fill`): some 5 GB and a few minutes for each. Each
kind of search is asked many times with other particulars, by somebody who may see the whole force,
one unit, or only their own; what is timed is all of `finding.find`, rows of the page included. What
counts is the time of a processor, the database's included (`spending`); the clock stands beside it.
Each kind is one pair: its 95th percentile against 50 ms, and against that among a tenth.

`--recordings` says how many, and `--rounds` how often: twelve searches of each kind for each.
"""

import json
import os
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.databases import on_each
from benchmarks.measuring import Row, Turns

LIMIT_MS = 50.0


def rows(bench: Bench) -> Iterator[Row]:
    """Two rows for each database, with the milliseconds of each kind."""
    bench.must_have_room(12 * bench.recordings << 10)
    for database in on_each(bench, "benchmarks.search_turns"):
        what = f"search over {bench.recordings:,} on {database.name}, p95 of each kind"
        if database.printed is None:
            yield Row(what, "50 ms", None, most=1, note=database.problem)
            continue
        figures = json.loads(database.printed)
        large, small = figures["large"], figures.get("small")
        p95 = tuple(each["p95"] for each in large.values())
        limit = Turns(p95, (LIMIT_MS,) * len(p95), database.foreign)
        yield Row(what, "50 ms", limit, most=1, unit="ms", note=_each(large))
        if small is None:  # a store that is kept has one size
            continue
        before = Turns(p95, tuple(each["p95"] for each in small.values()), database.foreign)
        yield Row(what, "the same over a tenth", before, most=2, unit="ms")


def _each(figures: dict[str, dict[str, float]]) -> str:
    """Both percentiles of each kind, those over the limit first."""
    ordered = sorted(figures.items(), key=lambda one: -one[1]["p95"])
    listed = "; ".join(
        f"{kind} {each['p50']:.1f} and {each['p95']:.1f}"
        f" ({each['clock p50']:.1f} and {each['clock p95']:.1f})"
        for kind, each in ordered
    )
    over = sum(each["p95"] > LIMIT_MS for each in figures.values())
    return (
        f"{over} of {len(figures)} kinds over the limit; p50 and p95 in ms of a processor (by the"
        f" clock): {listed}; load average {os.getloadavg()[0]:.1f}"
    )
