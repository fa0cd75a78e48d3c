"""A small language that drives a camera: `at <time> <what>`, one line for each thing that happens.

    # a recording of forty seconds, with a marker
    at 0s     boot
    at 35s    double-press
    at 50s    marker
    at 75s    hold-event
    at 80s    off

Times are `500ms`, `35s`, `1m30s`, `2h`, counted from the start, and never go back. `#` begins a
comment. The words are in `WORDS`; docs/guides/officer.md explains them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fairwitness.camera.buttons import HOLD_MS, LONG_HOLD_MS, Button
from fairwitness.camera.inputs import (
    CableIn,
    CableOut,
    ClockLost,
    Fault,
    Input,
    Memory,
    MemoryLevel,
    PeopleTold,
    Press,
    Release,
    SwitchOff,
    Tick,
)
from fairwitness.errors import FairwitnessError

_LINE: Final = re.compile(r"at\s+(?P<time>\S+)\s+(?P<word>[a-z-]+)(?:\s+(?P<rest>.*))?")
_TIME: Final = re.compile(
    r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d{1,3})?)s)?(?:(\d+)ms)?", re.ASCII
)
_TAP_MS: Final = 100
_BETWEEN_TAPS_MS: Final = 200
_A_LITTLE_MS: Final = 50


class ScriptInvalid(FairwitnessError):
    """A line of a script that can't be understood."""

    code = "camera.script"


class Doing(StrEnum):
    """What a script does to the camera besides giving it inputs: it needs the world around it."""

    BOOT = "boot"
    DOCK = "dock"
    UNDOCK = "undock"
    BATTERY = "battery-level"
    CUT = "cut"  # the power goes, that instant; nothing is put in order
    END = "end"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a script does to the world around the camera."""

    at_ms: int
    doing: Doing
    number: int = 0


Line = Input | Happening


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens, in order of time."""

    lines: tuple[Line, ...]

    @property
    def ends_ms(self) -> int:
        """When the last thing happens."""
        return self.lines[-1].at_ms if self.lines else 0


def parse(text: str) -> Script:
    """Read a script.

    Raises:
        ScriptInvalid: with the number of the line and what to do.
    """
    lines: list[Line] = []
    before = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ScriptInvalid(f"Line {number}: write `at 35s double-press`, not `{line}`.")
        at_ms = _time(match["time"], number)
        if at_ms < before:
            raise ScriptInvalid(f"Line {number}: times never go back.")
        before = at_ms
        lines += _word(match["word"], (match["rest"] or "").strip(), at_ms, number)
    return Script(tuple(sorted(lines, key=lambda line: line.at_ms)))


def lines_of(words: str, *, at_ms: int) -> tuple[Line, ...]:
    """What a line of a script means without its time: `double-press`, `press event for 3s`.

    Raises:
        ScriptInvalid: there is no such word.
    """
    word, _, rest = words.strip().partition(" ")
    return tuple(_word(word, rest.strip(), at_ms, 1))


def recording_script(*, seconds: float, before_seconds: float) -> Script:
    """The plainest script: switch on, wait, record for `seconds`, stop, switch off.

    Args:
        seconds: from the double press to the end of the recording.
        before_seconds: from the start of buffering to the double press.
    """
    start = 3.0 + before_seconds
    stop_held = start + seconds - HOLD_MS / 1000
    return parse(
        "at 0s boot\n"
        f"at {start - _BETWEEN_TAPS_MS / 1000:.3f}s double-press\n"
        f"at {max(stop_held, start + 1):.3f}s hold-event\n"
        f"at {max(stop_held, start + 1) + 5:.3f}s off\n",
    )


def time_ms(text: str) -> int:
    """Read a time such as `1m30s`, in milliseconds.

    Raises:
        ScriptInvalid: it is none.
    """
    match = _TIME.fullmatch(text)
    if match is None or not text:
        raise ScriptInvalid(f"`{text}` is no time: write 500ms, 35s, 1m30s or 2h.")
    hours, minutes, seconds, millis = match.groups()
    total = (int(hours or 0) * 60 + int(minutes or 0)) * 60_000
    return total + round(float(seconds or 0) * 1000) + int(millis or 0)


def _time(text: str, number: int) -> int:
    try:
        return time_ms(text)
    except ScriptInvalid as error:
        raise ScriptInvalid(f"Line {number}: {error.message}") from None


def _word(word: str, rest: str, at_ms: int, number: int) -> list[Line]:
    if word in _HOLDS:
        button, least = _HOLDS[word]
        return _held(at_ms, button, _time(rest, number) if rest else least + _A_LITTLE_MS)
    if word == "press":
        return _pressed(rest, at_ms, number)
    if word == Doing.BATTERY:
        return [Happening(at_ms, Doing.BATTERY, _percent(rest, number))]
    if rest:
        raise ScriptInvalid(f"Line {number}: nothing follows `{word}`.")
    if word in _PLAIN:
        return _PLAIN[word](at_ms)
    if word in set(Doing):
        return [Happening(at_ms, Doing(word))]
    raise ScriptInvalid(f"Line {number}: there is no `{word}`. Words: {', '.join(WORDS)}.")


def _held(at_ms: int, button: Button, ms: int) -> list[Line]:
    return [Press(at_ms, button), Release(at_ms + ms, button)]


def _pressed(rest: str, at_ms: int, number: int) -> list[Line]:
    name, _, time = rest.partition(" for ")
    if name not in set(Button):
        raise ScriptInvalid(f"Line {number}: the buttons are {', '.join(Button)}.")
    return _held(at_ms, Button(name), _time(time, number) if time else _TAP_MS)


def _percent(rest: str, number: int) -> int:
    text = rest.removesuffix("%")
    if not (text.isascii() and text.isdecimal()) or int(text) > 100:  # noqa: PLR2004 (percent)
        raise ScriptInvalid(f"Line {number}: give the battery's charge, such as `15%`.")
    return int(text)


def _twice(at_ms: int) -> list[Line]:
    second = at_ms + _BETWEEN_TAPS_MS
    return [*_held(at_ms, Button.EVENT, _TAP_MS), *_held(second, Button.EVENT, _TAP_MS)]


_HOLDS: Final = {
    "hold-event": (Button.EVENT, HOLD_MS),
    "mute": (Button.FUNCTION, HOLD_MS),
    "stealth": (Button.BATTERY, LONG_HOLD_MS),
}
_PLAIN: Final[dict[str, Callable[[int], list[Line]]]] = {
    "double-press": _twice,
    "marker": lambda at: _held(at, Button.FUNCTION, _TAP_MS),
    "battery": lambda at: _held(at, Button.BATTERY, _TAP_MS),
    "people-told": lambda at: [PeopleTold(at)],
    "not-practicable": lambda at: [PeopleTold(at, practicable=False)],
    "off": lambda at: [SwitchOff(at)],
    "cable-out": lambda at: [CableOut(at)],
    "cable-in": lambda at: [CableIn(at)],
    "memory-full": lambda at: [MemoryLevel(at, Memory.FULL)],
    "memory-low": lambda at: [MemoryLevel(at, Memory.LOW)],
    "clock-lost": lambda at: [ClockLost(at)],
    "fault": lambda at: [Fault(at)],
    "wait": lambda at: [Tick(at)],
}
WORDS: Final = (*_HOLDS, "press", *_PLAIN, *Doing)
"""Every word of the language."""
