"""What sealing costs inside the vault, without server, database and network.

These rows say where the time of the others goes: the same paths sealed and unsealed, on the same
disk, each side with the same syncs.
"""

import contextlib
import hashlib
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, Turns, in_turns
from benchmarks.openssl import hashing
from benchmarks.unsealed_piece import UnsealedPiece

from fairwitness.formats.piece import SEGMENT
from fairwitness.vault import sealing
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.lanes import OpenPiece
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.reading import SealedReader, read_back
from fairwitness.vault.sealing import PieceWriter

RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
KEY = bytes(range(32))
BODY = memoryview(os.urandom(4 * MIB))
CHUNK = 64 * 1024  # what a server hands over at a time
RANGES = 300


def rows(bench: Bench) -> Iterator[Row]:
    """Sealing and ranges, by the vault alone."""
    folder, size = bench.folder / "alone", bench.size
    yield Row(
        "sealing and writing, by the vault alone",
        "the same with the same syncs, unsealed",
        in_turns(
            bench.rounds,
            lambda: _rate(folder, OpenPiece, size),
            lambda: _rate(folder, UnsealedPiece, size),
        ),
    )
    p50, p90 = ranges_against_plain(bench)
    for name, turns in (("p50", p50), ("p90", p90)):
        yield Row(
            f"opening a 1 MiB range, by the vault alone, {name}",
            "reading it from a plain file",
            turns,
            unit="ms",
        )


def read_back_against_openssl(folder: Path, *, size: int, rounds: int) -> Turns:
    """Reading back, opening and hashing against `openssl dgst -sha256` of the same blobs, cold."""
    kept, store, binding, _ = _ingest(folder, size)
    files = [path for path in folder.rglob("*") if path.is_file()]

    def ours() -> float:
        start = time.perf_counter()
        read_back(kept, store=store, binding=binding)
        return size / MIB / (time.perf_counter() - start)

    turns = in_turns(rounds, ours, lambda: size / MIB / hashing(files))
    shutil.rmtree(folder)
    return turns


def ranges_against_plain(bench: Bench) -> tuple[Turns, Turns]:
    """Opening a range of a sealed recording against the same of a plain file: p50 and p90."""
    folder = bench.folder / "ranges"
    size = min(bench.size, 128 * MIB)
    kept, store, binding, _ = _ingest(folder, size)
    plain = bench.folder / "plain"
    plain.write_bytes(b"".join([bytes(BODY)] * (size // len(BODY))))
    step = hashlib.sha256(b"places").digest()
    places = [
        int.from_bytes(step[i % 24 : i % 24 + 8]) * (i + 1) % (size - MIB) for i in range(RANGES)
    ]

    def sealed_range(at: int) -> bytes:
        with SealedReader(kept, store=store, binding=binding) as reader:
            return reader.read(at, SEGMENT)

    def plain_range(at: int) -> bytes:
        with plain.open("rb", buffering=0) as file:
            file.seek(at)
            return file.read(SEGMENT)

    assert all(sealed_range(at) == plain_range(at) for at in places[:20])
    slowest: dict[Callable[[int], bytes], list[float]] = {sealed_range: [], plain_range: []}

    def turn(side: Callable[[int], bytes]) -> float:
        taken = []
        for at in places:
            start = time.perf_counter()
            side(at)
            taken.append((time.perf_counter() - start) * 1000)
        tenths = statistics.quantiles(taken, n=10)
        slowest[side].append(tenths[8])
        return tenths[4]

    p50 = in_turns(bench.rounds, lambda: turn(sealed_range), lambda: turn(plain_range))
    shutil.rmtree(folder)
    plain.unlink()
    mine, other = (tuple(slowest[side][1:]) for side in (sealed_range, plain_range))
    return p50, replace(p50, ours=mine, theirs=other)


@contextlib.contextmanager
def _pieces_of(kind: type[OpenPiece]) -> Iterator[None]:
    """The one difference between the two sides."""
    names = vars(sealing)
    before, names["OpenPiece"] = names["OpenPiece"], kind
    try:
        yield
    finally:
        names["OpenPiece"] = before


def _rate(folder: Path, kind: type[OpenPiece], size: int) -> float:
    with _pieces_of(kind):
        *_, taken = _ingest(folder, size)
    shutil.rmtree(folder)
    return size / MIB / taken


def _ingest(folder: Path, size: int) -> tuple[list[SealedPiece], FolderStore, Binding, float]:
    """What there is after the last commit, and the seconds since the first byte."""
    shutil.rmtree(folder, ignore_errors=True)
    store = FolderStore(folder)
    kept: list[SealedPiece] = []
    binding = Binding(KEY, RECORDING, "master", size)

    def save(groups: Sequence[Durable[None]]) -> list[Exception | None]:
        for durable in groups:
            kept.extend(durable.pieces)
        return [None] * len(groups)

    committer: GroupCommitter[None] = GroupCommitter(store=store, save=save)
    writer = PieceWriter(store=store, binding=binding, commits=committer, tag=None)
    start = time.perf_counter()
    for at in range(0, size, CHUNK):
        place = at % len(BODY)
        writer.write(BODY[place : place + CHUNK])
    writer.finish()
    taken = time.perf_counter() - start
    committer.close()
    return kept, store, binding, taken
