"""What became of a file that an officer brought in, in one sentence; nothing is left out of it."""

from dataclasses import dataclass
from uuid import UUID

from fairwitness.evidence import annotations
from fairwitness.evidence.models import Recording
from fairwitness.ingest.models import Quarantine, Upload, UploadState


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an upload stands.

    Attributes:
        state: of the upload.
        message: the sentence.
        recording: that it became; None when it became none.
    """

    state: str
    message: str
    recording: UUID | None = None


def of(upload: Upload, *, before: bool) -> Outcome:
    """What became of it; `before` when the same officer had brought it in already."""
    state = str(upload.state)
    if upload.state == UploadState.RECEIVED and upload.received_as is not None:
        recording = Recording.objects.get(pk=upload.received_as)
        message = f"registered as {recording.reference}; no camera vouches for it."
        if before:
            message = f"was brought in before as {recording.reference}; nothing was changed."
        trouble = annotations.told_at_import(recording).get("trouble")
        if trouble:
            message += f" Kept as it came: {trouble}"
        return Outcome(state, message, recording.pk)
    if upload.state == UploadState.QUARANTINED:
        case = Quarantine.objects.filter(upload=upload).latest("pk")
        return Outcome(state, f"in quarantine. {case.message}")
    if upload.state == UploadState.ENDED:
        return Outcome(state, "ended before its last byte came. Bring it in again.")
    if upload.state == UploadState.RECEIVING:
        return Outcome(state, "not finished: bytes are still to come.")
    return Outcome(state, "received; it is checked shortly.")
