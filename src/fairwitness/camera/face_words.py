"""What the camera's face says in words: what it is doing, what each button would do now.

Pure: from a `Camera` to sentences. Both faces, the page and the terminal, use them.
"""

from dataclasses import dataclass
from typing import Final

from fairwitness.camera.buttons import Button
from fairwitness.camera.device import Camera, Mode
from fairwitness.camera.inputs import Memory
from fairwitness.camera.signals import Pace, Pattern

SAY: Final = "I am recording this on camera, picture and sound."
"""What the wearer may say to people."""

_STATES: Final = {
    Mode.OFF: ("Off", "Nothing is filmed. Switch it on."),
    Mode.BOOT: ("Starting", "The Operation light is solid red for three seconds."),
    Mode.RECOVERING: (
        "Putting an interrupted recording in order",
        "Both lights blink red. Wait: what was stored before the cut is being signed.",
    ),
    Mode.ASLEEP: (
        "Asleep",
        "Nothing is filmed, no buffer is kept. It vibrates every 15 minutes to remind you.",
    ),
    Mode.EVENT: ("Recording", "Picture and sound are being stored."),
    Mode.SHUTDOWN: ("Switching off", "The Operation light is solid red for two seconds."),
    Mode.DOCKED: (
        "In the dock",
        "Nothing is filmed. Buttons do nothing here: the dock takes what was recorded.",
    ),
    Mode.FAULT: ("Error", "Both lights are solid red. Switch it off and on, or dock it."),
}
_NOTHING: Final = "Does nothing now"


@dataclass(frozen=True, slots=True)
class Use:
    """One way to use a button, and what it would do now.

    Attributes:
        button: which.
        how: pressed twice, held.
        does: what it would do, in words.
        works: False when it would do nothing.
    """

    button: Button
    how: str
    does: str
    works: bool = True


def state_of(camera: Camera) -> tuple[str, str]:
    """What the camera is doing: a word or two, and a sentence."""
    if camera.mode is Mode.BUFFERING:
        seconds = camera.settings.buffer_seconds
        kept = (
            f"The last {seconds} seconds of picture are in memory, without sound. "
            "They are gone unless you record."
            if seconds
            else "Nothing is kept until you record: this camera has no buffer."
        )
        return "Buffering, not recording", kept
    title, sentence = _STATES[camera.mode]
    if camera.mode is Mode.EVENT and camera.muted:
        sentence = "Picture is being stored; the sound is muted, and it shows that you muted it."
    if camera.stealth:
        sentence += " Stealth: lights, beeps and vibration are off, and it shows that they are."
    return title, sentence


def uses_of(camera: Camera) -> tuple[Use, ...]:
    """What each button would do now, in the order of the buttons on the camera."""
    return (
        _event_twice(camera),
        _event_held(camera),
        _function_pressed(camera),
        _function_held(camera),
        _battery_pressed(camera),
        _battery_held(camera),
    )


def _event_twice(camera: Camera) -> Use:
    button, how = Button.EVENT, "pressed twice"
    if camera.mode in {Mode.BUFFERING, Mode.ASLEEP}:
        if camera.memory is Memory.FULL:
            return Use(button, how, "Memory full: three beeps, and no recording. Dock it")
        asleep = ", without a buffer" if camera.mode is Mode.ASLEEP else ""
        return Use(button, how, f"Starts recording{asleep}. Two beeps")
    if camera.mode is Mode.EVENT:
        return Use(button, how, "Nothing more: it is recording", works=False)
    return Use(button, how, _NOTHING, works=False)


def _event_held(camera: Camera) -> Use:
    works = camera.mode is Mode.EVENT
    does = "Stops recording at the third second. One long beep" if works else _NOTHING
    return Use(Button.EVENT, "held 3 s", does, works=works)


def _function_pressed(camera: Camera) -> Use:
    works = camera.mode is Mode.EVENT
    does = "Adds a marker, at this moment" if works else _NOTHING
    return Use(Button.FUNCTION, "pressed", does, works=works)


def _function_held(camera: Camera) -> Use:
    button, how = Button.FUNCTION, "held 3 s"
    if camera.mode is Mode.ASLEEP:
        return Use(button, how, "Wakes it: it buffers again")
    if camera.mode is Mode.BUFFERING and camera.settings.sleep_allowed:
        return Use(button, how, "Puts it to sleep: no buffer is kept")
    if camera.mode is not Mode.EVENT:
        return Use(button, how, _NOTHING, works=False)
    if not camera.settings.mute_allowed:
        return Use(button, how, "Mute is not allowed by your force", works=False)
    does = "Brings the sound back" if camera.muted else "Mutes the sound. Shows on the time line"
    return Use(button, how, does)


def _battery_pressed(camera: Camera) -> Use:
    if not camera.powered:
        return Use(Button.BATTERY, "pressed", _NOTHING, works=False)
    beeps = camera.profile.beeps_on_battery_check and camera.mode is Mode.EVENT
    does = f"Shows the charge for ten seconds{', with two beeps' if beeps else ''}"
    return Use(Button.BATTERY, "pressed", does)


def _battery_held(camera: Camera) -> Use:
    button, how = Button.BATTERY, "held 10 s"
    if not camera.powered:
        return Use(button, how, _NOTHING, works=False)
    if not camera.settings.stealth_allowed:
        return Use(button, how, "Stealth is not allowed by your force", works=False)
    does = "Lights, beeps and vibration back on" if camera.stealth else "Lights and beeps off"
    return Use(button, how, does)


def caption(pattern: Pattern) -> str:
    """A signal for people who can't hear or feel it: `♪ beep beep  ≋ buzz buzz`."""
    long = "long " if pattern.pace is Pace.LONG else ""
    quick = " (quick)" if pattern.pace is Pace.QUICK else ""
    beeps = f"♪ {' '.join([f'{long}beep'] * pattern.beeps) or 'no beep'}"
    buzzes = f"≋ {' '.join([f'{long}buzz'] * pattern.buzzes) or 'no vibration'}"
    return f"{beeps}  {buzzes}{quick}"
