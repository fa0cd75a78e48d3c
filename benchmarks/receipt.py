"""From the last byte of an upload to its receipt, against hashing the stored bytes alone.

Ours reads every piece back from the disk, opens and hashes it, while a child process looks at the
film on the heels of that; registers it, waits until the log has published the entry, and signs; a
dock that polls fast has the receipt in its hand. The other side is `openssl dgst -sha256` of the
same pieces, with the page cache dropped as our reading back drops it.

Two rows: the whole of it as a dock sees it, and reading, opening and hashing alone, which grows
with the recording; the rest hardly does.

Where the time goes, for 512 MiB on two processors, by time stamps between the steps:

- Reading back, opening and hashing: 0.7 s, where openssl took 0.84 s.
- The child: 0.2 s until it has loaded libav under its limits, then 1.6 s for every packet and unit.
  It used to begin only after that, and these 1.8 s of 2.7 s were why the row stood at 0.35. Now it
  begins at once and follows, so that what counts is the processor time of all of it, which both
  processors share: 1.8 to 2.3 s (measured on a busy machine), before 2.9 s. A third of it is the
  child's.
- The manifest and its sync 0.04 s, the transaction 0.04 s, the integrator, woken by the commit,
  0.08 s, the receipt and the poll that fetches it 0.03 s: the same for a short recording.
- Each poll costs the server 3.5 ms of a processor and the one who polls 1 ms.
"""

import time
from collections.abc import Iterator

import httpx
from benchmarks import sending, vault_paths
from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, in_turns, wait_until_idle
from benchmarks.openssl import hashing
from tests.serving import Site

_PAUSE = 0.02
_AGAINST = "`openssl dgst -sha256` of the stored bytes, as cold"


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7, with and without what does not grow with the size."""
    folder = bench.folder / "back"
    yield Row(
        "read-back, open and hash of a recording",
        _AGAINST,
        vault_paths.read_back_against_openssl(folder, size=bench.size, rounds=bench.rounds),
        least=0.5,
    )
    site = bench.site(worker=True)
    pieces = site.data / "vault" / "piece"
    stored = [pieces][:0]

    def ours() -> float:
        sending_ = bench.begin(site, bench.footage)
        before = {file for file in pieces.rglob("*") if file.is_file()}
        sending.patch(sending_)
        start = time.perf_counter()
        stored[:] = [f for f in pieces.rglob("*") if f.is_file() and f not in before]
        wait_for_receipt(site, sending_.address)
        taken = time.perf_counter() - start
        wait_until_idle()
        return bench.size / MIB / taken

    def theirs() -> float:
        if not stored:
            ours()
        return bench.size / MIB / hashing(stored)

    yield Row(
        "last byte to receipt in the dock's hand, all told",
        _AGAINST,
        in_turns(bench.rounds, ours, theirs),
        least=0.5,
    )


def wait_for_receipt(site: Site, address: str) -> None:
    """Poll as a dock in a hurry does."""
    with httpx.Client(headers=site.auth, timeout=60) as client:
        while (answer := client.get(f"{address}/receipt")).status_code == 202:
            time.sleep(_PAUSE)
    if answer.status_code != 200:
        raise RuntimeError(f"no receipt: {answer.text}")
