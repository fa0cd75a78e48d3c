"""What sealing costs: the vault's paths against the same paths without it, in one run.

Each function returns a `Ratio`: ours against theirs, measured in turns on the same disk in the same
minute, each side doing the same syncs. Ratios, not seconds: a slow machine is slow for both.

Run it as `python -m benchmarks.vault_paths [FOLDER]`; about a minute, and 5 GiB of disk.
"""

import contextlib
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from fairwitness.formats.piece import SEGMENT
from fairwitness.vault import sealing
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.lanes import OpenPiece
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobStore, BlobWriter
from fairwitness.vault.reading import SealedReader, read_back
from fairwitness.vault.sealing import PieceWriter

MIB = 1 << 20
RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
KEY = bytes(range(32))
BODY = memoryview(os.urandom(4 * MIB))
CHUNK = 64 * 1024  # what a server hands over at a time


@dataclass(frozen=True)
class Ratio:
    """One comparison.

    Attributes:
        what: was measured.
        ours: what we reached, in `unit`.
        theirs: what they reached.
        unit: "MiB/s" (more is better) or "ms" (less is better).
        ratio: ours to theirs, so that more is better for MiB/s, less for ms.
        goal: what it must reach.
    """

    what: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    goal: str


class _Unsealed(OpenPiece):
    """The same piece, written with the same steps, without encryption."""

    def __init__(self, binding: Binding, store: BlobStore, offset: int, name: str) -> None:
        super().__init__(binding, store, offset, name)
        self._plain = store
        self._blob: BlobWriter | None = None
        self._name_of = name
        self._size = 0

    def seal(self, plaintext: memoryview, into: memoryview, *, last: bool) -> SealedPiece | None:
        del into
        if self._blob is None:
            self._blob = self._plain.create(self._name_of, size=16 * MIB)
        self._blob.write(plaintext)
        self._size += len(plaintext)
        if not last:
            return None
        self._blob.finish()
        return SealedPiece(self._name_of, self.offset, self._size, self._size)


@contextlib.contextmanager
def _pieces_of(kind: type[OpenPiece]) -> Iterator[None]:
    """The one difference between the two sides."""
    names = vars(sealing)
    before, names["OpenPiece"] = names["OpenPiece"], kind
    try:
        yield
    finally:
        names["OpenPiece"] = before


def _ingest(folder: Path, size: int) -> tuple[float, list[SealedPiece], FolderStore, Binding]:
    """Seconds from the first byte to the last commit, and what there is then."""
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
    return taken, kept, store, binding


def _turns(
    rounds: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[float, float]:
    """The best of both sides, measured in turns after one turn that does not count.

    Best, because whatever else the machine does can only make a turn slower.
    """
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return max(a for a, _ in pairs), max(b for _, b in pairs)


def sealing_against_plain(folder: Path, *, size: int = 512 * MIB, rounds: int = 6) -> Ratio:
    """Ingest of one large recording, sealed, against the same with the same syncs, unsealed."""

    def side(kind: type[OpenPiece]) -> float:
        with _pieces_of(kind):
            taken, *_ = _ingest(folder / kind.__name__, size)
        shutil.rmtree(folder / kind.__name__)
        return size / MIB / taken

    ours, theirs = _turns(rounds, lambda: side(OpenPiece), lambda: side(_Unsealed))
    return Ratio("ingest, sealed / unsealed", ours, theirs, "MiB/s", ours / theirs, ">= 0.9")


def read_back_against_openssl(folder: Path, *, size: int = 512 * MIB, rounds: int = 4) -> Ratio:
    """Reading back, opening and hashing against `openssl dgst -sha256` of the same blobs, cold."""
    _, kept, store, binding = _ingest(folder / "back", size)
    files = [str(path) for path in (folder / "back").rglob("*") if path.is_file()]

    def ours() -> float:
        start = time.perf_counter()
        read_back(kept, store=store, binding=binding)
        return size / MIB / (time.perf_counter() - start)

    def theirs() -> float:
        for file in files:
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
        start = time.perf_counter()
        subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, capture_output=True)
        return size / MIB / (time.perf_counter() - start)

    mine, other = _turns(rounds, ours, theirs)
    shutil.rmtree(folder / "back")
    return Ratio("read back / openssl dgst, cold", mine, other, "MiB/s", mine / other, ">= 0.5")


def ranges_against_plain(folder: Path, *, size: int = 128 * MIB, count: int = 300) -> list[Ratio]:
    """Opening a 1 MiB range of a sealed recording against the same range of a plain file, warm.

    This is the vault alone, without the server's own work for a request, which is the same for
    both and makes the ratio that a player sees smaller.
    """
    _, kept, store, binding = _ingest(folder / "ranges", size)
    plain = folder / "plain"
    plain.write_bytes(b"".join([bytes(BODY)] * (size // len(BODY))))
    step = hashlib.sha256(b"places").digest()
    places = [
        int.from_bytes(step[i % 24 : i % 24 + 8]) * (i + 1) % (size - MIB) for i in range(count)
    ]

    def sealed_range(at: int) -> bytes:
        with SealedReader(kept, store=store, binding=binding) as reader:
            return reader.read(at, SEGMENT)

    def plain_range(at: int) -> bytes:
        with plain.open("rb", buffering=0) as file:
            file.seek(at)
            return file.read(SEGMENT)

    times: dict[Callable[[int], bytes], list[float]] = {sealed_range: [], plain_range: []}
    for at in places:
        assert sealed_range(at) == plain_range(at)
        for side, taken in times.items():
            start = time.perf_counter()
            side(at)
            taken.append((time.perf_counter() - start) * 1000)
    shutil.rmtree(folder / "ranges")
    plain.unlink()
    found = []
    for name, place in (("p50", 49), ("p90", 89)):
        ours, theirs = (statistics.quantiles(taken, n=100)[place] for taken in times.values())
        what = f"1 MiB range {name}, sealed / plain, vault alone"
        found.append(Ratio(what, ours, theirs, "ms", ours / theirs, "<= 2 through the server"))
    return found


def measure(folder: Path) -> list[Ratio]:
    """All comparisons, one after another."""
    return [
        sealing_against_plain(folder),
        read_back_against_openssl(folder),
        *ranges_against_plain(folder),
    ]


if __name__ == "__main__":
    parent = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=parent) as made:
        print(json.dumps([asdict(ratio) for ratio in measure(Path(made))], indent=2))
