"""Docking once, and nothing else: what a killed child process runs (no Django, quick to start)."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from fairwitness.dock import agent, bringing, erasures, identity, witnessing
from fairwitness.dock.bringing import Brought
from fairwitness.dock.doing import Doing
from fairwitness.dock.enrolled import EnrolledVolume
from fairwitness.dock.journal import Journal
from fairwitness.dock.server import Server
from fairwitness.dock.taking import Bay, Watcher
from fairwitness.errors import FairwitnessError


class Silent:
    """Nobody watches; what was said is kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def said(self, line: str) -> None:
        self.lines.append(line)

    def turned(self, now: Doing) -> None:
        """Nothing to show."""

    def progressed(self, name: str, sent: int, size: int) -> None:
        """Nothing to move."""


def _now() -> datetime:
    return datetime.now(UTC)


def offload(
    dock_folder: Path,
    volume: Path,
    watcher: Watcher | None = None,
    clock: Callable[[], datetime] = _now,
) -> agent.Tally:
    """Dock a volume once; small patience, so that a dead server is noticed soon."""
    with bay_of(dock_folder, watcher=watcher, clock=clock) as bay:
        tally = agent.offload_camera(bay=bay, root=volume)
        _tell_erasures(bay)
        return tally


def _briefly(seconds: float) -> None:
    """A pause among files that nobody writes to."""
    time.sleep(min(seconds, 0.05))


def bring(
    dock_folder: Path,
    stick: Path,
    clock: Callable[[], datetime] = _now,
    pause: Callable[[float], None] = _briefly,
) -> Brought:
    """Take from an enrolled volume once, as a bay does."""
    with bay_of(dock_folder, clock=clock, pause=pause) as bay:

        def may_erase(volume: UUID) -> bool:
            return bringing.standing(bay=bay, volume=volume)["erase"] is True

        volume = EnrolledVolume(stick, may_erase=may_erase)
        bringing.demand_enrolled(bringing.standing(bay=bay, volume=volume.card.volume))
        brought = bringing.offload_volume(bay=bay, volume=volume)
        _tell_erasures(bay)
        return brought


def _tell_erasures(bay: Bay) -> None:
    erasures.tell(server=bay.server, journal=bay.journal, said=bay.watcher.said)


@contextlib.contextmanager
def bay_of(
    dock_folder: Path,
    *,
    watcher: Watcher | None = None,
    clock: Callable[[], datetime] = _now,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Bay]:
    """The one bay of a dock."""
    dock = identity.load(folder=dock_folder)
    journal = Journal(dock.journal_path)
    try:
        with Server(
            dock=dock,
            clock=clock,
            greet=lambda at, greeting: witnessing.greet(at, greeting, dock=dock, journal=journal),
        ) as server:
            yield Bay(
                dock=dock,
                journal=journal,
                server=server,
                clock=clock,
                watcher=watcher or Silent(),
                pause=pause,
            )
    finally:
        journal.close()


def offload_whatever_comes(dock_folder: Path, volume: Path) -> None:
    """Dock, and end in peace."""
    try:
        offload(dock_folder, volume)
    except FairwitnessError:
        return


def offload_killed(number: int, dock_folder: Path, volume: Path) -> None:
    """Dock, and be killed right before the nth step; for a process of its own."""
    offload(dock_folder, volume, clock=_killed_before(number))


def bring_killed(number: int, dock_folder: Path, stick: Path) -> None:
    """Take from an enrolled volume, and be killed likewise; for a process of its own."""
    bring(dock_folder, stick, clock=_killed_before(number))


def _killed_before(number: int) -> Callable[[], datetime]:
    """Have this process killed before its nth step: a sync, a removal, a renaming, a note.

    Returns:
        The clock to use: the dock asks it right before each note in its journal.
    """
    steps, real = 0, os.fsync

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def clock() -> datetime:
        step()
        return datetime.now(UTC)

    def fsync(descriptor: int) -> None:
        step()
        real(descriptor)

    os.fsync = fsync  # type: ignore[assignment] # ours is only given numbers
    sys.addaudithook(lambda event, _: step() if event in {"os.remove", "os.rename"} else None)
    return clock
