"""What it costs to make up a recording by the domain's own verbs, against inserting its rows.

Ours is `fairwitness seed` once the force stands: plans, footage under keys, custody log, marks,
holds, deletions. The plain side inserts, in bulk and into empty tables of the same form, as many
and the very rows that ours left in the database, and writes no file. So it is the least that any
filling of a database can cost. Both sync nothing until the end.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.bench import ROOT, Bench
from benchmarks.measuring import Foreign, Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """One row; each turn in a process and a data folder of its own."""
    told = []
    with Foreign() as foreign:
        for turn in range(bench.rounds + 1):
            folder = bench.folder / f"seed-{turn}"
            folder.mkdir()
            kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
            settings = {
                "FAIRWITNESS_DATA": str(folder),
                "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
            }
            start = "import django; django.setup(); from benchmarks import seed_turn as t; t.main()"
            done = subprocess.run(
                [sys.executable, "-c", start],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env=kept | settings,
            )
            told.append(json.loads(done.stdout))
    counted = told[1:]
    turns = Turns(
        tuple(each["ours"] for each in counted),
        tuple(each["plain"] for each in counted),
        foreign.processors,
    )
    note = f"{counted[-1]['cpu']:.1f} s of processor for 1,000 recordings"
    yield Row(
        "recordings made up by `seed`",
        "as many rows in bulk",
        turns,
        unit="recordings/s",
        note=note,
    )
