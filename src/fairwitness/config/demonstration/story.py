"""The whole life of a recording, step by step; nothing staged, each step seen to work.

The first recording is deleted on its day, and an earlier backup can't bring it back; the second
goes to court in a bundle that a stranger can check, and one flipped bit is caught; two more count
down. The deployment's clock starts 33 days ago and ends at the true time.
"""

import shutil
import urllib.request
import uuid
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import connection

from fairwitness.accountability import audit, figures, publishing
from fairwitness.cases import opening, producing
from fairwitness.config import clock
from fairwitness.config.composition import Deployment
from fairwitness.config.demonstration import backups, scene
from fairwitness.config.demonstration.processes import (
    StepFailed,
    run,
    run_and_kill,
    wait_until,
)
from fairwitness.config.demonstration.scene import CHEST, HEAD, Stage
from fairwitness.config.demonstration.telling import Teller
from fairwitness.disclosure import exporting, sampling
from fairwitness.evidence import access
from fairwitness.evidence.models import Copy, CopyState, Provenance, Recording, State
from fairwitness.force.authority import System
from fairwitness.formats import receipt as receipts
from fairwitness.formats.trust import KeyRole
from fairwitness.ingest.models import StoredReceipt, Upload
from fairwitness.retention import marking, sweep
from fairwitness.retention.disposal import Tools
from fairwitness.retention.models import Disposal

INCIDENT: Final = "CAD 8812"
CASE: Final = "01/803/17"
_DAYS_BETWEEN: Final = 6


def play(stage: Stage, deployment: Deployment, tell: Teller) -> None:
    """Play the story; the site is up.

    Raises:
        StepFailed: at the first step that does not come out as it must.
    """
    tools = Tools(vault=deployment.vault, key=deployment.key(KeyRole.DISPOSAL))
    _enrolled(stage, deployment, tell)
    first = _first_recording(stage, tell)
    _watched(stage, first, tell)
    second = _second_recording(stage, tools, tell)
    backup = _days_pass(stage, tools, first, tell)
    _deleted(stage, deployment, first, tell)
    _backup_refuses(stage, backup, first, second, tell)
    _helmet(stage, tell)
    _to_court(stage, deployment, second, tell)
    _tampered(stage, tell)
    _accounts(stage, deployment, tell)


def _enrolled(stage: Stage, deployment: Deployment, tell: Teller) -> None:
    scene.make_cameras_and_dock(stage)
    scene.enrol(stage)
    scene.bring_trust(stage, deployment.trust_file())
    wearer = scene.hand_out(stage, CHEST)
    scene.offload(stage, CHEST)
    tell.done(
        "Two cameras and a dock made their own keys. Grace Okafor approved them, and issued"
        f" camera {CHEST.serial} to {wearer.title}",
        fingerprint=deployment.fingerprint(),
    )


def _move(stage: Stage, by: timedelta) -> datetime:
    """Let time pass, but never beyond the true time."""
    training = clock.training(stage.data)
    if training is None:
        raise StepFailed("This is no training data.")
    clock.set_training(stage.data, ahead=min(training.ahead + by, timedelta()))
    return scene.now(stage)


def _first_recording(stage: Stage, tell: Teller) -> Recording:
    begun = scene.now(stage)
    said = scene.record(stage, CHEST, scene.FIRST, at=begun)
    _move(stage, timedelta(minutes=40))
    beeps = said.count("♪")
    if not beeps:
        raise StepFailed("The camera did not beep.")
    tell.done(
        "A double press started it recording: two beeps, a red light, people told. The 8 s before"
        " were added without sound; 4 s were muted",
        signals=beeps,
    )
    held = next((stage.volume(CHEST) / "recordings").glob("*.mp4"))
    size = held.stat().st_size
    seconds = 4  # the upload is slowed down to take this long, and cut in its middle
    run_and_kill(
        scene.offload_command(stage, CHEST, "--limit", str(max(1, size // 1024 // seconds))),
        when=lambda: Upload.objects.filter(length=size).exists(),
        after=seconds / 2,
    )
    kept = Upload.objects.get(length=size)
    wait_until(lambda: _some_kept(kept), seconds=30, what="the bytes before the cut")
    if not held.exists() or kept.offset >= size:
        raise StepFailed("The cable was to be pulled half-way.")
    tell.done(
        "Docked. Half-way the cable was pulled: the dock was killed. Nothing was erased",
        bytes_kept=f"{kept.offset:,} of {size:,}",
    )
    scene.offload(stage, CHEST)
    kept.refresh_from_db()
    if kept.received_as is None:
        raise StepFailed("The upload was not registered.")
    recording = Recording.objects.get(pk=kept.received_as)
    tell.done(
        "Docked again. The upload went on where it was cut, and every byte was read back: recording"
        f" {recording}",
        sha256=recording.sha256,
        pieces=Upload.objects.filter(received_as=recording.pk).count(),
    )
    receipt = stage.volume(CHEST) / f"receipts/{held.stem}.json"
    if held.exists() or not receipt.exists():
        raise StepFailed("The camera should have been erased against its receipt.")
    stored = receipts.parse(StoredReceipt.objects.get(pk=recording.pk).text.encode())
    if receipts.parse(receipt.read_bytes()).statement != stored.statement:
        raise StepFailed("The camera holds another receipt than the server.")
    tell.done(
        "The dock checked the receipt: signature, digest, place in the log. Then it erased the"
        " camera",
        receipt=receipt.name,
    )
    return recording


def _some_kept(upload: Upload) -> bool:
    upload.refresh_from_db()
    return upload.offset > 0


def _ready(recording: Recording) -> bool:
    return not Copy.objects.filter(recording=recording).exclude(state=CopyState.READY).exists()


def _watched(stage: Stage, recording: Recording, tell: Teller) -> None:
    wait_until(lambda: _ready(recording), seconds=60, what="the working copy")
    grant = access.grant_viewing(
        recording=recording, officer=scene.person(CHEST.wearer), task=None, at=scene.now(stage)
    )
    request = urllib.request.Request(  # noqa: S310 - our own site on this machine
        f"{stage.server}/play/{grant.token}/working", headers={"Range": "bytes=100000-199999"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
        part = answer.read()
    if len(part) != 100_000:  # noqa: PLR2004 - the range asked for
        raise StepFailed("The player did not get the range that it asked for.")
    tell.done("PC Ada Whitlock watched it; the entry was written before the first picture")


def _a_day(stage: Stage, tools: Tools, *, by: timedelta = timedelta(days=1)) -> datetime:
    """A day passes, and the sweep runs."""
    at = _move(stage, by)
    sweep.run(tools, at=at, second_clock=lambda: scene.now(stage))
    return at


def _second_recording(stage: Stage, tools: Tools, tell: Teller) -> Recording:
    for _ in range(_DAYS_BETWEEN):
        _a_day(stage, tools)
    scene.record(stage, CHEST, scene.TWO, at=scene.now(stage))
    _move(stage, timedelta(minutes=20))
    scene.offload(stage, CHEST)
    recording, later = Recording.objects.exclude(state=State.DISPOSED).order_by("counter")[1:3]
    marking.mark_evidential(
        recordings=[recording.pk],
        incident=INCIDENT,
        codes=["public-order"],
        officer=scene.person(CHEST.wearer),
        at=scene.now(stage),
    )
    recording.refresh_from_db()
    for each in (recording, later):
        wait_until(partial(_ready, each), seconds=60, what="the working copies")
    tell.done(
        f"{_DAYS_BETWEEN} days later two more came: {recording} was kept as evidence for"
        f" {INCIDENT}, {later} counts down",
        review=recording.review.due_on,
    )
    return recording


def _days_pass(stage: Stage, tools: Tools, first: Recording, tell: Teller) -> backups.Backup:
    """Day after day the sweep runs; the day before the deletion a backup is taken."""
    backup: backups.Backup | None = None
    days = _DAYS_BETWEEN
    first.refresh_from_db()
    while first.state != State.DISPOSED:
        due = first.gone_by
        if due is None or days > 33:  # noqa: PLR2004 - the days that the demonstration has
            raise StepFailed("The first recording was not deleted in its 31 days.")
        left = due - scene.now(stage)
        if backup is None and left < timedelta(days=3):
            backup = backups.take(stage.data, stage.data / "demo/backup")
        _a_day(stage, tools, by=min(timedelta(days=1), left - timedelta(hours=1)))
        days += 1
        first.refresh_from_db()
    if backup is None:
        raise StepFailed("No backup was taken before the deletion.")
    tell.done(f"{days} days passed. Each day a sweep looked; near the end a backup was taken")
    return backup


def _deleted(stage: Stage, deployment: Deployment, first: Recording, tell: Teller) -> None:
    disposal = Disposal.objects.get(pk=first.pk)
    if not disposal.statement or disposal.status != "confirmed":
        raise StepFailed("The deletion has no signed and confirmed record.")
    if disposal.disposed_at >= disposal.due:
        raise StepFailed("It was deleted late.")
    record = stage.data / "record-of-deletion.dsse.json"
    record.write_text(disposal.statement)
    state = deployment.vault.ring.state(first.pk)
    tell.done(
        f"{first} was deleted in time: its key is {state} in both copies of the key ring, and a"
        " signed record says so",
        record=record,
        rule=disposal.rule,
    )


def _backup_refuses(
    stage: Stage, backup: backups.Backup, first: Recording, second: Recording, tell: Teller
) -> None:
    refused = backups.try_to_open(backup, stage=stage, recording=first.pk)
    if refused is None:
        raise StepFailed("The backup opened deleted footage.")
    if backups.try_to_open(backup, stage=stage, recording=second.pk) is not None:
        raise StepFailed("The backup can't open footage that is kept.")
    tell.done(
        "The backup, made while it was there, can't open it any more; it opens the one kept",
        refusal=refused,
    )


def _helmet(stage: Stage, tell: Teller) -> None:
    """An armed officer's helmet camera, with its 120-degree lens, is docked."""
    wearer = scene.hand_out(stage, HEAD)
    _move(stage, timedelta(minutes=5))
    scene.record(stage, HEAD, scene.HELMET, at=scene.now(stage))
    _move(stage, timedelta(minutes=15))
    scene.offload(stage, HEAD)
    recording = Recording.objects.get(camera_serial=HEAD.serial)
    if recording.wearer != wearer or recording.provenance != Provenance.SIGNED:
        raise StepFailed("The helmet camera's recording is not its wearer's, signed.")
    tell.done(f"The helmet camera of {wearer.title}, an armed officer, brought in {recording}")


def _to_court(stage: Stage, deployment: Deployment, second: Recording, tell: Teller) -> None:
    at = _move(stage, timedelta(days=40))
    investigator = scene.person("3318")
    case = opening.open_case(
        reference=CASE,
        title="R v Carr",
        unit=investigator.unit,
        officer_in_case=investigator,
        review_on=(at + timedelta(days=180)).date(),
        officer=investigator,
        at=at,
    )
    producer = scene.person(CHEST.wearer)
    producing.produce(
        case=case,
        recording=second,
        producer=producer,
        title="Public order, Windrush Square",
        officer=investigator,
        at=at,
    )
    connection.close()
    exporting.to_folder(
        case=case,
        folder=stage.bundle,
        recipient="Crown Prosecution Service",
        purpose="prosecution",
        officer=investigator,
        kit=deployment.export_kit(),
        disclosure=uuid.uuid4(),
        at=scene.now(stage),
    )
    stage.trust.write_bytes(deployment.trust_file())
    verdict = run("verify", stage.bundle, "--trust", stage.trust)
    if "seen by 1 of 1 outside witnesses" not in " ".join(verdict.output.split()):
        raise StepFailed("No outside witness cosigned the log that the copy shows.")
    run("verify", stage.bundle, expect=2)
    tell.done(
        f"{second} went to court as exhibit AW/1 in case {CASE}. Its copy verifies offline:"
        " unchanged since the camera signed it, in a log that an outside witness follows",
        bundle=stage.bundle,
        verify=verdict.output.strip().splitlines()[-1] if verdict.output.strip() else "",
    )


def _tampered(stage: Stage, tell: Teller) -> None:
    changed = stage.data / "demo/changed"
    shutil.copytree(stage.bundle, changed)
    master = next((changed / "data/masters").iterdir())
    _flip(master, master.stat().st_size // 2)
    caught = run("verify", changed, "--trust", stage.trust, expect=1)
    line = next((line for line in caught.output.splitlines() if master.name in line), "")
    tell.done(
        "One flipped bit in the copy is caught, and the check says in which file",
        check=line.strip(),
    )
    shutil.rmtree(changed)


def _flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))


def _accounts(stage: Stage, deployment: Deployment, tell: Teller) -> None:
    counted = figures.count(at=scene.now(stage))
    if counted.problems:
        raise StepFailed(" ".join(counted.problems))
    report = audit.run(
        vault=deployment.vault,
        log=deployment.log_on_disk(),
        at=scene.now(stage),
        deep=True,
    )
    if not report.sound:
        raise StepFailed("; ".join(finding.message for finding in report.findings))
    publishing.publish(
        counted=counted,
        file=publishing.file_of(counted, training=True),
        actor=System("demonstration"),
        at=scene.now(stage),
    )
    sampling.keep(bundle=stage.bundle, trust=stage.trust, folder=deployment.sample)
    total = counted.total
    tell.done(
        f"The figures add up: {total.received} received = {total.not_yet_due} not yet due +"
        f" {sum(total.kept.values())} kept + {total.deleted_by_rule} deleted by rule. The audit of"
        " log, vault and keys is clean",
        entries=counted.in_log,
        blobs=report.blobs,
    )
