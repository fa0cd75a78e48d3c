"""One recording's folder in a whole-force export: its master, its papers, its history.

Specification: docs/specs/force-export.md.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.custody import proofs, reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.disclosure import export, force_tables
from fairwitness.disclosure.export import Kit
from fairwitness.disclosure.force_folder import ForceFolder, Part
from fairwitness.disclosure.force_sight import Two
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.access import OpenFootage
from fairwitness.evidence.models import Annotation, Recording, Transcript
from fairwitness.force import authority
from fairwitness.formats import bundle, history, manifest
from fairwitness.formats.acts import Act
from fairwitness.formats.bundle import Digest
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.formats.errors import FormatError
from fairwitness.formats.manifest import Provenance
from fairwitness.ingest.models import StoredReceipt
from fairwitness.retention.models import CategoryMark, Review, Said
from fairwitness.vault import manifests

MASTER: Final = "master"
MANIFEST: Final = "manifest.json"
FACTS: Final = "facts.json"
Why = tuple[str, str]
"""A stable code, and a sentence for people."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the recordings of one export are written with.

    Attributes:
        export: its id.
        two: who answers for it.
        reason: why it is made.
        folder: where it goes.
        kit: what it is made with.
    """

    export: UUID
    two: Two
    reason: str
    folder: ForceFolder
    kit: Kit


def write_batch(*, task: Task, recordings: Sequence[Recording], at: datetime) -> dict[UUID, Why]:
    """Write the folders of a few recordings, which wait together for the log.

    Each recording's own entry that it was exported is in the log before its first byte leaves.

    Returns:
        What can't be exported, and why; of it nothing is left in the folder.

    Raises:
        ExportFailed: code `export.log_behind`; nothing was written.
        OSError: the folder can't be written.
    """
    failed: dict[UUID, Why] = {}
    with ExitStack() as open_now:
        opened = []
        for recording in recordings:
            try:
                footage = _open(task, recording, at)
            except FairwitnessError as error:
                failed[recording.pk] = (error.stable_code, error.message)
                continue
            opened.append((recording, open_now.enter_context(footage)))
        ready = [(*each, logged(each[0].pk, task)) for each in opened]
        for recording, master, rows in ready:
            part = task.folder.part(recording.pk)
            try:
                _write(part, task=task, recording=recording, master=master, rows=rows, at=at)
            except FairwitnessError as error:
                part.drop()
                failed[recording.pk] = (error.stable_code, error.message)
    return failed


def _open(task: Task, recording: Recording, at: datetime) -> OpenFootage:
    return access.open_for_task(
        recording=recording,
        actor=authority.text(task.two.first),
        act=Act.RECORDING_EXPORTED,
        reason=task.reason,
        at=at,
        vault=task.kit.vault,
        detail=told(task),
    )


def told(task: Task) -> dict[str, Detail]:
    """What each entry of an export says besides its reason."""
    return {
        "force_export": str(task.export),
        "agreed_by": authority.text(task.two.second),
    }


def logged(recording: UUID, task: Task) -> list[HistoryRow]:
    """Every entry of a recording, once the log covers them all.

    Raises:
        ExportFailed: code `export.log_behind`.
    """
    kit = task.kit
    deadline = kit.clock() + export.PATIENCE
    while True:
        rows = reading.history(recording_subject(recording))
        if len(proofs.inclusions([row.leaf_hash for row in rows], files=kit.log)) == len(rows):
            return rows
        if kit.clock() >= deadline:
            raise ExportFailed(
                "The log has not caught up. Is `fairwitness serve` running? Run this again: it"
                " goes on where it stopped.",
                code="export.log_behind",
            )
        kit.wait()


def _write(
    part: Part,
    *,
    task: Task,
    recording: Recording,
    master: OpenFootage,
    rows: list[HistoryRow],
    at: datetime,
) -> None:
    written = part.write(MASTER, export.chunks(master))
    _write_papers(task, part, recording, written)
    withheld = task.two.withheld(recording, rows)
    part.write(bundle.CUSTODY_FILE, history_lines(task, rows, withheld=withheld))
    for each in Transcript.objects.filter(recording=recording).order_by("number"):
        with access.open_for_making(
            recording=recording, at=at, vault=task.kit.vault, kind=f"transcript-{each.number}"
        ) as text:
            made = part.write(f"transcript-{each.number}.vtt", export.chunks(text))
        if made.sha256 != each.sha256:
            raise ExportFailed(
                f"A transcript of {recording.reference} is damaged in the vault.",
                code="export.transcript_damaged",
            )
    part.write(FACTS, [force_tables.encode(_facts(task, recording))])
    part.finish()


def _write_papers(task: Task, part: Part, recording: Recording, written: Digest) -> None:
    """The papers that came with the master; go on only when all agree on its digest."""
    vault = task.kit.vault
    raw = manifests.read(
        store=vault.store, key=vault.ring.get(recording.pk), recording=recording.pk
    )
    sealed = manifest.parse(raw)
    if (
        not written
        == Digest(sealed.size, sealed.sha256)
        == Digest(recording.size, recording.sha256)
    ):
        raise damaged(f"the master of {recording.reference}")
    part.write(MANIFEST, [raw])
    receipt = StoredReceipt.objects.filter(pk=recording.pk).first()
    if receipt is not None:
        part.write(bundle.RECEIPT_FILE, [receipt.text.encode()])
    if sealed.provenance is Provenance.SIGNED:  # else neither vouches for these bytes
        for name, envelope in (
            (bundle.RECORDING_FILE, sealed.statement),
            (bundle.DOCKING_FILE, sealed.docking),
        ):
            if envelope is not None:
                part.write(name, [envelope.encode()])


def damaged(what: str) -> ExportFailed:
    """What is to be said when bytes are not those that were received."""
    return ExportFailed(
        f"{what[:1].upper()}{what[1:]} is damaged in the vault.", code="export.master_damaged"
    )


def history_lines(task: Task, rows: list[HistoryRow], *, withheld: set[int]) -> Iterator[bytes]:
    """A history with its proofs; of entries that are withheld, their place alone."""
    proved = proofs.inclusions([row.leaf_hash for row in rows], files=task.kit.log)
    for row in rows:
        proof = proved[row.leaf_hash]
        if row.entry_id in withheld:
            yield force_tables.encode({"leaf": row.leaf_hash.hex(), "proof": proof})
            continue
        yield history.encode(
            history.HistoryLine(
                entry=row.canonical, body=row.body.encode() if row.body else None, proof=proof
            )
        )


def _facts(task: Task, recording: Recording) -> dict[str, object]:
    """A recording's row, and what people added to it."""
    row = force_tables.recording(recording, task.two)
    return {
        "recording": row,
        "annotations": force_tables.many(Annotation.objects.filter(recording=recording)),
        "categories": force_tables.many(CategoryMark.objects.filter(recording=recording)),
        "review": force_tables.many(Review.objects.filter(recording=recording)),
        "said": force_tables.many(Said.objects.filter(recording=recording)),
        "transcripts": force_tables.many(Transcript.objects.filter(recording=recording)),
    }


def is_whole(folder: ForceFolder, recording: Recording) -> bool:
    """Whether a finished folder holds this recording, as its row says now."""
    known = folder.listed(recording.pk)
    needed = {MASTER, MANIFEST, FACTS, bundle.CUSTODY_FILE}
    if StoredReceipt.objects.filter(pk=recording.pk).exists():
        needed.add(bundle.RECEIPT_FILE)
    if not needed <= set(known) or known[MASTER] != recording.sha256:
        return False
    place = folder.place(recording.pk)
    if {each.name for each in place.iterdir()} != {*known, folder.FILES}:
        return False
    try:
        sealed = manifest.parse((place / MANIFEST).read_bytes())
    except FormatError:
        return False
    said = Digest(sealed.size, sealed.sha256)
    return said == Digest(recording.size, recording.sha256) and (
        (place / MASTER).stat().st_size == recording.size
    )
