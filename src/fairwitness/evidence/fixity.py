"""Whether a copy still is what it was: every segment read from the medium, opened and hashed.

Nothing of it leaves: what comes back is a size and a digest. So it is no viewing, and writes no
entry; whoever asks (an audit) says so in its own.
"""

from fairwitness.evidence import access
from fairwitness.evidence.models import CopyKind, Recording
from fairwitness.vault import reading
from fairwitness.vault.reading import Digest
from fairwitness.vault.sealing import Binding
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
    pieces, length = access.pieces_of(recording=recording.pk, kind=kind)
    binding = Binding(vault.ring.get(recording.pk), recording.pk, str(kind), length)
    return reading.read_back(pieces, store=vault.store, binding=binding)
