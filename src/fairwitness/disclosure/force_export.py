"""Exports all that a force keeps into a folder that needs no Fairwitness: exit by design.

Design rules:

1. Two people answer for it each time it runs (`force_sight`); both are in each recording's entry.
2. A recording's folder is whole or not there. Begun again, an export keeps what is whole and may
   still be there, and goes on; it can be killed at any moment.
3. At the end every live recording is held against its folder, and what is not there is told with
   its reason. An export that is not complete says so.
4. What was deleted here, or closed to these two, while an export waited to go on is taken out.

Specification: docs/specs/force-export.md.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger, reading
from fairwitness.disclosure import force_recording, force_rest, force_tables
from fairwitness.disclosure.export import Kit
from fairwitness.disclosure.force_folder import DATA, ForceFolder
from fairwitness.disclosure.force_recording import Task, Why
from fairwitness.disclosure.force_sight import ABOUT, Two
from fairwitness.disclosure.force_tables import Rows
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats import bundle, statement, tile, timestamp, trust
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.statement import Statement
from fairwitness.ingest.models import Quarantine
from fairwitness.retention.models import Disposal

BATCH = 64
"""Recordings that wait together for the log."""

GONE = "permission.gone"
_TEXT = 200
_LOOKS = 2
"""At tables held to the log: a second, for something may be noted between its lines and the log."""

Progress = Callable[[int, int], None]
Held = Callable[[Path], list[str]]


@dataclass
class Report:
    """What an export came to; `report.json`.

    Attributes:
        export: its id.
        at: when it was reconciled.
        log_size: of the checkpoint in it.
        live: recordings that are not deleted.
        exported: folders of them.
        bytes: of their masters.
        without_receipt: folders of recordings that have none, or none yet.
        past_day: live by their row, but past their day; the next sweep deletes them.
        not_exported: recordings that are missing, by code; each is in `not-exported.jsonl`.
        deleted: rows of deleted recordings.
        deleted_in_log: recordings of which the log says that they were deleted.
        records_of_deletion: signed records among them.
        quarantined: what waits for a decision, and is no recording yet.
        quarantine_exported: how much of that is in the folder.
        requests_missing: requests to keep that these two don't answer, and so don't take.
        camera_logs: cameras whose own log is in the folder.
        camera_log_lines: lines of them.
        tables: rows of each table.
        taken_out: folders of an earlier run that could not stay.
        left_out: what these two people can't take, in words.
        problems: what does not add up, in words.
        tag_manifest_sha256: what covers every byte of the folder; empty in the file itself.
    """

    export: UUID
    at: datetime
    log_size: int
    live: int = 0
    exported: int = 0
    bytes: int = 0
    without_receipt: int = 0
    past_day: int = 0
    not_exported: dict[str, int] = field(default_factory=dict)
    deleted: int = 0
    deleted_in_log: int = 0
    records_of_deletion: int = 0
    quarantined: int = 0
    quarantine_exported: int = 0
    requests_missing: int = 0
    camera_logs: int = 0
    camera_log_lines: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    taken_out: int = 0
    left_out: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tag_manifest_sha256: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything that can be exported at all is in the folder."""
        missing = self.quarantined - self.quarantine_exported or self.requests_missing
        return not (self.not_exported or self.left_out or self.problems or missing)


def export_force(
    *,
    folder: Path,
    first: Officer,
    second: Officer,
    reason: str,
    kit: Kit,
    at: datetime,
    progress: Progress = lambda _done, _all: None,
    beside: Mapping[str, Rows] = MappingProxyType({}),
    held: Held = lambda _tables: [],
) -> Report:
    """Export everything, or go on with an export that was begun in this folder.

    Args:
        folder: new, empty, or an export of this force; from then on it holds plain footage.
        first: who makes it.
        second: who agrees.
        reason: why.
        kit: what it is made with.
        at: now.
        progress: told how many recordings were gone through, and how many there are.
        beside: tables of what stands above footage, by name, which anybody may read.
        held: holds the lines of those, in this folder, against the log; what differs, in words.

    Raises:
        NotAllowed: one of the two may not; written down, nothing was opened.
        ExportFailed: no reason, another folder's content, or the log does not catch up.
    """
    if not reason.strip():
        raise ExportFailed("Say why the force is exported.", code="export.recipient")
    two = Two.demand(first=first, second=second, at=at)
    task = _begin(two, reason.strip(), ForceFolder(folder), kit, at)
    _note(task, "begun", at, {})
    task.folder.open()
    failed = _write_recordings(task, progress)
    report = Report(export=task.export, at=kit.clock(), log_size=0)
    _write_rest(task, report)
    report.log_size = _write_log(task)
    _write_tables(task, report, beside, held)
    _reconcile(task, report, failed)
    report.tag_manifest_sha256 = task.folder.close(
        source=kit.trust.force,
        identifier=str(task.export),
        made_on=report.at.date(),
        training=kit.training,
    )
    task.folder.sign_off(_signed(task, report))
    _note(
        task,
        "finished",
        kit.clock(),
        {
            "complete": report.complete,
            "exported": report.exported,
            "live": report.live,
            "tag_manifest_sha256": report.tag_manifest_sha256,
        },
    )
    return report


def _begin(two: Two, reason: str, folder: ForceFolder, kit: Kit, at: datetime) -> Task:
    """A new export in this folder, or the one that was begun there."""
    said = folder.begin(
        {
            "id": str(uuid.uuid4()),
            "force": kit.trust.force,
            "log": kit.trust.log.origin,
            "begun_at": timestamp.text(at),
            "begun_by": str(two.first),
            "agreed_by": str(two.second),
            "reason": reason,
            "version": 1,
        }
    )
    return Task(UUID(str(said["id"])), two, reason, folder, kit)


def _note(task: Task, step: str, at: datetime, detail: dict[str, Detail]) -> None:
    with transaction.atomic():
        ledger.append(
            subject=f"{ABOUT}:{task.export}",
            act=Act.BUNDLE_EXPORTED,
            actor=authority.text(task.two.first),
            at=at,
            reason=task.reason,
            detail={"agreed_by": authority.text(task.two.second), "step": step, **detail},
        )


def _live() -> Iterator[list[Recording]]:
    """All live recordings in the order of their ids, a batch at a time."""
    rows = Recording.objects.filter(state=State.LIVE).select_related("unit").order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _write_recordings(task: Task, progress: Progress) -> dict[UUID, Why]:
    """Write what is not there yet; what can't be exported although these two may."""
    failed: dict[UUID, Why] = {}
    done, total = 0, Recording.objects.filter(state=State.LIVE).count()
    for batch in _live():
        at = task.kit.clock()
        due = [
            each
            for each in batch
            if not force_recording.is_whole(task.folder, each)
            and task.two.refused(each, at) is None
        ]
        for each in due:
            if task.folder.has(each.pk):
                task.folder.remove(each.pk)
        if due:
            failed |= force_recording.write_batch(task=task, recordings=due, at=at)
        done += len(batch)
        progress(done, total)
    return failed


def _take_out(task: Task) -> int:
    """Remove what was deleted, or closed to these two, after an earlier run had exported it."""
    taken = 0
    at = task.kit.clock()
    for few in task.folder.recordings():
        for start in range(0, len(few), BATCH):
            some = few[start : start + BATCH]
            rows = Recording.objects.select_related("unit").in_bulk(some)
            for pk in some:
                if pk not in rows or task.two.refused(rows[pk], at) is not None:
                    task.folder.remove(pk)
                    taken += 1
    return taken


def _write_log(task: Task) -> int:
    """The checkpoint and all that it signs; how many entries that are."""
    task.kit.cosign()
    files = task.kit.log
    note = files.public("checkpoint")
    if note is None:
        raise ExportFailed("The log has no checkpoint yet.", code="export.log_behind")
    size = checkpoints.parse(note)[0].size
    task.folder.forget("log")
    task.folder.write("log/checkpoint", [note])
    for each in tile.tiles_of(size):
        task.folder.write(f"log/{each.path}", [files.tile(each)])
        if each.level == 0:
            leaves = tile.Tile(None, each.index, each.width)
            task.folder.write(f"log/{leaves.path}", [files.tile(leaves)])
    return size


def _write_rest(task: Task, report: Report) -> None:
    """Camera logs and quarantine, before the log is written, which proves their entries.

    First what an earlier run wrote and may not stay is taken out.
    """
    report.taken_out = _take_out(task)
    report.camera_logs, report.camera_log_lines, problems = force_rest.write_logs(task)
    report.quarantine_exported, more = force_rest.write_quarantine(task)
    report.problems = [*problems, *more]
    if not task.two.may(Action.SEE_REQUESTS):
        report.requests_missing = force_tables.requests(task.two).count()


def _write_tables(task: Task, report: Report, beside: Mapping[str, Rows], held: Held) -> None:
    task.folder.forget("tables")
    of_force = force_tables.tables(task.two, task.kit.clock())
    report.problems += _write_rows(task, report, of_force)
    found: list[str] = []
    for _ in range(_LOOKS):
        found = _write_rows(task, report, beside)
        found += held(task.folder.root / DATA / "tables")
        if not found:
            break
    report.problems += found
    path = "tables/categories.jsonl"
    report.tables["categories"] = task.folder.write_lines(path, force_tables.of_categories())
    task.folder.write("trust.json", [trust.encode(task.kit.trust)])


def _write_rows(task: Task, report: Report, tables: Mapping[str, Rows]) -> list[str]:
    """Write these tables, in place of an earlier look's; which of them are short."""
    problems = []
    for name, rows in tables.items():
        there = rows().count()
        lines = force_tables.lines(rows(), task.two)
        written = task.folder.write_lines(f"tables/{name}.jsonl", lines)
        report.tables[name] = written
        if written < there:
            problems.append(f"The table {name} has {written} rows of {there}.")
    return problems


def _reconcile(task: Task, report: Report, failed: dict[UUID, Why]) -> None:
    """Hold every row against its folder, and the sums against the log; write what came of it."""
    task.folder.write("not-exported.jsonl", _missing(task, report, failed))
    report.left_out = force_tables.left_out(task.two)
    report.deleted = Recording.objects.exclude(state=State.LIVE).count()
    report.deleted_in_log = reading.count_subjects(Act.RECORDING_DISPOSED)
    report.records_of_deletion = Disposal.objects.exclude(statement="").count()
    report.quarantined = Quarantine.objects.filter(state__in=force_rest.WAITING).count()
    report.problems += _problems(task, report)
    told = asdict(report) | {"complete": report.complete, "version": 1}
    del told["tag_manifest_sha256"]
    task.folder.write("report.json", [force_tables.encode(told)])


def _signed(task: Task, report: Report) -> bytes:
    """The list of lists under the disclosure key, as a court's copy is; of no one exhibit."""
    claim = DisclosureClaim(
        disclosure=task.export,
        case=f"all that {task.kit.trust.force} keeps"[:_TEXT],
        recipient=f"{task.two.second}, who agreed"[:_TEXT],
        purpose=task.reason[:_TEXT],
        produced_by=str(task.two.first)[:_TEXT],
        made_at=report.at,
        exhibits=(),
        tag_manifest_sha256=report.tag_manifest_sha256,
    )
    return statement.sign_statement(Statement(claim), key=task.kit.key).encode()


def _missing(task: Task, report: Report, failed: dict[UUID, Why]) -> Iterator[bytes]:
    """A line for each live recording that is not in the folder, while all are counted."""
    for batch in _live():
        for each in batch:
            report.live += 1
            if force_recording.is_whole(task.folder, each):
                report.exported += 1
                report.bytes += each.size
                listed = task.folder.listed(each.pk)
                report.without_receipt += bundle.RECEIPT_FILE not in listed
                continue
            code, why = _why(task, each, failed, report.at)
            if code == GONE:  # perhaps kept silently: so told as a number alone
                report.past_day += 1
                continue
            report.not_exported[code] = report.not_exported.get(code, 0) + 1
            yield force_tables.encode(
                {"recording": each.pk, "reference": each.reference, "code": code, "why": why}
            )


def _why(task: Task, recording: Recording, failed: dict[UUID, Why], at: datetime) -> Why:
    refused = task.two.refused(recording, at)
    if refused is not None:
        return refused.code, refused.message
    new = ("export.new", "It was received while the export ran. Run this again.")
    return failed.get(recording.pk, new)


def _problems(task: Task, report: Report) -> Iterable[str]:
    folders = sum(len(few) for few in task.folder.recordings())
    if folders != report.exported:
        yield f"There are {folders} folders, and {report.exported} of them are right."
    if report.deleted != report.deleted_in_log:
        yield f"The log tells of {report.deleted_in_log} deletions, the rows of {report.deleted}."
