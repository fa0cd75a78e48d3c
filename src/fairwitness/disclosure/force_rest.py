"""What a force keeps besides recordings, for a whole-force export: camera logs, and quarantine.

Both are written anew each time. As of a recording, an entry is in the log before a byte leaves.

Specification: docs/specs/force-export.md.
"""

from datetime import datetime
from typing import Final

from fairwitness.disclosure import export, force_recording, force_tables
from fairwitness.disclosure.force_recording import Task
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import apart
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera
from fairwitness.formats import bundle
from fairwitness.ingest import device_logs, quarantine
from fairwitness.ingest.models import Quarantine, QuarantineState

LOGS: Final = "camera-logs"
QUARANTINE: Final = "quarantine"
ORIGINAL: Final = "original"
_PAPERS: Final = ("statement", "docking")
WAITING: Final = (QuarantineState.HELD, QuarantineState.BINNED)


def write_logs(task: Task) -> tuple[int, int, list[str]]:
    """Write each camera's own log; how many, how many lines, and what does not add up."""
    task.folder.forget(LOGS)
    lines = 0
    problems: list[str] = []
    reader, at = task.two.facts[0], task.kit.clock()
    kept = [each for each in device_logs.kept(units=None, reader=reader, at=at) if each.lines]
    cameras = Camera.objects.select_related("unit", "station__unit").in_bulk(
        [each.camera for each in kept]
    )
    for each in kept:
        body = device_logs.read(
            camera=cameras[each.camera],
            officer=task.two.first,
            reason=task.reason,
            at=at,
        )
        task.folder.write(f"{LOGS}/{each.camera}.jsonl", [body])
        found = body.count(b"\n")
        lines += found
        if found < each.lines:
            problems.append(f"The log of {each.serial} has {found} lines of {each.lines}.")
    return len(kept), lines, problems


def write_quarantine(task: Task) -> tuple[int, list[str]]:
    """Write what waits in quarantine, if one of the two decides there; how much, and what not."""
    task.folder.forget(QUARANTINE)
    done = 0
    problems: list[str] = []
    if not task.two.may(Action.VIEW_QUARANTINED):
        return done, problems
    for case in quarantine.every().filter(state__in=WAITING).iterator(chunk_size=100):
        try:
            _write_case(task, case, task.kit.clock())
        except FairwitnessError as error:
            task.folder.forget(f"{QUARANTINE}/{case.pk}")
            problems.append(f"Case {case.pk} of the quarantine is not here: {error.message}")
            continue
        done += 1
    return done, problems


def _write_case(task: Task, case: Quarantine, at: datetime) -> None:
    place = f"{QUARANTINE}/{case.pk}"
    footage = apart.open_for_task(
        of=quarantine.apart_of(case),
        actor=authority.text(task.two.first),
        reason=task.reason,
        detail=force_recording.told(task),
        at=at,
        vault=task.kit.vault,
    )
    with footage as original:
        rows = force_recording.logged(case.recording_id, task)
        written = task.folder.write(f"{place}/{ORIGINAL}", export.chunks(original))
    if written.size != case.upload.length:
        raise force_recording.damaged(f"case {case.pk}")
    facts = {
        "case": force_tables.columns(case),
        "upload": force_tables.columns(case.upload),
        "original": {"sha256": written.sha256, "size": written.size},
    }
    for name in _PAPERS:  # as they came: nothing in them was found good
        text = getattr(case.upload, name)
        if text:
            task.folder.write(f"{place}/{name}.txt", [text.encode()])
    told = force_recording.history_lines(task, rows, withheld=set())
    task.folder.write(f"{place}/{bundle.CUSTODY_FILE}", told)
    task.folder.write(f"{place}/{force_recording.FACTS}", [force_tables.encode(facts)])
