"""What a dock remembers: how far each recording came, and the last checkpoint it saw.

Crash-safe (SQLite, fully synchronous): a state is written here before the dock relies on it, so a
dock that loses power at any moment goes on from what it knew for certain. A journal that is damaged
all the same is put aside and a new one begun. That is safe: the server knows again whatever it
received, and gives its first receipt; nothing is erased on what a lost journal said.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from fairwitness.dock.offload import Held, Noted, State
from fairwitness.errors import FairwitnessError
from fairwitness.formats import timestamp

_SCHEMA = """
CREATE TABLE IF NOT EXISTS recording (
  camera TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  state TEXT NOT NULL, upload TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  receipt BLOB, changed_at TEXT NOT NULL, docking BLOB, PRIMARY KEY (camera, name));
CREATE TABLE IF NOT EXISTS camera (
  serial TEXT PRIMARY KEY, last_counter INTEGER, clock_set_at TEXT, docked_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS witness (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), size INTEGER NOT NULL,
  checkpoint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bay (
  number INTEGER PRIMARY KEY, root TEXT NOT NULL, camera TEXT NOT NULL, docked_at TEXT NOT NULL,
  standing TEXT NOT NULL, released_at TEXT);
CREATE TABLE IF NOT EXISTS erasure (
  number INTEGER PRIMARY KEY, camera TEXT NOT NULL, name TEXT NOT NULL, recording TEXT NOT NULL,
  at TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS erasure_open ON erasure (done, told);
"""
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_FILES = ("", "-wal", "-shm")


class JournalDamaged(FairwitnessError):
    """The journal could not be read; it was put aside, and a new one begun."""

    code = "dock.journal_damaged"


class DiskFull(FairwitnessError):
    """The dock's own disk has no room for its journal."""

    code = "dock.disk_full"


class JournalFailed(FairwitnessError):
    """The journal can't be read or written now."""

    code = "dock.journal_failed"


@dataclass(frozen=True, slots=True)
class CameraNote:
    """What the journal says of a camera: its last counter and when this dock set its clock."""

    last_counter: int | None
    clock_set_at: datetime | None


@dataclass(frozen=True, slots=True)
class BayNote:
    """Which camera is in a bay, since when, what the server said of it, and whether it may go."""

    number: int
    root: Path
    camera: str
    docked_at: datetime
    standing: str
    released_at: datetime | None


class Journal:
    """One dock's memory, in one file, for all its bays.

    Attributes:
        put_aside: where a damaged journal went, or None.
        witnessing: held while a checkpoint is checked against the last one and noted, so that bays
            which see the log grow at the same time never skip each other's proof.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.RLock()
        self.witnessing = threading.RLock()
        self.put_aside: Path | None = None
        try:
            with _told():
                self._database = _open(path)
        except JournalDamaged:
            self._begin_anew()

    def close(self) -> None:
        """Close the file; what was written is already durable."""
        with self._lock:
            self._database.close()

    def _begin_anew(self) -> None:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.damaged-{number}")).exists():
            number += 1
        for suffix in _FILES:
            with contextlib.suppress(FileNotFoundError):
                self._path.with_name(self._path.name + suffix).rename(
                    aside.with_name(aside.name + suffix)
                )
        self.put_aside = aside
        with _told():
            self._database = _open(self._path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The file, for reading, by one thread at a time."""
        with self._lock:
            try:
                with _told():
                    yield self._database
            except JournalDamaged:
                self._database.close()
                self._begin_anew()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The file, for writing: all of it, durably, or nothing."""
        with self.reading() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:  # a full disk ends it by itself
                    database.execute("ROLLBACK")
                raise

    def recordings(self, camera: str) -> Mapping[str, Noted]:
        """What is noted of each recording of one camera, by name."""
        with self.reading() as database:
            rows = database.execute(
                "SELECT name, sha256, state, upload, reason, size FROM recording WHERE camera = ?",
                (camera,),
            ).fetchall()
        return MappingProxyType(
            {
                name: Noted(sha256, State(state), upload=upload, reason=reason, size=size)
                for name, sha256, state, upload, reason, size in rows
            }
        )

    def see(self, *, camera: str, held: Sequence[Held], docking: bytes, at: datetime) -> None:
        """Note what lies on a camera for the first time, with the docking that found it.

        What was seen before keeps its state and its docking: that one compared the camera's clock
        before any dock set it anew.
        """
        if not held:
            return
        when = timestamp.text(at)
        with self.transaction() as database:
            database.executemany(
                "INSERT INTO recording (camera, name, sha256, size, state, changed_at, docking)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (camera, name) DO UPDATE SET"
                " docking = COALESCE(recording.docking, excluded.docking)",
                [
                    (camera, one.name, one.sha256, one.size, State.SEEN, when, docking)
                    for one in held
                ],
            )

    def docking_of(self, *, camera: str, name: str) -> bytes | None:
        """The docking that first found a recording; None when nothing is noted."""
        return self._one(
            "SELECT docking FROM recording WHERE camera = ? AND name = ?", camera, name
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
        with self.transaction() as database:
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
        return self._one(
            "SELECT receipt FROM recording WHERE camera = ? AND name = ? AND sha256 = ?",
            camera,
            name,
            sha256,
        )

    def _one(self, question: str, *values: str) -> bytes | None:
        with self.reading() as database:
            row = database.execute(question, values).fetchone()
        return None if row is None else row[0]

    def follow(self, *, size: int, checkpoint: str) -> None:
        """Remember a checkpoint that was verified and extends the one before."""
        with self.transaction() as database:
            self._follow(database, size, checkpoint)

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
        with self.reading() as database:
            row = database.execute("SELECT size, checkpoint FROM witness").fetchone()
        return None if row is None else (row[0], row[1])

    def camera(self, serial: str) -> CameraNote:
        """What is noted of a camera; nothing yet is a note without numbers."""
        with self.reading() as database:
            row = database.execute(
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
        with self.transaction() as database:
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

    def occupy(
        self, *, number: int, root: Path, camera: str, docked_at: datetime, standing: str
    ) -> None:
        """Note which camera is in a bay, and what the server says of it."""
        with self.transaction() as database:
            database.execute("DELETE FROM bay WHERE number = ?", (number,))
            database.execute(
                "INSERT INTO bay VALUES (?, ?, ?, ?, ?, NULL)",
                (number, str(root), camera, timestamp.text(docked_at), standing),
            )

    def vacate(self, number: int) -> None:
        """Note that nothing is in a bay any more."""
        with self.transaction() as database:
            database.execute("DELETE FROM bay WHERE number = ?", (number,))

    def release(self, *, number: int, at: datetime) -> None:
        """Note that the camera in a bay may be taken."""
        with self.transaction() as database:
            database.execute(
                "UPDATE bay SET released_at = ? WHERE number = ?", (timestamp.text(at), number)
            )

    def bays(self) -> Mapping[int, BayNote]:
        """The bays that are not empty, by number."""
        with self.reading() as database:
            rows = database.execute(
                "SELECT number, root, camera, docked_at, standing, released_at FROM bay"
            ).fetchall()
        return MappingProxyType(
            {
                number: BayNote(
                    number=number,
                    root=Path(root),
                    camera=camera,
                    docked_at=timestamp.parse(docked),
                    standing=standing,
                    released_at=timestamp.parse(released) if released else None,
                )
                for number, root, camera, docked, standing, released in rows
            }
        )


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.executescript(_SCHEMA)
        columns = {row[1] for row in database.execute("PRAGMA table_info(recording)")}
        if "docking" not in columns:  # a journal of before
            database.execute("ALTER TABLE recording ADD COLUMN docking BLOB")
        (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except BaseException:
        database.close()
        raise
    if sound != "ok":
        database.close()
        raise JournalDamaged("The dock's journal is damaged.")
    return database


@contextmanager
def _told() -> Iterator[None]:
    """What the database says of its file, as people are told it."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if any(name.startswith(one) for one in _DAMAGED):
            raise JournalDamaged(
                "The dock's journal is damaged. It is put aside and a new one begun; nothing is"
                " lost: the server knows again what it received."
            ) from error
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise DiskFull(
                "The dock's own disk is full or fails. Nothing is erased from any camera until"
                " it can write again."
            ) from error
        raise JournalFailed(f"The dock's journal can't be used now: {error}.") from error
