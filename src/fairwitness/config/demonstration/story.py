"""The whole life of a recording, step by step; nothing staged, each step seen to work.

Two recordings are made by one camera. The first is deleted on its day, and yesterday's backup can't
bring it back; the second goes to court in a bundle that a stranger can check, and one flipped byte
is caught. The deployment's clock starts 33 days ago and ends at the true time.
"""

import shutil
import urllib.request
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from fairwitness.accountability import audit, figures
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
from fairwitness.config.demonstration.scene import Stage
from fairwitness.config.demonstration.telling import Teller
from fairwitness.disclosure import exporting
from fairwitness.evidence import access
from fairwitness.evidence.models import Copy, CopyState, Recording, State
from fairwitness.formats import receipt as receipts
from fairwitness.formats.trust import KeyRole
from fairwitness.ingest.models import StoredReceipt, Upload
from fairwitness.retention import marking, sweep
from fairwitness.retention.disposal import Tools
from fairwitness.retention.models import Disposal

INCIDENT: Final = "CAD 8812"
CASE: Final = "01/803/17"


def play(stage: Stage, deployment: Deployment, tell: Teller) -> None:
    """Play the story; the site is up.

    Raises:
        StepFailed: at the first step that does not come out as it must.
    """
    _enrolled(stage, deployment, tell)
    first = _first_recording(stage, tell)
    _watched(stage, first, tell)
    second = _second_recording(stage, tell)
    backup = _days_pass(stage, deployment, first, tell)
    _deleted(stage, deployment, first, tell)
    _backup_refuses(stage, backup, first, second, tell)
    _to_court(stage, deployment, second, tell)
    _tampered(stage, tell)
    _accounts(stage, deployment, tell)


def _enrolled(stage: Stage, deployment: Deployment, tell: Teller) -> None:
    scene.make_camera_and_dock(stage)
    scene.enrol(stage)
    scene.bring_trust(stage, deployment.trust_file())
    scene.offload(stage)
    wearer = scene.hand_out(stage)
    tell.done(
        f"Camera {scene.SERIAL} and its dock made their own keys; Grace Okafor approved them, and"
        f" the camera was issued to {wearer.title}",
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
    said = scene.record(stage, scene.FIRST, at=begun)
    _move(stage, timedelta(minutes=40))
    beeps = said.count("♪")
    tell.done(
        "A double press recorded: two beeps, red light, people told; 8 s of buffer without sound, a"
        " marker, 4 s muted",
        signals=beeps,
    )
    held = next((stage.volume / "recordings").glob("*.mp4"))
    size = held.stat().st_size
    seconds = 5  # the upload is slowed down to take this long, and cut in its middle
    run_and_kill(
        scene.offload_command(stage, "--limit", str(max(1, size // 1024 // seconds))),
        when=lambda: Upload.objects.filter(length=size).exists(),
        after=seconds / 2,
    )
    kept = Upload.objects.get(length=size)
    wait_until(lambda: _some_kept(kept), seconds=30, what="the bytes before the cut")
    if not held.exists() or kept.offset >= size:
        raise StepFailed("The cable was to be pulled half-way.")
    tell.done(
        "Docked; the cable was pulled half-way (the dock was killed). Nothing was erased",
        bytes_kept=f"{kept.offset:,} of {size:,}",
    )
    scene.offload(stage)
    kept.refresh_from_db()
    if kept.received_as is None:
        raise StepFailed("The upload was not registered.")
    recording = Recording.objects.get(pk=kept.received_as)
    tell.done(
        f"Docked again; it went on where it was cut, and every byte was read back: {recording}",
        sha256=recording.sha256,
        pieces=Upload.objects.filter(received_as=recording.pk).count(),
    )
    receipt = stage.volume / f"receipts/{held.stem}.json"
    if held.exists() or not receipt.exists():
        raise StepFailed("The camera should have been erased against its receipt.")
    stored = receipts.parse(StoredReceipt.objects.get(pk=recording.pk).text.encode())
    if receipts.parse(receipt.read_bytes()).statement != stored.statement:
        raise StepFailed("The camera holds another receipt than the server.")
    tell.done(
        "The dock checked the receipt (signature, digest, log proof), and then erased the camera",
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
        recording=recording, officer=scene.person("614LX"), task=None, at=scene.now(stage)
    )
    request = urllib.request.Request(  # noqa: S310 - our own site on this machine
        f"{stage.server}/play/{grant.token}/working", headers={"Range": "bytes=100000-199999"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
        part = answer.read()
    if len(part) != 100_000:  # noqa: PLR2004 - the range asked for
        raise StepFailed("The player did not get the range that it asked for.")
    tell.done("PC Ada Whitlock watched it; the entry was written before the first picture")


def _second_recording(stage: Stage, tell: Teller) -> Recording:
    _move(stage, timedelta(hours=1))
    scene.record(stage, scene.SECOND, at=scene.now(stage))
    _move(stage, timedelta(minutes=20))
    scene.offload(stage)
    recording = Recording.objects.exclude(state=State.DISPOSED).latest("counter")
    marking.mark_evidential(
        recordings=[recording.pk],
        incident=INCIDENT,
        codes=["public-order"],
        officer=scene.person("614LX"),
        at=scene.now(stage),
    )
    recording.refresh_from_db()
    wait_until(lambda: _ready(recording), seconds=60, what="the working copy")
    tell.done(f"A second recording, {recording}, was marked as evidence for {INCIDENT}: kept")
    return recording


def _days_pass(
    stage: Stage, deployment: Deployment, first: Recording, tell: Teller
) -> backups.Backup:
    """Day after day the sweep runs; the day before the deletion a backup is taken."""
    tools = Tools(vault=deployment.vault, key=deployment.key(KeyRole.DISPOSAL))
    backup: backups.Backup | None = None
    days = 0
    while True:
        first.refresh_from_db()
        if first.state == State.DISPOSED:
            break
        at = _move(stage, timedelta(days=1))
        days += 1
        due = first.gone_by
        if due is None or days > 33:  # noqa: PLR2004 - the days that the demonstration has
            raise StepFailed("The first recording was not deleted in its 31 days.")
        if backup is None and due - at < timedelta(days=2):
            backup = backups.take(stage.data, stage.data / "demo/backup")
        if due - at < timedelta(days=1):
            _move(stage, due - at - timedelta(hours=1))
        sweep.run(tools, at=scene.now(stage), second_clock=lambda: scene.now(stage))
    if backup is None:
        raise StepFailed("No backup was taken before the deletion.")
    tell.done(
        f"{days} days passed; a sweep looked each day, and a backup was taken on day {days - 1}"
    )
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
        f"{first} was deleted before its last hour: its key is {state} in both copies of the key"
        " ring, and a signed record of deletion says so",
        record=record,
        rule=disposal.rule,
    )


def _backup_refuses(
    stage: Stage, backup: backups.Backup, first: Recording, second: Recording, tell: Teller
) -> None:
    refused = backups.try_to_open(backup, stage=stage, recording=first.pk)
    if refused is None:
        raise StepFailed("Yesterday's backup opened deleted footage.")
    if backups.try_to_open(backup, stage=stage, recording=second.pk) is not None:
        raise StepFailed("Yesterday's backup can't open footage that is kept.")
    tell.done(
        "Yesterday's backup of database and vault refuses to open it; it opens the one kept",
        refusal=refused,
    )


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
    producer = scene.person("614LX")
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
    run("verify", stage.bundle, expect=2)
    tell.done(
        f"It is exhibit AW/1 in case {CASE}; its copy for court verifies offline:"
        " unchanged since the camera signed it",
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
    tell.done("One flipped byte in it is caught, and the check says which file", check=line.strip())
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
    total = counted.total
    tell.done(
        f"The figures add up ({total.received} received = {sum(total.kept.values())} kept +"
        f" {total.deleted_by_rule} deleted by rule), and the audit of log, vault and keys is clean",
        entries=counted.in_log,
        blobs=report.blobs,
    )
