"""Where a receipt is kept for good, and the key that it is sealed under.

Both come from the digest of the footage itself, so that what is kept tells nobody anything: only
who brings the digest of the same footage again finds the receipt and can open it.

Specification: docs/specs/receipt.md.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from fairwitness.formats import piece
from fairwitness.formats.invariants import require

FOLDER: Final = "receipt"
"""Where they lie in the vault."""

_NAME: Final = b"fairwitness.org/kept-receipt/name/v1"
_KEY: Final = b"fairwitness.org/kept-receipt/key/v1"
_BOUND: Final = "fairwitness.org/kept-receipt/v1\n"
_CODE: Final = "format.kept_receipt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one receipt is kept.

    Attributes:
        name: of the blob in the vault.
        key: 32 bytes that it is sealed under.
    """

    name: str
    key: bytes = field(repr=False)


def place(*, secret: bytes, identity: str, master_sha256: bytes) -> Place:
    """The place of the receipt for this footage.

    Args:
        secret: the site secret, at least 32 bytes.
        identity: what the recording is known by, as the specification says.
        master_sha256: the 32 bytes of the master's SHA-256.

    Raises:
        FormatError: the secret is too short or the digest not 32 bytes.
    """
    require(len(secret) >= sha256().digest_size, "The secret is too short.", code=_CODE)
    require(len(master_sha256) == sha256().digest_size, "Not a SHA-256.", code=_CODE)
    about = master_sha256 + identity.encode()
    name = hmac.new(secret, _NAME + about, sha256).hexdigest()
    return Place(f"{FOLDER}/{name}", hmac.digest(secret, _KEY + about, "sha256"))


def seal(receipt: bytes, at: Place) -> bytes:
    """The receipt as one sealed piece, bound to its place."""
    sealer = piece.PieceSealer(key=at.key, associated_data=_bound(at))
    return b"".join([sealer.header, *sealer.update(receipt), sealer.finish()])


def open_sealed(sealed: bytes, at: Place) -> bytes:
    """What `seal` was given.

    Raises:
        PieceInvalid: it was changed or cut, or lies at another place.
    """
    reader = piece.PieceReader(
        key=at.key,
        associated_data=_bound(at),
        size=len(sealed),
        read_at=lambda offset, length: sealed[offset : offset + length],
    )
    return reader.read(0, reader.plaintext_size)


def _bound(at: Place) -> bytes:
    return (_BOUND + at.name).encode()
