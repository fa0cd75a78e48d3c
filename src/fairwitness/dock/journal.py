"""What a dock remembers: how far each recording came, and the last checkpoint it saw.

Crash-safe (SQLite, fully synchronous): a state is written here before the dock relies on it, so a
dock that loses power at any moment goes on from what it knew for certain.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from fairwitness.dock.offload import Noted, State
from fairwitness.formats import timestamp

_SCHEMA = """
CREATE TABLE IF NOT EXISTS recording (
  camera TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  state TEXT NOT NULL, upload TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  receipt BLOB, changed_at TEXT NOT NULL, PRIMARY KEY (camera, name));
CREATE TABLE IF NOT EXISTS camera (
  serial TEXT PRIMARY KEY, last_counter INTEGER, clock_set_at TEXT, docked_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS witness (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), size INTEGER NOT NULL,
  checkpoint TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class CameraNote:
    """What the journal says of a camera: its last counter and when this dock set its clock."""

    last_counter: int | None
    clock_set_at: datetime | None


class Journal:
    """One dock's memory, in one file. Not for use by several threads at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; what was written is already durable."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def recordings(self, camera: str) -> Mapping[str, Noted]:
        """What is noted of each recording of one camera, by name."""
        rows = self._database.execute(
            "SELECT name, sha256, state, upload, reason FROM recording WHERE camera = ?", (camera,)
        )
        return MappingProxyType(
            {
                name: Noted(sha256=sha256, state=State(state), upload=upload, reason=reason)
                for name, sha256, state, upload, reason in rows
            }
        )

    def note(
        self,
        *,
        camera: str,
        name: str,
        sha256: str,
        size: int,
        state: State,
        at: datetime,
        upload: str = "",
        reason: str = "",
        receipt: bytes | None = None,
        checkpoint: tuple[int, str] | None = None,
    ) -> None:
        """Write a recording's new state, its receipt and the checkpoint it came with, together.

        A receipt once noted for the same bytes is kept, whatever comes after.
        """
        with self._transaction() as database:
            database.execute(
                "INSERT INTO recording (camera, name, sha256, size, state, upload, reason, receipt,"
                " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (camera, name) DO"
                " UPDATE SET receipt = CASE WHEN excluded.receipt IS NOT NULL THEN"
                " excluded.receipt WHEN recording.sha256 = excluded.sha256 THEN"
                " recording.receipt END, sha256 = excluded.sha256, size = excluded.size,"
                " state = excluded.state, upload = excluded.upload, reason = excluded.reason,"
                " changed_at = excluded.changed_at",
                (camera, name, sha256, size, state, upload, reason, receipt, timestamp.text(at)),
            )
            if checkpoint is not None:
                self._follow(database, *checkpoint)

    def receipt(self, *, camera: str, name: str, sha256: str) -> bytes | None:
        """The receipt noted for these very bytes, or None."""
        row = self._database.execute(
            "SELECT receipt FROM recording WHERE camera = ? AND name = ? AND sha256 = ?",
            (camera, name, sha256),
        ).fetchone()
        return None if row is None else row[0]

    @staticmethod
    def _follow(database: sqlite3.Connection, size: int, checkpoint: str) -> None:
        database.execute(
            "INSERT INTO witness VALUES (1, ?, ?) ON CONFLICT (only_row) DO UPDATE SET"
            " size = excluded.size, checkpoint = excluded.checkpoint"
            " WHERE excluded.size >= witness.size",
            (size, checkpoint),
        )

    def checkpoint(self) -> tuple[int, str] | None:
        """The size and note of the largest checkpoint that this dock has seen."""
        row = self._database.execute("SELECT size, checkpoint FROM witness").fetchone()
        return None if row is None else (row[0], row[1])

    def camera(self, serial: str) -> CameraNote:
        """What is noted of a camera; nothing yet is a note without numbers."""
        row = self._database.execute(
            "SELECT last_counter, clock_set_at FROM camera WHERE serial = ?", (serial,)
        ).fetchone()
        if row is None:
            return CameraNote(last_counter=None, clock_set_at=None)
        return CameraNote(
            last_counter=row[0], clock_set_at=timestamp.parse(row[1]) if row[1] else None
        )

    def note_camera(
        self,
        *,
        serial: str,
        last_counter: int | None,
        clock_set_at: datetime | None,
        docked_at: datetime,
    ) -> None:
        """Write what was seen of a camera; its last counter never goes back."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO camera VALUES (?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE SET"
                " last_counter = NULLIF(MAX(COALESCE(excluded.last_counter, -1),"
                " COALESCE(camera.last_counter, -1)), -1),"
                " clock_set_at = COALESCE(excluded.clock_set_at, camera.clock_set_at),"
                " docked_at = excluded.docked_at",
                (
                    serial,
                    last_counter,
                    timestamp.text(clock_set_at) if clock_set_at else None,
                    timestamp.text(docked_at),
                ),
            )
