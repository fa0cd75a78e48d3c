"""A backup as a force takes it: the database and the vault, without the key ring.

Opening from it uses the key ring as it is today, which is the only one there is.
"""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from fairwitness.config import settings
from fairwitness.config.demonstration.scene import Stage
from fairwitness.errors import FairwitnessError
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.reading import read_back

_DATABASE = "fairwitness.sqlite3"


@dataclass(frozen=True, slots=True)
class Backup:
    """Where a backup lies."""

    database: Path
    vault: Path


def take(data: Path, folder: Path) -> Backup:
    """Copy database and vault of a running deployment."""
    folder.mkdir(parents=True)
    source = sqlite3.connect(data / _DATABASE)
    copy = sqlite3.connect(folder / _DATABASE)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    shutil.copytree(settings.ENVIRONMENT.vault, folder / "vault")
    return Backup(folder / _DATABASE, folder / "vault")


def try_to_open(backup: Backup, *, stage: Stage, recording: UUID) -> str | None:
    """Read a whole master from a backup, with today's key ring.

    Returns:
        None when it opened and is what the backup's database says it is; else the refusal.
    """
    database = sqlite3.connect(backup.database)
    try:
        rows = database.execute(
            "SELECT blob, offset, length, sealed_size, upload_length FROM evidence_piece"
            " WHERE recording_id = ? AND copy = 'master' ORDER BY offset",
            (recording.hex,),
        ).fetchall()
        (digest,) = database.execute(
            "SELECT sha256 FROM evidence_recording WHERE id = ?", (recording.hex,)
        ).fetchone()
    finally:
        database.close()
    ring = KeyRing(
        settings.ENVIRONMENT.keyring, MasterKey.load_or_create(stage.data / "keys/master")
    )
    pieces = [SealedPiece(blob, offset, length, sealed) for blob, offset, length, sealed, _ in rows]
    try:
        binding = Binding(ring.get(recording), recording, "master", rows[0][4])
        found = read_back(pieces, store=FolderStore(backup.vault), binding=binding)
    except FairwitnessError as error:
        return error.message
    return None if found.sha256.hex() == digest else "other bytes"
