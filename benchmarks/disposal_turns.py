"""The turns of `benchmarks.disposal`, run in a process of its own whose Django is set up already.

Both sides delete recordings with the same rows and the same files, in the same batches, in turns.
Ours ends when every record of deletion is signed: by then nobody can open the recording. The plain
side deletes the rows and unlinks the files, and syncs each folder that it touched once a batch.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.core.management import call_command
from django.db import connection, transaction
from tests.retention_world import AT, DAY, HOUR, World

from fairwitness.evidence.models import Piece, Recording
from fairwitness.retention import disposal, sweep
from fairwitness.vault.durable import sync_folder

RECORDINGS = 50
"""On each side in each turn."""

PIECES = 15
PIECE = 256 << 10
TABLES = (
    ("evidence_piece", "recording_id"),
    ("evidence_copy", "recording_id"),
    ("evidence_recording", "id"),
)
DUE = AT + 31 * DAY - HOUR


def main() -> None:
    """Print the figures as JSON."""
    root, rounds = Path(sys.argv[1]), int(sys.argv[2])
    call_command("migrate", verbosity=0)
    world = World.make(root / "world")
    signed, ended, plain = [], [], []
    for turn in range(rounds + 1):
        first, second = _made(world), _made(world)
        if turn % 2:
            first, second = second, first  # neither side always has the older files
        world.sweep(AT + 25 * DAY)
        plain.append(RECORDINGS / _plainly(world, first))
        mine, whole = _ours(world)
        signed.append(RECORDINGS / mine)
        ended.append(RECORDINGS / whole)
        assert not Recording.objects.filter(pk__in=second, state="live").exists()
    figures = {
        "signed": signed[1:],
        "plain": plain[1:],
        "ended": statistics.median(ended[1:]),
    }
    json.dump(figures, sys.stdout)


def _made(world: World) -> list[UUID]:
    """Recordings that are due, with as many files as five minutes of footage have."""
    made = [world.record().pk for _ in range(RECORDINGS)]
    store = world.vault.store
    pieces = []
    for pk in made:
        names = [f"piece/{str(pk)[:2]}{os.urandom(15).hex()}" for _ in range(PIECES)]
        for offset, name in enumerate(names, 1):
            writer = store.create(name, size=PIECE)
            writer.write(os.urandom(PIECE))
            writer.finish()
            pieces.append(
                Piece(
                    recording_id=pk,
                    copy="working",
                    offset=offset * PIECE,
                    length=PIECE,
                    blob=name,
                    sealed_size=PIECE,
                    upload_length=0,
                )
            )
        store.sync(names)
    Piece.objects.bulk_create(pieces)
    os.sync()
    return made


def _ours(world: World) -> tuple[float, float]:
    """Seconds until all records are signed, and until all bytes are gone, too."""
    start = time.perf_counter()
    signed = [0.0]

    def progress(_done: int, _total: int) -> None:
        signed[0] = time.perf_counter() - start

    outcome = sweep.run(world.tools, at=DUE, second_clock=lambda: DUE, progress=progress)
    assert outcome.stopped is None, outcome.stopped
    assert len(outcome.disposed) == RECORDINGS
    return signed[0], time.perf_counter() - start


def _plainly(world: World, recordings: Sequence[UUID]) -> float:
    """Seconds for the same rows by DELETE and the same files by unlink."""
    files = {file.name: file for file in world.root.rglob("*") if file.is_file()}
    ring = [world.root / "ring" / copy / "live" for copy in ("first", "second")]
    start = time.perf_counter()
    for at in range(0, len(recordings), disposal.BATCH):
        batch = recordings[at : at + disposal.BATCH]
        names = list(Piece.objects.filter(recording_id__in=batch).values_list("blob", flat=True))
        with transaction.atomic(), connection.cursor() as cursor:
            for table, column in TABLES:
                marks = ", ".join(["%s"] * len(batch))
                cursor.execute(
                    f"DELETE FROM {table} WHERE {column} IN ({marks})",  # noqa: S608 - names of our own
                    [_stored(pk) for pk in batch],
                )
        blobs = [files[name.rpartition("/")[2]] for name in names]
        manifests = [world.root / "vault/manifest" / f"_{str(pk)[:2]}" / str(pk) for pk in batch]
        keys = [folder / str(pk)[:2] / str(pk) for folder in ring for pk in batch]
        _unlink([*blobs, *manifests, *keys])
    return time.perf_counter() - start


def _stored(pk: UUID) -> UUID | str:
    return pk if connection.features.has_native_uuid_field else pk.hex


def _unlink(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink()
    for folder in {file.parent for file in files}:
        sync_folder(folder)
