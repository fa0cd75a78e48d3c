"""Footage that was deleted before the database was lost is docked again: what does the dock get?"""

import hashlib
from typing import TypeVar

import pytest
from tests.accountability_world import (
    counted,
    dispose,
    inspect,
    lose_database,
    published_trust,
    rebuild_from,
    rows_again,
)
from tests.ingest_world import World, video
from tests.integration.accountability.test_rebuild import manager_anew

from fairwitness.accountability.models import Vestige
from fairwitness.evidence.models import Recording
from fairwitness.force import enrolment, stations, units
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, Dock, Officer, UnitKind
from fairwitness.force.stations import NewStation
from fairwitness.force.units import NewUnit
from fairwitness.formats import receipt
from fairwitness.formats.docking import DeviceKind
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.receipt import Receipt
from fairwitness.ingest import kept_receipts, receipts
from fairwitness.ingest.models import Upload
from fairwitness.retention import disposal

SETUP = System("setup")

D = TypeVar("D", Camera, Dock)


def _receipt(world: World, upload: Upload) -> Receipt:
    made = receipts.receipt_for(upload=upload, issuer=world.issuer, at=world.at)
    assert isinstance(made, Receipt)
    return made


def _received_and_deleted(world: World, data: bytes) -> tuple[Recording, Receipt]:
    recording = world.receive(data)
    world.publish_log()
    first = _receipt(world, Upload.objects.get())
    dispose(world, recording)
    receipts.forget_deleted(issuer=world.issuer, at=world.at)
    world.publish_log()
    return recording, first


def _force_anew(world: World) -> Officer:
    """The force is registered again, and its dock; nothing is left of the old rows."""
    units.register_many(
        actor=SETUP, units=[NewUnit("LAM", "Lambeth", UnitKind.BOROUGH)], at=world.at
    )
    stations.register(actor=SETUP, station=NewStation("LAM1", "Brixton", "LAM"), at=world.at)
    manager = manager_anew()
    world.dock = _enrol(world, world.dock, world.dock_key, DeviceKind.DOCK, manager)
    return manager


def _camera_anew(world: World, manager: Officer) -> None:
    was = world.camera.pk
    world.camera = _enrol(world, world.camera, world.camera_key, DeviceKind.CAMERA, manager)
    assert world.camera.pk != was


def _enrol(world: World, device: D, key: SigningKey, kind: DeviceKind, manager: Officer) -> D:
    wish = world.force.request(device.serial, key=key, kind=kind)
    asked = enrolment.request_enrolment(envelope=wish, at=world.at)
    enrolment.approve(device=asked, keyid=asked.keyid, officer=manager, at=world.at)
    assert isinstance(asked, type(device))
    return asked


def test_the_first_receipt_comes_back_though_nothing_else_is_left(world: World) -> None:
    data = video()
    recording, first = _received_and_deleted(world, data)
    lose_database()
    assert rebuild_from(world).vestiges == 1
    _camera_anew(world, _force_anew(world))
    again = world.begin(data)
    assert (again.state, again.offset, again.received_as) == ("received", len(data), recording.pk)
    assert _receipt(world, again) == first
    receipt.check_receipt(
        first, trust=world.trust(), sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    assert not Recording.objects.exists()
    assert Vestige.objects.get().pk == recording.pk
    assert counted(world).problems == ()
    assert world.begin(video(shade=20), counter=2).state == "receiving"


def test_sent_whole_before_the_camera_was_enrolled_again_it_is_known_all_the_same(
    world: World,
) -> None:
    data = video()
    recording, first = _received_and_deleted(world, data)
    lose_database()
    rebuild_from(world)
    manager = _force_anew(world)
    upload = world.begin(data)
    world.send(upload, data)
    _camera_anew(world, manager)
    assert world.accept() == 1
    upload.refresh_from_db()
    assert (upload.state, upload.received_as) == ("received", recording.pk)
    assert _receipt(world, upload) == first
    assert not Recording.objects.exists()


def test_unsigned_footage_of_the_same_dock_too(world: World) -> None:
    data = video()
    digest = hashlib.sha256(data).digest()

    def begin() -> Upload:
        return world.begin_with(world.create(len(data), sha256=digest, docking=b""))

    upload = begin()
    world.send(upload, data)
    world.accept()
    world.publish_log()
    first = _receipt(world, Upload.objects.get())
    dispose(world, Recording.objects.get())
    world.publish_log()
    lose_database()
    rebuild_from(world)
    _force_anew(world)
    assert _receipt(world, begin()) == first


def test_a_deletion_that_the_loss_cut_short_still_has_its_receipt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = video()
    recording = world.receive(data)
    world.publish_log()
    first = _receipt(world, Upload.objects.get())
    monkeypatch.setattr(disposal, "finish", lambda *_, **__: 0)
    monkeypatch.setattr(disposal, "destroy_keys", lambda *_, **__: None)
    dispose(world, recording)
    world.publish_log()
    trust = published_trust(world)
    lose_database()
    assert rebuild_from(world, trust=trust).tombstones == 1
    world.camera, world.dock = rows_again(world)
    assert _receipt(world, world.begin(data)) == first


def test_where_the_receipt_itself_is_lost_that_is_said(world: World) -> None:
    data = video()
    recording = world.receive(data)
    world.publish_log()
    _receipt(world, Upload.objects.get())
    dispose(world, recording)
    receipts.forget_deleted(issuer=world.issuer, at=world.at)
    (name,) = world.vault.store.names("receipt/")
    world.vault.store.delete(name)
    again = world.begin(data)
    with pytest.raises(receipts.ReceiptLost):
        receipts.receipt_for(upload=again, issuer=world.issuer, at=world.at)


def test_what_is_kept_opens_for_the_same_footage_only(world: World) -> None:
    data, other = video(), video(shade=20)
    recording, first = _received_and_deleted(world, data)

    def find(identity: str, data: bytes) -> Receipt | None:
        return kept_receipts.find(
            identity=identity,
            sha256=hashlib.sha256(data).hexdigest(),
            commitments=world.commitments,
            store=world.vault.store,
        )

    assert find("camera:00417/1/1", data) == first
    assert find("camera:00417/1/1", other) is None
    assert find("camera:00417/2/1", data) is None
    digest = hashlib.sha256(data)
    for path in (world.root / "vault").rglob("*"):
        if path.is_file():
            found = path.read_bytes() + path.name.encode()
            assert digest.digest() not in found
            assert digest.hexdigest().encode() not in found
            assert str(recording.pk).encode() not in found


def test_a_receipt_that_was_kept_and_not_stored_is_the_first(world: World) -> None:
    """As after a kill between the two, or after a loss while the footage lives."""
    data = video()
    recording = world.receive(data)
    world.publish_log()
    first = _receipt(world, Upload.objects.get())
    trust = published_trust(world)
    lose_database()
    rebuild_from(world, trust=trust)
    world.camera, world.dock = rows_again(world)
    again = world.begin(data)
    assert again.received_as == recording.pk
    assert _receipt(world, again) == first
    assert "vault.blobs_unnamed" not in [one.code for one in inspect(world).findings]
