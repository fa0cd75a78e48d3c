"""Footage that was received before: the row of its upload, wherever the proof of it was left.

1. **Its recording has a row** (living, or a tombstone) and the upload's row is lost: a database was
   lost and rebuilt.
2. **Only its receipt is left**, in the vault: it was deleted before the database was lost. Nothing
   of it is taken again; the first receipt is the answer.

Where the receipt of deleted footage was forgotten in clear, it is brought back from the vault.
"""

import uuid
from datetime import datetime
from uuid import UUID

from fairwitness.evidence.models import Recording, State
from fairwitness.force.models import Dock, Officer
from fairwitness.formats.receipt import Receipt
from fairwitness.ingest import kept_receipts
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.identity import Identity, Sender
from fairwitness.ingest.models import StoredReceipt, Upload, UploadState
from fairwitness.vault.port import BlobStore


def find(
    known: Identity, *, commitments: Commitments, store: BlobStore, sender: Sender, at: datetime
) -> Upload | None:
    """A row for footage that was received, and whose upload's row is lost.

    What an officer imports again after its deletion is new, so that only docks get case 2.
    """
    commitment = commitments.of(known.sha256)
    recordings = Recording.objects.filter(commitment=commitment)
    if known.signed:
        camera, counter, part = known.text.removeprefix("camera:").split("/")
        recordings = recordings.filter(camera=UUID(camera), counter=counter, part=part)
    else:
        recordings = recordings.filter(source=known.text)
    recording = recordings.first()
    if recording is not None:
        whose = (recording.pk, recording.size, recording.received_at)
        return _row(known, commitment, sender, whose, at)
    made = None
    if isinstance(sender, Dock):
        made = _kept(known, commitments, store)
    if made is None:
        return None
    claim = kept_receipts.claim_of(made)
    return _row(known, commitment, sender, (claim.recording, claim.size, claim.received_at), at)


def recall_receipt(
    upload: Upload, known: Identity, *, commitments: Commitments, store: BlobStore, at: datetime
) -> None:
    """Bring the receipt of deleted footage back for who has just shown that they have the same.

    Where it can't be, `receipts` says so.
    """
    recording = upload.received_as
    if upload.state != UploadState.RECEIVED or recording is None:
        return
    if Recording.objects.filter(pk=recording, state=State.LIVE).exists():
        return
    stored = StoredReceipt.objects.filter(pk=recording)
    if stored.exclude(text="").exists():
        return
    made = _kept(known, commitments, store)
    if made is None:
        stored.delete()
    else:
        kept_receipts.bring_back(made, at=at)


def _kept(known: Identity, commitments: Commitments, store: BlobStore) -> Receipt | None:
    return kept_receipts.find(
        identity=known.lasting, sha256=known.sha256, commitments=commitments, store=store
    )


def _row(
    known: Identity,
    commitment: str,
    sender: Sender,
    whose: tuple[UUID, int, datetime],
    at: datetime,
) -> Upload:
    recording, size, received_at = whose
    row, _ = Upload.objects.get_or_create(
        recording_id=recording,
        defaults={
            "id": uuid.uuid4(),
            "received_as": recording,
            "identity": known.text,
            "commitment": commitment,
            "signed": known.signed,
            "dock": sender if isinstance(sender, Dock) else None,
            "officer": sender if isinstance(sender, Officer) else None,
            "volume": known.volume,
            "length": size,
            "offset": size,
            "state": UploadState.RECEIVED,
            "created_at": at,
            "expires_at": at,
            "completed_at": received_at,
        },
    )
    return row
