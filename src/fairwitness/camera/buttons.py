"""From presses and releases to what they mean: twice, held for three seconds, held for ten.

Pure: times are milliseconds since the camera was started; a hold is known the moment it is long
enough, not when the button is let go.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

DOUBLE_WITHIN_MS: Final = 1000
"""How soon the second press of a double press must follow the first. Ours: no source gives it."""
SHORT_BELOW_MS: Final = 1000
HOLD_MS: Final = 3000
LONG_HOLD_MS: Final = 10_000


class Button(StrEnum):
    """A button of the camera."""

    EVENT = "event"
    FUNCTION = "function"
    BATTERY = "battery"


class Gesture(StrEnum):
    """What the wearer did with a button."""

    EVENT_DOUBLE = "event pressed twice"
    EVENT_HELD = "event held 3 s"
    FUNCTION_SHORT = "function pressed"
    FUNCTION_HELD = "function held 3 s"
    BATTERY_PRESSED = "battery pressed"
    BATTERY_HELD = "battery held 10 s"


_HOLDS: Final = {
    Button.EVENT: (HOLD_MS, Gesture.EVENT_HELD),
    Button.FUNCTION: (HOLD_MS, Gesture.FUNCTION_HELD),
    Button.BATTERY: (LONG_HOLD_MS, Gesture.BATTERY_HELD),
}


@dataclass(frozen=True, slots=True)
class _Key:
    """One button: since when it is down, and whether this press has already meant something."""

    down_at: int | None = None
    spent: bool = False
    pressed_before: int | None = None


@dataclass(frozen=True, slots=True)
class Buttons:
    """The three buttons at one moment."""

    event: _Key = _Key()
    function: _Key = _Key()
    battery: _Key = _Key()

    def key(self, button: Button) -> _Key:
        """The state of one button."""
        return {
            Button.EVENT: self.event,
            Button.FUNCTION: self.function,
            Button.BATTERY: self.battery,
        }[button]


UP: Final = Buttons()
Seen = tuple[Buttons, tuple[Gesture, ...]]


def press(buttons: Buttons, button: Button, *, at_ms: int) -> Seen:
    """A button goes down. A second press of EVENT soon after the first is a double press."""
    key = buttons.key(button)
    if key.down_at is not None:
        return buttons, ()
    if button is Button.BATTERY:
        return _with(buttons, button, _Key(down_at=at_ms)), (Gesture.BATTERY_PRESSED,)
    before = key.pressed_before
    if button is Button.EVENT and before is not None and at_ms - before <= DOUBLE_WITHIN_MS:
        return _with(buttons, button, _Key(down_at=at_ms, spent=True)), (Gesture.EVENT_DOUBLE,)
    return _with(buttons, button, _Key(down_at=at_ms, pressed_before=at_ms)), ()


def release(buttons: Buttons, button: Button, *, at_ms: int) -> Seen:
    """A button comes up. A short press of FUNCTION means something only now."""
    key = buttons.key(button)
    if key.down_at is None:
        return buttons, ()
    short = not key.spent and at_ms - key.down_at < SHORT_BELOW_MS
    gestures = (Gesture.FUNCTION_SHORT,) if short and button is Button.FUNCTION else ()
    before = None if key.spent else key.pressed_before
    return _with(buttons, button, _Key(pressed_before=before)), gestures


def next_hold(buttons: Buttons) -> int | None:
    """When the next hold will have lasted long enough, if the button stays down."""
    due = [at for button in Button if (at := _due(buttons, button)) is not None]
    return min(due, default=None)


def elapse(buttons: Buttons, *, at_ms: int) -> Seen:
    """Time has come to `at_ms`: holds that are now long enough."""
    gestures: list[Gesture] = []
    for button in Button:
        due = _due(buttons, button)
        if due is not None and due <= at_ms:
            buttons = _with(buttons, button, replace(buttons.key(button), spent=True))
            gestures.append(_HOLDS[button][1])
    return buttons, tuple(gestures)


def _due(buttons: Buttons, button: Button) -> int | None:
    key = buttons.key(button)
    if key.down_at is None or key.spent:
        return None
    return key.down_at + _HOLDS[button][0]


def _with(buttons: Buttons, button: Button, key: _Key) -> Buttons:
    if button is Button.EVENT:
        return replace(buttons, event=key)
    if button is Button.FUNCTION:
        return replace(buttons, function=key)
    return replace(buttons, battery=key)
