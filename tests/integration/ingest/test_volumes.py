"""Footage of enrolled volumes: known by volume and digest, kept as it is, told as what it is."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.accountability import figures
from fairwitness.custody import ledger, reading
from fairwitness.evidence import unassigned
from fairwitness.evidence.models import Recording
from fairwitness.force import volumes
from fairwitness.force.models import Volume
from fairwitness.force.volumes import Terms
from fairwitness.formats import manifest
from fairwitness.formats.acts import Act
from fairwitness.formats.enrolled_volume import VolumeRequest
from fairwitness.ingest import uploads
from fairwitness.ingest.identity import IdentityMissing, VolumeRefused
from fairwitness.ingest.models import Quarantine, Upload
from fairwitness.ingest.receipts import answer
from fairwitness.vault import manifests

PAPER = b"a report, no video at all" * 90


def enrolled(world: World, label: str = "blue stick", terms: Terms | None = None) -> Volume:
    request = VolumeRequest(volume=uuid4(), label=label, made_by="Drift HD", brought_by="614LX")
    row = volumes.request(asked=request, dock=world.dock, at=AT)
    if terms is not None:
        volumes.approve(volume=row, terms=terms, officer=world.force.manager, at=AT)
    return volumes.named(row.pk)


def begun(world: World, volume: Volume | UUID, data: bytes, name: str = "DRFT0001.MP4") -> Upload:
    pk = volume.pk if isinstance(volume, Volume) else volume
    return world.begin_with(
        world.create(
            len(data),
            volume=str(pk).encode(),
            sha256=hashlib.sha256(data).digest(),
            filename=name.encode(),
        )
    )


def taken(world: World, volume: Volume, data: bytes, name: str = "DRFT0001.MP4") -> Recording:
    upload = begun(world, volume, data, name)
    world.send(upload, data)
    assert world.accept() == 1
    return Recording.objects.get(pk=upload.recording_id)


def test_it_says_which_volume_it_lay_on_and_counts_from_its_arrival(world: World) -> None:
    volume = enrolled(world, terms=Terms())
    recording = taken(world, volume, video())
    assert (recording.provenance, recording.volume) == ("volume", volume)
    assert recording.source == f"volume:{volume.pk}"
    assert (recording.dock, recording.station) == (world.dock, world.force.brixton)
    assert (recording.wearer, recording.unit) == (None, world.force.lambeth)
    assert recording.gone_by == recording.received_at + timedelta(days=31)
    assert recording in unassigned.waiting()
    assert acts(f"recording:{recording.pk}") == ["recording.imported"]
    body = reading.history(f"recording:{recording.pk}")[0].body
    assert body is not None
    assert (body.actor, body.detail["volume"]) == (
        f"dock:{world.dock.pk}", f"volume:{volume.pk}",
    )  # fmt: skip
    counted = figures.count(at=world.at).total
    assert (counted.received, counted.from_volumes) == (1, 1)
    assert (counted.imported, counted.unsigned) == (0, 0)
    sealed = manifest.parse(
        manifests.read(
            store=world.vault.store, key=world.vault.ring.get(recording.pk), recording=recording.pk
        )
    )
    assert sealed.provenance == "volume"
    assert sealed.importer == manifest.Named(id=str(volume.pk), name="volume blue stick")


def test_whoever_is_said_to_have_worn_its_camera_has_it(world: World) -> None:
    volume = enrolled(world, terms=Terms(wearer=world.force.dev))
    recording = taken(world, volume, video())
    assert recording.wearer == world.force.dev
    assert not unassigned.waiting().exists()


def test_what_can_t_be_read_is_kept_as_it_came(world: World) -> None:
    recording = taken(world, enrolled(world, terms=Terms()), PAPER, "report.txt")
    assert recording.filename == "report.txt"
    assert recording.media is not None
    assert recording.media["findings"]
    assert not Quarantine.objects.exists()


def test_other_bytes_than_were_promised_go_to_quarantine(world: World) -> None:
    upload = begun(world, enrolled(world, terms=Terms()), PAPER)
    world.send(upload, PAPER[:-1] + b"!")
    world.accept()
    assert Quarantine.objects.get().reason == "digest.bad"
    assert not Recording.objects.exists()


def test_the_same_bytes_on_it_are_one_recording_whatever_their_name(world: World) -> None:
    volume = enrolled(world, terms=Terms())
    recording = taken(world, volume, PAPER, "a.mp4")
    again = begun(world, volume, PAPER, "b.mp4")
    assert again.received_as == recording.pk
    world.publish_log()
    receipt = answer(upload=again, issuer=world.issuer, at=world.at, since=None, asker="dock:x")
    assert receipt is not None
    other = taken(world, enrolled(world, "red stick", Terms()), PAPER)
    assert other.pk != recording.pk


def test_what_was_deleted_does_not_come_back_by_docking_it_again(world: World) -> None:
    volume = enrolled(world, terms=Terms())
    recording = taken(world, volume, PAPER)
    Recording.objects.filter(pk=recording.pk).update(state="disposed", sha256="")
    Upload.objects.all().delete()  # and the rows are lost with the database
    again = begun(world, volume, PAPER)
    assert (again.received_as, again.state) == (recording.pk, "received")
    assert again.volume == volume


@pytest.mark.parametrize("standing", ["unknown", "pending", "declined", "revoked"])
def test_nothing_is_taken_from_what_is_not_approved(world: World, standing: str) -> None:
    volume = enrolled(world, terms=Terms() if standing == "revoked" else None)
    manager = world.force.manager
    if standing == "revoked":
        volumes.revoke(volume=volume, officer=manager, at=AT, reason="lost")
    if standing == "declined":
        volumes.decline(volume=volume, officer=manager, at=AT, reason="whose is it?")
    with pytest.raises(VolumeRefused):
        begun(world, uuid4() if standing == "unknown" else volume, PAPER)
    assert not Upload.objects.exists()
    (refusal,) = ledger.search(act=Act.UPLOAD_REFUSED, limit=10)
    assert refusal.body is not None
    assert refusal.body.detail["code"] == "volume.not_enrolled"


def test_a_volume_goes_with_a_digest_and_with_no_camera_s_word(world: World) -> None:
    volume = enrolled(world, terms=Terms())
    name, digest = str(volume.pk).encode(), hashlib.sha256(PAPER).digest()
    signed = world.signed(world.claim(PAPER))
    for values in (
        {"volume": name},
        {"volume": name, "sha256": b"short"},
        {"volume": b"\xff", "sha256": digest},
        {"volume": b"x", "sha256": digest},
        {"volume": name, "sha256": digest, "statement": signed},
    ):
        with pytest.raises(IdentityMissing):
            world.begin_with(world.create(len(PAPER), **values))
    assert not Upload.objects.exists()


def test_an_officer_can_t_name_a_volume(world: World) -> None:
    """Only docks stand where the volume is: from anybody else the key is not known."""
    volume = enrolled(world, terms=Terms())
    create = world.create(
        len(PAPER), volume=str(volume.pk).encode(), sha256=hashlib.sha256(PAPER).digest()
    )
    upload = uploads.begin(
        create=create,
        sender=world.force.manager,
        commitments=world.commitments,
        vault=world.vault,
        at=world.at,
    )
    assert (upload.volume, upload.identity) == (None, f"officer:{world.force.manager.pk}")
