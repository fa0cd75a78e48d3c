"""What cameras of one kind do: decided with a reason, numbered, written down, given to docks."""

import pytest
from tests.integration.force.made_up import AT, Force, acts

from fairwitness.camera.settings import Settings, read_settings
from fairwitness.errors import FairwitnessError
from fairwitness.force import camera_settings
from fairwitness.force.asking import NotAllowed
from fairwitness.force.authority import Actor
from fairwitness.force.camera_settings import Change
from fairwitness.force.models import CameraSettings, Profile


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
