"""Yesterday's database forgets what came in since; the log does not, and nothing of it is lost."""

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from tests.database_copy import DatabaseCopy
from tests.ingest_world import World, long_video, video

from fairwitness.custody import gaps
from fairwitness.evidence.models import Recording
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest import ending, quarantine
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload, UploadState
from fairwitness.ingest.receiving import Receiver
from fairwitness.vault.keyring import KeyState

MIB = 1 << 20
LATER = timedelta(days=40)


def _today(world: World, folder: Path) -> DatabaseCopy:
    """A copy of the database; PostgreSQL copies none while somebody else uses it."""
    world.publish_log()
    world.receiver.close()
    world.receiver = Receiver(vault=world.vault, clock=lambda: world.at)
    return DatabaseCopy(folder)


def _come_back(world: World, yesterday: DatabaseCopy) -> None:
    """Restore, and start: the integrator brings the log's entries back and opens a gap."""
    world.publish_log()
    yesterday.restore()
    world.publish_log()
    assert gaps.open_gap() is not None
    world.at += LATER


def _close_gap(world: World) -> None:
    for officer in ("officer:1", "officer:2"):
        with transaction.atomic():
            gaps.close_gap(actor=officer, reason="compared", at=world.at)
    assert gaps.open_gap() is None


def test_an_upload_that_a_restore_made_unfinished_keeps_its_footage(
    world: World, tmp_path: Path
) -> None:
    data = long_video(2 * MIB)
    upload = world.begin(data)
    world.patch(upload, data, size=MIB)
    yesterday = _today(world, tmp_path)
    world.patch(upload, data)
    assert world.accept() == 1
    _come_back(world, yesterday)
    assert not Recording.objects.exists()

    assert ending.expire(at=world.at) == 1
    assert Upload.objects.get(pk=upload.pk).state == UploadState.ENDED
    assert ending.clear(vault=world.vault, at=world.at) == 0
    _close_gap(world)
    assert ending.clear(vault=world.vault, at=world.at) == 0
    assert world.vault.ring.state(upload.recording_id) is KeyState.LIVE


def test_an_upload_that_never_was_a_recording_is_cleared_once_the_gap_is_closed(
    world: World, tmp_path: Path
) -> None:
    data = long_video(2 * MIB)
    upload = world.begin(data)
    world.patch(upload, data, size=MIB)
    yesterday = _today(world, tmp_path)
    world.receive(video(), counter=2)
    _come_back(world, yesterday)
    assert ending.expire(at=world.at) == 1
    assert ending.clear(vault=world.vault, at=world.at) == 0
    _close_gap(world)
    assert ending.clear(vault=world.vault, at=world.at) == 1
    assert world.vault.ring.state(upload.recording_id) is KeyState.DESTROYED


def test_quarantined_footage_does_not_end_while_the_log_has_a_gap(
    world: World, tmp_path: Path
) -> None:
    data = video()
    signed = world.signed(world.claim(data), key=SigningKey.generate())
    upload = world.begin_with(world.create(len(data), statement=signed, docking=world.docking()))
    world.send(upload, data)
    world.accept()
    assert Quarantine.objects.get().state == QuarantineState.HELD
    yesterday = _today(world, tmp_path)
    world.receive(video(3), counter=2)
    _come_back(world, yesterday)
    assert quarantine.expire(at=world.at) == 0
    _close_gap(world)
    assert quarantine.expire(at=world.at) == 1
