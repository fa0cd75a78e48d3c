"""A copy for court of one large recording, against `cp` and `openssl dgst` of the same files.

Ours opens permission, writes custody and waits until the log has it, opens the sealed master and
its working copy, hashes them as it writes, syncs each file, draws the pages, signs. Theirs copies
the files of a finished bundle, syncs them and hashes them: all from memory, on both sides.
"""

import json
from collections.abc import Iterator

from benchmarks import received
from benchmarks.bench import Bench
from benchmarks.measuring import Foreign, Row, Turns


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7."""
    recording = received.recording(bench)
    site = bench.site(worker=True)
    arguments = (recording, str(bench.folder), str(bench.rounds))
    with Foreign() as foreign:
        figures = json.loads(bench.inside(site, "benchmarks.bundle_turns", *arguments))
    yield Row(
        "bundle export",
        "`cp`, sync and `openssl dgst -sha256` of the same files",
        Turns(tuple(figures["ours"]), tuple(figures["theirs"]), foreign.processors),
        least=0.8,
    )
