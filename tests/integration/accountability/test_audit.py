"""Each fault that an audit must see is made, exactly that one, and named."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.accountability_world import HOUR, codes, counted, dispose, inspect, make_copies
from tests.ingest_world import World, video
from tests.retention_world import acts

from fairwitness.accountability import losses
from fairwitness.accountability.models import FirearmsOperations, Loss
from fairwitness.evidence import transcripts
from fairwitness.evidence.models import Copy, Piece, Recording, VideoSeals
from fairwitness.force.models import Officer
from fairwitness.formats import manifest
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import Quarantine, Upload
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Disposal, Hold, HoldBinding, HoldKind
from fairwitness.vault import manifests, rekeying
from fairwitness.vault.rekeying import RingKeyAge


@pytest.fixture
def recording(world: World) -> Recording:
    return world.receive(video())


def blob_file(world: World, name: str) -> Path:
    """Where the folder store keeps this blob."""
    (found,) = [
        path
        for path in (world.root / "vault").rglob("*")
        if path.is_file() and name.rpartition("/")[2] in path.name
    ]
    return found


def master_blob(world: World, recording: Recording) -> Path:
    row = Piece.objects.get(recording_id=recording.pk, copy="master")
    return blob_file(world, row.blob)


def in_ring(world: World, recording: Recording, kind: str = "live") -> list[Path]:
    return [
        world.root / "ring" / copy / kind / str(recording.pk)[:2] / str(recording.pk)
        for copy in ("first", "second")
    ]


def flip(path: Path, place: int = -100) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def test_a_clean_deployment_is_sound(world: World, recording: Recording) -> None:
    make_copies(world)
    assert Copy.objects.filter(recording=recording, state="ready").count() == 3
    report = inspect(world, deep=True)
    assert report.findings == ()
    assert report.sound
    assert report.recordings == 1
    assert report.unnamed_blobs == 0
    assert report.ring_key == RingKeyAge(1, None)
    rekeying.rekey(world.vault.ring, at=world.at)
    assert inspect(world).ring_key == RingKeyAge(1, world.at)


def test_a_flipped_bit_is_found_when_every_byte_is_read(world: World, recording: Recording) -> None:
    flip(master_blob(world, recording))
    assert codes(inspect(world)) == []
    report = inspect(world, deep=True)
    assert codes(report) == ["format.piece"]
    assert report.findings[0].about == f"recording:{recording.pk}"
    assert report.findings[0].lost
    assert report.findings[0].deep


def test_another_whole_master_in_its_place_is_found(world: World, recording: Recording) -> None:
    Recording.objects.filter(pk=recording.pk).update(sha256="0" * 64)
    assert codes(inspect(world)) == ["manifest.differs"]
    assert codes(inspect(world, deep=True)) == ["copy.changed", "manifest.differs"]


def test_a_blob_that_is_gone_is_found(world: World, recording: Recording) -> None:
    master_blob(world, recording).unlink()
    report = inspect(world)
    assert codes(report) == ["vault.blob_missing"]
    assert report.findings[0].lost


def test_a_blob_that_was_cut_is_found(world: World, recording: Recording) -> None:
    path = master_blob(world, recording)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    assert codes(inspect(world)) == ["blob.size"]


def test_a_damaged_poster_is_found_and_nothing_is_lost(world: World, recording: Recording) -> None:
    make_copies(world)
    flip(blob_file(world, Piece.objects.get(recording_id=recording.pk, copy="poster").blob))
    report = inspect(world, deep=True)
    assert [(one.code, one.lost) for one in report.findings] == [("format.piece", False)]
    assert "poster" in report.findings[0].message


def test_a_transcript_is_held_to_its_row_like_any_copy(world: World, recording: Recording) -> None:
    assert recording.wearer is not None
    transcripts.attach(
        recording=recording,
        officer=recording.wearer,
        data=b"WEBVTT\n\n00:00.000 --> 00:00.500\nStay where you are\n",
        made_by="Ms Typist",
        vault=world.vault,
        at=world.at,
    )
    assert inspect(world, deep=True).sound
    path = blob_file(world, Piece.objects.get(recording_id=recording.pk, copy="vtt-1").blob)
    flip(path, -5)
    (found,) = inspect(world, deep=True).findings
    assert (found.code, found.lost) == ("format.piece", False)
    assert found.message.startswith(f"{recording.reference} (transcript 1): ")
    path.unlink()
    assert codes(inspect(world)) == ["vault.blob_missing"]


def test_pieces_of_a_copy_that_was_never_made_are_found(world: World, recording: Recording) -> None:
    make_copies(world)
    Copy.objects.filter(recording=recording, kind="working").update(state="due")
    assert codes(inspect(world)) == ["pieces.incomplete"]


def test_a_piece_row_that_is_gone_is_found(world: World, recording: Recording) -> None:
    Piece.objects.filter(recording_id=recording.pk).delete()
    report = inspect(world)
    assert codes(report) == ["manifest.differs", "pieces.incomplete"]
    assert report.unnamed_blobs == 1


def test_a_manifest_that_is_gone_or_damaged_is_found(world: World, recording: Recording) -> None:
    path = blob_file(world, f"manifest/{recording.pk}")
    kept = path.read_bytes()
    flip(path)
    assert codes(inspect(world)) == ["manifest.unreadable"]
    path.write_bytes(kept)
    assert inspect(world).sound
    path.unlink()
    assert codes(inspect(world)) == ["manifest.unreadable"]


def test_a_manifest_that_says_something_else_is_found(world: World, recording: Recording) -> None:
    key = world.vault.ring.get(recording.pk)
    place = {"store": world.vault.store, "recording": recording.pk}
    told = manifest.parse(manifests.read(key=key, **place))  # type: ignore[arg-type] # two kinds of value
    manifests.delete(**place)  # type: ignore[arg-type] # two kinds of value
    other = replace(told, sha256="ab" * 32)
    manifests.write(manifest.encode(other), key=key, **place)  # type: ignore[arg-type] # two kinds of value
    report = inspect(world)
    assert codes(report) == ["manifest.differs"]
    assert "digest" in report.findings[0].message


def test_an_entry_gone_from_one_copy_of_the_ring_is_found(
    world: World, recording: Recording
) -> None:
    in_ring(world, recording)[1].unlink()
    report = inspect(world)
    assert codes(report) == ["keyring.copies_disagree"]
    assert "one copy only" in report.findings[0].message


def test_an_entry_gone_from_both_copies_of_the_ring_is_a_loss(
    world: World, recording: Recording
) -> None:
    for entry in in_ring(world, recording):
        entry.unlink()
    report = inspect(world)
    assert codes(report) == ["keyring.missing"]
    assert report.findings[0].lost


def test_a_key_destroyed_without_a_deletion_is_a_loss(world: World, recording: Recording) -> None:
    world.vault.ring.destroy(recording.pk, at=world.at)
    report = inspect(world)
    assert codes(report) == ["keyring.destroyed"]
    assert report.findings[0].lost


def test_a_whole_copy_of_the_ring_that_is_gone_is_found(world: World, recording: Recording) -> None:
    assert recording.state == "live"
    shutil.rmtree(world.root / "ring" / "second")
    assert codes(inspect(world)) == ["keyring.copies_disagree"]


def test_a_deleted_recording_is_sound_and_its_key_brought_back_is_found(
    world: World, recording: Recording
) -> None:
    kept = [entry.read_bytes() for entry in in_ring(world, recording)]
    dispose(world, recording)
    assert inspect(world).findings == ()
    for live, data in zip(in_ring(world, recording), kept, strict=True):
        live.write_bytes(data)
        assert codes(inspect(world)) == ["keyring.copies_disagree"]
        assert world.vault.ring.state(recording.pk) == "destroyed"
    world.at += timedelta(days=3)
    for dead in in_ring(world, recording, "destroyed"):
        dead.unlink()
    report = inspect(world)
    assert codes(report) == ["key.alive"]
    assert "3 days ago" in report.findings[0].message


def test_a_deletion_that_was_not_carried_out_is_found(world: World, recording: Recording) -> None:
    dispose(world, recording)
    Disposal.objects.filter(pk=recording.pk).update(
        state="committed", statement="", signed_status="", disposed_at=world.at - 2 * HOUR
    )
    assert codes(inspect(world)) == ["disposal.unsigned"]
    Disposal.objects.filter(pk=recording.pk).delete()
    assert codes(inspect(world)) == ["disposal.no_record", "figures.do_not_add_up"]


def test_footage_past_its_day_is_found(world: World, recording: Recording) -> None:
    assert recording.gone_by is not None
    world.at = recording.gone_by + timedelta(days=2)
    report = inspect(world)
    assert codes(report) == ["disposal.overdue"]
    assert "2 days ago" in report.findings[0].message


def test_a_key_of_nothing_is_found_and_told_what_it_was_for(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.patch(upload, data, size=len(data) // 2)
    assert inspect(world).sound
    Upload.objects.all().delete()
    report = inspect(world)
    assert codes(report) == ["key.unowned"]
    assert "received in part" in report.findings[0].message


def test_a_trigger_that_is_gone_is_found(world: World, recording: Recording) -> None:
    assert recording.state == "live"
    on = "" if connection.vendor == "sqlite" else " ON custody_entry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER custody_entry_no_change{on}")
    assert codes(inspect(world)) == ["custody.trigger_missing"]


def test_a_row_that_was_removed_is_found_and_the_figures_fail(
    world: World, recording: Recording
) -> None:
    VideoSeals.objects.all().delete()
    Copy.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM evidence_recording")
    report = inspect(world)
    assert codes(report) == ["figures.do_not_add_up", "recording.row_gone"]
    assert report.findings[0].about == f"recording:{recording.pk}"


def test_a_row_that_the_log_does_not_know_is_found(world: World, recording: Recording) -> None:
    Recording.objects.filter(pk=recording.pk).update(entry_leaf="ab" * 32)
    assert codes(inspect(world)) == ["recording.not_in_log"]


def test_a_row_that_says_deleted_where_the_log_does_not_is_found(
    world: World, recording: Recording
) -> None:
    Recording.objects.filter(pk=recording.pk).update(state="disposed", sha256="")
    assert "recording.state_disagrees" in codes(inspect(world))


def test_a_row_of_police_firearms_that_the_log_does_not_tell_is_found(
    world: World, recording: Recording
) -> None:
    assert world.camera.unit is not None
    FirearmsOperations.objects.create(
        month=recording.received_at.date().replace(day=1),
        unit=world.camera.unit,
        number=3,
        noted_by=Officer.objects.earliest("pk"),
        noted_at=recording.received_at,
    )
    assert codes(inspect(world)) == ["firearms.not_as_logged"]


def test_a_stuck_upload_and_forgotten_quarantine_are_found(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    assert inspect(world).sound
    world.at += 2 * HOUR
    assert codes(inspect(world)) == ["upload.undecided"]
    broken = b"no video at all" * 100
    upload = world.begin(broken, counter=2)
    world.send(upload, broken)
    world.accept()
    assert inspect(world).sound
    world.at = Quarantine.objects.get().gone_by + HOUR
    assert "quarantine.overdue" in codes(inspect(world))


def test_a_hold_that_was_removed_is_found(world: World, recording: Recording) -> None:
    terms = Terms(
        kind=HoldKind.LITIGATION,
        reference="CLAIM-1",
        basis="a claim",
        review_on=(world.at + timedelta(days=90)).date(),
    )
    hold = holds.place(
        terms=terms, owner=world.force.manager, at=world.at, recordings=[recording.pk]
    ).hold
    assert inspect(world).sound
    HoldBinding.objects.all().delete()
    Hold.objects.all().delete()
    report = inspect(world)
    assert codes(report) == ["hold.forgotten"]
    assert report.findings[0].about == f"hold:{hold}"


def test_losses_are_written_down_once_and_resolved_when_found_again(
    world: World, recording: Recording
) -> None:
    path = master_blob(world, recording)
    kept = path.read_bytes()
    path.unlink()
    report = inspect(world)
    assert losses.note(report=report, at=world.at).lost == 1
    assert losses.note(report=inspect(world), at=world.at).lost == 0
    figures = counted(world)
    assert (figures.total.lost, figures.total.not_yet_due) == (1, 0)
    assert figures.problems == ()
    path.write_bytes(kept)
    assert losses.note(report=inspect(world), at=world.at).found_again == 1
    assert Loss.objects.get().resolved_at == world.at
    assert counted(world).total.lost == 0
    assert acts(f"recording:{recording.pk}")[1:] == [
        Act.RECORDING_FOUND_LOST.value,
        Act.RECORDING_REPAIRED.value,
    ]
    assert acts("audit") == [Act.AUDIT_RUN.value] * 3


def test_what_only_reading_back_has_shown_only_reading_back_resolves(
    world: World, recording: Recording
) -> None:
    path = master_blob(world, recording)
    flip(path)
    assert losses.note(report=inspect(world, deep=True), at=world.at).lost == 1
    assert losses.note(report=inspect(world), at=world.at).found_again == 0
    flip(path)
    assert losses.note(report=inspect(world), at=world.at).found_again == 0
    assert losses.note(report=inspect(world, deep=True), at=world.at).found_again == 1
