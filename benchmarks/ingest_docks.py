"""The bytes of many docks at once against one dock: sixteen that share one recording, and a fleet.

Two hundred cameras that dock together are two hundred PATCH requests at the same time, each begun
before the first byte of any is sent. Each sends one full piece: footage of a camera is hundreds of
them, so that what an upload costs once weighs more here than at a station.
"""

from collections.abc import Iterator

from benchmarks import ingest, sending
from benchmarks.bench import Bench
from benchmarks.footage import Body
from benchmarks.measuring import MIB, Row, in_turns

DOCKS = 16
CAMERAS = 200
PIECE = 16 * MIB


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7, each of the sixteen sending a sixteenth; and the row of a fleet."""
    share = bench.footage.beginning(bench.size // DOCKS)
    yield Row(
        f"the same ingest from {DOCKS} docks at once",
        "one dock",
        in_turns(bench.rounds, lambda: _at_once(bench, DOCKS, share), lambda: ingest.sealed(bench)),
        least=0.9,
    )
    piece = bench.footage.beginning(min(PIECE, bench.size // DOCKS))
    yield Row(
        f"the same ingest from {CAMERAS} cameras at once",
        "one camera",
        in_turns(
            bench.rounds, lambda: _at_once(bench, CAMERAS, piece), lambda: ingest.sealed(bench)
        ),
        least=0.9,
    )


def _at_once(bench: Bench, docks: int, share: Body) -> float:
    """MiB/s of all together."""
    site = bench.site(worker=False)
    taken = sending.patch_all([bench.begin(site, share) for _ in range(docks)])
    ingest.clear(site.data / "vault" / "piece")
    return share.size * docks / MIB / taken
