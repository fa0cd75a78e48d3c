"""The bytes of sixteen docks at once that share one recording, against one dock that sends it.

Sixteen docks are sixteen PATCH requests at the same time, each begun before the first byte of any
is sent. For two hundred cameras see `benchmarks.ingest_fleet`.
"""

from collections.abc import Iterator

from benchmarks import ingest, sending
from benchmarks.bench import Bench
from benchmarks.footage import Body
from benchmarks.measuring import MIB, Row, in_turns

DOCKS = 16


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7, each of the sixteen sending a sixteenth."""
    share = bench.footage.beginning(bench.size // DOCKS)
    yield Row(
        f"the same ingest from {DOCKS} docks at once",
        "one dock",
        in_turns(bench.rounds, lambda: _at_once(bench, share), lambda: ingest.sealed(bench)),
        least=0.9,
    )


def _at_once(bench: Bench, share: Body) -> float:
    """MiB/s of all together."""
    site = bench.site(worker=False)
    taken = sending.patch_all([bench.begin(site, share) for _ in range(DOCKS)])
    ingest.clear(site.data / "vault" / "piece")
    return share.size * DOCKS / MIB / taken
