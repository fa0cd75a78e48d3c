"""What each button does in each mode, parts, stealth, docking and power."""

import pytest
from tests.camera_driving import Wearer

from fairwitness.camera.behaviour import TimeRunsBack
from fairwitness.camera.buttons import Button
from fairwitness.camera.device import PART_MS, SHUTDOWN_MS, Mode
from fairwitness.camera.inputs import (
    BatteryLevel,
    CableIn,
    CableOut,
    Dock,
    Fault,
    Memory,
    MemoryLevel,
    PeopleTold,
    Press,
    Release,
    SwitchOff,
    SwitchOn,
    Tick,
    Undock,
)
from fairwitness.camera.outputs import TELL_PEOPLE, Act, Command, Prompt
from fairwitness.camera.profiles import FLEX2
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import DARK, Meaning
from fairwitness.formats.recording import EventKind

STEALTHY = Settings(stealth_allowed=True)


def test_a_double_press_records_and_prompts_to_tell_people() -> None:
    wearer = Wearer().boot().forget().record()
    assert wearer.acts == [Act.START_RECORDING]
    assert Prompt(wearer.camera.now - 100, TELL_PEOPLE) in wearer.outputs


def test_two_slow_presses_do_not_record() -> None:
    wearer = Wearer().boot()
    wearer.press(Button.EVENT)
    wearer.wait(1_500)
    wearer.press(Button.EVENT)
    assert wearer.is_in(Mode.BUFFERING)


def test_a_single_press_does_not_record() -> None:
    wearer = Wearer().boot()
    wearer.press(Button.EVENT)
    wearer.wait(60_000)
    assert wearer.is_in(Mode.BUFFERING)


def test_the_second_press_held_on_does_not_stop_what_it_started() -> None:
    wearer = Wearer().boot()
    wearer.press(Button.EVENT)
    wearer.press(Button.EVENT, for_ms=20_000)
    assert wearer.is_in(Mode.EVENT)


def test_a_hold_stops_at_the_third_second_and_not_before() -> None:
    wearer = Wearer().boot().record()
    wearer.wait(10_000)
    began = wearer.camera.now
    wearer.give(Press(began, Button.EVENT))
    wearer.give(Tick(began + 2_999))
    assert wearer.is_in(Mode.EVENT)
    wearer.forget().give(Tick(began + 3_000))
    assert wearer.commands == [Command(began + 3_000, Act.STOP_RECORDING)]


def test_a_hold_while_buffering_starts_nothing() -> None:
    wearer = Wearer().boot().forget()
    wearer.hold_event()
    assert wearer.acts == []


def test_a_short_function_press_marks_and_a_longer_one_does_not() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.press(Button.FUNCTION, for_ms=999)
    wearer.press(Button.FUNCTION, for_ms=1_000)
    assert wearer.notes == [EventKind.MARKER]


def test_markers_are_only_made_while_recording() -> None:
    wearer = Wearer().boot()
    wearer.press(Button.FUNCTION)
    assert wearer.notes == []


def test_function_held_three_seconds_mutes_and_unmutes() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.press(Button.FUNCTION, for_ms=3_500)
    wearer.press(Button.FUNCTION, for_ms=3_500)
    assert not wearer.camera.muted
    assert wearer.notes == [EventKind.MUTE_ON, EventKind.MUTE_OFF]


def test_mute_is_refused_and_logged_where_it_is_not_allowed() -> None:
    wearer = Wearer(settings=Settings(mute_allowed=False)).boot().record()
    wearer.press(Button.FUNCTION, for_ms=3_500)
    assert not wearer.camera.muted
    assert ("refused", "mute is not allowed") in wearer.logged


def test_mute_ends_with_the_recording() -> None:
    wearer = Wearer().boot().record()
    wearer.press(Button.FUNCTION, for_ms=3_500)
    wearer.hold_event()
    wearer.record()
    assert not wearer.camera.muted


def test_stealth_is_off_unless_allowed() -> None:
    wearer = Wearer().boot()
    wearer.press(Button.BATTERY, for_ms=10_500)
    assert not wearer.camera.stealth
    assert ("refused", "stealth is not allowed") in wearer.logged


def test_stealth_darkens_and_silences_and_gives_all_back() -> None:
    wearer = Wearer(settings=STEALTHY).boot().record()
    before = wearer.lights
    wearer.press(Button.BATTERY, for_ms=10_500)
    assert wearer.lights == DARK
    wearer.forget().wait(10 * 60_000)
    assert wearer.signals == []
    wearer.press(Button.BATTERY, for_ms=10_500)
    wearer.wait(10_000)
    assert wearer.lights == before
    wearer.forget().wait(2 * 60_000)
    assert wearer.heard == [(Meaning.STILL_RECORDING, 2, 2)]


def test_stealth_is_noted_in_the_recording() -> None:
    wearer = Wearer(settings=STEALTHY).boot().record().forget()
    wearer.press(Button.BATTERY, for_ms=10_500)
    wearer.press(Button.BATTERY, for_ms=10_500)
    noted = [kind for kind in wearer.notes if kind is not EventKind.BATTERY_CHECKED]
    assert noted == [EventKind.STEALTH_ON, EventKind.STEALTH_OFF]


def test_a_recording_goes_on_in_a_new_part_after_four_hours() -> None:
    wearer = Wearer().boot().record()
    started = wearer.camera.now - 100
    wearer.forget().wait(2 * PART_MS + 1_000)
    splits = [command.at_ms - started for command in wearer.commands if command.act is Act.SPLIT]
    assert splits == [PART_MS, 2 * PART_MS]
    assert wearer.is_in(Mode.EVENT)


def test_people_told_is_noted_and_so_is_not_practicable() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(PeopleTold(wearer.camera.now))
    wearer.give(PeopleTold(wearer.camera.now, practicable=False))
    assert [(command.kind, command.text) for command in wearer.commands] == [
        (EventKind.PEOPLE_TOLD, None),
        (EventKind.PEOPLE_TOLD, "not practicable"),
    ]


def test_docking_stops_in_order_and_buttons_do_nothing_there() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(Dock(wearer.camera.now))
    assert wearer.commands == [
        Command(wearer.camera.now, Act.STOP_RECORDING, EventKind.DOCKED),
        Command(wearer.camera.now, Act.STOP_BUFFERING),
    ]
    wearer.forget()
    wearer.press(Button.EVENT)
    wearer.press(Button.EVENT)
    wearer.wait(3_600_000)
    assert wearer.acts == []
    assert ("button", "event down") in wearer.logged


def test_settings_change_only_at_docking() -> None:
    wearer = Wearer().boot()
    wearer.give(Dock(wearer.camera.now))
    wearer.give(Undock(wearer.camera.now + 1, settings=Settings(version=7, buffer_seconds=60)))
    assert wearer.camera.settings.version == 7
    assert Act.APPLY_SETTINGS in wearer.acts
    assert wearer.is_in(Mode.BOOT)


def test_a_camera_docked_switched_off_stays_off() -> None:
    wearer = Wearer()
    wearer.give(Dock(0))
    wearer.give(Undock(1_000))
    assert wearer.is_in(Mode.OFF)


def test_switching_off_finishes_the_recording() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(SwitchOff(wearer.camera.now))
    assert wearer.commands[0].kind is EventKind.POWER_OFF
    assert wearer.acts == [Act.STOP_RECORDING, Act.STOP_BUFFERING]


def test_an_empty_battery_finishes_the_recording_and_stays_off() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(BatteryLevel(wearer.camera.now, 0, 0))
    wearer.wait(SHUTDOWN_MS)
    assert wearer.commands[0].kind is EventKind.BATTERY_EMPTY
    wearer.give(SwitchOn(wearer.camera.now))
    assert wearer.is_in(Mode.OFF)


def test_a_cable_put_back_starts_the_camera_again() -> None:
    wearer = Wearer(FLEX2).boot()
    wearer.give(CableOut(wearer.camera.now))
    wearer.wait(SHUTDOWN_MS)
    wearer.give(SwitchOn(wearer.camera.now))
    assert wearer.is_in(Mode.OFF)
    wearer.give(CableIn(wearer.camera.now))
    assert wearer.is_in(Mode.BOOT)


def test_a_fault_finishes_the_recording_and_only_power_or_dock_ends_it() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(Fault(wearer.camera.now))
    assert wearer.commands[0].kind is EventKind.FAULT
    wearer.press(Button.EVENT)
    wearer.press(Button.EVENT)
    assert wearer.is_in(Mode.FAULT)
    wearer.give(SwitchOff(wearer.camera.now))
    wearer.wait(SHUTDOWN_MS)
    assert wearer.is_in(Mode.OFF)


def test_a_low_memory_is_noted_without_a_sound() -> None:
    wearer = Wearer().boot().record().forget()
    wearer.give(MemoryLevel(wearer.camera.now, Memory.LOW))
    assert (wearer.notes, wearer.heard) == ([EventKind.MEMORY_LOW], [])


def test_every_press_and_release_is_logged() -> None:
    wearer = Wearer().boot().forget()
    wearer.press(Button.FUNCTION)
    assert wearer.logged == [("button", "function down"), ("button", "function up")]


def test_a_button_already_down_bounces() -> None:
    wearer = Wearer().boot().record()
    wearer.give(Press(wearer.camera.now, Button.EVENT))
    wearer.give(Press(wearer.camera.now + 2_900, Button.EVENT))
    wearer.give(Release(wearer.camera.now + 50, Button.EVENT))
    assert wearer.is_in(Mode.EVENT)


def test_time_does_not_run_back() -> None:
    wearer = Wearer().boot()
    with pytest.raises(TimeRunsBack):
        wearer.give(Tick(0))
