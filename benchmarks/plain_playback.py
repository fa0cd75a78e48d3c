"""The other side of playing: the whole product, except that footage is read from a plain file.

The same server, routes, sign-off of tokens and permissions, custody and database; only the last
step, in which `evidence.access` opens sealed pieces, opens the file that the environment names.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from benchmarks.plain_server import FOLDER

from fairwitness.config.asgi import app
from fairwitness.evidence import access
from fairwitness.evidence.access import OpenFootage
from fairwitness.evidence.models import CopyKind, Recording
from fairwitness.vault.vault import Vault

__all__ = ["app"]


@dataclass(slots=True)
class PlainReader:
    """Reads a file at any offset."""

    descriptor: int

    def read(self, offset: int, length: int) -> bytes:
        """These bytes of it."""
        return os.pread(self.descriptor, length, offset)

    def close(self) -> None:
        """Let go of it."""
        os.close(self.descriptor)


_FILE = Path(os.environ[FOLDER], "footage.mp4")


def _open_plain(recording: Recording, _kind: CopyKind, _vault: Vault) -> OpenFootage:
    reader = PlainReader(os.open(_FILE, os.O_RDONLY | os.O_CLOEXEC))
    return OpenFootage(
        size=recording.size,
        media_type=recording.media_type,
        reader=cast("Any", reader),
    )


vars(access)["_open"] = _open_plain
