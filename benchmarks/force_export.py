"""A whole-force export, against `cp`, `sync` and `openssl dgst` of the same files.

Ours asks both people, writes custody and waits until the log has it, opens each sealed master,
hashes and syncs each file as it writes, reconciles, and signs. Theirs copies a finished export,
syncs it and hashes it. Both begin with an empty folder.
"""

import json
from collections.abc import Iterator

from benchmarks import received
from benchmarks.bench import Bench
from benchmarks.measuring import Foreign, Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """The one row."""
    received.recording(bench)
    bench.must_have_room(2 * bench.size)
    site = bench.site(worker=True)
    with Foreign() as foreign:
        arguments = (str(bench.folder), str(bench.rounds))
        figures = json.loads(bench.inside(site, "benchmarks.force_export_turns", *arguments))
    yield Row(
        "whole-force export",
        "`cp`, sync and `openssl dgst -sha256` of the same files",
        Turns(tuple(figures["ours"]), tuple(figures["theirs"]), foreign.processors),
        least=0.5,
    )
