"""Receipts kept in the vault, for good: they outlive the database, and the footage.

A receipt names the digest of the footage, which may not be kept in clear once that is deleted. So
each lies sealed under a key that the digest itself gives (docs/specs/receipt.md, *Kept*), and
whoever brings the footage again brings what opens it. The row `StoredReceipt` holds it in clear
while the recording lives, and for an hour after a dock has asked for that of deleted footage.
"""

import logging
from datetime import datetime
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.formats import checkpoint, kept_receipt, proof, receipt, statement
from fairwitness.formats.errors import FormatError
from fairwitness.formats.kept_receipt import Place
from fairwitness.formats.receipt import Receipt, ReceiptClaim
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import StoredReceipt
from fairwitness.vault.port import BlobExists, BlobMissing, BlobStore

_LOG = logging.getLogger(__name__)


def keep(made: Receipt, *, identity: str, commitments: Commitments, store: BlobStore) -> None:
    """Keep a receipt, durably; another one that was kept for the same footage is replaced.

    Raises:
        StoreFull: no room; none is kept.
    """
    at = _place(identity, claim_of(made).sha256, commitments)
    if _open(at, store) == made:
        store.sync([at.name])
        return
    sealed = kept_receipt.seal(made.encode(), at)
    try:
        writer = store.create(at.name, size=len(sealed))
    except BlobExists:
        store.delete(at.name)
        writer = store.create(at.name, size=len(sealed))
    try:
        writer.write(sealed)
        writer.finish()
    except FairwitnessError:
        writer.abort()
        raise
    store.sync([at.name])


def find(
    *, identity: str, sha256: str, commitments: Commitments, store: BlobStore
) -> Receipt | None:
    """The receipt kept for this footage; None when there is none, or it does not open."""
    return _open(_place(identity, sha256, commitments), store)


def bring_back(made: Receipt, *, at: datetime) -> UUID:
    """Have it in clear again, for who asks with the same footage; the recording it names."""
    recording = claim_of(made).recording
    StoredReceipt.objects.update_or_create(
        pk=recording,
        defaults={"text": made.encode().decode(), "tree_size": tree_size(made), "made_at": at},
    )
    return recording


def identity_of(recording: Recording) -> str:
    """What a recording is known by for good: no database gave it (docs/specs/receipt.md)."""
    if recording.provenance == Provenance.SIGNED:
        return f"camera:{recording.camera_serial}/{recording.counter}/{recording.part}"
    if recording.dock is not None and recording.source == f"dock:{recording.dock_id}":
        return f"dock:{recording.dock.serial}"
    return recording.source


def claim_of(made: Receipt) -> ReceiptClaim:
    """What a receipt of ours states; its signature is not checked."""
    return statement.parse(statement.statement_payload(made.statement), ReceiptClaim).predicate


def tree_size(made: Receipt) -> int:
    """How large the log was when it was made."""
    return checkpoint.parse(proof.parse(made.proof).checkpoint)[0].size


def _place(identity: str, sha256: str, commitments: Commitments) -> Place:
    return kept_receipt.place(
        secret=commitments.key, identity=identity, master_sha256=bytes.fromhex(sha256)
    )


def _open(at: Place, store: BlobStore) -> Receipt | None:
    try:
        blob = store.open(at.name)
    except BlobMissing:
        return None
    try:
        return receipt.parse(kept_receipt.open_sealed(blob.read_at(0, blob.size), at))
    except FormatError:
        _LOG.warning("The receipt kept as %s does not open.", at.name)
        return None
    finally:
        blob.close()
