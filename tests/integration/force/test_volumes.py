"""Volumes: a dock asks, somebody who did not bring it approves, and a revoked one never returns."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.integration.force.made_up import AT, Force, acts, last_actor

from fairwitness.custody import reading
from fairwitness.force import volumes
from fairwitness.force.asking import NotAllowed
from fairwitness.force.enrolment_desk import EnrolmentRefused
from fairwitness.force.models import Dock, Volume
from fairwitness.force.volumes import Terms, VolumeUnknown
from fairwitness.formats.enrolled_volume import VolumeRequest

ID = UUID("0f3c1c0e-5a35-4a6e-9f6c-0d4d0c1f2a77")
LATER = AT + timedelta(hours=1)
SUBJECT = f"volume:{ID}"


def asked(label: str = "blue stick", brought_by: str = "614LX") -> VolumeRequest:
    return VolumeRequest(volume=ID, label=label, made_by="Drift HD", brought_by=brought_by)


@pytest.fixture
def dock(force: Force) -> Dock:
    return force.dock("D-0007")


def test_what_a_dock_asks_for_waits_and_belongs_to_its_station(force: Force, dock: Dock) -> None:
    row = volumes.request(asked=asked(), dock=dock, at=AT)
    assert (row.status, row.unit, row.erase, row.wearer) == ("pending", force.lambeth, False, None)
    assert row.brought_by == force.ada
    again = volumes.request(asked=asked("another label"), dock=dock, at=LATER)
    assert (again.pk, again.label) == (row.pk, "blue stick")
    assert acts(SUBJECT) == ["volume.enrolment_requested"]
    assert last_actor(SUBJECT) == f"dock:{dock.pk}"


def test_whoever_brought_it_has_to_be_somebody(dock: Dock) -> None:
    with pytest.raises(EnrolmentRefused) as refused:
        volumes.request(asked=asked(brought_by="9999"), dock=dock, at=AT)
    assert refused.value.stable_code == "volume.officer"
    assert not Volume.objects.exists()
    with pytest.raises(VolumeUnknown):
        volumes.named(ID)


def test_an_evidence_manager_approves_and_all_of_it_is_written_down(
    force: Force, dock: Dock
) -> None:
    row = volumes.request(asked=asked(), dock=dock, at=AT)
    terms = Terms(wearer=force.dev, erase=True)
    done = volumes.approve(volume=row, terms=terms, officer=force.manager, at=LATER)
    assert (done.status, done.wearer, done.erase, done.approved_at) == (
        "approved", force.dev, True, LATER,
    )  # fmt: skip
    body = reading.history(SUBJECT)[-1].body
    assert body is not None
    assert body.actor == f"officer:{force.manager.pk}"
    assert (body.detail["erase"], body.detail["wearer"]) == (True, f"officer:{force.dev.pk}")
    same = volumes.approve(volume=row, terms=Terms(), officer=force.second_manager, at=LATER)
    assert (same.erase, same.approved_by) == (True, force.manager)
    assert acts(SUBJECT) == ["volume.enrolment_requested", "volume.approved"]


def test_nobody_approves_what_they_brought_or_may_not(force: Force, dock: Dock) -> None:
    row = volumes.request(asked=asked(brought_by="4101"), dock=dock, at=AT)
    for officer in (force.manager, force.ada, force.sergeant, force.administrator):
        with pytest.raises(NotAllowed):
            volumes.approve(volume=row, terms=Terms(), officer=officer, at=LATER)
    row.refresh_from_db()
    assert row.status == "pending"
    assert acts(SUBJECT) == ["volume.enrolment_requested", *["access.refused"] * 4]
    volumes.approve(volume=row, terms=Terms(), officer=force.second_manager, at=LATER)


def test_a_declined_one_may_be_asked_for_again_a_revoked_one_never(
    force: Force, dock: Dock
) -> None:
    row = volumes.request(asked=asked(), dock=dock, at=AT)
    with pytest.raises(EnrolmentRefused, match="reason"):
        volumes.decline(volume=row, officer=force.manager, at=AT, reason=" ")
    volumes.decline(volume=row, officer=force.manager, at=AT, reason="whose is it?")
    with pytest.raises(EnrolmentRefused, match="declined"):
        volumes.approve(volume=row, terms=Terms(), officer=force.manager, at=AT)
    row = volumes.request(asked=asked("Dev's stick", "702LX"), dock=dock, at=LATER)
    assert (row.status, row.label, row.brought_by) == ("pending", "Dev's stick", force.dev)
    with pytest.raises(EnrolmentRefused, match="not approved"):
        volumes.revoke(volume=row, officer=force.manager, at=LATER, reason="lost")
    volumes.approve(volume=row, terms=Terms(erase=True), officer=force.manager, at=LATER)
    for _ in range(2):
        done = volumes.revoke(volume=row, officer=force.manager, at=LATER, reason="lost")
        assert (done.status, done.revoked_at) == ("revoked", LATER)
    assert volumes.request(asked=asked(), dock=dock, at=LATER).status == "revoked"
    with pytest.raises(EnrolmentRefused, match="revoked"):
        volumes.approve(volume=row, terms=Terms(), officer=force.manager, at=LATER)
    assert acts(SUBJECT)[-2:] == ["volume.approved", "volume.revoked"]


def test_who_may_not_say_who_wore_a_camera_can_t_do_so_here(force: Force, dock: Dock) -> None:
    """An evidence manager is never the wearer of what they approve themselves."""
    row = volumes.request(asked=asked(), dock=dock, at=AT)
    with pytest.raises(NotAllowed):
        volumes.approve(
            volume=row, terms=Terms(wearer=force.manager), officer=force.manager, at=LATER
        )
    assert volumes.named(ID).status == "pending"
