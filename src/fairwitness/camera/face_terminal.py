"""The camera's face in a terminal: a key for each thing, a line for each thing it says.

Where there is a terminal, single keys count; elsewhere each line is words of a script, so that it
can be driven by a pipe or a screen reader's line mode.
"""

import contextlib
import functools
import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from typing import Final, TextIO

from fairwitness.camera import face_words
from fairwitness.camera.buttons import Button
from fairwitness.camera.live import LiveCamera, Said
from fairwitness.camera.outputs import Log, Prompt, Signal
from fairwitness.camera.script import ScriptInvalid
from fairwitness.camera.signals import Pattern

KEYS: Final = {
    "e": ("press event for 50ms", "press Event (twice, quickly: record)"),
    "E": ("hold-event", "hold Event 3 s (stop)"),
    "f": ("marker", "press Function (marker)"),
    "F": ("mute", "hold Function 3 s (mute)"),
    "b": ("battery", "press Battery"),
    "B": ("stealth", "hold Battery 10 s (stealth)"),
    "o": ("boot", "switch on"),
    "O": ("off", "switch off"),
    "t": ("people-told", "people told"),
    "n": ("not-practicable", "telling them not practicable"),
    "d": ("dock", "into the dock"),
    "u": ("undock", "out of the dock"),
    "c": ("cable-out", "cable out"),
    "C": ("cable-in", "cable in"),
}
QUIT: Final = "q"
HELP: Final = "?"
_WAIT: Final = 0.1
_MOST: Final = 4096


class Terminal:
    """Shows a live camera as lines of text and passes on what is typed."""

    def __init__(self, live: LiveCamera, *, read: TextIO, write: Callable[[str], None]) -> None:
        self._live = live
        self._read = read
        self._write = write
        self._last = 0
        self._state = ""

    def run(self) -> None:
        """Until `q`, or the end of what is typed."""
        with _keys(self._read) as typed:
            self._help()
            for words in typed:
                if words in {QUIT, "quit"}:
                    return
                if words in {HELP, "help"}:
                    self._help()
                elif words:
                    self._do(words)
                self._show()

    def _do(self, words: str) -> None:
        try:
            self._live.do(KEYS[words][0] if words in KEYS else words)
        except ScriptInvalid as error:
            self._write(error.message)

    def _help(self) -> None:
        for key, (_, does) in KEYS.items():
            self._write(f"  {key}  {does}")
        self._write(f"  {HELP}  this list      {QUIT}  end")

    def _show(self) -> None:
        for said in self._live.said:
            if said.number > self._last:
                self._last = said.number
                self._write(_line(said))
        camera = self._live.camera.camera
        title, sentence = face_words.state_of(camera)
        lights = camera.lights
        state = (
            f"   [{title}] {self._live.trouble or sentence} Operation {lights.operation}, "
            f"Function {lights.function}, Battery {lights.battery}, public light {lights.public}."
        )
        if state != self._state:
            self._state = state
            self._write(state)
            for use in face_words.uses_of(camera):
                if use.works and use.button is not Button.BATTERY:
                    self._write(f"      {use.button.capitalize()} {use.how}: {use.does}")


def _line(said: Said) -> str:
    when = f"{said.at:%H:%M:%S}"
    match said.output:
        case Signal(meaning=meaning, beeps=beeps, buzzes=buzzes, pace=pace):
            return f"{when}  {face_words.caption(Pattern(beeps, buzzes, pace))}  {meaning}"
        case Prompt(text=text):
            return f"{when}  {text}  “{face_words.SAY}”  (t: told, n: not practicable)"
        case Log(what=what, detail=detail):
            return f"{when}  {what} {detail}".rstrip()


@contextlib.contextmanager
def _keys(read: TextIO) -> Iterator[Iterator[str]]:
    """Keys as they are typed, or lines where there is no terminal; empty when a moment passed."""
    descriptor = read.fileno()
    if not read.isatty():
        yield _typed(descriptor, lambda text: text.splitlines(keepends=True))
        return
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSADRAIN)  # drain, not flush: keys typed early count
    try:
        yield _typed(descriptor, list)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _typed(descriptor: int, split: Callable[[str], list[str]]) -> Iterator[str]:
    """What comes, read past any buffer of Python's own, which would hide that more has come."""
    while True:
        ready, _, _ = select.select([descriptor], [], [], _WAIT)
        if not ready:
            yield ""
            continue
        data = os.read(descriptor, _MOST)
        if not data:
            return
        yield from (words.strip() for words in split(data.decode("utf-8", "replace")))


def run(live: LiveCamera) -> None:
    """The face of a camera in this process's own terminal."""
    Terminal(live, read=sys.stdin, write=functools.partial(print, flush=True)).run()
