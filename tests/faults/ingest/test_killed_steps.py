"""Acceptance killed before each of its steps, and uploads whose disk fails at each of theirs."""

from datetime import timedelta
from itertools import count

import pytest
from tests.ingest_breaking import (
    BreakingStore,
    Killed,
    Steps,
    disk_fails,
    statements_are_steps,
)
from tests.ingest_world import World, long_video, video
from tests.retention_world import acts

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.models import Copy, Piece, Recording
from fairwitness.formats.acts import Act
from fairwitness.ingest import acceptance, uploads
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.receiving import Receiver
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.vault import Vault

pytestmark = pytest.mark.fault

MIB = 1 << 20


def breaking(world: World, steps: Steps) -> Vault:
    assert isinstance(world.vault.store, FolderStore)
    return Vault(BreakingStore(world.vault.store, steps), world.vault.ring)


def check_whole(world: World, upload: Upload, data: bytes) -> None:
    """Registered once, with one entry, the copies it is owed, and its bytes."""
    recording = Recording.objects.get(pk=upload.recording_id)
    assert acts(f"recording:{recording.pk}") == ["recording.received"]
    assert Copy.objects.filter(recording=recording).count() == 3
    with access.open_for_task(
        recording=recording,
        actor="system:test",
        act=Act.RECORDING_EXPORTED,
        reason="a test",
        at=world.at,
        vault=world.vault,
    ) as opened:
        assert opened.read(0, opened.size) == data


@pytest.mark.parametrize("kind", ["store", "database"])
def test_acceptance_killed_before_any_step_is_finished_by_the_next_worker(
    world: World, kind: str
) -> None:
    for number in count():
        data = video(shade=number % 200)
        upload = world.begin(data, counter=number + 1)
        world.send(upload, data)
        steps = Steps(number, Killed)
        vault = breaking(world, steps) if kind == "store" else world.vault
        tools = Acceptance(vault=vault, commitments=world.commitments, clock=lambda: world.at)
        claimed = acceptance.claim(world.at)
        assert claimed is not None
        try:
            if kind == "store":
                acceptance.accept(claimed, tools)
            else:
                with statements_are_steps(steps):
                    acceptance.accept(claimed, tools)
        except Killed:
            assert not Recording.objects.filter(pk=upload.recording_id).exists()
        world.at += timedelta(minutes=1)
        assert world.accept() == (1 if steps.reached else 0)
        check_whole(world, upload, data)
        if not steps.reached:
            assert number > 3, "there were steps to be killed at"
            return


def test_an_upload_whose_disk_fails_at_any_step_is_resumed_to_the_same_bytes(
    world: World,
) -> None:
    for number in count():
        data = long_video(MIB + 5000, shade=number % 200)
        upload = world.begin(data, counter=number + 1)
        steps = Steps(number, disk_fails)
        receiver = Receiver(vault=breaking(world, steps), clock=lambda: world.at)
        run = uploads.take_over(upload=upload.pk, sender=world.dock, at=world.at)
        incoming = receiver.receive(
            uploads.Run(run.pk, run.recording_id, run.generation, 0, len(data)), checksum=None
        )
        try:
            rest = memoryview(data)
            while rest:
                taken = incoming.take(rest)
                rest = rest[taken:]
                if not taken:
                    incoming.wait_for_room()
            incoming.finish(whole=True)
        except FairwitnessError:
            incoming.abort()
        receiver.close()
        row = Upload.objects.get(pk=upload.pk)
        durable = sum(
            Piece.objects.filter(recording_id=row.recording_id).values_list("length", flat=True)
        )
        assert row.offset == durable
        if row.state == UploadState.RECEIVING:
            world.patch(upload, data)
        assert world.accept() == 1
        check_whole(world, upload, data)
        if not steps.reached:
            assert number > 3, "there were steps to fail at"
            return


def test_beginning_an_upload_killed_before_any_statement_begins_again(world: World) -> None:
    for number in count():
        data = video(shade=number % 200)
        steps = Steps(number, Killed)
        try:
            with statements_are_steps(steps):
                world.begin(data, counter=number + 1)
        except Killed:
            assert not Upload.objects.filter(identity__endswith=f"/{number + 1}/1").exists()
        upload = world.begin(data, counter=number + 1)
        assert upload.offset == 0
        if not steps.reached:
            assert number > 3, "there were statements to be killed at"
            return
