"""Settings as a dock pushes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.camera.settings import (
    QUALITIES,
    Quality,
    Settings,
    SettingsInvalid,
    read_settings,
)
from fairwitness.formats import canonical


@given(
    st.builds(
        Settings,
        version=st.integers(0, 1000),
        buffer_seconds=st.sampled_from([0, 30, 60, 90, 120]),
        quality=st.sampled_from(Quality),
        mute_allowed=st.booleans(),
        stealth_allowed=st.booleans(),
        sleep_allowed=st.booleans(),
        position=st.booleans(),
        beeps=st.booleans(),
        vibration=st.booleans(),
        lights=st.booleans(),
    )
)
def test_settings_survive_being_written_and_read(settings: Settings) -> None:
    assert read_settings(canonical.decode(canonical.encode(settings.to_json()))) == settings


def test_what_is_missing_is_as_usual_and_what_is_unknown_is_left_out() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"version": 3, "colour": "blue"}) == Settings(version=3)


def test_the_usual_settings_buffer_thirty_seconds_and_forbid_stealth() -> None:
    usual = Settings()
    assert (usual.buffer_seconds, usual.stealth_allowed) == (30, False)


@pytest.mark.parametrize(
    "pushed",
    [
        {"buffer_seconds": 45},
        {"buffer_seconds": 150},
        {"buffer_seconds": -30},
        {"buffer_seconds": True},
        {"version": -1},
        {"quality": "8k"},
        {"stealth_allowed": "yes"},
        {"mute_allowed": 1},
        [],
        "settings",
    ],
)
def test_what_no_camera_can_have_is_refused(pushed: canonical.Json) -> None:
    with pytest.raises(SettingsInvalid):
        read_settings(pushed)


@pytest.mark.parametrize(
    ("quality", "gigabytes_an_hour"),
    [
        (Quality.FULL_HD, 5.4),
        (Quality.HD_HIGH, 3.6),
        (Quality.HD_LOW, 1.8),
        (Quality.SD, 0.8),
    ],
)
def test_each_quality_fills_the_memory_as_the_field_says(
    quality: Quality, gigabytes_an_hour: float
) -> None:
    assert QUALITIES[quality].bit_rate * 3600 / 8e9 == pytest.approx(gigabytes_an_hour, abs=0.05)
