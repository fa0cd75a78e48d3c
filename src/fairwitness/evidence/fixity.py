"""Whether a copy still is what it was: every segment read from the medium, opened and hashed.

Nothing of it leaves: what comes back is a size and a digest. So it is no viewing, and writes no
entry; whoever asks (an audit) says so in its own.
"""

import hashlib
from collections.abc import Collection, Mapping

from fairwitness.evidence import access
from fairwitness.evidence.models import CopyKind, Recording
from fairwitness.vault import reading
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.reading import Digest, SealedReader
from fairwitness.vault.vault import Vault


def read_back(*, recording: Recording, vault: Vault, kind: str = CopyKind.MASTER) -> Digest:
    """Read one copy of a recording back, past the store's cache, and say what it is.

    Args:
        recording: a living one.
        vault: where it lies.
        kind: which copy.

    Raises:
        KeyDestroyed, KeyMissing, KeyUnreadable: it has no key that opens it.
        PiecesIncomplete: its pieces do not make up one whole copy.
        PieceInvalid: a piece is damaged.
        BlobMissing: a piece is not there.
    """
    pieces, binding = _sealed(recording, vault, kind)
    return reading.read_back(pieces, store=vault.store, binding=binding)


def beginnings(*, recording: Recording, sizes: Collection[int], vault: Vault) -> Mapping[int, str]:
    """The SHA-256 of the first so many bytes of a master, for each of these sizes; read once.

    Raises:
        KeyDestroyed, KeyMissing, KeyUnreadable, PiecesIncomplete, PieceInvalid, BlobMissing: as
            `read_back`.
    """
    found: dict[int, str] = {}
    if not sizes:
        return found
    pieces, binding = _sealed(recording, vault, CopyKind.MASTER)
    digest, at = hashlib.sha256(), 0
    with SealedReader(pieces, store=vault.store, binding=binding) as footage:
        for size in sorted(sizes):
            for chunk in footage.chunks(at, size):
                digest.update(chunk)
            at = size
            found[size] = digest.copy().hexdigest()
    return found


def _sealed(recording: Recording, vault: Vault, kind: str) -> tuple[list[SealedPiece], Binding]:
    pieces, length = access.pieces_of(recording=recording.pk, kind=kind)
    return pieces, Binding(vault.ring.get(recording.pk), recording.pk, str(kind), length)
