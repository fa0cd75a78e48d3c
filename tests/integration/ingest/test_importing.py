"""Video from elsewhere comes in by an officer, says so, is kept as it is, and comes in once."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.accountability_world import dispose
from tests.importing_world import brought, carried_out, measured, planned
from tests.ingest_world import AT, World, long_video, video
from tests.integration.force.made_up import AT as FOUNDED
from tests.integration.force.made_up import SETUP
from tests.retention_world import acts

from fairwitness.custody import reading
from fairwitness.evidence import access, annotations, twins
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.ingest import importing
from fairwitness.ingest.import_plan import Standing
from fairwitness.ingest.models import Quarantine, Upload, UploadState
from fairwitness.ingest.particulars import Particulars

SAID = Particulars(
    title="Door of the shop",
    camera="CCTV 4",
    started_at=datetime(2017, 6, 1, 21, 0, tzinfo=UTC),
    ended_at=datetime(2017, 6, 1, 21, 5, tzinfo=UTC),
)


def detective(world: World) -> Officer:
    """Dev, as an investigator of the whole force."""
    roles.grant(officer=world.force.dev, role=Role.INVESTIGATOR, unit=None, actor=SETUP, at=FOUNDED)
    return world.force.dev


def test_an_import_says_who_brought_it_and_counts_from_its_arrival(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "shop CCTV.mp4"
    recording = brought(world, file, long_video(3 << 20), told=SAID)
    assert recording.provenance == "imported"
    assert recording.source == f"officer:{world.force.manager.pk}"
    assert recording.filename == "shop CCTV.mp4"
    assert recording.wearer is None
    assert (recording.started_at, recording.ended_at) == (SAID.started_at, SAID.ended_at)
    assert recording.clock_started_at == recording.received_at
    assert recording.gone_by == recording.received_at + timedelta(days=31)
    assert annotations.told_at_import(recording)["camera"] == "CCTV 4"
    assert acts(f"recording:{recording.pk}") == ["recording.imported", "recording.annotated"]
    plan = planned(world, file)
    assert [one.standing for one in plan.files] == [Standing.HERE]
    assert carried_out(world, plan).received_as == recording.pk
    assert Recording.objects.count() == 1


def test_only_those_who_may_import_do(world: World, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(video())
    with pytest.raises(NotAllowed):
        planned(world, file, officer=world.force.ada)
    with pytest.raises(NotAllowed):
        carried_out(world, planned(world, file), officer=world.force.ada)
    assert Upload.objects.count() == 0


def test_files_that_hold_nothing_or_are_not_there_are_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "link.mp4").symlink_to(tmp_path / "empty.mp4")
    for name in ("empty.mp4", "missing.mp4", "link.mp4"):
        plan = planned(world, tmp_path / name)
        assert not plan.files
        assert len(plan.problems) == 1


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"a report, no video at all" * 90, "not footage"),
        (long_video(1 << 20)[: 900 << 10], "ends in the middle"),
    ],
    ids=["no video", "cut short"],
)
def test_what_can_not_be_read_is_kept_as_it_came(
    world: World, tmp_path: Path, data: bytes, trouble: str
) -> None:
    recording = brought(world, tmp_path / "odd.mp4", data)
    assert not Quarantine.objects.exists()
    assert trouble in annotations.told_at_import(recording)["trouble"]
    with access.open_for_task(
        recording=recording,
        actor="system:test",
        act=Act.AUDIT_RUN,
        reason="to compare",
        at=AT,
        vault=world.vault,
    ) as footage:
        assert footage.read(0, footage.size) == data


def test_the_same_bytes_by_two_officers_are_two_recordings_linked(
    world: World, tmp_path: Path
) -> None:
    other = detective(world)
    first = brought(world, tmp_path / "a.mp4", video())
    second = brought(world, tmp_path / "b.mp4", video(), officer=other)
    assert first.pk != second.pk
    facts = {one: authority.facts(officer=one, at=AT) for one in (other, world.force.ada)}
    found = twins.of(commitment=second.commitment, besides=second.pk, facts=facts[other], at=AT)
    assert [twin.pk for twin in found] == [first.pk]
    unseen = twins.of(
        commitment=second.commitment, besides=second.pk, facts=facts[world.force.ada], at=AT
    )
    assert list(unseen) == []
    plan = planned(world, tmp_path / "a.mp4", officer=world.force.second_manager)
    assert plan.files[0].same_as == (first.reference, second.reference)


def test_the_same_bytes_twice_in_one_folder_come_once_and_it_is_told(
    world: World, tmp_path: Path
) -> None:
    from fairwitness.ingest import import_plan  # noqa: PLC0415 # beside its only use

    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(video())
    wanted, problems, _passed = import_plan.gather([tmp_path])
    plan = import_plan.plan(
        wanted=wanted, officer=world.force.manager, tools=world.tools, measure=measured
    )
    assert [one.wanted.name for one in plan.files] == ["a.mp4"]
    assert not problems
    assert plan.passed_over == (("b.mp4", "the same bytes as a.mp4, which is brought in"),)


def test_what_was_deleted_can_be_brought_in_again(world: World, tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    first = brought(world, file, video())
    for state in (State.LIVE, State.DISPOSED):
        Recording.objects.filter(pk=first.pk).update(
            state=state, sha256=first.sha256 if state == State.LIVE else "", gone_by=AT
        )
        plan = planned(world, file)
        assert (plan.files[0].standing, plan.files[0].again) == (Standing.NEW, 1)
    second = brought(world, file, video())
    assert second.pk != first.pk
    assert second.source == f"officer:{world.force.manager.pk}/1"
    assert planned(world, file).files[0].standing is Standing.HERE


def test_what_the_importer_tells_takes_effect(world: World, tmp_path: Path) -> None:
    ada = world.force.ada
    timed = Particulars(wearer=ada.pk, category="stop-search", incident="CAD 8")
    recording = brought(world, tmp_path / "a.mp4", video(), told=timed)
    assert (recording.wearer, recording.unit) == (ada, ada.unit)
    assert (recording.category, recording.incident) == ("stop-search", "CAD 8")
    assert not recording.evidential
    assert recording.gone_by is not None
    assert recording.gone_by > recording.received_at + timedelta(days=31)
    endless = Particulars(category="homicide", incident="17/204")
    kept = brought(world, tmp_path / "b.mp4", video(shade=9), told=endless)
    assert kept.evidential
    assert kept.gone_by is None
    assert acts(f"recording:{kept.pk}") == [
        "recording.imported",
        "recording.marked_evidential",
    ]


def test_an_incident_that_an_importer_tells_is_written_down(world: World, tmp_path: Path) -> None:
    told = Particulars(incident="CAD 8")
    recording = brought(world, tmp_path / "a.mp4", video(), told=told)
    assert recording.incident == "CAD 8"
    bodies = [row.body for row in reading.history(f"recording:{recording.pk}")]
    assert [body for body in bodies if body and "CAD 8" in str(body.detail)]


def test_the_name_of_a_file_goes_with_its_footage(world: World, tmp_path: Path) -> None:
    recording = brought(world, tmp_path / "Mrs Smith's kitchen.mp4", video())
    assert recording.filename == "Mrs Smith's kitchen.mp4"
    dispose(world, recording)
    rows = list(Recording.objects.values()) + list(Upload.objects.values())
    assert "Smith" not in json.dumps(rows, default=str)


def test_whoever_may_not_say_who_wore_a_camera_can_not_by_an_import(
    world: World, tmp_path: Path
) -> None:
    other = detective(world)
    file = tmp_path / "a.mp4"
    file.write_bytes(video())
    told = Particulars(wearer=world.force.ada.pk)
    plan = planned(world, file, told=told, officer=other)
    assert "say who wore this camera" in plan.problems[0].message
    with pytest.raises(NotAllowed):
        carried_out(world, plan, officer=other)
    assert not Upload.objects.exists()
    assert acts(f"officer:{other.pk}")[-1] == "access.refused"


def test_an_import_that_was_cut_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    file.write_bytes(long_video(36 << 20))

    def cut(done: int) -> None:
        if done > (34 << 20):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carried_out(world, planned(world, file, told=SAID), progress=cut)
    begun = Upload.objects.get()
    assert begun.state == UploadState.RECEIVING
    plan = planned(world, file)
    assert plan.files[0].standing is Standing.BEGUN
    told: list[int] = []
    carried_out(world, plan, progress=told.append)
    assert world.accept() == 1
    assert min(told) > begun.offset
    recording = Recording.objects.get(pk=begun.recording_id)
    assert recording.sha256 == plan.files[0].sha256
    assert recording.started_at is None, "what was told last counts"


def test_a_file_that_changes_while_it_is_brought_in_is_quarantined(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(video())
    plan = planned(world, file)
    file.write_bytes(b"\0" * plan.files[0].size)
    carried_out(world, plan)
    world.accept()
    assert Quarantine.objects.get().reason == "digest.bad"
    plan = planned(world, file)
    file.write_bytes(b"\0")
    with pytest.raises(importing.ImportRefused, match="shorter"):
        carried_out(world, plan)
