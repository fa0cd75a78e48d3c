"""A disk that went bad on the first night: what an audit found lost, was told, and how it ended.

Sealed footage of two recordings is taken from the vault, an audit finds it, and its losses are
written down as in earnest. One comes back from a copy the day after, and the next audit finds it
whole. The other is never found: it stays lost until its day, and is deleted by rule.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.accountability import audit, losses
from fairwitness.config.composition import Deployment
from fairwitness.evidence.models import CopyKind, Piece
from fairwitness.vault.port import BlobStore

_NEXT: Final = timedelta(hours=9)


def tell(
    *, deployment: Deployment, found_again: Sequence[UUID], never: Sequence[UUID], at: datetime
) -> None:
    """Lose one of each, write it down, and find one again.

    Args:
        deployment: all of whose recordings have footage; its log is signed up to now.
        found_again: the first of these comes back.
        never: the first of these does not, and will be deleted by rule.
        at: in the night after they came.
    """
    store = deployment.vault.store
    spoilt = _blobs(found_again[:1])
    gone = _blobs(never[:1])
    copies = {blob: _read(store, blob) for blob in spoilt}
    for blob in (*spoilt, *gone):
        store.delete(blob)
    _audit(deployment, at)
    for blob, data in copies.items():
        _write(store, blob, data)
    store.sync(list(copies))
    _audit(deployment, at + _NEXT)


def _audit(deployment: Deployment, at: datetime) -> None:
    report = audit.run(vault=deployment.vault, log=deployment.log_on_disk(), at=at)
    losses.note(report=report, at=at)


def _blobs(recordings: Sequence[UUID]) -> list[str]:
    pieces = Piece.objects.filter(recording_id__in=recordings, copy=CopyKind.MASTER)
    return list(pieces.values_list("blob", flat=True))


def _read(store: BlobStore, blob: str) -> bytes:
    reader = store.open(blob)
    try:
        return reader.read_at(0, store.facts(blob).size)
    finally:
        reader.close()


def _write(store: BlobStore, blob: str, data: bytes) -> None:
    writer = store.create(blob)
    writer.write(data)
    writer.finish()
