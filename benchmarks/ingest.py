"""Ingest of one large recording through the real server, against the same body left unsealed.

Both sides are granian and take one PATCH over HTTP on this machine; the clock runs from the first
byte of the request to the answer, when every byte is durable and its offset committed.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import sending
from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, in_turns
from benchmarks.plain_server import FOLDER
from benchmarks.sending import Sending


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7."""
    theirs = bench.folder / "unsealed"
    theirs.mkdir()
    address = bench.serve("benchmarks.unsealed:app", {FOLDER: str(theirs)})

    def unsealed() -> float:
        taken = sending.patch(Sending(f"{address}/body", bench.footage, {}))
        clear(theirs / "blobs")
        return bench.size / MIB / taken

    yield Row(
        "ingest of a large recording, body to last PATCH",
        "the same body received and written with the same syncs, unsealed",
        in_turns(bench.rounds, lambda: sealed(bench), unsealed),
        least=0.9,
    )


def sealed(bench: Bench) -> float:
    """Our side: MiB/s of one upload."""
    site = bench.site(worker=False)
    taken = sending.patch(bench.begin(site, bench.footage))
    clear(site.data / "vault" / "piece")
    return bench.size / MIB / taken


def clear(folder: Path) -> None:
    """Take away what a turn wrote, so that no turn pays for the room of those before."""
    for file in folder.rglob("*"):
        if file.is_file():
            file.unlink()
