"""Video from elsewhere comes in by an officer, says so, and comes in once."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.ingest_world import World, long_video, video
from tests.retention_world import acts

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.ingest import importing
from fairwitness.ingest.models import Upload, UploadState


def bring(world: World, path: Path) -> Upload:
    return importing.import_file(
        path=path, officer=world.force.manager, tools=world.tools, receiver=world.receiver
    )


def test_an_import_says_who_brought_it_and_counts_from_its_arrival(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "shop CCTV.mp4"
    file.write_bytes(long_video(3 << 20))
    upload = bring(world, file)
    assert upload.state == UploadState.VERIFYING
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.provenance == "imported"
    assert recording.source == f"officer:{world.force.manager.pk}"
    assert recording.filename == "shop CCTV.mp4"
    assert recording.wearer is None
    assert recording.clock_started_at == recording.received_at
    assert recording.gone_by == recording.received_at + timedelta(days=31)
    assert acts(f"recording:{recording.pk}") == ["recording.imported"]
    assert bring(world, file).pk == upload.pk
    assert Recording.objects.count() == 1


def test_only_those_who_may_import_do(world: World, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(video())
    with pytest.raises(NotAllowed):
        importing.import_file(
            path=file, officer=world.force.ada, tools=world.tools, receiver=world.receiver
        )
    assert Upload.objects.count() == 0


def test_files_that_hold_nothing_or_are_not_there_are_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    for name in ("empty.mp4", "missing.mp4"):
        with pytest.raises(importing.ImportRefused):
            bring(world, tmp_path / name)
