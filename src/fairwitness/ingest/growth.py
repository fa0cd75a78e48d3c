"""Links what grew on a volume after it was taken to what was taken before: the dock's word.

Specification: docs/specs/upload.md, `continues`.
"""

from datetime import datetime
from typing import Final

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Growth, Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import tus
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import Upload

KEY: Final = "continues"
"""The metadata key under which a dock tells the digest of the earlier bytes."""

_DIGEST: Final = 32
_BEGINS: Final = (
    "It begins with the bytes of another recording: its file grew after that was taken."
)
_WENT_ON: Final = "Its file grew after it was taken: another recording begins with its bytes."


def beginning(upload: Upload, commitments: Commitments) -> Recording | None:
    """The recording of the same volume that this upload is said to begin with, if we have it."""
    if upload.volume_id is None:
        return None
    told = tus.parse_metadata(upload.metadata).get(KEY, b"")
    if len(told) != _DIGEST:
        return None
    earlier = Recording.objects.filter(
        volume=upload.volume_id, commitment=commitments.of(told.hex()), size__lt=upload.length
    )
    return earlier.exclude(pk=upload.recording_id).order_by("received_at", "pk").first()


def settle(recording: Recording, begins: Recording | None, *, actor: str, at: datetime) -> None:
    """Link a recording to its beginning, in the transaction of its registration."""
    if begins is None:
        return
    ledger.demand_transaction()
    Growth.objects.create(recording=recording, beginning=begins)
    later, earlier = recording_subject(recording.pk), recording_subject(begins.pk)
    ledger.append_many(
        [
            Draft(about, Act.RECORDING_ANNOTATED, actor, at, detail={"text": text, key: other})
            for about, text, key, other in (
                (later, _BEGINS, "beginning", earlier),
                (earlier, _WENT_ON, "went_on", later),
            )
        ]
    )
