"""`python -m benchmarks [ROW...]`: measure and print ratios; nothing here is a test, exit is 0."""

import argparse
import os
import platform
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    bundle_check,
    bundle_export,
    custody,
    disposal,
    force_export,
    ingest,
    ingest_docks,
    ingest_fleet,
    ingest_tus,
    pages,
    ranges,
    receipt,
    search,
    seed,
    vault_paths,
    working_copy,
)
from benchmarks.bench import Bench, NotHere, set_up
from benchmarks.databases import NAMES
from benchmarks.measuring import MIB, Row

ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "ingest": ingest.rows,
    "ingest-tus": ingest_tus.rows,
    "ingest-docks": ingest_docks.rows,
    "ingest-fleet": ingest_fleet.rows,
    "receipt": receipt.rows,
    "ranges": ranges.rows,
    "export": bundle_export.rows,
    "export-force": force_export.rows,
    "verify": bundle_check.rows,
    "disposal": disposal.rows,
    "custody": custody.rows,
    "search": search.rows,
    "seed": seed.rows,
    "pages": pages.rows,
    "vault": vault_paths.rows,
    "working-copy": working_copy.rows,
}
_NOISY = 0.3


def main(arguments: list[str]) -> None:
    """Measure what was named, or all of it."""
    given = _parser().parse_args(arguments)
    names = given.rows or list(ROWS)
    print(_machine())
    print(f"recordings of {given.size} MiB, {given.rounds} pairs of turns after one to warm up")
    try:
        with set_up(
            size=given.size * MIB,
            rounds=given.rounds,
            recordings=given.recordings,
            databases=given.database or NAMES,
            world=given.world,
        ) as bench:
            for name in names:
                start = time.monotonic()
                _measure(name, bench)
                print(f"  {name}: {time.monotonic() - start:.0f} s in all", flush=True)
    except NotHere as error:
        print(error)


def _measure(name: str, bench: Bench) -> None:
    """Print a group of rows; one that fails says so, and the others go on."""
    try:
        for row in ROWS[name](bench):
            _show(row)
    except Exception as error:  # noqa: BLE001 # whatever it is, it is told
        print(f"{name} | | failed: {error} |")
        traceback.print_exc()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS), choices=[[], *ROWS])
    parser.add_argument("--rounds", type=int, default=5, help="pairs of turns that count")
    parser.add_argument("--size", type=int, default=512, help="of a large recording, in MiB")
    parser.add_argument(
        "--recordings",
        type=int,
        default=1_000_000,
        help="in the large stores of search and pages; each is measured at a tenth of it too",
    )
    parser.add_argument(
        "--database", action="append", choices=NAMES, help="only on this one; may be repeated"
    )
    parser.add_argument(
        "--world",
        type=Path,
        metavar="DIR",
        help="keep the large stores of search and pages here, one for both, and use those that are"
        " here already; they are measured at all of their recordings alone",
    )
    return parser


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{os.cpu_count()} processors ({model}), {memory} GiB, Python {platform.python_version()}"
    )


def _show(row: Row) -> None:
    """One line for the table, and one for whoever wants to know more."""
    if row.turns is None:
        print(f"{row.what} | {row.against} | {row.note} | {_wanted(row)}", flush=True)
        return
    ratios = row.turns.ratios
    seen = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
    mark = " MISSED" if row.reached is False else ""
    print(f"{row.what} | {row.against} | {seen} | {_wanted(row)}{mark}")
    mine, other = (statistics.median(side) for side in (row.turns.ours, row.turns.theirs))
    noise = f"foreign load {row.turns.foreign:.2f} processors"
    if row.turns.foreign > _NOISY:
        noise += ", noisy"
    note = f"; {row.note}" if row.note else ""
    print(f"    {mine:.4g} {row.unit} against {other:.4g}; {noise}{note}", flush=True)


def _wanted(row: Row) -> str:
    if row.least is not None:
        return f"at least {row.least:g}"
    return f"at most {row.most:g}" if row.most is not None else "-"


if __name__ == "__main__":
    main(sys.argv[1:])
