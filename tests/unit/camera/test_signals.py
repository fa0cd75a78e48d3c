"""Every row of the field's tables of beeps, vibrations and lights, driven through the camera."""

import re
from pathlib import Path

import pytest
from tests.camera_driving import Wearer

from fairwitness.camera.buttons import Button
from fairwitness.camera.device import RECOVERED_MS, SHUTDOWN_MS, Mode
from fairwitness.camera.inputs import (
    BatteryLevel,
    CableOut,
    ClockLost,
    Dock,
    Fault,
    Memory,
    MemoryLevel,
    Recovered,
    SwitchOff,
    SwitchOn,
    Undock,
)
from fairwitness.camera.outputs import Act
from fairwitness.camera.profiles import BODY2, FLEX2, CameraProfile
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import (
    DARK,
    PATTERNS,
    BatteryLight,
    Function,
    Lights,
    Meaning,
    Operation,
    Pace,
    Public,
    battery_light,
)

BOTH = pytest.mark.parametrize("profile", [FLEX2, BODY2], ids=lambda profile: profile.profile)


@BOTH
def test_power_on_and_off_is_one_beep_and_one_vibration(profile: CameraProfile) -> None:
    wearer = Wearer(profile).boot()
    assert wearer.heard == [(Meaning.POWER, 1, 1)]
    wearer.forget().give(SwitchOff(wearer.camera.now))
    assert wearer.heard == [(Meaning.POWER, 1, 1)]


@BOTH
def test_a_start_is_two_and_two_and_repeats_every_two_minutes(profile: CameraProfile) -> None:
    wearer = Wearer(profile).boot().forget().record()
    started = wearer.signals[0].at_ms
    wearer.wait(6 * 60_000 + 5_000)
    assert wearer.heard == [
        (Meaning.RECORDING_STARTS, 2, 2),
        *[(Meaning.STILL_RECORDING, 2, 2)] * 3,
    ]
    assert [signal.at_ms - started for signal in wearer.signals] == [0, 120_000, 240_000, 360_000]


@BOTH
def test_it_repeats_no_more_once_stopped(profile: CameraProfile) -> None:
    wearer = Wearer(profile).boot().record()
    wearer.hold_event()
    wearer.forget().wait(10 * 60_000)
    assert wearer.heard == []


def test_the_battery_button_while_recording_beeps_twice_on_the_helmet_camera_only() -> None:
    helmet, chest = Wearer(FLEX2).boot().record().forget(), Wearer(BODY2).boot().record().forget()
    helmet.press(Button.BATTERY)
    chest.press(Button.BATTERY)
    assert helmet.heard == [(Meaning.BATTERY_CHECKED, 2, 0)]
    assert chest.heard == []


def test_the_battery_button_while_buffering_is_silent() -> None:
    helmet = Wearer(FLEX2).boot().forget()
    helmet.press(Button.BATTERY)
    assert helmet.heard == []


@BOTH
def test_a_stop_is_one_long_beep_and_vibration(profile: CameraProfile) -> None:
    wearer = Wearer(profile).boot().record().forget()
    wearer.hold_event()
    (signal,) = wearer.signals
    assert (signal.meaning, signal.beeps, signal.buzzes) == (Meaning.RECORDING_STOPS, 1, 1)
    assert signal.pace is Pace.LONG


def test_low_battery_while_buffering_is_four_quick_every_twenty_seconds() -> None:
    wearer = Wearer(BODY2).boot().forget()
    wearer.give(BatteryLevel(wearer.camera.now, 3, 21))
    wearer.wait(60_000)
    assert wearer.heard == []
    began = wearer.camera.now
    wearer.give(BatteryLevel(began, 2, 20))
    wearer.wait(45_000)
    assert wearer.heard == [(Meaning.BATTERY_LOW, 4, 4)] * 3
    assert [signal.at_ms - began for signal in wearer.signals] == [0, 20_000, 40_000]
    assert {signal.pace for signal in wearer.signals} == {Pace.QUICK}


def test_low_battery_while_recording_waits_until_nearly_flat() -> None:
    wearer = Wearer(BODY2).boot().record().forget()
    wearer.give(BatteryLevel(wearer.camera.now, 2, 15))
    wearer.wait(40_000)
    assert wearer.heard == []
    wearer.give(BatteryLevel(wearer.camera.now, 1, 5))
    wearer.wait(20_000)
    assert wearer.heard == [(Meaning.BATTERY_LOW, 4, 4)] * 2


def test_a_cable_out_is_three_beeps_and_six_vibrations_and_an_orderly_shutdown() -> None:
    wearer = Wearer(FLEX2).boot().record().forget()
    wearer.give(CableOut(wearer.camera.now))
    wearer.wait(SHUTDOWN_MS)
    assert wearer.heard == [(Meaning.CABLE_OUT, 3, 6)]
    assert wearer.acts == [Act.STOP_RECORDING, Act.STOP_BUFFERING]
    assert wearer.is_in(Mode.OFF)


def test_the_camera_in_one_piece_has_no_cable() -> None:
    wearer = Wearer(BODY2).boot().record().forget()
    wearer.give(CableOut(wearer.camera.now))
    assert wearer.heard == []
    assert wearer.is_in(Mode.EVENT)


def test_a_full_memory_is_three_and_three_and_does_not_record() -> None:
    wearer = Wearer().boot()
    wearer.give(MemoryLevel(wearer.camera.now, Memory.FULL))
    wearer.forget()
    wearer.press(Button.EVENT)
    wearer.press(Button.EVENT)
    assert wearer.heard == [(Meaning.MEMORY_FULL, 3, 3)]
    assert wearer.is_in(Mode.BUFFERING)
    assert wearer.acts == []


def test_a_memory_that_fills_up_stops_the_recording_and_says_so() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(MemoryLevel(wearer.camera.now, Memory.FULL))
    assert wearer.heard == [(Meaning.RECORDING_STOPS, 1, 1), (Meaning.MEMORY_FULL, 3, 3)]


def test_a_clock_that_is_not_set_is_five_quick_every_twenty_seconds_until_docked() -> None:
    wearer = Wearer(clock_set=False).boot()
    wearer.wait(45_000)
    warnings = [signal for signal in wearer.signals if signal.meaning is Meaning.CLOCK_NOT_SET]
    assert [(signal.beeps, signal.buzzes, signal.pace) for signal in warnings] == [
        (5, 5, Pace.QUICK)
    ] * 3
    assert [signal.at_ms for signal in warnings] == [3_000, 23_000, 43_000]
    wearer.forget().give(Dock(wearer.camera.now))
    wearer.wait(120_000)
    wearer.give(Undock(wearer.camera.now, clock_set=True))
    wearer.wait(120_000)
    assert wearer.heard == [(Meaning.POWER, 1, 1)]


def test_a_clock_lost_while_recording_warns_at_once() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(ClockLost(wearer.camera.now))
    assert wearer.heard == [(Meaning.CLOCK_NOT_SET, 5, 5)]


def test_an_error_is_five_quick_every_twenty_seconds_until_docked_with_both_lights_red() -> None:
    wearer = Wearer().boot().forget()
    wearer.give(Fault(wearer.camera.now))
    assert wearer.lights == Lights(Operation.SOLID_RED, Function.SOLID_RED)
    wearer.wait(20_000)
    assert wearer.heard == [(Meaning.FAULT, 5, 5)] * 2
    wearer.forget().give(Dock(wearer.camera.now))
    wearer.wait(60_000)
    assert wearer.heard == []


def test_boot_and_shutdown_show_a_solid_red_operation_light() -> None:
    wearer = Wearer()
    wearer.give(SwitchOn(0))
    assert wearer.lights == Lights(Operation.SOLID_RED)
    wearer.wait(3_000)
    assert wearer.lights == Lights(Operation.BLINK_GREEN)
    wearer.give(SwitchOff(wearer.camera.now))
    assert wearer.lights == Lights(Operation.SOLID_RED)
    wearer.wait(SHUTDOWN_MS)
    assert wearer.lights == DARK


def test_recording_blinks_red_and_flashes_red_at_the_public() -> None:
    wearer = Wearer().boot().record()
    assert wearer.lights == Lights(Operation.BLINK_RED, public=Public.FLASHES_RED)
    wearer.hold_event()
    assert wearer.lights == Lights(Operation.BLINK_GREEN)


def test_recovering_blinks_both_lights_red() -> None:
    wearer = Wearer()
    wearer.give(SwitchOn(0, interrupted=True))
    wearer.wait(3_000)
    assert wearer.lights == Lights(Operation.BLINK_RED, Function.BLINK_RED)
    assert wearer.acts == [Act.RECOVER]
    wearer.give(Recovered(wearer.camera.now))
    wearer.wait(RECOVERED_MS - 1)
    assert wearer.lights == Lights(Operation.BLINK_RED, Function.BLINK_RED)
    wearer.wait(1)
    assert wearer.lights == Lights(Operation.BLINK_GREEN)


def test_muted_blinks_blue() -> None:
    wearer = Wearer().boot().record()
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert wearer.shows(Function.BLINK_BLUE)
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert not wearer.shows(Function.BLINK_BLUE)


@pytest.mark.parametrize(
    ("percent", "light"),
    [
        (100, BatteryLight.GREEN),
        (41, BatteryLight.GREEN),
        (40, BatteryLight.YELLOW),
        (20, BatteryLight.YELLOW),
        (19, BatteryLight.RED),
        (5, BatteryLight.RED),
        (4, BatteryLight.CRITICAL),
        (0, BatteryLight.CRITICAL),
    ],
)
def test_the_battery_light_has_these_colours(percent: int, light: BatteryLight) -> None:
    assert battery_light(percent) is light


def test_the_battery_light_is_lit_for_ten_seconds_after_a_press() -> None:
    wearer = Wearer(percent=30).boot()
    wearer.press(Button.BATTERY)
    assert wearer.shows(BatteryLight.YELLOW)
    wearer.wait(9_800)
    assert wearer.shows(BatteryLight.YELLOW)
    wearer.wait(200)
    assert not wearer.shows(BatteryLight.YELLOW)


def test_settings_can_switch_off_beeps_vibration_and_lights() -> None:
    silent = Wearer(settings=Settings(beeps=False)).boot()
    assert silent.heard == [(Meaning.POWER, 0, 1)]
    still = Wearer(settings=Settings(vibration=False)).boot()
    assert still.heard == [(Meaning.POWER, 1, 0)]
    dark = Wearer(settings=Settings(lights=False)).boot().record()
    assert dark.lights == DARK


def test_the_officers_guide_prints_the_same_table() -> None:
    guide = Path(__file__).parents[3] / "docs" / "guides" / "officer.md"
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", guide.read_text(), re.MULTILINE
    )
    printed = {
        name.strip().lower(): (beeps.strip(), buzzes.strip(), repeats.strip())
        for name, beeps, buzzes, repeats in rows
    }
    for meaning, pattern in PATTERNS.items():
        pace = "" if pattern.pace is Pace.ORDINARY else f" {pattern.pace}"
        every = {
            None: "once",
            20_000: "every 20 seconds",
            120_000: "every 2 minutes",
            900_000: "every 15 minutes",
        }
        assert printed[meaning.value] == (
            f"{pattern.beeps}{pace}" if pattern.beeps else "none",
            f"{pattern.buzzes}{pace}" if pattern.buzzes else "none",
            every[pattern.every_ms],
        )
