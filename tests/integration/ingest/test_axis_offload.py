"""A whole offload of an Axis system, as its specification orders it, and what becomes of it."""

import hashlib
from datetime import timedelta

from tests.axis_world import CAMERA, CLIP, CONTAINER, USER, Controller
from tests.ingest_world import World, long_video, video
from tests.retention_world import acts

from fairwitness.evidence.models import Piece, Recording
from fairwitness.formats import manifest
from fairwitness.ingest.models import AxisContainer, Quarantine, Upload, UploadState
from fairwitness.vault import manifests


def test_a_clip_becomes_a_recording_that_no_camera_of_ours_signed(world: World) -> None:
    controller = Controller.make(world)
    data = long_video(20 << 20)
    recording = controller.dock(data)
    assert recording.provenance == "axis"
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert (recording.wearer, recording.unit) == (None, world.force.lambeth)
    assert recording.station == world.force.brixton
    assert recording.camera_serial == CAMERA
    assert recording.filename == f"{CONTAINER}/{CLIP}"
    assert recording.started_at is not None
    assert recording.ended_at is not None
    assert recording.ended_at - recording.started_at == timedelta(seconds=90)
    assert recording.said is not None
    assert recording.said["trigger_on"] == "Button"
    assert recording.said["buffer_ms"] == 30_000
    assert recording.said["time_zone"] == "Europe/London"
    assert acts(f"recording:{recording.pk}") == ["recording.received"]
    (container,) = AxisContainer.objects.all()
    assert acts(f"axis_container:{container.pk}") == [
        "axis.container_begun",
        "axis.object_received",
        "axis.container_completed",
    ]
    assert Piece.objects.filter(recording_id=recording.pk).count() == 2
    assert set(Piece.objects.values_list("upload_length", flat=True)) == {0}


def test_its_clock_starts_at_docking_because_nobody_compared_the_cameras(world: World) -> None:
    controller = Controller.make(world)
    recording = controller.dock(video())
    assert not recording.clock_checked
    assert recording.clock_started_at == recording.docked_at == world.at
    assert recording.gone_by == world.at + timedelta(days=31)
    key = world.vault.ring.get(recording.pk)
    sealed = manifest.parse(
        manifests.read(store=world.vault.store, key=key, recording=recording.pk)
    )
    assert sealed.provenance.value == "axis"
    assert sealed.filename == f"{CONTAINER}/{CLIP}"
    assert USER in (sealed.filename or "")


def test_the_same_bytes_again_are_the_same_clip(world: World) -> None:
    controller = Controller.make(world)
    data = video()
    controller.dock(data)
    for _ in range(2):
        answer = controller.clip(data)
        assert answer.status == 201
        assert answer.headers["etag"] == hashlib.md5(data).hexdigest()
    controller.work()
    assert Recording.objects.count() == 1
    assert Quarantine.objects.count() == 0
    assert Upload.objects.filter(state=UploadState.ENDED).count() == 2
