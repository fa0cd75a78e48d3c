"""A whole offload of an Axis system, as its specification orders it, and what becomes of it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.accountability_world import dispose
from tests.axis_world import CAMERA, CLIP, CONTAINER, TIMES, USER, Controller, md5
from tests.ingest_world import World, long_video, video
from tests.retention_world import acts

from fairwitness.evidence.models import Piece, Provenance, Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Officer
from fairwitness.formats import manifest
from fairwitness.ingest import ending, quarantine, uploads
from fairwitness.ingest.axis import clips, mapping, sweeping
from fairwitness.ingest.axis.connecting import AxisRefused
from fairwitness.ingest.models import (
    AxisContainer,
    AxisObject,
    AxisParty,
    Quarantine,
    QuarantineState,
    Upload,
    UploadState,
)
from fairwitness.retention import marking
from fairwitness.retention.models import CategoryMark
from fairwitness.vault import enclosures, manifests
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.port import BlobMissing

SECOND = "20170608_223110_A1B2.mp4"
LATER = {"StartTimeISO": "2017-06-08T22:31:10Z", "StopTimeISO": "2017-06-08T22:32:00Z"}
REJECTED = "RejectedContent_20170609T065500Z_0c1d2e3f-aaaa-bbbb-cccc-0123456789ab"


@pytest.fixture
def controller(world: World) -> Controller:
    made = Controller.make(world)
    made.sign_in()
    assert made.begin().status == 201
    return made


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
        assert answer.headers["etag"] == md5(data)
    controller.work()
    assert Recording.objects.count() == 1
    assert Quarantine.objects.count() == 0
    assert Upload.objects.filter(state=UploadState.ENDED).count() == 2


def test_other_bytes_under_the_same_name_are_kept_beside_the_first(controller: Controller) -> None:
    first, other = video(), video(shade=140)
    assert controller.clip(first).status == 201
    assert controller.clip(other).status == 201
    controller.work()
    (recording,) = Recording.objects.all()
    assert recording.sha256 == hashlib.sha256(first).hexdigest()
    (case,) = Quarantine.objects.all()
    assert case.reason == "object.replaced"
    assert case.claimed == f"{CONTAINER}/{CLIP}"
    assert controller.clip(other).status == 201
    assert controller.clip(first).status == 201
    controller.work()
    assert (Recording.objects.count(), Quarantine.objects.count()) == (1, 1)


def test_two_people_let_the_other_bytes_in_and_they_are_a_recording_too(
    controller: Controller,
) -> None:
    controller.clip(video())
    controller.clip(video(shade=140))
    controller.work()
    world = controller.world
    case = Quarantine.objects.get()
    release = quarantine.Proposal.RELEASE
    quarantine.propose(
        case=case, proposal=release, officer=world.force.manager, reason="seen", at=world.at
    )
    quarantine.confirm(
        case=case,
        proposal=quarantine.Proposal.RELEASE,
        officer=world.force.second_manager,
        at=world.at,
    )
    controller.work()
    assert set(Recording.objects.values_list("provenance", flat=True)) == {"axis"}
    assert Recording.objects.count() == 2


def test_clips_of_one_container_are_the_parts_of_one_activation(controller: Controller) -> None:
    assert controller.clip(video(shade=10), SECOND, **LATER).status == 201
    controller.work()
    assert list(Recording.objects.values_list("part", "last_part")) == [(1, True)]
    assert controller.clip(video(shade=20)).status == 201
    controller.complete()
    controller.work()
    parts = Recording.objects.order_by("part")
    assert [(one.filename.rpartition("/")[2], one.part, one.last_part) for one in parts] == [
        (CLIP, 1, False),
        (SECOND, 2, True),
    ]
    world = controller.world
    marking.mark_evidential(
        recordings=[parts[0].pk],
        incident="CAD 4417",
        codes=["use-of-force"],
        officer=world.force.manager,
        at=world.at,
    )
    assert [one.evidential for one in Recording.objects.all()] == [True, True]


def test_bookmarks_trail_and_category_are_told_beside_the_clip_whenever_they_come(
    controller: Controller,
) -> None:
    trail = {
        "CoordinateEntries": [
            {"LocationWKT": "POINT(-0.115 51.462)", "SecondsFromStart": 3, "Timestamp": "x"},
            {"LocationWKT": "POINT(999 51)", "SecondsFromStart": 4},
            {"LocationWKT": "nonsense"},
            {"LocationWKT": "POINT(-0.116 51.463)", "SecondsFromStart": 64.0},
        ]
    }
    name = f"20170608_222940_A1B2_{CAMERA}_gpstrail.json"
    assert controller.put(name, json.dumps(trail).encode(), FileType="json").status == 201
    assert (
        controller.put(
            "bookmark_1496961000_1",
            "Höll opp".encode(),
            StartTime="2017-06-08T22:30:00Z",
            Tags="TriggerOn:Button;x:y",
        ).status
        == 201
    )
    controller.clip(video())
    controller.work()
    recording = Recording.objects.get()
    assert recording.said is not None
    assert recording.said["trail"] == [[3.0, 51.462, -0.115], [64.0, 51.463, -0.116]]
    assert recording.said["bookmarks"] == [
        {"at_ms": 20_000, "text": "Höll opp", "tags": "TriggerOn:Button;x:y"}
    ]
    days = (recording.gone_by or recording.docked_at) - recording.clock_started_at
    assert days == timedelta(days=31)
    controller.put(
        "bookmark_1496961000_2", b"", CategoryID="use-of-force", CategoryName="Use of force"
    )
    controller.put("bookmark_1496961000_3", b"", CategoryID="17", CategoryName="Long gone")
    controller.complete()
    controller.work()
    recording.refresh_from_db()
    assert recording.said is not None
    assert [one.get("category") for one in recording.said["bookmarks"]] == [
        None,
        "use-of-force",
        "17",
    ]
    assert recording.category == "use-of-force"
    assert recording.gone_by == recording.clock_started_at + timedelta(days=366)
    assert acts(f"recording:{recording.pk}")[-1] == "recording.categorised"


def test_a_persons_category_stands_against_the_cameras(controller: Controller) -> None:
    controller.clip(video())
    controller.work()
    world, recording = controller.world, Recording.objects.get()
    marking.categorise(
        recordings=[recording.pk], codes=["training"], officer=world.force.manager, at=world.at
    )
    controller.put("bookmark_1_1", b"", CategoryID="use-of-force")
    controller.work()
    assert list(CategoryMark.objects.values_list("code", flat=True)) == ["training"]


def test_a_category_that_keeps_without_end_is_told_and_not_applied(controller: Controller) -> None:
    controller.put("bookmark_1_1", b"", CategoryID="homicide")
    controller.clip(video())
    controller.work()
    recording = Recording.objects.get()
    assert (recording.category, recording.gone_by is None) == ("", False)
    assert recording.said is not None
    assert recording.said["bookmarks"] == [{"at_ms": None, "category": "homicide"}]


@pytest.mark.parametrize("claimed", ["2017-06-08T22:29:40Z", "1496960980", "nonsense", ""])
def test_times_are_claims_and_none_of_them_moves_the_day(
    controller: Controller, claimed: str
) -> None:
    world = controller.world
    controller.clip(video(), StartTimeISO=claimed, StartTime="", StopTimeISO="2031-01-01T00:00:00Z")
    controller.complete()
    controller.work()
    recording = Recording.objects.get()
    expected = (
        datetime(2017, 6, 8, 22, 29, 40, tzinfo=UTC) if claimed[:1] in "12" and claimed else None
    )
    assert recording.started_at == expected
    assert recording.gone_by == world.at + timedelta(days=31)
    assert recording.said is not None
    assert recording.said["ahead_at_least_ms"] > 0


def test_rejected_content_is_never_refused_and_waits_in_quarantine_as_such(
    controller: Controller,
) -> None:
    told = {
        "RejectedContentOriginalContainer": CONTAINER,
        "RejectedContentReason": "missing metadata",
        "Status": "",
    }
    assert controller.begin(REJECTED, **told).status == 201
    assert controller.clip(video(), container=REJECTED).status == 201
    assert controller.clip(b"", "empty.mp4", REJECTED).status == 201
    assert controller.clip(b"not a video", "odd.bin", REJECTED).status == 201
    controller.work()
    assert Recording.objects.count() == 0
    assert set(Quarantine.objects.values_list("reason", flat=True)) == {"content.rejected"}
    case = Quarantine.objects.earliest("pk")
    assert "missing metadata" in case.message
    world = controller.world
    quarantine.propose(
        case=case,
        proposal=quarantine.Proposal.RELEASE,
        officer=world.force.manager,
        reason="it is whole",
        at=world.at,
    )
    quarantine.confirm(
        case=case,
        proposal=quarantine.Proposal.RELEASE,
        officer=world.force.second_manager,
        at=world.at,
    )
    controller.work()
    recording = Recording.objects.get()
    assert recording.said is not None
    assert (recording.said["user"], recording.camera_serial) == (USER, CAMERA)


def test_footage_of_no_known_kind_is_kept_and_an_empty_clip_is_refused_for_ever(
    controller: Controller,
) -> None:
    assert controller.clip(b"\0" * 5000, "notes/of/the day: 1.txt").status == 201
    assert controller.clip(b"", "empty.mp4").status == 400
    controller.work()
    assert [one.reason for one in Quarantine.objects.all()] == ["media.unreadable"]
    assert ending.clear(vault=controller.world.vault, at=controller.world.at) == 1


def test_a_cut_transfer_leaves_nothing_and_starts_over(controller: Controller) -> None:
    data = long_video(20 << 20)
    parts = [data[at : at + (1 << 20)] for at in range(0, len(data) - (3 << 20), 1 << 20)]
    path = controller.at(CONTAINER, CLIP)
    assert controller.ask("PUT", path, {}, parts, cut=True) is None
    (upload,) = Upload.objects.all()
    assert upload.state == UploadState.ENDED
    assert acts(f"upload:{upload.pk}") == ["upload.begun", "upload.expired"]
    controller.work()
    upload.refresh_from_db()
    assert upload.filename == ""
    assert ending.clear(vault=controller.world.vault, at=controller.world.at) == 1
    assert Piece.objects.count() == 0
    assert controller.world.vault.ring.state(upload.recording_id) is KeyState.DESTROYED
    assert not AxisObject.objects.exists()
    assert controller.clip(data).status == 201
    controller.work()
    assert Recording.objects.get().size == len(data)


def test_a_wrong_etag_is_422_and_the_right_one_is_given_back(controller: Controller) -> None:
    data = video()
    wrong = controller.put(CLIP, data, etag="0" * 32, **TIMES)
    assert wrong.status == 422
    (upload,) = Upload.objects.all()
    assert upload.state == UploadState.ENDED
    assert acts(f"upload:{upload.pk}") == ["upload.begun", "upload.refused"]
    right = controller.put(CLIP, data, etag=md5(data), **TIMES)
    assert right.status == 201
    for name in ("bookmark_1_1", "20170608_222940_A1B2.key"):
        assert controller.put(name, b"x", etag="0" * 32).status == 422
    assert AxisObject.objects.count() == 1


def test_what_the_store_does_not_keep_is_not_acknowledged(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = clips.demand_kept

    def spoil(run: uploads.Run, sha256: str, desk: clips.Desk) -> None:
        for piece in Piece.objects.filter(recording_id=run.recording):
            desk.vault.store.delete(piece.blob)
        settle(run, sha256, desk)

    monkeypatch.setattr(clips, "demand_kept", spoil)
    assert controller.clip(video()).status == 503
    monkeypatch.undo()
    assert Upload.objects.get().state == UploadState.ENDED
    assert controller.clip(video()).status == 201


def test_a_person_says_who_the_systems_people_are_and_what_waits_is_assigned(
    controller: Controller,
) -> None:
    world, force = controller.world, controller.world.force
    controller.clip(video())
    controller.complete()
    controller.work()

    def say(their_id: str, officer: Officer) -> int:
        return mapping.map_person(
            system=controller.system,
            their_id=their_id,
            wearer=force.ada,
            officer=officer,
            at=world.at,
        )

    with pytest.raises(NotAllowed):
        say(USER, force.ada)
    with pytest.raises(AxisRefused):
        say("nobody", force.manager)
    assert say(USER, force.manager) == 1
    assert say(USER, force.manager) == 0
    recording = Recording.objects.get()
    assert recording.wearer == force.ada
    assert AxisParty.objects.get(their_id=USER).officer == force.ada
    assert controller.begin(f"{USER}_{CAMERA}_20170608T230000Z").status == 201
    controller.clip(video(shade=3), "20170608_230000_B.mp4", f"{USER}_{CAMERA}_20170608T230000Z")
    controller.work()
    assert set(Recording.objects.values_list("wearer__collar_number", flat=True)) == {"614LX"}


def test_nobody_becomes_a_wearer_by_saying_so_of_himself(controller: Controller) -> None:
    controller.clip(video())
    controller.complete()
    controller.work()
    manager = controller.world.force.manager
    with pytest.raises(NotAllowed):
        mapping.map_person(
            system=controller.system,
            their_id=USER,
            wearer=manager,
            officer=manager,
            at=controller.world.at,
        )
    assert not AxisParty.objects.filter(officer__isnull=False).exists()
    assert acts(f"axis:{controller.system.pk}")[-1] == "access.refused"


def test_what_is_past_its_day_keeps_nothing_else_from_being_assigned(
    controller: Controller,
) -> None:
    world = controller.world
    controller.clip(video())
    controller.complete()
    controller.work()
    old = Recording.objects.get()
    world.at += timedelta(days=31)  # and nothing was swept
    other = CONTAINER.replace("20170608", "20170708")
    controller.sign_in()
    controller.begin(other, ContainerName=other)
    controller.clip(video(shade=7), container=other)
    controller.work()
    done = mapping.map_person(
        system=controller.system,
        their_id=USER,
        wearer=world.force.ada,
        officer=world.force.manager,
        at=world.at,
    )
    assert done == 1
    assert set(Recording.objects.values_list("pk", "wearer")) == {
        (old.pk, None),
        (Recording.objects.exclude(pk=old.pk).get().pk, world.force.ada.pk),
    }


def test_a_paper_that_is_damaged_stops_no_other_container(controller: Controller) -> None:
    world, store = controller.world, controller.world.vault.store
    controller.put("bookmark_1", b"a note", StartTime="1496960990")
    first = AxisContainer.objects.get()
    broken = AxisObject.objects.get(name="bookmark_1").enclosure
    store.delete(f"enclosure/{first.pk}/{broken}")
    other = CONTAINER.replace("20170608", "20170609")
    controller.begin(other, ContainerName=other)
    controller.clip(video(), container=other)
    controller.work()
    recording = Recording.objects.get()
    assert recording.said is not None
    dispose(world, recording)
    world.at += timedelta(hours=3)
    controller.work()
    assert not AxisContainer.objects.exists()


def test_when_its_footage_is_gone_all_that_was_told_of_it_goes(controller: Controller) -> None:
    world = controller.world
    controller.put("bookmark_1_1", b"a name that nobody may keep")
    controller.clip(video())
    controller.complete()
    controller.work()
    row, kept = AxisContainer.objects.get(), AxisObject.objects.get(name="bookmark_1_1")
    assert kept.enclosure is not None
    world.at += timedelta(days=2)
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 0
    dispose(world, Recording.objects.get())
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 1
    assert world.vault.ring.state(row.pk) is KeyState.DESTROYED
    with pytest.raises(BlobMissing):
        enclosures.read(
            store=world.vault.store, key=b"k" * 32, owner=row.pk, enclosure=kept.enclosure
        )
    recording = Recording.objects.get()
    assert (recording.said, recording.filename) == (None, "")
    assert recording.provenance == Provenance.AXIS
    assert not AxisContainer.objects.exists()
    assert not AxisObject.objects.exists()
    assert set(Upload.objects.values_list("filename", flat=True)) == {""}
    controller.sign_in()
    assert controller.begin().status == 201
    assert controller.clip(video()).status == 201
    controller.work()
    assert Recording.objects.count() == 1


def test_a_container_to_which_a_clip_is_on_its_way_is_not_cleared(controller: Controller) -> None:
    world = controller.world
    controller.clip(video())
    controller.complete()
    controller.work()
    dispose(world, Recording.objects.get())
    row = AxisContainer.objects.select_related("system").get()
    run = clips.open_upload(row.system, f"{row.name}/late.mkv", vault=world.vault, at=world.at)
    world.at += timedelta(hours=3)
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 0
    assert world.vault.ring.state(row.pk) is not KeyState.DESTROYED
    clips.give_up(run=run, actor="system:ingest", at=world.at, reason="cut")
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 1


def test_a_container_without_footage_is_forgotten_after_a_month(controller: Controller) -> None:
    world = controller.world
    controller.put("bookmark_1_1", b"x")
    world.at += timedelta(days=30)
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 0
    world.at += timedelta(days=1, hours=1)
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 1
    controller.sign_in()
    assert controller.begin().status == 201
    assert AxisContainer.objects.count() == 1


def test_quarantined_footage_of_a_deleted_container_ends_like_all(controller: Controller) -> None:
    controller.clip(b"x" * 100, "odd.bin")
    controller.work()
    world = controller.world
    world.at += timedelta(days=31)
    assert quarantine.expire(at=world.at) == 1
    assert ending.clear(vault=world.vault, at=world.at) == 1
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 1
    case = Quarantine.objects.get()
    assert (case.state, case.claimed) == (QuarantineState.REJECTED, "")
