"""What cameras of one kind do: decided with a reason, numbered, written down, given to docks."""

import pytest
from django.db import IntegrityError, transaction
from tests.integration.force.made_up import AT, SETUP, Force, acts

from fairwitness.camera.settings import Settings, read_settings
from fairwitness.errors import FairwitnessError
from fairwitness.force import camera_settings, officers, units
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import Actor
from fairwitness.force.camera_settings import Change, SettingsRefused
from fairwitness.force.models import CameraSettings, Profile, UnitKind
from fairwitness.force.officers import NewOfficer
from fairwitness.force.units import NewUnit


def decide(change: Change, actor: Actor, reason: str = "policy of 1 June") -> CameraSettings:
    return camera_settings.decide(
        profile=Profile.BODY2, change=change, actor=actor, at=AT, reason=reason
    )


def test_each_decision_is_numbered_and_keeps_what_it_does_not_mention(force: Force) -> None:
    decide(Change(settings={"buffer_seconds": 60}, firmware="1.1"), force.manager)
    second = decide(
        Change(settings={"mute_allowed": False}, charge_minutes=30), force.administrator
    )
    assert second.version == 2
    assert (
        second.settings
        == read_settings({"version": 2, "buffer_seconds": 60, "mute_allowed": False}).to_json()
    )
    assert (second.firmware, second.battery_percent, second.charge_minutes) == ("1.1", 80, 30)
    assert acts("camera_settings:body2") == ["camera.settings_changed"] * 2
    assert camera_settings.latest("flex2") is None


def test_a_dock_is_told_what_was_decided_for_this_kind_of_camera(force: Force) -> None:
    camera = force.camera("00001")
    assert camera_settings.pushed(camera) == {"settings": {}, "firmware": None, "release": None}
    decide(Change(firmware="1.1", battery_percent=50), force.manager)
    assert camera_settings.pushed(camera) == {
        "settings": {**Settings().to_json(), "version": 1},
        "firmware": "1.1",
        "release": {"battery_percent": 50, "charge_minutes": 240},
    }


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [
        (Change(settings={"colour": "red"}), "x", "camera.settings_refused"),
        (Change(settings={"version": 7}), "x", "camera.settings_refused"),
        (Change(settings={"buffer_seconds": 45}), "x", "camera.settings_refused"),
        (Change(settings={"quality": "8k"}), "x", "camera.settings_refused"),
        (Change(battery_percent=101), "x", "camera.settings_refused"),
        (Change(charge_minutes=-1), "x", "camera.settings_refused"),
        (Change(firmware="1.1"), "  ", "camera.settings_reason"),
    ],
)
def test_what_no_camera_can_have_is_refused(
    force: Force, change: Change, reason: str, code: str
) -> None:
    with pytest.raises(FairwitnessError) as refused:
        decide(change, force.manager, reason)
    assert refused.value.stable_code == code
    assert not CameraSettings.objects.exists()
    assert acts("camera_settings:body2") == []


def test_a_supervisor_of_one_unit_decides_nothing_for_all(force: Force) -> None:
    with pytest.raises(NotAllowed):
        decide(Change(firmware="1.1"), force.sergeant)
    assert not CameraSettings.objects.exists()


def test_a_unit_has_its_own_until_it_follows_the_force_again(force: Force) -> None:
    camera = force.camera("00001")
    assert camera.unit is not None
    decide(Change(settings={"buffer_seconds": 60}, firmware="1.1"), force.manager)
    own = camera_settings.decide(
        profile=Profile.BODY2,
        change=Change(settings={"beeps": False}),
        actor=force.manager,
        at=AT,
        reason="plain clothes",
        unit=camera.unit,
    )
    assert (own.version, own.firmware, own.settings["buffer_seconds"]) == (2, "1.1", 60)
    third = decide(Change(firmware="1.2"), force.manager)
    assert (third.version, third.settings["beeps"]) == (3, True)
    assert camera_settings.pushed(camera)["settings"] == own.settings
    assert camera_settings.latest("body2") == third
    elsewhere = units.register(actor=SETUP, unit=NewUnit("HCK", "Hackney", UnitKind.BOROUGH), at=AT)
    assert camera_settings.latest("body2", elsewhere.pk) == third
    followed = camera_settings.follow(
        profile=Profile.BODY2, unit=camera.unit, actor=force.manager, at=AT, reason="no more"
    )
    assert (followed.version, followed.follows) == (4, True)
    assert camera_settings.pushed(camera)["settings"] == third.settings
    assert acts("camera_settings:body2") == ["camera.settings_changed"] * 4
    with pytest.raises(SettingsRefused, match="no settings of its own"):
        camera_settings.follow(
            profile=Profile.BODY2, unit=camera.unit, actor=force.manager, at=AT, reason="again"
        )


def test_a_unit_may_keep_what_it_has_whatever_the_force_decides(force: Force) -> None:
    camera = force.camera("00001")
    unit = camera.unit
    assert unit is not None
    decide(Change(firmware="1.1"), force.manager)
    kept = camera_settings.previewed(Profile.BODY2, Change(), reason="pilot", unit=unit)
    assert (kept.version, kept.unit) == (2, unit)
    with pytest.raises(SettingsRefused, match="Nothing would change"):
        camera_settings.previewed(Profile.BODY2, Change(), reason="policy")


def test_without_the_forces_there_is_none_to_follow(force: Force) -> None:
    unit = force.camera("00001").unit
    assert unit is not None
    camera_settings.decide(
        profile=Profile.BODY2,
        change=Change(firmware="1.1"),
        actor=force.manager,
        at=AT,
        reason="pilot",
        unit=unit,
    )
    with pytest.raises(SettingsRefused, match="none to follow"):
        camera_settings.follow(
            profile=Profile.BODY2, unit=unit, actor=force.manager, at=AT, reason="over"
        )


def test_a_manager_of_one_unit_decides_for_that_unit_alone(force: Force) -> None:
    camera = force.camera("00001")
    unit = camera.unit
    assert unit is not None
    local = officers.register_officer(
        actor=SETUP,
        officer=NewOfficer("4199", "Eve Orr", "EO", unit.code, "", (Role.EVIDENCE_MANAGER,), ()),
        at=AT,
    )
    with pytest.raises(NotAllowed):
        decide(Change(firmware="1.1"), local)
    row = camera_settings.decide(
        profile=Profile.BODY2,
        change=Change(firmware="1.1"),
        actor=local,
        at=AT,
        reason="pilot",
        unit=unit,
    )
    assert row.unit == unit
    elsewhere = units.register(actor=SETUP, unit=NewUnit("HCK", "Hackney", UnitKind.BOROUGH), at=AT)
    with pytest.raises(NotAllowed):
        camera_settings.decide(
            profile=Profile.BODY2,
            change=Change(firmware="1.1"),
            actor=local,
            at=AT,
            reason="pilot",
            unit=elsewhere,
        )


def test_the_database_lets_only_a_unit_follow(force: Force) -> None:
    row = decide(Change(firmware="1.1"), force.manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        CameraSettings.objects.filter(pk=row.pk).update(follows=True)
