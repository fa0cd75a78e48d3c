"""The life of an upload's row, from its creation to its last byte or its end.

Design rules:

1. **The offset is the truth.** It is moved only together with the rows of the pieces behind it, in
   one transaction, under the generation that the writer was given: `save_pieces`.
2. **One writer.** Whoever takes an upload over (a new PATCH, a HEAD, a DELETE) raises its
   generation; whatever an earlier writer still has in hand can't be committed after that.
3. **Asked again is answered again.** Creating an upload for footage that we have, or are receiving,
   gives the upload that exists; after registration that leads to the first receipt.
4. **A key before a byte.** The key lies in both copies of the ring before a client learns of its
   upload, and after the row, so that no key is without an owner.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import CopyKind, Piece
from fairwitness.force.models import Dock, Officer
from fairwitness.formats.acts import Act
from fairwitness.ingest import dockings, identity, particulars, seen_before, tus
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.dockings import DockingInvalid
from fairwitness.ingest.identity import Identity, IdentityMissing, Sender, VolumeRefused
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.vault.committing import Durable
from fairwitness.vault.vault import Vault

EXPIRY = timedelta(days=30)
"""An upload that never ends is ended, and what came of it destroyed, within 31 days of arrival."""

LEASE = timedelta(seconds=60)
"""For how long a writer that shows no progress still counts as one."""

MOST_PIECES = 50_000
"""An upload cut into so many is not continued: a manifest must be able to name them all."""

_LIVING = (UploadState.RECEIVING, UploadState.VERIFYING, UploadState.RECEIVED)


class UploadUnknown(FairwitnessError):
    """No such upload, or none of this sender's."""

    code = "upload.unknown"


class Superseded(FairwitnessError):
    """Another request has taken this upload over; ask with HEAD where it stands."""

    code = "upload.superseded"


@dataclass(frozen=True, slots=True)
class Run:
    """One writer's hold on an upload, and the tag of its pieces."""

    upload: UUID
    recording: UUID
    generation: int
    offset: int
    length: int


def begin(
    *,
    create: tus.Create,
    sender: Sender,
    commitments: Commitments,
    vault: Vault,
    at: datetime,
) -> Upload:
    """The upload for this footage: a new one, or the one there is.

    Args:
        create: what the client asked for.
        sender: the dock signed in, or the importing officer.
        commitments: known bytes are found by keyed digest.
        vault: gets the key of a new recording.
        at: now.

    Raises:
        IdentityMissing: the footage is neither signed nor has it a digest; written down.
        DockingInvalid: the docking is not the sending dock's own; written down.
        VolumeRefused: it lies on a volume that is not approved; written down.
        UploadRefused: `upload.length`, an upload of the same bytes has another length.
    """
    known = _identify(create, sender, at)
    find = partial(_find, known, create, vault=vault, commitments=commitments)
    found = find(sender=sender, at=at)
    if found is None:
        commitment = commitments.of(known.sha256)
        try:
            with transaction.atomic():
                found = _insert(create, known, commitment=commitment, sender=sender, at=at)
        except IntegrityError:  # another request began the same upload first
            found = find(sender=sender, at=at)
            if found is None:
                raise
    if found.state == UploadState.RECEIVING:
        # After the row, so that no key is ever without an owner: whoever is killed in between is
        # asked again, and no byte is taken before the answer.
        vault.ring.ensure(found.recording_id)
    return found


def of_sender(*, upload: UUID, sender: Sender) -> Upload:
    """The upload, for those who may know of it: any dock for docked ones, else its officer.

    Raises:
        UploadUnknown: no such upload for this sender.
    """
    mine = Q(dock__isnull=False) if isinstance(sender, Dock) else Q(officer=sender)
    found = Upload.objects.filter(mine, pk=upload).first()
    if found is None:
        raise UploadUnknown("There is no such upload.")
    return found


def facts(upload: Upload) -> tus.Facts:
    """What the protocol needs to know of an upload."""
    phase = {
        UploadState.RECEIVING: tus.Phase.RECEIVING,
        UploadState.ENDED: tus.Phase.GONE,
    }.get(UploadState(upload.state), tus.Phase.COMPLETE)
    return tus.Facts(upload.offset, upload.length, phase, upload.metadata, upload.expires_at)


def take_over(*, upload: UUID, sender: Sender, at: datetime) -> Upload:
    """Raise the generation, so that no earlier writer commits any more; the row as it then is.

    Raises:
        UploadUnknown: no such upload for this sender.
    """
    of_sender(upload=upload, sender=sender)
    return _seize(upload, at)


def _seize(upload: UUID, at: datetime) -> Upload:
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload)
        if row.state == UploadState.RECEIVING:
            row.generation += 1
            row.lease_until = at + LEASE
            row.save(update_fields=["generation", "lease_until"])
    return row


def start(*, upload: UUID, sender: Sender, append: tus.Append, at: datetime) -> Run:
    """Become the one writer of an upload, at its durable offset.

    Raises:
        UploadUnknown: no such upload for this sender.
        UploadRefused: gone, another offset, too many bytes, or cut too often.
    """
    before = of_sender(upload=upload, sender=sender)
    tus.check_append(append, facts(before))
    row = _seize(upload, at)
    tus.check_append(append, facts(row))
    if Piece.objects.filter(recording_id=row.recording_id).count() >= MOST_PIECES:
        raise tus.UploadRefused(
            "This upload was cut too often. End it and send the recording anew, in longer parts.",
            code="upload.too_many_parts",
        )
    return Run(row.pk, row.recording_id, row.generation, row.offset, row.length)


def save_pieces(
    group: Sequence[Durable[Run]], *, clock: Callable[[], datetime]
) -> list[Exception | None]:
    """Commit a group of durable pieces: their rows and their uploads' offsets, all at once.

    The last byte of an upload makes it due for acceptance in the same transaction.

    Returns:
        For each, None, or why it alone was refused.
    """
    at = clock()
    with transaction.atomic():
        return [_save(durable, at) for durable in group]


def _identify(create: tus.Create, sender: Sender, at: datetime) -> Identity:
    """What the upload is, and that its docking holds; a refusal is written down."""
    try:
        docked = create.values.get("docking", b"")
        if docked and isinstance(sender, Dock):
            signed = create.values.get("statement", b"")
            claim = identity.vouch(signed).claim if signed else None
            dockings.check(docked, dock=sender, camera=claim.camera if claim else None)
        return identity.identify(values=create.values, sender=sender)
    except (IdentityMissing, DockingInvalid, VolumeRefused) as refusal:
        ledger.refuse(
            subject=identity.sender_text(sender),
            act=Act.UPLOAD_REFUSED,
            actor=identity.sender_text(sender),
            at=at,
            reason=refusal.message,
            detail={"code": refusal.stable_code},
        )
        raise


def _find(
    known: Identity,
    create: tus.Create,
    *,
    commitments: Commitments,
    vault: Vault,
    sender: Sender,
    at: datetime,
) -> Upload | None:
    living = Upload.objects.filter(identity=known.text, state__in=_LIVING)
    found = living.filter(commitment=commitments.of(known.sha256)).first()
    if found is None:
        found = seen_before.find(
            known, commitments=commitments, store=vault.store, sender=sender, at=at
        )
    if found is None:
        return None
    seen_before.recall_receipt(found, known, commitments=commitments, store=vault.store, at=at)
    if found.length != create.length:
        raise tus.UploadRefused(
            f"These bytes are known, and there are {found.length} of them, not {create.length}.",
            code="upload.length",
        )
    with transaction.atomic():
        if isinstance(sender, Dock):
            dockings.told_again(
                upload=found, raw=create.values.get("docking", b""), dock=sender, at=at
            )
        ledger.append(
            subject=f"upload:{found.pk}",
            act=Act.UPLOAD_DUPLICATE_SEEN,
            actor=identity.sender_text(sender),
            at=at,
            detail={"state": found.state},
        )
    return found


def _insert(
    create: tus.Create,
    known: Identity,
    *,
    commitment: str,
    sender: Sender,
    at: datetime,
) -> Upload:
    row = Upload.objects.create(
        id=uuid.uuid4(),
        recording_id=uuid.uuid4(),
        identity=known.text,
        commitment=commitment,
        signed=known.signed,
        sha256=known.sha256,
        filename=known.filename,
        dock=sender if isinstance(sender, Dock) else None,
        officer=sender if isinstance(sender, Officer) else None,
        volume=known.volume,
        length=create.length,
        metadata=create.metadata,
        statement=create.values.get("statement", b"").decode("utf-8", errors="replace"),
        docking=create.values.get("docking", b"").decode("utf-8", errors="replace"),
        created_at=at,
        expires_at=at + EXPIRY,
    )
    ledger.append(
        subject=f"upload:{row.pk}",
        act=Act.UPLOAD_BEGUN,
        actor=identity.sender_text(sender),
        at=at,
        reason=particulars.of(row).why,
        detail={
            "identity": known.text,
            "length": create.length,
            "recording": str(row.recording_id),
        },
    )
    return row


def _save(durable: Durable[Run], at: datetime) -> Exception | None:
    run = durable.tag
    change: dict[str, object] = {"offset": durable.end, "lease_until": at + LEASE}
    if durable.end == run.length:
        change |= {"state": UploadState.VERIFYING, "completed_at": at, "lease_until": None}
    moved = Upload.objects.filter(
        pk=run.upload,
        generation=run.generation,
        offset=durable.start,
        state=UploadState.RECEIVING,
    ).update(**change)
    if not moved:
        return Superseded("Another request has taken this upload over.")
    Piece.objects.bulk_create(
        Piece(
            recording_id=run.recording,
            copy=CopyKind.MASTER,
            offset=piece.offset,
            length=piece.length,
            blob=piece.blob,
            sealed_size=piece.sealed_size,
            upload_length=run.length,
        )
        for piece in durable.pieces
    )
    return None
