"""Two hundred cameras that dock together, against one camera that sends as many bytes.

Two hundred cameras are two hundred PATCH requests at the same time, each begun before the first
byte of any is sent. The other side is one camera that sends its recordings one after another until
it has sent as many bytes: written together, so that memory and disk are as full on both sides.

What an upload costs once (sign-in, rows, a key, one commit) weighs the more the shorter recordings
are, so there are two rows:

- **229 MB**: what two hundred cameras really bring. The shortest mean length that was observed in
  any force is five minutes, at 2.75 GB an hour (Rochester, New York, 142,000 recordings); the mean
  of American officers is thirteen minutes at 2.86, 620 MB. The smaller of the two is the harder.
- **16 MiB**: twenty-two seconds at that rate, a button pressed by mistake, from every camera at
  once. No shift brings that; the row shows what an upload costs once.

The clock runs from the first byte of all to the last answer. Beginning the uploads, which is done
beforehand, one after another, is told beside it, and so are the processor seconds that the server
spent on each GiB of each side, which other work on the machine changes little. Accepting what came
is not in it: `benchmarks.receipt` measures that.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks import ingest, sending
from benchmarks.bench import Bench, NotHere
from benchmarks.footage import Body
from benchmarks.measuring import MIB, Row, in_turns, own_seconds

CAMERAS = 200
SHORT = 16 * MIB
REAL = 229_000_000
MOST_ROUNDS = 2
"""Pairs of the real size that count: each writes 92 GB."""
_AGAINST = "one camera that sends as many bytes"


def rows(bench: Bench) -> Iterator[Row]:
    """A row for each size."""
    yield _row(bench, min(SHORT, bench.size), bench.rounds)
    real = min(REAL, bench.size)
    try:
        bench.must_have_room(CAMERAS * real)
    except NotHere as error:
        yield Row(_what(real), _AGAINST, None, least=0.9, note=f"skipped: {error}")
        return
    yield _row(bench, real, min(MOST_ROUNDS, bench.rounds))


@dataclass
class _Side:
    """What one side cost, turn by turn."""

    begun: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        begun, spent = statistics.median(self.begun), statistics.median(self.spent)
        return f"{spent:.2f} s of processors for each GiB, {begun * 1000:.0f} ms to begin an upload"


def _what(size: int) -> str:
    return f"the same ingest from {CAMERAS} cameras at once, {size / MIB:.0f} MiB each"


def _row(bench: Bench, size: int, rounds: int) -> Row:
    many, one = _Side(), _Side()
    body = bench.footage.beginning(size)
    count, rest = divmod(CAMERAS * size, bench.size)
    others = [bench.footage] * count + ([bench.footage.beginning(rest)] if rest else [])
    turns = in_turns(
        rounds,
        lambda: _send(bench, [[body] * CAMERAS], many),
        lambda: _send(bench, [[other] for other in others], one),
    )
    return Row(
        _what(size),
        _AGAINST,
        turns,
        least=0.9,
        note=f"many: {many}; one: {one}",
    )


def _send(bench: Bench, groups: list[list[Body]], side: _Side) -> float:
    """MiB/s of all groups, each sent at once and after the one before."""
    site = bench.site(worker=False)
    start = time.perf_counter()
    begun = [[bench.begin(site, body) for body in group] for group in groups]
    sendings = sum(len(group) for group in groups)
    side.begun.append((time.perf_counter() - start) / sendings)
    before = _server_seconds()
    taken = sum(sending.patch_all(group) for group in begun)
    size = sum(body.size for group in groups for body in group) / MIB
    side.spent.append((_server_seconds() - before) / size * 1024)
    ingest.clear(site.data / "vault" / "piece")
    return size / taken


def _server_seconds() -> float:
    """Processor seconds of what this process started: the server, not the client."""
    return own_seconds() - time.process_time()
