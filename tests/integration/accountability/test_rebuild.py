"""The database is lost; everything else is kept; everything is registered again and plays."""

import hashlib

import pytest
from tests.accountability_world import (
    HOUR,
    codes,
    counted,
    dispose,
    inspect,
    lose_database,
    published_trust,
    rebuild_from,
    rows_again,
)
from tests.ingest_world import AT, World, long_video, video
from tests.retention_world import acts

from fairwitness.accountability import closing, losses, rebuild
from fairwitness.accountability.closing import ClosingInvalid
from fairwitness.accountability.models import Loss, Vestige
from fairwitness.accountability.rebuild import Tools
from fairwitness.custody import gaps
from fairwitness.custody.gaps import Gap, GapRefused
from fairwitness.evidence import access
from fairwitness.evidence.access import Task
from fairwitness.evidence.models import Copy, Piece, Recording, VideoSeals
from fairwitness.force import enrolment, officers
from fairwitness.force.asking import NotAllowed, Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, CameraStatus, Officer, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.formats import receipt
from fairwitness.formats.acts import Act
from fairwitness.formats.docking import DeviceKind
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.receipt import Receipt
from fairwitness.ingest import receipts
from fairwitness.ingest.models import Quarantine, StoredReceipt, Upload
from fairwitness.retention import disposal, marking, sweep
from fairwitness.retention.disposal import Tools as DisposalTools
from fairwitness.retention.models import Disposal

SETUP = System("setup")


def manager_anew(number: str = "4101") -> Officer:
    """An evidence manager, registered again in the empty force."""
    new = NewOfficer(
        number,
        "Grace Okafor",
        "GO",
        Unit.objects.earliest("pk").code,
        "",
        (),
        (Role.EVIDENCE_MANAGER,),
    )
    return officers.register_officer(actor=SETUP, officer=new, at=AT)


def watch(world: World, officer: Officer, recording: Recording) -> bytes:
    """What this officer sees of a recording, through the one door."""
    task = Task(TaskKind.REVIEW, "R-1")
    grant = access.grant_viewing(recording=recording, officer=officer, task=task, at=world.at)
    with access.open_viewing(
        token=grant.token, kind="master", at=world.at, vault=world.vault
    ) as opened:
        return opened.read(0, opened.size)


def test_a_recording_is_registered_again_and_plays(world: World) -> None:
    data = long_video(3 << 20)
    upload = world.begin(data, counter=2193)
    world.send(upload, data, cuts=[1 << 20])
    world.accept()
    before = Recording.objects.get(pk=upload.recording_id)
    world.publish_log()
    lose_database()
    assert not Recording.objects.exists()

    outcome = rebuild_from(world)
    assert (outcome.registered, outcome.vestiges, outcome.tombstones) == (1, 0, 0)
    after = Recording.objects.get()
    kept = (
        "id reference camera_id camera_serial counter activation part wearer_id dock_id provenance"
        " received_at started_at ended_at clock_ahead_us_min clock_ahead_us_max clock_checked"
        " clock_started_at docked_at late size sha256 commitment media_type claim hidden_from"
        " gone_by keep_reason entry_leaf"
    )
    for name in kept.split():
        assert getattr(after, name) == getattr(before, name), name
    assert after.unit is not None
    assert (after.unit.name, after.unit.code) == ("Lambeth", "LAM")
    assert after.wearer is not None
    assert (after.wearer.collar_number, after.wearer.active) == ("614LX", False)
    assert Piece.objects.count() == 2
    assert Copy.objects.filter(state="due").count() == 3
    assert acts(f"recording:{after.pk}") == ["recording.received", "recording.rebuilt"]
    assert watch(world, manager_anew(), after) == data
    figures = counted(world)
    assert figures.problems == ()
    assert figures.total.received == figures.total.not_yet_due == 1


def test_nothing_is_deleted_before_two_people_have_closed_the_gap(world: World) -> None:
    recording = world.receive(video())
    world.publish_log()
    lose_database()
    rebuild_from(world)
    assert gaps.open_gap() is not None
    assert recording.gone_by is not None
    world.at = recording.gone_by + HOUR
    tools = DisposalTools(world.vault, SigningKey.generate())
    ran = sweep.run(tools, at=world.at, second_clock=lambda: world.at)
    assert ran.stopped is not None
    assert ran.stopped.code == "disposal.gap_open"
    assert world.vault.ring.state(recording.pk) == "live"


def test_after_the_gap_is_closed_all_is_sound(world: World) -> None:
    world.receive(video())
    world.publish_log()
    lose_database()
    rebuild_from(world, trust=published_trust(world))
    assert set(codes(inspect(world))) == {"log.gap_open", "custody.body_lost"}
    first, second = manager_anew(), manager_anew("4102")

    def close(officer: Officer) -> Gap | None:
        return closing.close_gap(officer=officer, reason="compared with the lists", at=world.at)

    with pytest.raises(ClosingInvalid):
        closing.close_gap(officer=first, reason=" ", at=world.at)
    assert close(first) is not None
    with pytest.raises(NotAllowed):
        close(first)
    ada = Officer.objects.get(collar_number="614LX")
    with pytest.raises(NotAllowed):
        close(ada)
    assert close(second) is None
    with pytest.raises(GapRefused):
        close(first)
    assert inspect(world, deep=True).findings == ()


def test_a_rebuild_can_be_repeated_and_changes_nothing_more(world: World) -> None:
    world.receive(video())
    world.receive(video(shade=20), counter=2)
    world.publish_log()
    lose_database()
    assert rebuild_from(world).registered == 2
    rows = sorted(Recording.objects.values_list())
    again = rebuild_from(world)
    assert (again.registered, again.stubs, again.vestiges) == (0, 0, 0)
    assert sorted(Recording.objects.values_list()) == rows


def test_a_rebuild_that_is_cut_short_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for counter in range(1, 6):
        world.receive(video(shade=counter * 9), counter=counter)
    world.publish_log()
    lose_database()
    monkeypatch.setattr(rebuild, "_BATCH", 2)

    class Killed(BaseException):
        pass

    def killed(_what: str, done: int, _total: int) -> None:
        if done == 4:
            raise Killed

    with world.integrator() as integrator:
        integrator.recover()
        with pytest.raises(Killed):
            rebuild.run(tools=Tools(world.vault, world.commitments), at=world.at, progress=killed)
    assert Recording.objects.count() == 4
    assert rebuild_from(world).registered == 1
    assert counted(world).problems == ()


def test_a_dock_that_sends_it_again_gets_a_receipt_at_once(world: World) -> None:
    data = video()
    recording = world.receive(data)
    world.publish_log()
    trust = published_trust(world)
    lose_database()
    rebuild_from(world, trust=trust)
    camera, dock = rows_again(world)
    assert (camera.status, dock.status) == ("pending", "pending")
    manager = manager_anew()
    for device, key, kind in (
        (camera, world.camera_key, DeviceKind.CAMERA),
        (dock, world.dock_key, DeviceKind.DOCK),
    ):
        wish = world.force.request(device.serial, key=key, kind=kind)
        asked = enrolment.request_enrolment(envelope=wish, at=world.at)
        enrolment.approve(device=asked, keyid=asked.keyid, officer=manager, at=world.at)
    world.camera, world.dock = rows_again(world)
    assert world.camera.approved_at == trust.keys[0].valid_from
    upload = world.begin(data)
    assert (upload.state, upload.offset, upload.length) == ("received", len(data), len(data))
    assert upload.received_as == recording.pk
    made = receipts.receipt_for(upload=upload, issuer=world.issuer, at=world.at)
    assert isinstance(made, Receipt)
    assert StoredReceipt.objects.get().pk == recording.pk
    receipt.check_receipt(
        made, trust=world.trust(), sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    assert Recording.objects.count() == 1
    assert counted(world).problems == ()
    other = world.receive(video(shade=33), counter=2)
    assert other.provenance == "signed"


def test_a_camera_without_a_published_key_can_only_enrol_again(world: World) -> None:
    world.receive(video())
    world.publish_log()
    lose_database()
    outcome = rebuild_from(world)
    assert [one.code for one in outcome.findings] == ["rebuild.key_unknown"] * 2
    camera = Camera.objects.get()
    assert camera.status == CameraStatus.DECLINED
    assert camera.pk == world.camera.pk
    wish = world.force.request(camera.serial, key=world.camera_key, station=None)
    asked = enrolment.request_enrolment(envelope=wish, at=world.at)
    assert asked.pk == camera.pk
    assert (asked.status, asked.keyid) == ("pending", world.camera_key.keyid)


def test_a_statement_that_another_key_signed_is_not_relied_upon(world: World) -> None:
    recording = world.receive(video())
    world.publish_log()
    lose_database()
    manager_unit = Unit.objects.create(code="LAM", name="Lambeth", kind="borough")
    Camera.objects.create(
        serial=world.camera.serial,
        profile="body2",
        mount="chest",
        unit=manager_unit,
        public_key=SigningKey.generate().public.pem().decode(),
        keyid="another",
        requested_at=world.at,
    )
    outcome = rebuild_from(world)
    assert "rebuild.signature_bad" in [one.code for one in outcome.findings]
    again = Recording.objects.get()
    assert again.pk == recording.pk
    assert (again.provenance, again.camera) == ("unsigned", None)
    assert counted(world).problems == ()


def test_what_the_log_says_was_deleted_stays_deleted(world: World) -> None:
    recording = world.receive(video())
    world.receive(video(shade=20), counter=2)
    dispose(world, recording)
    world.publish_log()
    before = counted(world).total
    lose_database()
    outcome = rebuild_from(world)
    assert outcome.vestiges == before.deleted_by_rule
    assert not Recording.objects.filter(pk=recording.pk).exists()
    assert Vestige.objects.get(pk=recording.pk).fate == "deleted"
    after = counted(world)
    assert after.problems == ()
    assert after.total.deleted_by_rule == before.deleted_by_rule


def test_a_deletion_that_was_cut_before_its_key_died_goes_on(world: World) -> None:
    recording = world.receive(video())
    kept = [
        (path, path.read_bytes())
        for path in world.root.rglob(f"*{recording.pk}*")
        if path.is_file()
    ]
    pieces = [
        (path, path.read_bytes()) for path in world.root.glob("vault/piece/**/*") if path.is_file()
    ]
    dispose(world, recording)
    for path in world.root.rglob(f"*destroyed*/**/{recording.pk}"):
        path.unlink()
    for path, data in [*kept, *pieces]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    world.publish_log()
    lose_database()
    assert rebuild_from(world).tombstones == 1
    row = Recording.objects.get()
    assert (row.state, row.sha256) == ("disposed", "")
    assert "key.alive" in codes(inspect(world))
    tools = DisposalTools(world.vault, SigningKey.generate())
    assert disposal.finish(tools, at=world.at) == 1
    assert world.vault.ring.state(recording.pk) == "destroyed"
    assert Disposal.objects.get().status == "confirmed"
    assert counted(world).problems == ()


def test_what_was_kept_stays_kept_though_nobody_knows_why(world: World) -> None:
    recording = world.receive(video())
    marking.mark_evidential(
        recordings=[recording.pk],
        incident="CAD 4417",
        codes=["arrest"],
        officer=world.force.ada,
        at=world.at,
    )
    other = world.receive(video(shade=20), counter=2)
    world.publish_log()
    lose_database()
    rebuild_from(world)
    again = Recording.objects.get(pk=recording.pk)
    assert again.evidential
    assert again.gone_by is None
    assert Recording.objects.get(pk=other.pk).gone_by == other.gone_by
    assert counted(world).total.kept["evidential"] == 1


def test_quarantine_and_half_an_upload_are_told_and_add_up(world: World) -> None:
    broken = b"no video at all" * 100
    upload = world.begin(broken)
    world.send(upload, broken)
    world.accept()
    assert Quarantine.objects.count() == 1
    half = video(shade=44)
    world.patch(world.begin(half, counter=2), half, size=len(half) // 2)
    world.publish_log()
    lose_database()
    assert rebuild_from(world).vestiges == 1
    assert Vestige.objects.get().fate == "lost"
    figures = counted(world)
    assert figures.problems == ()
    assert (figures.total.received, figures.total.lost) == (1, 1)
    told = [one.message for one in inspect(world).findings if one.code == "key.unowned"]
    assert len(told) == 2
    assert any("in quarantine" in message for message in told)
    assert any("received in part" in message for message in told)


def test_a_missing_piece_or_a_damaged_manifest_is_a_loss_that_can_be_found_again(
    world: World,
) -> None:
    first, second = world.receive(video()), world.receive(video(shade=20), counter=2)
    world.publish_log()
    (blob,) = Piece.objects.filter(recording_id=first.pk).values_list("blob", flat=True)
    world.vault.store.delete(blob)
    (path,) = (path for path in (world.root / "vault").rglob(f"*{second.pk}*") if path.is_file())
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    lose_database()
    outcome = rebuild_from(world)
    assert outcome.registered == 1
    assert "manifest.unreadable" in [one.code for one in outcome.findings]
    losses.note(report=inspect(world), at=world.at)
    assert Loss.objects.get().recording_id == first.pk
    assert Vestige.objects.get().recording_id == second.pk
    assert counted(world).total.lost == 2
    assert counted(world).problems == ()
    path.write_bytes(kept)
    assert rebuild_from(world).registered == 1
    assert not Vestige.objects.exists()
    assert counted(world).total.lost == 1
    assert counted(world).problems == ()


def test_an_arrival_that_was_never_published_is_entered_now(world: World) -> None:
    world.receive(video())
    world.publish_log()
    late = world.receive(video(shade=20), counter=2)
    lose_database()
    assert rebuild_from(world).registered == 2
    assert acts(f"recording:{late.pk}") == [Act.RECORDING_RECEIVED.value]
    assert counted(world).problems == ()


def test_people_and_devices_registered_before_are_taken(world: World) -> None:
    recording = world.receive(video())
    world.publish_log()
    lose_database()
    unit = Unit.objects.create(code="LAM", name="Lambeth", kind="borough")
    new = NewOfficer("614LX", "Ada Whitlock", "AW", "LAM", "PC")
    ada = officers.register_officer(actor=SETUP, officer=new, at=AT)
    rebuild_from(world)
    again = Recording.objects.get(pk=recording.pk)
    assert (again.wearer, again.unit) == (ada, unit)
    task = None
    grant = access.grant_viewing(recording=again, officer=ada, task=task, at=world.at)
    assert grant.recording == recording.pk


def test_an_older_database_is_brought_up_to_the_log_and_the_vault(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    assert Upload.objects.get().state == "verifying"
    saved = list(Upload.objects.values())
    world.accept()
    recording = Recording.objects.get()
    # As a restored database would have it: still to be decided on, nothing registered.
    VideoSeals.objects.all().delete()
    Copy.objects.all().delete()
    Recording.objects.all().delete()
    Upload.objects.filter(pk=upload.pk).update(
        **{name: saved[0][name] for name in ("state", "received_as", "metadata", "statement")}
    )
    assert rebuild_from(world).registered == 1
    row = Upload.objects.get()
    assert (row.state, row.received_as) == ("received", recording.pk)
    assert Recording.objects.get().entry_leaf == recording.entry_leaf
    assert inspect(world).findings == ()
