"""What every page of the site costs at a million recordings, in server time and queries.

Somebody of each role asks for every address of the site, with real numbers in it, in a scratch
database in which as much hangs on the recordings as in a force: holds, reviews, records, copies,
cases, the custody log. What is timed is the whole answer, from the request to the last byte,
without the network: the time of a processor, the database's included (`spending`), with the clock
beside it. Each page is one pair: its median against that of a page that shows nothing from the
database, in the same run by the same person. The note names those over 100 ms, those whose number
of queries grew from a tenth of the recordings to all, and those that took twice as long by then.

`--recordings` says how many, and `--rounds` how often each page is asked for.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.bench import Bench
from benchmarks.databases import Told, on_each
from benchmarks.measuring import Row, Turns

Figures = Mapping[str, Mapping[str, Any]]
LIMIT_MS = 100
GREW = 2


def rows(bench: Bench) -> Iterator[Row]:
    """One row for each database."""
    bench.must_have_room(24 * bench.recordings << 10)
    for database in on_each(bench, "benchmarks.pages_turns"):
        if database.printed is None:
            yield Row("pages", "a plain page", None, note=database.problem)
            continue
        yield _row(database)


def _row(database: Told) -> Row:
    sizes: Mapping[str, Figures] = json.loads(database.printed or "{}")
    ordered = sorted(sizes.items(), key=lambda each: int(each[0]))
    (few, small), (many, large) = ordered[0], ordered[-1]  # the same where a store is kept
    shown = {name: seen for name, seen in large.items() if seen["status"] == 200}
    plain = {name.partition("|")[0]: s["p50"] for name, s in large.items() if "|plain" in name}
    turns = Turns(
        tuple(seen["p50"] for seen in shown.values()),
        tuple(plain[name.partition("|")[0]] for name in shown),
        database.foreign,
    )
    over = {n: seen for n, seen in shown.items() if seen["p50"] > LIMIT_MS}
    slower = [n for n in shown if n in small and shown[n]["p50"] > GREW * small[n]["p50"]]
    asks = [n for n in shown if n in small and shown[n]["queries"] > small[n]["queries"]]
    note = (
        f"{len(shown)} pages by who asks; over {LIMIT_MS} ms: {_told(over)}; twice as slow as at"
        f" {int(few):,}: {_told({n: shown[n] for n in slower})}; more queries:"
        f" {_told({n: shown[n] for n in asks})}; slowest: {_told(shown)};"
        f" load average {os.getloadavg()[0]:.1f}"
    )
    what = f"each page at {int(many):,} recordings on {database.name}, median"
    return Row(what, "a plain page", turns, unit="ms", note=note)


def _told(seen: Figures) -> str:
    """The slowest twenty: p50 and p95 of a processor, p50 by the clock, and queries."""
    first = sorted(seen.items(), key=lambda each: -each[1]["p50"])[:20]
    words = [
        f"{n} {s['p50']:.0f} {s['p95']:.0f} (clock {s['clock']:.0f}) {s['queries']}q"
        for n, s in first
    ]
    return ", ".join(words) or "none"
