"""A deployment in a folder, filled through the real ingest; what processes of a test do to it.

    fill(DATA)       two recordings; prints their ids and digests
    watch(DATA, ID)  an officer registered anew watches one; prints the digest of what was seen

Django is set up by whoever starts the process, with the folder in its environment.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests import migrated
from tests.ingest_world import AT, World, video

from fairwitness.config import clock, composition, database
from fairwitness.evidence import access
from fairwitness.evidence.access import Task
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.officers import NewOfficer
from fairwitness.ingest.commitments import load_or_create


def fill(data: Path) -> None:
    behind = int((AT - datetime.now(UTC)).total_seconds())
    (data / "training.json").write_text(
        json.dumps({"training": True, "clock_ahead_seconds": behind})
    )
    migrated.copy(data / "fairwitness.sqlite3")
    database.bring_up_to_date()
    world = World.make(data)
    world.commitments = load_or_create(data / "keys" / "commitment")
    told = {}
    for counter in (1, 2):
        footage = video(shade=40 * counter)
        recording = world.receive(footage, counter=counter)
        told[str(recording.pk)] = hashlib.sha256(footage).hexdigest()
    world.receiver.close()
    world.publish_log()
    sys.stdout.write(json.dumps(told))


def watch(data: Path, recording: str) -> None:
    at, vault = clock.at_folder(data), composition.deployment().vault
    row = Recording.objects.get(pk=recording)
    assert row.unit is not None
    roles = (Role.EVIDENCE_MANAGER,)
    officer = officers.register_officer(
        actor=System("setup"),
        officer=NewOfficer("4101", "Grace Okafor", "GO", row.unit.code, "", (), roles),
        at=at,
    )
    task = Task(TaskKind.REVIEW, "R-1")
    grant = access.grant_viewing(recording=row, officer=officer, task=task, at=at)
    with access.open_viewing(token=grant.token, kind="master", at=at, vault=vault) as opened:
        sys.stdout.write(hashlib.sha256(opened.read(0, opened.size)).hexdigest())
