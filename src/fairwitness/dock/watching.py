"""What is in which bay: cameras and volumes appear in a mount folder, and vanish from it."""

import contextlib
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from fairwitness.dock import volume_bay
from fairwitness.dock.bays import BayView, Runner, Tools
from fairwitness.dock.pace import Pace

LOOK_SECONDS = 1.0
MOST = 1000
"""The largest number that a docking gives to a bay."""
_NUMBER = re.compile(r"bay[-_ ]?0*([1-9][0-9]{0,2})\Z", re.IGNORECASE)


class Watching:
    """The cameras that are there, each in its bay.

    Args:
        tools: shared by all bays.
        named: volumes that were named, which have the first bays.
        folder: where cameras are mounted, each in a folder of its own; None to watch none.
        least: how many bays the dock has; more volumes get more bays.
    """

    def __init__(
        self,
        tools: Tools,
        *,
        named: Sequence[Path] = (),
        folder: Path | None = None,
        least: int = 0,
    ) -> None:
        self._tools = tools
        self._named = tuple(named)
        self._folder = folder
        self._least = max(least, len(named))
        self._told: set[str] = set()
        self._runners: dict[int, Runner] = {}
        self._lock = threading.Lock()
        for number in tools.journal.bays():  # of a dock that was killed: looked at anew
            tools.journal.vacate(number)

    def look(self) -> None:
        """Give each camera that has come a bay, and free the bays of those that have gone."""
        there = self._volumes()
        with self._lock:
            for number in [n for n, runner in self._runners.items() if not runner.is_alive()]:
                del self._runners[number]
            busy = {runner.root for runner in self._runners.values()}
            for root in there:
                if root not in busy:
                    busy.add(root)
                    self._begin(root)

    def rounds(self, stop: threading.Event) -> None:
        """Go on looking until told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(LOOK_SECONDS)

    def views(self) -> tuple[BayView, ...]:
        """Every bay now, by number; empty ones too."""
        with self._lock:
            running = dict(self._runners)
        last = max([self._least, *running])
        return tuple(
            running[number].seen.view() if number in running else BayView(number)
            for number in range(1, last + 1)
            if number in running or number <= self._least
        )

    def pace(self) -> Pace:
        """What the whole dock sends."""
        return self._tools.pace

    def stop(self) -> None:
        """Let every bay end; what is under way is taken up at the next start."""
        with self._lock:
            running = list(self._runners.values())
        for runner in running:
            runner.stop()
        for runner in running:
            runner.join(2)

    def _begin(self, root: Path) -> None:
        number = number_for(root, taken=self._runners, named=self._named)
        if number is None:
            return
        runner = volume_bay.runner(number, root, self._tools)
        self._runners[number] = runner
        runner.start()

    def _volumes(self) -> list[Path]:
        found = [root for root in self._named if _has_something(root)]
        if self._folder is None:
            return found
        try:
            inside = sorted(path for path in self._folder.iterdir() if path.is_dir())
        except OSError as error:
            self._say_once(f"{self._folder} can't be read: {error.strerror}. [dock.mount_folder]")
            return found
        return found + [root for root in inside if _has_something(root)]

    def _say_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._tools.said(line)


def number_for(
    root: Path, *, taken: Mapping[int, object], named: Sequence[Path] = ()
) -> int | None:
    """The bay for a volume: the one in its folder's name, else the lowest that is free.

    Args:
        root: where it is mounted, such as `bay-3`.
        taken: bays that have a camera.
        named: volumes that were named: each has the bay of its place in the list.
    """
    if root in named:
        return named.index(root) + 1
    said = _NUMBER.search(root.name)
    if said and int(said[1]) not in taken and int(said[1]) > len(named):
        return int(said[1])
    free = (n for n in range(len(named) + 1, MOST + 1) if n not in taken)
    return next(free, None)


def _has_something(root: Path) -> bool:
    with contextlib.suppress(OSError):
        return next(root.iterdir(), None) is not None
    return False
