"""Devices ask with their own key; a person who did not bring them says yes."""

from datetime import timedelta

import pytest
from tests.integration.force.made_up import AT, Force, acts, last_actor

from fairwitness.force import authority, enrolment, trusted
from fairwitness.force.asking import NotAllowed
from fairwitness.force.enrolment import EnrolmentRefused
from fairwitness.force.models import Camera, Dock, EnrolmentStatus
from fairwitness.formats import docking
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.trust import KeyRole

LATER = AT + timedelta(days=1)


def test_a_camera_asks_waits_and_is_approved(force: Force) -> None:
    key = SigningKey.generate()
    camera = enrolment.request_enrolment(envelope=force.request("00001", key=key), at=AT)
    assert isinstance(camera, Camera)
    assert (camera.status, camera.unit, camera.mount) == ("pending", force.lambeth, "chest")
    assert enrolment.pending() == [camera]
    assert trusted.trusted_keys() == ()
    enrolment.approve(device=camera, keyid=key.keyid, officer=force.manager, at=LATER)
    assert acts(f"camera:{camera.pk}") == ["camera.enrolment_requested", "camera.approved"]
    assert last_actor(f"camera:{camera.pk}") == f"officer:{force.manager.pk}"
    (trusted_key,) = trusted.trusted_keys()
    assert (trusted_key.role, trusted_key.name) == (KeyRole.CAMERA, "00001")
    assert (trusted_key.valid_from, trusted_key.keyid) == (LATER, key.keyid)
    assert trusted.camera_by_key(key.keyid) == camera


def test_asking_again_with_the_same_key_changes_nothing(force: Force) -> None:
    envelope = force.request("00001")
    first, twin = enrolment.request_many(envelopes=[envelope, envelope], at=AT)
    again = enrolment.request_enrolment(envelope=envelope, at=LATER)
    assert first.pk == twin.pk == again.pk
    assert acts(f"camera:{first.pk}") == ["camera.enrolment_requested"]
    enrolment.approve(device=again, keyid=again.keyid, officer=force.manager, at=LATER)
    approved = enrolment.request_enrolment(envelope=envelope, at=LATER)
    assert approved.status == "approved"


def test_the_same_serial_with_another_key_is_refused(force: Force) -> None:
    enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    assert refused.value.stable_code == "enrolment.serial_taken"
    assert Camera.objects.count() == 1


def test_a_key_belongs_to_one_device_of_whatever_kind(force: Force) -> None:
    key = SigningKey.generate()
    enrolment.request_enrolment(envelope=force.request("00001", key=key), at=AT)
    for other in (
        force.request("00002", key=key),
        force.request("D1", key=key, kind=DeviceKind.DOCK),
    ):
        with pytest.raises(EnrolmentRefused) as refused:
            enrolment.request_enrolment(envelope=other, at=AT)
        assert refused.value.stable_code == "enrolment.key_taken"


def test_a_request_must_be_signed_by_the_key_it_names(force: Force) -> None:
    wish = docking.parse_claim(force.request("00001"), EnrolmentRequest)
    forged = docking.sign_claim(wish, key=SigningKey.generate())
    with pytest.raises(FormatError):
        enrolment.request_enrolment(envelope=forged, at=AT)
    assert not Camera.objects.exists()


def test_a_declined_serial_is_free_for_another_key(force: Force) -> None:
    first = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    enrolment.decline(device=first, officer=force.manager, at=AT, reason="not one of ours")
    key = SigningKey.generate()
    second = enrolment.request_enrolment(envelope=force.request("00001", key=key), at=LATER)
    assert (second.pk, second.status, second.keyid) == (first.pk, "pending", key.keyid)
    assert second.status_reason == ""


def test_one_bad_request_of_many_stops_all(force: Force) -> None:
    enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(EnrolmentRefused):
        enrolment.request_many(envelopes=[force.request("00002"), force.request("00001")], at=AT)
    assert Camera.objects.count() == 1


def test_docks_stand_at_stations_that_we_know(force: Force) -> None:
    wish = force.request("D1", kind=DeviceKind.DOCK, station="NOWHERE")
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.request_enrolment(envelope=wish, at=AT)
    assert refused.value.stable_code == "enrolment.station"
    dock = force.dock("D1")
    assert dock.station == force.brixton


def test_cameras_from_elsewhere_need_a_unit(force: Force) -> None:
    camera = enrolment.request_enrolment(envelope=force.request("00001", station=None), at=AT)
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.approve(device=camera, keyid=camera.keyid, officer=force.manager, at=AT)
    assert refused.value.stable_code == "enrolment.no_unit"
    enrolment.approve(
        device=camera, keyid=camera.keyid, officer=force.manager, at=AT, unit=force.lewisham
    )
    camera.refresh_from_db()
    assert isinstance(camera, Camera)
    assert camera.unit == force.lewisham


def test_only_the_key_that_the_officer_saw_is_approved(force: Force) -> None:
    camera = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.approve(device=camera, keyid="0" * 64, officer=force.manager, at=AT)
    assert refused.value.stable_code == "enrolment.other_key"


def test_a_request_replaced_in_the_meantime_is_not_approved(force: Force) -> None:
    stale = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    fresh = Camera.objects.get(pk=stale.pk)
    enrolment.decline(device=fresh, officer=force.manager, at=AT, reason="wrong label")
    enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.approve(device=stale, keyid=stale.keyid, officer=force.manager, at=AT)
    assert refused.value.stable_code == "enrolment.changed"
    assert Camera.objects.get(pk=stale.pk).status == "pending"


def test_whoever_brought_it_or_lacks_the_role_does_not_approve(force: Force) -> None:
    camera = enrolment.request_enrolment(
        envelope=force.request("00001"), at=AT, brought_by=authority.text(force.manager)
    )
    for officer in (force.manager, force.administrator, force.sergeant, force.ada):
        with pytest.raises(NotAllowed):
            enrolment.approve(device=camera, keyid=camera.keyid, officer=officer, at=AT)
    assert acts(f"camera:{camera.pk}").count("access.refused") == 4
    assert Camera.objects.get(pk=camera.pk).status == "pending"
    enrolment.approve(device=camera, keyid=camera.keyid, officer=force.second_manager, at=AT)
    assert Camera.objects.get(pk=camera.pk).status == "approved"


def test_approving_twice_changes_nothing(force: Force) -> None:
    camera = force.camera("00001")
    enrolment.approve(
        device=camera, keyid=camera.keyid, officer=force.second_manager, at=LATER, pool=True
    )
    camera.refresh_from_db()
    assert (camera.approved_by, camera.approved_at, camera.pool) == (force.manager, AT, False)
    assert acts(f"camera:{camera.pk}").count("camera.approved") == 1


def test_a_revoked_key_stays_in_the_trust_list_with_its_time(force: Force) -> None:
    dock = force.dock("D1")
    with pytest.raises(EnrolmentRefused, match="reason"):
        enrolment.revoke(device=dock, officer=force.manager, at=LATER, reason=" ")
    enrolment.revoke(device=dock, officer=force.manager, at=LATER, reason="opened by a stranger")
    enrolment.revoke(device=dock, officer=force.manager, at=LATER, reason="again")
    dock.refresh_from_db()
    assert dock.status == EnrolmentStatus.REVOKED
    (key,) = trusted.trusted_keys()
    assert (key.valid_from, key.revoked_at) == (AT, LATER)
    assert key.valid_at(AT)
    assert not key.valid_at(LATER)
    assert acts(f"dock:{dock.pk}").count("dock.revoked") == 1
    with pytest.raises(EnrolmentRefused):
        enrolment.approve(device=dock, keyid=dock.keyid, officer=force.manager, at=LATER)


def test_what_was_never_approved_is_declined_not_revoked(force: Force) -> None:
    camera = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(EnrolmentRefused):
        enrolment.revoke(device=camera, officer=force.manager, at=AT, reason="lost")
    approved = force.camera("00002")
    with pytest.raises(EnrolmentRefused):
        enrolment.decline(device=approved, officer=force.manager, at=AT, reason="no")


def test_docks_and_cameras_may_share_a_serial_number(force: Force) -> None:
    camera = force.camera("77")
    dock = force.dock("77")
    assert Camera.objects.get(serial="77") == camera
    assert Dock.objects.get(serial="77") == dock
