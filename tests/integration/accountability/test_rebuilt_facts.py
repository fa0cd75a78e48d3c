"""What comes back with a rebuilt recording: its sender, its activation, what kept it, its gaps."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from tests.accountability_world import (
    codes,
    counted,
    dispose,
    inspect,
    lose_database,
    rebuild_from,
)
from tests.ingest_world import World, video
from tests.retention_world import acts

from fairwitness.accountability.restoring import CATEGORY_LOST
from fairwitness.custody import gaps
from fairwitness.evidence import access, transcripts
from fairwitness.evidence.models import Copy, Piece, Recording, Transcript
from fairwitness.force import volumes
from fairwitness.formats import transcript_paper
from fairwitness.formats.acts import Act
from fairwitness.formats.enrolled_volume import VolumeRequest
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest import counter_gaps, tus, uploads
from fairwitness.ingest.models import Upload
from fairwitness.retention import disposal, holds
from fairwitness.retention.disposal import Tools
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import CategoryMark, Disposal, HoldKind
from fairwitness.vault import enclosures, reading
from fairwitness.vault.pieces import Binding


def lose_and_rebuild(world: World) -> None:
    world.publish_log()
    lose_database()
    rebuild_from(world)


def unsigned(world: World, data: bytes) -> tus.Create:
    return world.create(len(data), sha256=hashlib.sha256(data).digest(), filename=b"clip.mp4")


def test_unsigned_footage_is_known_again_by_its_sender_and_bytes(world: World) -> None:
    data = video()
    upload = world.begin_with(unsigned(world, data))
    world.send(upload, data)
    world.accept()
    before = Recording.objects.get()
    lose_and_rebuild(world)
    after = Recording.objects.get()
    assert (after.provenance, after.source) == ("unsigned", before.source)
    assert (after.filename, after.gone_by) == ("clip.mp4", before.gone_by)
    world.dock.refresh_from_db()
    again = world.begin_with(unsigned(world, data))
    assert (again.state, again.received_as) == ("received", before.pk)
    assert counted(world).problems == ()


def test_an_import_is_known_again_by_who_imported_it(world: World) -> None:
    data = video()
    upload = uploads.begin(
        create=unsigned(world, data),
        sender=world.force.ada,
        commitments=world.commitments,
        vault=world.vault,
        at=world.at,
    )
    Upload.objects.filter(pk=upload.pk).update(dock=world.dock, officer=None)
    world.send(upload, data)
    Upload.objects.filter(pk=upload.pk).update(dock=None, officer=world.force.ada)
    world.accept()
    before = Recording.objects.get()
    assert before.provenance == "imported"
    lose_and_rebuild(world)
    after = Recording.objects.get()
    assert (after.provenance, after.source) == ("imported", f"officer:{world.force.ada.pk}")
    assert (after.gone_by, after.entry_leaf) == (before.gone_by, before.entry_leaf)


def test_footage_of_a_volume_is_known_again_and_its_volume_waits_for_approval(
    world: World,
) -> None:
    data, request = (
        video(),
        VolumeRequest(volume=uuid4(), label="blue stick", made_by="Drift HD", brought_by="614LX"),
    )
    volume = volumes.request(asked=request, dock=world.dock, at=world.at)
    volumes.approve(
        volume=volume, terms=volumes.Terms(erase=True), officer=world.force.manager, at=world.at
    )
    name = str(volume.pk).encode()
    upload = world.begin_with(
        world.create(len(data), volume=name, sha256=hashlib.sha256(data).digest())
    )
    world.send(upload, data)
    world.accept()
    before = Recording.objects.get()
    lose_and_rebuild(world)
    after = Recording.objects.get()
    assert (after.provenance, after.source) == ("volume", f"volume:{volume.pk}")
    assert (after.gone_by, after.entry_leaf) == (before.gone_by, before.entry_leaf)
    again = volumes.named(volume.pk)
    assert (again.label, again.status, again.erase) == ("blue stick", "declined", False)
    assert after.volume == again
    assert counted(world).total.from_volumes == 1
    assert counted(world).problems == ()


def test_parts_of_one_activation_have_one_day_again(world: World) -> None:
    for part in (1, 2):
        world.receive(
            video(shade=part * 30), counter=6 + part, activation=7, part=part, last_part=part == 2
        )
    before = dict(Recording.objects.values_list("pk", "gone_by"))
    assert len(set(before.values())) == 1
    lose_and_rebuild(world)
    assert dict(Recording.objects.values_list("pk", "gone_by")) == before


def test_what_a_hold_bound_is_kept_until_a_person_decides(world: World) -> None:
    held, other = world.receive(video()), world.receive(video(shade=20), counter=2)
    terms = Terms(
        kind=HoldKind.LITIGATION,
        reference="CLAIM-1",
        basis="a claim",
        review_on=(world.at + timedelta(days=90)).date(),
    )
    placed = holds.place(terms=terms, owner=world.force.manager, at=world.at, recordings=[held.pk])
    lose_and_rebuild(world)
    again = Recording.objects.get(pk=held.pk)
    assert again.gone_by is None
    assert CATEGORY_LOST in again.keep_reason
    assert Recording.objects.get(pk=other.pk).gone_by == other.gone_by
    assert counted(world).total.kept["category"] == 1
    forgotten = [one for one in inspect(world).findings if one.code == "hold.forgotten"]
    assert [one.about for one in forgotten] == [f"hold:{placed.hold}"]


def test_a_deletion_that_an_older_database_forgot_is_carried_out_again(world: World) -> None:
    recording = world.receive(video())
    row = Recording.objects.filter(pk=recording.pk).values().get()
    pieces = list(Piece.objects.filter(recording_id=recording.pk).values())
    dispose(world, recording)
    Disposal.objects.all().delete()
    Recording.objects.filter(pk=recording.pk).update(**row)
    Piece.objects.bulk_create(Piece(**piece) for piece in pieces)
    Copy.objects.create(recording=recording, kind="poster")
    report = inspect(world)
    assert "recording.state_disagrees" in codes(report)
    assert not any(finding.lost for finding in report.findings)
    assert rebuild_from(world).tombstones == 1
    tools = Tools(world.vault, SigningKey.generate())
    assert disposal.finish(tools, at=world.at) == 1
    assert inspect(world).findings == ()
    assert Disposal.objects.get().status == "confirmed"


def test_numbers_that_docks_miss_are_told_until_they_arrive(world: World) -> None:
    data = video()
    claim = world.claim(data, counter=5)
    missing = world.docking(counters_missing=(2, 3, 4))
    for _ in range(2):  # the dock says the same with each recording
        upload = world.begin_with(
            world.create(len(data), statement=world.signed(claim), docking=missing)
        )
        world.send(upload, data) if upload.state == "receiving" else None
        world.accept()
    about = f"camera:{world.camera.pk}"
    assert acts(about).count(Act.CAMERA_COUNTER_GAP_FOUND.value) == 1
    figures = counted(world)
    assert (figures.never_arrived, figures.total.never_arrived) == (3, 3)
    (line,) = [line for line in figures.lines if line.never_arrived]
    assert line.code == "LAM"
    world.receive(video(shade=20), counter=3)
    assert counted(world).never_arrived == 2
    lose_and_rebuild(world)
    # Recordings come back in any order; 3 may be there before anybody says that it is missing.
    assert sorted(counter_gaps.open_gaps().values_list("counter", flat=True)) == [2, 4]
    assert counted(world).never_arrived == 2


def test_a_transcript_comes_back_with_who_attached_it_and_goes_with_its_recording(
    world: World,
) -> None:
    recording = world.receive(video())
    officer = recording.wearer
    assert officer is not None
    data = b"WEBVTT\n\n00:00.000 --> 00:00.500\nStay where you are\n"
    made = transcripts.attach(
        recording=recording,
        officer=officer,
        data=data,
        made_by="Ms Typist",
        vault=world.vault,
        at=world.at,
    )
    key = world.vault.ring.get(recording.pk)
    undone = transcript_paper.read(papers(world, recording.pk)[0])
    enclosures.write(  # as a transaction leaves it that came to nothing
        replace(undone, number=2, attached_at=undone.attached_at + timedelta(hours=1)).encode(),
        store=world.vault.store,
        key=key,
        owner=recording.pk,
        enclosure=uuid4(),
    )
    lose_and_rebuild(world)
    (again,) = Transcript.objects.all()
    assert (again.number, again.made_by, again.sha256) == (1, "Ms Typist", made.sha256)
    assert (again.attached_at, again.lines) == (made.attached_at, 1)
    assert again.attached_by.collar_number == officer.collar_number
    pieces, length = access.pieces_of(recording=recording.pk, kind=again.piece_name)
    binding = Binding(key, recording.pk, again.piece_name, length)
    found = reading.read_back(pieces, store=world.vault.store, binding=binding)
    assert found.sha256.hex() == hashlib.sha256(data).hexdigest()
    CategoryMark.objects.all().delete()
    with transaction.atomic():
        for number in (1, 2):  # as two people who compared it with their lists
            gaps.close_gap(actor=f"officer:{number}", reason="compared", at=world.at)
    dispose(world, Recording.objects.get())
    disposal.finish(Tools(world.vault, SigningKey.generate()), at=world.at)
    assert not list(world.vault.store.names("enclosure/"))


def papers(world: World, pk: UUID) -> list[bytes]:
    """What lies sealed beside a recording."""
    store, key = world.vault.store, world.vault.ring.get(pk)
    return [
        enclosures.read(store=store, key=key, owner=pk, enclosure=each)
        for each in enclosures.of(store=store, owner=pk)
    ]
