"""How an upload ends that became no recording: by its sender, by its time, and what then goes.

It destroys keys, so its rules:

1. **Ended first, gone later.** `terminate` and `expire` only end the row, with its entry; from then
   on no writer commits. `clear` destroys, and can be repeated.
2. **Key first.** Then the sealed bytes: from the key's end on nothing of them can be opened. While
   a copy of the ring has not confirmed, the row waits.
3. **What was received is never cleared.** A restored database may have forgotten that an upload
   became a recording: what the custody log says was received is left alone, and while the log has
   a gap, everything is.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from fairwitness.custody import gaps, ledger, reading
from fairwitness.evidence.models import Piece
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import identity, tus, uploads
from fairwitness.ingest.identity import Sender
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.vault import manifests
from fairwitness.vault.vault import Vault

_RECEIVED: Final = (Act.RECORDING_RECEIVED, Act.RECORDING_IMPORTED, Act.RECORDING_REBUILT)


def terminate(*, upload: UUID, sender: Sender, at: datetime) -> None:
    """Forget an unfinished upload at its sender's wish.

    Raises:
        UploadUnknown: no such upload for this sender.
        UploadRefused: gone already, or wholly received.
    """
    row = uploads.of_sender(upload=upload, sender=sender)
    tus.check_terminate(uploads.facts(row))
    _end(row, at=at, actor=identity.sender_text(sender), reason="ended by its sender")


def expire(*, at: datetime) -> int:
    """End the uploads whose time is over; returns how many."""
    due = Upload.objects.filter(state=UploadState.RECEIVING, expires_at__lte=at)
    return sum(
        _end(row, at=at, actor="system:ingest", reason="abandoned before its last byte")
        for row in due[:500]
    )


def clear(*, vault: Vault, at: datetime) -> int:
    """Destroy keys and blobs of uploads that became no recording; returns how many.

    See the rules above; harmless when repeated.
    """
    if gaps.open_gap() is not None:
        return 0
    dead = Q(state=UploadState.ENDED) | Q(state=UploadState.RECEIVED) & ~Q(
        received_as=F("recording_id")
    )
    done = 0
    rows = list(Upload.objects.filter(dead, cleared=False)[:1000])
    logged = reading.chains([recording_subject(row.recording_id) for row in rows], acts=_RECEIVED)
    for row in [row for row in rows if not logged[recording_subject(row.recording_id)]][:100]:
        if not vault.ring.destroy(row.recording_id, at=at).complete:
            continue  # a copy of the ring is away; asked again until it has confirmed
        pieces = Piece.objects.filter(recording_id=row.recording_id)
        for blob in pieces.values_list("blob", flat=True):
            vault.store.delete(blob)
        manifests.delete(store=vault.store, recording=row.recording_id)
        with transaction.atomic():
            pieces.delete()
            Upload.objects.filter(pk=row.pk).update(cleared=True)
        done += 1
    return done


def _end(row: Upload, *, at: datetime, actor: str, reason: str) -> bool:
    with transaction.atomic():
        ended = Upload.objects.filter(pk=row.pk, state=UploadState.RECEIVING).update(
            state=UploadState.ENDED,
            generation=F("generation") + 1,
            metadata="",
            statement="",
            docking="",
            sha256="",
            filename="",
        )
        if ended:
            ledger.append(
                subject=f"upload:{row.pk}",
                act=Act.UPLOAD_EXPIRED,
                actor=actor,
                at=at,
                reason=reason,
                detail={"offset": row.offset, "length": row.length},
            )
    return bool(ended)
