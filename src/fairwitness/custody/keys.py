"""The custody log's own keys, each a file that only we can read, made at first use.

The signing key makes checkpoints: who has it can fork the log, and is caught by docks and
witnesses. The sealing key hides the entries that lie beside the tiles: who has it and the files
can read what was done to what and when, but not by whom or why.
"""

import secrets
from pathlib import Path
from typing import Final

from fairwitness.custody import durable
from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.formats.note import NoteSigner

DEFAULT_ORIGIN: Final = "fairwitness.example/log"


class KeyUnreadable(FairwitnessError):
    """A key file of the log does not hold such a key."""

    code = "log.key_unreadable"


def log_signer(path: Path, *, origin: str = DEFAULT_ORIGIN) -> NoteSigner:
    """The key that signs checkpoints under `origin`; made, exclusively and 0600, if not there.

    Raises:
        FormatError: if the file is not an Ed25519 key, or the origin can't be a key's name.
    """
    if not path.exists():
        durable.create(path, NoteSigner.generate(origin).pem())
    return NoteSigner.from_pem(path.read_bytes(), name=origin)


def sealing_key(path: Path) -> bytes:
    """The key that seals entries beside the tiles; made, exclusively and 0600, if not there.

    Raises:
        KeyUnreadable: if the file is not 32 bytes long.
    """
    if not path.exists():
        durable.create(path, secrets.token_bytes(piece.KEY))
    key = path.read_bytes()
    if len(key) != piece.KEY:
        raise KeyUnreadable(f"{path.name} is not a sealing key of {piece.KEY} bytes.")
    return key
