"""What still waits for a signature when keys change, and what must be signed again.

Only statements that we keep are signed again. What was handed out was handed out: a dock keeps the
receipt that it has, and a copy for court is made again by whoever asks.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Min

from fairwitness.evidence.models import Recording, State
from fairwitness.formats import dsse, receipt
from fairwitness.formats.trust import KeyRole, TrustedKey
from fairwitness.ingest.models import StoredReceipt, Upload, UploadState
from fairwitness.retention.models import Disposal


def oldest_waiting(role: KeyRole, *, at: datetime) -> datetime:
    """The time of the oldest act that a role has still to sign for; now if there is none."""
    if role is KeyRole.RECEIPT:
        received = Upload.objects.filter(state=UploadState.RECEIVED).values("received_as")
        waiting = Recording.objects.filter(state=State.LIVE, pk__in=received).exclude(
            pk__in=StoredReceipt.objects.values("recording_id")
        )
        oldest = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    elif role is KeyRole.DISPOSAL:
        unsigned = Disposal.objects.exclude(signed_status=F("status"))
        oldest = unsigned.aggregate(oldest=Min("disposed_at"))["oldest"]
    else:
        oldest = None  # these are dated when they are signed
    return at if oldest is None else min(at, oldest)


def sign_again(key: TrustedKey, *, since: datetime) -> int:
    """Have the sweepers sign again what a revoked key signed for acts from `since` on.

    In the caller's transaction. Working copies' statements are signed again when they are exported
    (`disclosure.restating`).

    Returns:
        How many statements.
    """
    if key.role is KeyRole.RECEIPT:
        return _receipts_again(key.keyid, since)
    if key.role is KeyRole.DISPOSAL:
        return _records_again(key.keyid, since)
    return 0


def _receipts_again(keyid: str, since: datetime) -> int:
    """Forget the stored receipts of live recordings, so that they are made anew."""
    live = Recording.objects.filter(state=State.LIVE, received_at__gte=since)
    stored = StoredReceipt.objects.filter(pk__in=live.values("pk"))
    signed = [row.pk for row in stored.iterator() if _receipt_key(row.text) == keyid]
    return StoredReceipt.objects.filter(pk__in=signed).delete()[0]


def _records_again(keyid: str, since: datetime) -> int:
    rows = Disposal.objects.filter(disposed_at__gte=since).exclude(statement="")
    signed = [row.pk for row in rows.iterator() if keyid in set(_signers(row.statement))]
    return Disposal.objects.filter(pk__in=signed).update(signed_status="")


def _receipt_key(text: str) -> str:
    return receipt.parse(text.encode()).statement.signatures[0].keyid


def _signers(envelope: str) -> Iterator[str]:
    for signature in dsse.parse(envelope.encode()).signatures:
        yield signature.keyid
