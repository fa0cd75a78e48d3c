"""A key ring in a folder, and disks that come and go."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
OTHER = UUID("0a000000-0000-4000-8000-000000000001")


def ring_in(folder: Path) -> KeyRing:
    return KeyRing((folder / "a", folder / "b"), master_in(folder))


def master_in(folder: Path) -> MasterKey:
    return MasterKey.load_or_create(folder / "keys" / "master.key")


def live_file(folder: Path, copy: str, recording: UUID = RECORDING) -> Path:
    return folder / copy / "live" / str(recording)[:2] / str(recording)


def unmount(folder: Path, copy: str) -> None:
    (folder / copy).rename(folder / f"{copy}-away")
    (folder / copy).mkdir()


def mount(folder: Path, copy: str) -> None:
    (folder / copy).rmdir()
    (folder / f"{copy}-away").rename(folder / copy)
