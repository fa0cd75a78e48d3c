"""Docking once, and nothing else: what a killed child process runs (no Django, quick to start)."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fairwitness.dock import agent, erasures, identity, witnessing
from fairwitness.dock.doing import Doing
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
    dock = identity.load(folder=dock_folder)
    journal = Journal(dock.journal_path)
    try:
        with Server(
            dock=dock,
            clock=clock,
            greet=lambda at, greeting: witnessing.greet(at, greeting, dock=dock, journal=journal),
        ) as server:
            bay = Bay(
                dock=dock,
                journal=journal,
                server=server,
                clock=clock,
                watcher=watcher or Silent(),
            )
            tally = agent.offload_camera(bay=bay, root=volume)
            erasures.tell(server=server, journal=journal, said=bay.watcher.said)
            return tally
    finally:
        journal.close()


def offload_whatever_comes(dock_folder: Path, volume: Path) -> None:
    """Dock, and end in peace."""
    try:
        offload(dock_folder, volume)
    except FairwitnessError:
        return


def offload_killed(number: int, dock_folder: Path, volume: Path) -> None:
    """Dock, and be killed right before the nth step: a sync, a removal, a renaming, a note.

    The dock asks its clock right before each note in its journal. For a process of its own.
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
    offload(dock_folder, volume, clock=clock)
