"""A keyed digest of a digest: the same bytes are known again, and nobody else can tell.

After disposal no plain digest stays with the recording, for a digest would let anyone who holds a
stray copy prove what it was. The commitment is an HMAC-SHA256 over the digest, under a key that
lies in the deployment's key folder and is worth nothing without the database.
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from fairwitness.errors import FairwitnessError
from fairwitness.formats import disposal

KEY_SIZE = 32


class CommitmentKeyInvalid(FairwitnessError):
    """The key file does not hold what we wrote there."""

    code = "setting.commitment_key"


@dataclass(frozen=True, slots=True)
class Commitments:
    """Makes keyed digests with one key."""

    key: bytes = field(repr=False)

    def of(self, sha256: str) -> str:
        """The commitment to a digest; both hexadecimal (docs/specs/statements.md, disposal)."""
        return disposal.commitment(secret=self.key, master_sha256=bytes.fromhex(sha256))


def load_or_create(path: Path) -> Commitments:
    """Read the key, or make it at first use: exclusive, readable by us alone, on disk on return.

    Raises:
        CommitmentKeyInvalid: the file is there and is not a key.
    """
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
    else:
        key = secrets.token_bytes(KEY_SIZE)
        with os.fdopen(fd, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    if len(key) != KEY_SIZE:
        raise CommitmentKeyInvalid(f"{path} must hold {KEY_SIZE} bytes.")
    return Commitments(key)
