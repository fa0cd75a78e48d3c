"""The same bytes from sixteen docks at once against one dock."""

from collections.abc import Iterator

from benchmarks import ingest, sending
from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, in_turns

DOCKS = 16


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7: each of the sixteen sends a sixteenth."""
    site = bench.site(worker=False)
    share = bench.footage.beginning(bench.size // DOCKS)

    def at_once() -> float:
        taken = sending.patch_all([bench.begin(site, share) for _ in range(DOCKS)])
        ingest.clear(site.data / "vault" / "piece")
        return share.size * DOCKS / MIB / taken

    yield Row(
        f"the same ingest from {DOCKS} docks at once",
        "one dock",
        in_turns(bench.rounds, at_once, lambda: ingest.sealed(bench)),
        least=0.9,
    )
