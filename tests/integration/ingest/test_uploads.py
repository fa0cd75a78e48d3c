"""Rows of uploads: one writer, offsets that never lie, ends, and what nobody may touch."""

import dataclasses
import hashlib
from datetime import timedelta

import pytest
from tests.ingest_world import AT, SERIAL, World, long_video, video
from tests.retention_world import acts
from tests.vectors import samples

from fairwitness.accountability import ring
from fairwitness.evidence.models import Piece, Recording
from fairwitness.force import enrolment
from fairwitness.force.models import Dock
from fairwitness.formats import docking, manifest
from fairwitness.formats.docking import DeviceKind, DockingClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.manifest import PieceRef
from fairwitness.formats.piece import PIECE_PLAINTEXT, sealed_size
from fairwitness.ingest import acceptance, dockings, ending, identity, tus, uploads
from fairwitness.ingest.models import CounterGap, Upload, UploadState
from fairwitness.vault import manifests
from fairwitness.vault import pieces as pieces_
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.sealing import WriterAborted

MIB = 1 << 20


def start(world: World, upload: Upload, offset: int) -> uploads.Run:
    return uploads.start(
        upload=upload.pk, sender=world.dock, append=tus.Append(offset, None, None), at=world.at
    )


def test_a_writer_that_was_taken_over_commits_nothing_more(world: World) -> None:
    data = long_video(3 * MIB)
    upload = world.begin(data)
    first = world.receiver.receive(start(world, upload, 0), checksum=None)
    first.take(memoryview(data)[:MIB])
    row = uploads.take_over(upload=upload.pk, sender=world.dock, at=world.at)
    assert row.offset == 0
    with pytest.raises(uploads.Superseded):
        first.finish(whole=True)
    first.abort()
    assert Upload.objects.get(pk=upload.pk).offset == 0
    assert not Piece.objects.filter(recording_id=upload.recording_id).exists()
    assert list(world.vault.store.names("piece/")) == []
    world.send(upload, data)
    assert world.accept() == 1


def test_the_offset_is_the_durable_prefix_after_a_cut(world: World) -> None:
    data = long_video(3 * MIB)
    upload = world.begin(data)
    writer = world.receiver.receive(start(world, upload, 0), checksum=None)
    writer.take(memoryview(data)[: MIB + 7])
    writer.finish(whole=False)
    row = uploads.take_over(upload=upload.pk, sender=world.dock, at=world.at)
    assert row.offset == MIB + 7
    assert row.offset == sum(
        Piece.objects.filter(recording_id=upload.recording_id).values_list("length", flat=True)
    )


def test_two_uploads_of_the_same_footage_never_both_live(world: World) -> None:
    data = video()
    assert world.begin(data).pk == world.begin(data).pk
    assert Upload.objects.count() == 1
    assert len(list(world.vault.ring.ids())) == 1


def test_an_upload_begun_by_a_server_killed_before_its_key_is_begun_again(world: World) -> None:
    data = video()
    begun = world.begin(data)
    for copy in world.vault.ring.copies:  # the row was committed, the key not made
        copy.forget(begun.recording_id)
    assert list(ring.unowned(vault=world.vault)) == []
    assert world.begin(data).pk == begun.pk
    assert world.vault.ring.state(begun.recording_id) is KeyState.LIVE
    world.send(begun, data)
    assert world.accept() == 1
    assert Recording.objects.filter(pk=begun.recording_id).exists()


def test_a_checksummed_body_counts_whole_or_not_at_all(world: World) -> None:
    data = long_video(3 * MIB)
    upload = world.begin(data)
    good = tus.Checksum("sha256", hashlib.sha256(data[:MIB]).digest())
    writer = world.receiver.receive(start(world, upload, 0), checksum=good)
    writer.take(memoryview(data)[:MIB])
    assert Upload.objects.get(pk=upload.pk).offset == 0
    writer.finish(whole=True)
    assert Upload.objects.get(pk=upload.pk).offset == MIB
    bad = tus.Checksum("sha1", bytes(20))
    for checksum, whole in ((bad, True), (good, False)):
        writer = world.receiver.receive(start(world, upload, MIB), checksum=checksum)
        writer.take(memoryview(data)[MIB : 2 * MIB])
        with pytest.raises(tus.UploadRefused) as caught:
            writer.finish(whole=whole)
        assert caught.value.stable_code == "upload.checksum_mismatch"
        assert Upload.objects.get(pk=upload.pk).offset == MIB
    assert len(list(world.vault.store.names("piece/"))) == 1
    world.send(upload, data)
    assert world.accept() == 1


def test_a_forged_statement_cannot_touch_the_real_upload(world: World) -> None:
    data = long_video(2 * MIB)
    real = world.begin(data)
    world.patch(real, data, size=MIB)
    forged = world.signed(world.claim(data), key=SigningKey.generate())
    other = world.begin_with(world.create(len(data), statement=forged))
    assert other.pk != real.pk
    assert other.recording_id != real.recording_id
    world.send(real, data)
    assert world.accept() == 1
    assert Recording.objects.get().pk == real.recording_id


def test_an_upload_without_statement_or_digest_is_refused(world: World) -> None:
    for values in ({}, {"statement": b"garbage"}, {"sha256": b"short"}):
        with pytest.raises(identity.IdentityMissing):
            world.begin_with(world.create(5, **values))
    assert Upload.objects.count() == 0
    assert list(world.vault.ring.ids()) == []
    assert acts(f"dock:{world.dock.pk}").count("upload.refused") == 3


def test_known_bytes_of_another_length_are_refused(world: World) -> None:
    data = video()
    world.begin(data)
    create = world.create(len(data) + 1, statement=world.signed(world.claim(data)))
    with pytest.raises(tus.UploadRefused) as caught:
        world.begin_with(create)
    assert caught.value.stable_code == "upload.length"


def test_a_docking_must_be_the_sending_docks_own(world: World) -> None:
    good = dockings.check(world.docking(), dock=world.dock, camera="00417")
    assert good.dock == "D-0007"
    for raw, camera in (
        (world.docking(dock="D-0008"), "00417"),
        (world.docking(), "00418"),
        (b"{}", None),
        (world.docking()[:-3], "00417"),
    ):
        with pytest.raises(dockings.DockingInvalid):
            dockings.check(raw, dock=world.dock, camera=camera)
    data = video()
    statement = world.signed(world.claim(data))
    with pytest.raises(dockings.DockingInvalid):
        world.begin_with(
            world.create(len(data), statement=statement, docking=world.docking(camera="00418"))
        )
    assert acts(f"dock:{world.dock.pk}")[-1] == "upload.refused"


def test_an_upload_of_another_kind_of_sender_is_unknown(world: World) -> None:
    upload = world.begin(video())
    with pytest.raises(uploads.UploadUnknown):
        uploads.of_sender(upload=upload.pk, sender=world.force.manager)
    with pytest.raises(uploads.UploadUnknown):
        uploads.of_sender(upload=world.dock.pk, sender=world.dock)


def test_a_terminated_upload_is_gone_with_its_key_and_its_bytes(world: World) -> None:
    data = long_video(2 * MIB)
    upload = world.begin(data)
    world.patch(upload, data, size=MIB)
    ending.terminate(upload=upload.pk, sender=world.dock, at=world.at)
    row = Upload.objects.get(pk=upload.pk)
    assert row.state == UploadState.ENDED
    assert row.statement == ""
    assert ending.clear(vault=world.vault, at=world.at) == 1
    assert ending.clear(vault=world.vault, at=world.at) == 0
    assert world.vault.ring.state(upload.recording_id) is KeyState.DESTROYED
    assert list(world.vault.store.names("piece/")) == []
    assert acts(f"upload:{upload.pk}") == ["upload.begun", "upload.expired"]
    with pytest.raises(tus.UploadRefused) as caught:
        start(world, upload, MIB)
    assert caught.value.stable_code == "upload.gone"
    assert world.begin(data).pk != upload.pk


def test_footage_wholly_received_cannot_be_terminated(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    with pytest.raises(tus.UploadRefused) as caught:
        ending.terminate(upload=upload.pk, sender=world.dock, at=world.at)
    assert caught.value.stable_code == "upload.complete"
    assert world.accept() == 1


def test_abandoned_uploads_end_within_31_days_and_complete_ones_never(world: World) -> None:
    data, other = long_video(2 * MIB), video(shade=50)
    abandoned, complete = world.begin(data), world.begin(other, counter=2)
    world.patch(abandoned, data, size=MIB)
    world.send(complete, other)
    assert ending.expire(at=AT + timedelta(days=29)) == 0
    assert ending.expire(at=AT + timedelta(days=31)) == 1
    assert Upload.objects.get(pk=abandoned.pk).state == UploadState.ENDED
    assert Upload.objects.get(pk=complete.pk).state == UploadState.VERIFYING


def test_an_upload_that_is_cut_too_often_is_not_continued(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_PIECES", 3)
    data = long_video(2 * MIB)
    upload = world.begin(data)
    for _ in range(3):
        world.patch(upload, data, size=10)
    with pytest.raises(tus.UploadRefused) as caught:
        start(world, upload, 30)
    assert caught.value.stable_code == "upload.too_many_parts"
    ending.terminate(upload=upload.pk, sender=world.dock, at=world.at)
    again = world.begin(data)
    world.send(again, data)
    assert world.accept() == 1


def test_a_manifest_can_name_as_many_pieces_as_an_upload_may_have() -> None:
    length, most = PIECE_PLAINTEXT, 2 * uploads.MOST_PIECES
    pieces = tuple(
        PieceRef(
            blob=pieces_.new_name("ff"),
            offset=number * length,
            length=length,
            sealed_size=sealed_size(length),
        )
        for number in range(most)
    )
    told = dataclasses.replace(samples.MANIFEST, pieces=pieces, size=most * length)
    encoded = manifest.encode(told)
    assert len(encoded) <= PIECE_PLAINTEXT
    assert manifest.parse(encoded) == told


def test_a_worker_that_was_thought_dead_decides_nothing(world: World) -> None:
    data = video()
    upload = world.begin(data)
    world.send(upload, data)
    slow = acceptance.claim(world.at)
    assert slow is not None
    assert acceptance.claim(world.at) is None
    world.at += timedelta(hours=1)
    assert world.accept() == 1
    with pytest.raises(acceptance.LeaseLost):
        acceptance.accept(slow, world.tools)
    assert Recording.objects.count() == 1
    assert acts(f"recording:{upload.recording_id}") == ["recording.received"]


def test_a_worker_that_was_thought_dead_replaces_no_manifest_that_counts(world: World) -> None:
    data = video()
    create = world.create(len(data), sha256=hashlib.sha256(data).digest(), filename=b"clip.mp4")
    upload = world.begin_with(create)
    world.send(upload, data)
    slow = acceptance.claim(world.at)
    assert slow is not None
    assert slow.dock is not None
    assert slow.dock.station is not None
    slow.dock.station.name = "as it was called before"
    world.at += timedelta(hours=1)
    assert world.accept() == 1
    vault, recording = world.vault, upload.recording_id
    key = vault.ring.get(recording)
    counts = manifests.read(store=vault.store, key=key, recording=recording)
    with pytest.raises(acceptance.LeaseLost):
        acceptance.accept(slow, world.tools)
    assert manifests.read(store=vault.store, key=key, recording=recording) == counts


def test_writers_of_a_closed_server_are_told(world: World) -> None:
    data = long_video(2 * MIB)
    upload = world.begin(data)
    writer = world.receiver.receive(start(world, upload, 0), checksum=None)
    writer.take(memoryview(data)[:100])
    world.receiver.close()
    with pytest.raises(WriterAborted):
        writer.finish(whole=True)
    writer.abort()


def begin_at(world: World, dock: Dock, data: bytes, docking: bytes) -> Upload:
    """Another dock, or this one, offers the footage with its own docking."""
    values = {"statement": world.signed(world.claim(data))}
    if docking:
        values["docking"] = docking
    return uploads.begin(
        create=world.create(len(data), **values),
        sender=dock,
        commitments=world.commitments,
        vault=world.vault,
        at=world.at,
    )


def other_dock(world: World) -> tuple[Dock, bytes]:
    """A second dock, and its docking, which compared a clock that the first had set by then."""
    key = SigningKey.generate()
    device = enrolment.request_enrolment(
        envelope=world.force.request("D-0008", key=key, kind=DeviceKind.DOCK), at=world.at
    )
    assert isinstance(device, Dock)
    enrolment.approve(device=device, keyid=device.keyid, officer=world.force.manager, at=world.at)
    claim = DockingClaim(
        dock="D-0008",
        station="LAM1",
        bay=1,
        camera=SERIAL,
        docked_at=world.at,
        camera_clock_ahead_us_min=-10,
        camera_clock_ahead_us_max=10,
        clock_set_at_last_docking=None,
        dock_clock_error_us=10,
        counters_missing=(3, 4),
    )
    return device, docking.sign_claim(claim, key=key).encode()


def test_an_upload_keeps_the_docking_it_began_with_and_that_dock(world: World) -> None:
    data = long_video(3 * MIB)
    upload = begin_at(world, world.dock, data, world.docking())
    world.patch(upload, data, size=MIB)
    dock, docked = other_dock(world)
    assert begin_at(world, dock, data, docked).pk == upload.pk
    world.send(upload, data)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    kept = manifest.parse(
        manifests.read(
            store=world.vault.store,
            key=world.vault.ring.get(recording.pk),
            recording=recording.pk,
        )
    )
    assert kept.docking is not None
    said = docking.parse_claim(kept.docking, DockingClaim)
    assert kept.dock is not None
    assert kept.dock.name == said.dock == world.dock.serial
    assert kept.docked_at == said.docked_at == recording.docked_at
    assert recording.clock_ahead_us_max == 500_000
    found = CounterGap.objects.filter(camera=world.camera).values_list("counter", flat=True)
    assert sorted(found) == [3, 4]


def test_an_upload_without_a_docking_takes_that_of_the_next_dock(world: World) -> None:
    data = long_video(2 * MIB)
    upload = begin_at(world, world.dock, data, b"")
    dock, docked = other_dock(world)
    begin_at(world, dock, data, docked)
    world.send(upload, data)
    assert world.accept() == 1
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.dock == dock
    assert recording.docked_at == world.at
