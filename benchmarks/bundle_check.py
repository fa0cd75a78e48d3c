"""Checking a copy for court with `fairwitness verify`, against hashing its files alone.

Both are whole programs from start to end, on the same files, from memory.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import bundle_export
from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, in_turns
from benchmarks.openssl import hashing

from fairwitness.formats.bundle import TRUST

_PROGRAM = Path(sys.executable).parent / "fairwitness"


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7; makes the bundle if no row before it did."""
    folder = bench.folder / "bundle"
    if not folder.exists():
        list(bundle_export.rows(bench))
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)

    def ours() -> float:
        start = time.perf_counter()
        done = subprocess.run(
            [_PROGRAM, "verify", folder, "--trust", folder / TRUST],
            check=False,
            capture_output=True,
            text=True,
        )
        taken = time.perf_counter() - start
        if done.returncode:
            raise RuntimeError(f"The bundle does not check: {done.stdout}{done.stderr}")
        return size / MIB / taken

    yield Row(
        "bundle verification",
        "`openssl dgst -sha256` of the same files",
        in_turns(bench.rounds, ours, lambda: size / MIB / hashing(files, cold=False)),
        least=0.9,
    )
