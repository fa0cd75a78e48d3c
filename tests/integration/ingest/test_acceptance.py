"""From the first request to a receipt, and what goes to quarantine instead."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from tests.accountability_world import every_row
from tests.ingest_world import AT, ENDED, World, long_video, video
from tests.retention_world import acts

from fairwitness.evidence import access
from fairwitness.evidence.models import Copy, Piece, Recording
from fairwitness.force import enrolment, issue
from fairwitness.formats import dsse, receipt
from fairwitness.formats import manifest as manifests_format
from fairwitness.formats.acts import Act
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.piece import PIECE_PLAINTEXT
from fairwitness.formats.receipt import Receipt
from fairwitness.ingest import receipts
from fairwitness.ingest.models import Quarantine, StoredReceipt, Upload, UploadState
from fairwitness.retention import sweep
from fairwitness.retention.disposal import Tools
from fairwitness.vault import manifests
from fairwitness.vault.keyring import KeyState

MIB = 1 << 20


def read_all(world: World, recording: Recording) -> bytes:
    with access.open_for_task(
        recording=recording,
        actor="system:test",
        act=Act.RECORDING_EXPORTED,
        reason="a test",
        at=world.at,
        vault=world.vault,
    ) as opened:
        return opened.read(0, opened.size)


def reason_of(upload: Upload) -> str:
    return Quarantine.objects.get(upload=upload).reason


def sweep_at(world: World, at: datetime) -> sweep.Outcome:
    tools = Tools(world.vault, world.receipt_key)
    return sweep.run(tools, at=at, second_clock=lambda: at)


def test_a_signed_recording_is_registered_with_all_that_is_known_of_it(world: World) -> None:
    data = video()
    recording = world.receive(data, counter=2193)
    assert recording.reference == "00417-2193"
    assert recording.provenance == "signed"
    assert recording.wearer == world.force.ada
    assert recording.unit == world.force.lambeth
    assert recording.station == world.force.brixton
    assert recording.dock == world.dock
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert recording.ended_at == ENDED
    assert recording.clock_checked
    # Right when it was set, 0.3 to 0.5 s ahead when docked: in between anything in between.
    assert recording.clock_ahead_us_min == -1000
    assert recording.clock_ahead_us_max == 500_000
    assert recording.clock_started_at == ENDED + timedelta(microseconds=1000)
    assert recording.gone_by == recording.clock_started_at + timedelta(days=31)
    assert recording.media_type == "video/mp4"
    assert 1500 < recording.duration_ms < 2500
    assert acts(f"recording:{recording.pk}") == ["recording.received"]
    assert read_all(world, recording) == data
    kinds = {copy.kind for copy in Copy.objects.filter(recording=recording)}
    assert kinds == {"working", "poster", "strip"}


def test_a_docking_is_written_down_once_however_many_recordings_it_brought(world: World) -> None:
    world.receive(video(), counter=1)
    world.receive(video(shade=44), counter=2)
    assert acts(f"camera:{world.camera.pk}").count("camera.docked") == 1
    world.camera.refresh_from_db()
    assert world.camera.last_counter == 2


def test_the_manifest_says_all_that_a_rebuild_needs(world: World) -> None:
    data = long_video(PIECE_PLAINTEXT + 100)
    recording = world.receive(data)
    sealed = manifests.read(
        store=world.vault.store, key=world.vault.ring.get(recording.pk), recording=recording.pk
    )
    found = manifests_format.parse(sealed)
    assert found.recording == recording.pk
    assert found.sha256 == recording.sha256
    assert [piece.blob for piece in found.pieces] == list(
        Piece.objects.filter(recording_id=recording.pk, copy="master")
        .order_by("offset")
        .values_list("blob", flat=True)
    )
    assert found.wearer is not None
    assert found.wearer.id == str(world.force.ada.pk)
    assert found.statement is not None
    assert found.gone_by == recording.gone_by


def test_a_receipt_comes_once_the_log_covers_the_entry_and_is_checked_by_a_dock(
    world: World,
) -> None:
    data = video()
    upload = world.begin(data)
    waiting = receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT)
    assert isinstance(waiting, receipts.Pending)
    world.send(upload, data)
    upload.refresh_from_db()
    assert upload.state == UploadState.VERIFYING
    world.accept()
    upload.refresh_from_db()
    waiting = receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT)
    assert isinstance(waiting, receipts.Pending)
    assert waiting.state is receipts.Standing.LOGGING
    world.publish_log()
    found = receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT)
    assert isinstance(found, Receipt)
    checkpoint = receipt.check_receipt(
        found, trust=world.trust(), sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    again = receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT + timedelta(days=1))
    assert again == found
    # A dock that saw that checkpoint gets a proof that the log has only grown since.
    other = video(shade=30)
    second = world.begin(other, counter=2)
    world.send(second, other)
    world.accept()
    world.publish_log()
    second.refresh_from_db()
    grown = receipts.receipt_for(upload=second, issuer=world.issuer, at=AT, since=checkpoint.size)
    assert isinstance(grown, Receipt)
    receipt.check_receipt(
        grown,
        trust=world.trust(),
        sha256=hashlib.sha256(other).hexdigest(),
        size=len(other),
        last_checkpoint=checkpoint,
    )
    # And one that has seen more than the first receipt shows gets the first receipt's entry again.
    newest = receipt.check_receipt(
        grown, trust=world.trust(), sha256=hashlib.sha256(other).hexdigest(), size=len(other)
    )
    late = receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT, since=newest.size)
    assert isinstance(late, Receipt)
    assert late.statement == found.statement
    receipt.check_receipt(
        late,
        trust=world.trust(),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        last_checkpoint=newest,
    )


@pytest.mark.parametrize(
    "cuts", [(), (1,), (100, 1, 1), (MIB - 56, MIB), (PIECE_PLAINTEXT,), (PIECE_PLAINTEXT - 1, 2)]
)
def test_any_cuts_end_with_the_same_bytes(world: World, cuts: tuple[int, ...]) -> None:
    data = long_video(PIECE_PLAINTEXT + 3 * MIB)
    upload = world.begin(data)
    world.send(upload, data, cuts)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert read_all(world, recording) == data


def test_footage_sent_again_gives_the_first_upload_and_the_first_receipt(world: World) -> None:
    data = video()
    recording = world.receive(data)
    world.publish_log()
    first = Upload.objects.get(recording_id=recording.pk)
    before = receipts.receipt_for(upload=first, issuer=world.issuer, at=AT)
    again = world.begin(data)
    assert again.pk == first.pk
    assert again.offset == again.length
    assert receipts.receipt_for(upload=again, issuer=world.issuer, at=AT) == before
    assert Recording.objects.count() == 1
    assert StoredReceipt.objects.count() == 1


def test_footage_sent_again_after_deletion_gives_the_first_receipt(world: World) -> None:
    data = video()
    recording = world.receive(data)
    world.publish_log()
    first = Upload.objects.get(recording_id=recording.pk)
    before = receipts.receipt_for(upload=first, issuer=world.issuer, at=AT)
    assert recording.gone_by is not None
    sweep_at(world, recording.gone_by - timedelta(days=3))  # lists what is to go
    assert sweep_at(world, recording.gone_by - timedelta(hours=1)).disposed == (recording.pk,)
    assert world.vault.ring.state(recording.pk) is KeyState.DESTROYED
    (kept,) = world.vault.store.names()
    assert kept.startswith("receipt/")
    world.at = recording.gone_by
    digest = hashlib.sha256(data).hexdigest()
    assert receipts.forget_deleted(issuer=world.issuer, at=world.at) == 1
    assert receipts.forget_deleted(issuer=world.issuer, at=world.at) == 0
    assert digest not in every_row()
    with pytest.raises(receipts.NoReceipt):  # as to a dock that asks for what it sent before
        receipts.receipt_for(upload=first, issuer=world.issuer, at=AT)
    again = world.begin(data)
    assert again.pk == first.pk
    assert receipts.receipt_for(upload=again, issuer=world.issuer, at=AT) == before
    world.at += timedelta(hours=2)
    assert receipts.forget_deleted(issuer=world.issuer, at=world.at) == 1
    assert digest not in every_row()


def test_an_unfinished_upload_is_found_again_by_what_it_is(world: World) -> None:
    data = long_video(3 * MIB)
    upload = world.begin(data)
    world.patch(upload, data, size=MIB)
    again = world.begin(data)
    assert again.pk == upload.pk
    assert again.offset == MIB
    world.patch(again, data)
    assert world.accept() == 1


def test_bytes_other_than_the_signed_ones_are_quarantined(world: World) -> None:
    data = video()
    wrong = data[:-1] + bytes([data[-1] ^ 1])
    upload = world.begin(data)
    world.send(upload, wrong)
    world.accept()
    upload.refresh_from_db()
    assert upload.state == UploadState.QUARANTINED
    assert reason_of(upload) == "digest.bad"
    assert Recording.objects.count() == 0
    assert acts(f"recording:{upload.recording_id}") == ["recording.quarantined"]
    with pytest.raises(receipts.InQuarantine) as caught:
        receipts.receipt_for(upload=upload, issuer=world.issuer, at=AT)
    assert caught.value.stable_code == "quarantine.digest_bad"
    # The camera is not blocked by it: the right bytes make a new upload.
    again = world.begin(data)
    assert again.pk != upload.pk
    world.send(again, data)
    assert world.accept() == 1
    assert Recording.objects.count() == 1


def test_a_counter_used_for_other_bytes_is_quarantined(world: World) -> None:
    world.receive(video(), counter=5)
    other = video(shade=10)
    upload = world.begin(other, counter=5)
    world.send(upload, other)
    world.accept()
    assert reason_of(upload) == "counter.reused"
    assert Recording.objects.count() == 1


def test_a_statement_signed_by_another_key_is_quarantined(world: World) -> None:
    data = video()
    forged = world.signed(world.claim(data), key=SigningKey.generate())
    upload = world.begin_with(world.create(len(data), statement=forged))
    assert not upload.signed
    world.send(upload, data)
    world.accept()
    assert reason_of(upload) == "signature.bad"


def test_a_camera_that_nobody_enrolled_is_quarantined_until_it_is(world: World) -> None:
    data, key = video(), SigningKey.generate()
    claim = world.claim(data, camera="09999")
    upload = world.begin_with(world.create(len(data), statement=world.signed(claim, key=key)))
    world.send(upload, data)
    world.accept()
    assert reason_of(upload) == "camera.unknown"


def test_a_revoked_camera_is_quarantined(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    enrolment.revoke(
        device=world.camera, officer=world.force.manager, at=AT, reason="it was stolen"
    )
    world.accept()
    assert reason_of(upload) == "camera.revoked"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"this is no video at all" * 100, "media.unreadable"),
        (video()[: len(video()) * 2 // 3], "media.truncated"),
    ],
)
def test_media_that_cannot_be_read_to_its_end_is_quarantined(
    world: World, data: bytes, reason: str
) -> None:
    upload = world.begin(data)
    world.send(upload, data)
    world.accept()
    assert reason_of(upload) == reason


def test_a_truncation_that_the_camera_itself_signed_for_is_accepted(world: World) -> None:
    data = video()[: len(video()) * 2 // 3]
    assert world.receive(data, interrupted=True).provenance == "signed"


def test_unsigned_footage_is_registered_as_what_it_is(world: World) -> None:
    data = video()
    create = world.create(
        len(data), sha256=hashlib.sha256(data).digest(), filename=b"../../a folder\\clip.mp4"
    )
    upload = world.begin_with(create)
    world.send(upload, data)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.provenance == "unsigned"
    assert recording.camera is None
    assert recording.filename == "clip.mp4"
    assert recording.source == f"dock:{world.dock.pk}"
    assert world.begin_with(create).pk == upload.pk


def test_a_recording_across_two_issues_waits_without_a_wearer(world: World) -> None:
    issue.return_camera(camera=world.camera, actor=world.force.manager, at=AT)
    data = video()
    far = ENDED - timedelta(days=30)
    recording = world.receive(data, started_at=far - timedelta(seconds=2), ended_at=far, counter=3)
    assert recording.wearer is None
    assert recording.unit == world.force.lambeth


def test_a_damaged_store_is_told_and_never_receipted(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    blob = Piece.objects.get(recording_id=upload.recording_id).blob
    (path,) = (world.root / "vault").rglob(blob.rpartition("/")[2])
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)
    world.accept()
    assert reason_of(upload) == "store.damaged"
    again = world.begin(data)
    world.send(again, data)
    assert world.accept() == 1


def test_footage_whose_key_is_gone_is_told_and_can_be_sent_again(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    for copy in world.vault.ring.copies:
        copy.forget(upload.recording_id)
    assert world.accept() == 1
    assert reason_of(upload) == "store.damaged"
    again = world.begin(data)
    world.send(again, data)
    assert world.accept() == 1
    assert Recording.objects.get().pk == again.recording_id


@pytest.mark.parametrize("year", [1970, 2499])
@pytest.mark.parametrize("ahead", [1 - 2**53, 2**53 - 1])
def test_a_clock_as_wrong_as_any_clock_can_be_is_registered(
    world: World, year: int, ahead: int
) -> None:
    ended = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    data = video()
    claim = world.claim(data, started_at=ended, ended_at=ended)
    docked = world.docking(camera_clock_ahead_us_min=ahead, camera_clock_ahead_us_max=ahead)
    upload = world.begin_with(
        world.create(len(data), statement=world.signed(claim), docking=docked)
    )
    world.send(upload, data)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.gone_by is not None
    assert recording.gone_by > world.at
    assert recording.clock_started_at <= recording.docked_at


def test_times_that_no_clock_shows_are_quarantined(world: World) -> None:
    data = video()
    payload = dsse.parse(world.signed(world.claim(data))).payload.replace(b"2017-", b"0001-")
    signed = dsse.sign(payload, key=world.camera_key, payload_type=dsse.STATEMENT_TYPE).encode()
    create = world.create(len(data), statement=signed, sha256=hashlib.sha256(data).digest())
    upload = world.begin_with(create)
    world.send(upload, data)
    assert world.accept() == 1
    assert reason_of(upload) == "signature.unreadable"


def test_a_late_recording_has_seven_days(world: World) -> None:
    long_ago = ENDED - timedelta(days=40)
    docked = AT - timedelta(minutes=5)
    recording = world.receive(
        video(), started_at=long_ago - timedelta(seconds=2), ended_at=long_ago
    )
    assert recording.late
    assert recording.gone_by == docked + timedelta(days=7)


MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("bounds", "written"),
    [
        ((-MINUTE, MINUTE), 0),
        ((5 * MINUTE, 6 * MINUTE), 0),
        ((5 * MINUTE + 1, 6 * MINUTE), 1),
        ((-61 * MINUTE, -59 * MINUTE), 1),
        ((None, None), 0),
    ],
)
def test_a_cameras_clock_that_was_surely_off_is_written_down_once_a_docking(
    world: World, bounds: tuple[int | None, int | None], written: int
) -> None:
    low, high = bounds
    clock = {"camera_clock_ahead_us_min": low, "camera_clock_ahead_us_max": high}
    for counter in (1, 2):
        data = video(shade=90 + counter)
        statement = world.signed(world.claim(data, counter=counter))
        create = world.create(len(data), statement=statement, docking=world.docking(**clock))
        world.send(world.begin_with(create), data)
    assert world.accept() == 2
    assert acts(f"camera:{world.camera.pk}").count("clock.disagreed") == written
