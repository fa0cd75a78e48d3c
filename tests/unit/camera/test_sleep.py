"""Sleep: no buffer, no light, a vibration every 15 minutes; recording wakes it at once."""

import pytest
from tests.camera_driving import Wearer

from fairwitness.camera.buttons import Button
from fairwitness.camera.device import Mode
from fairwitness.camera.inputs import Dock, Memory, MemoryLevel, SwitchOff
from fairwitness.camera.outputs import Act
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import DARK, Lights, Meaning, Operation

MINUTE = 60_000


def asleep() -> Wearer:
    wearer = Wearer(settings=Settings(sleep_allowed=True)).boot().forget()
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert wearer.is_in(Mode.ASLEEP)
    return wearer


def test_it_loses_the_buffer_and_goes_dark() -> None:
    wearer = asleep()
    assert wearer.acts == [Act.STOP_BUFFERING]
    assert wearer.lights == DARK
    assert ("sleep", "on") in wearer.logged


def test_it_vibrates_at_once_and_every_fifteen_minutes() -> None:
    wearer = asleep()
    began = wearer.signals[0].at_ms
    wearer.wait(31 * MINUTE)
    assert wearer.heard == [(Meaning.ASLEEP, 0, 1)] * 3
    assert [one.at_ms - began for one in wearer.signals] == [0, 15 * MINUTE, 30 * MINUTE]


def test_function_held_again_wakes_it() -> None:
    wearer = asleep().forget()
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert wearer.acts == [Act.START_BUFFERING]
    assert wearer.lights == Lights(Operation.BLINK_GREEN)
    wearer.forget().wait(20 * MINUTE)
    assert wearer.heard == []


def test_a_double_press_wakes_it_and_records_at_once() -> None:
    wearer = asleep().forget().record()
    assert wearer.acts == [Act.START_BUFFERING, Act.START_RECORDING]
    assert wearer.heard == [(Meaning.RECORDING_STARTS, 2, 2)]


def test_with_a_full_memory_it_wakes_and_says_why_it_does_not_record() -> None:
    wearer = asleep()
    wearer.give(MemoryLevel(wearer.camera.now, Memory.FULL))
    wearer.press(Button.EVENT)
    wearer.press(Button.EVENT)
    assert wearer.is_in(Mode.BUFFERING)
    assert wearer.heard[-1] == (Meaning.MEMORY_FULL, 3, 3)


@pytest.mark.parametrize("leave", [SwitchOff, Dock])
def test_it_is_left_by_switching_off_and_docking(leave: type[SwitchOff | Dock]) -> None:
    wearer = asleep().forget()
    wearer.give(leave(wearer.camera.now))
    wearer.wait(20 * MINUTE)
    assert wearer.acts == []
    assert not any(meaning is Meaning.ASLEEP for meaning, _, _ in wearer.heard)


def test_unless_it_is_allowed_nothing_happens_but_a_line_in_the_log() -> None:
    wearer = Wearer().boot().forget()
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert wearer.is_in(Mode.BUFFERING)
    assert (wearer.acts, wearer.heard) == ([], [])
    assert ("refused", "sleep is not allowed") in wearer.logged


def test_while_it_records_the_same_hold_mutes() -> None:
    wearer = Wearer(settings=Settings(sleep_allowed=True)).boot().record()
    wearer.press(Button.FUNCTION, for_ms=3_100)
    assert wearer.is_in(Mode.EVENT)
    assert wearer.camera.muted
