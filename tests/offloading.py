"""Docking once, and nothing else: what a killed child process runs (no Django, quick to start)."""

from datetime import UTC, datetime
from pathlib import Path

from fairwitness.dock import agent, identity
from fairwitness.dock.journal import Journal
from fairwitness.dock.server import Server
from fairwitness.errors import FairwitnessError


class Silent:
    """Nobody watches; what was said is kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def said(self, line: str) -> None:
        self.lines.append(line)

    def progressed(self, name: str, sent: int, size: int) -> None:
        """Nothing to move."""


def offload(dock_folder: Path, volume: Path, watcher: agent.Watcher | None = None) -> agent.Tally:
    """Dock a volume once; small patience, so that a dead server is noticed soon."""
    dock = identity.load(folder=dock_folder)
    journal = Journal(dock.journal_path)
    try:
        with Server(dock=dock, clock=lambda: datetime.now(UTC)) as server:
            bay = agent.Bay(
                dock=dock,
                journal=journal,
                server=server,
                clock=lambda: datetime.now(UTC),
                watcher=watcher or Silent(),
            )
            return agent.offload_camera(bay=bay, root=volume)
    finally:
        journal.close()


def offload_whatever_comes(dock_folder: Path, volume: Path) -> None:
    """Dock, and end in peace."""
    try:
        offload(dock_folder, volume)
    except FairwitnessError:
        return
