"""Receipts: what a dock waits for before it erases a recording from a camera.

A receipt can be made once the log's published checkpoint covers the entry `recording.received`,
which is within a second or so; until then the dock asks again. The first receipt of a recording is
kept, and is the answer for ever, after deletion too. Only the proof that the log has grown since
the asking dock last looked is made anew for each that asks.

A receipt names the digest of the bytes. So before it is given it is kept in the vault, where only
who brings the same footage finds and opens it (`kept_receipts`): there it outlives the database.
Once the footage is deleted its row forgets it, and a dock that still has the footage brings it back
by creating the upload again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from fairwitness.custody import gaps, proofs, reading
from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.custody.proofs import NoSuchTree
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.formats import checkpoint, proof, receipt, statement
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.receipt import Consistency, Receipt, ReceiptClaim
from fairwitness.formats.statement import Statement
from fairwitness.ingest import kept_receipts
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import (
    Quarantine,
    QuarantineState,
    StoredReceipt,
    Upload,
    UploadState,
)
from fairwitness.vault.port import BlobStore

LONGEST_WAIT: Final = 30
"""Seconds after which a dock may ask again, at most."""
CHECKED_IN_A_SECOND: Final = 8
"""Uploads that a quick machine checks; a slower one is asked again sooner than it is ready."""


class Standing(StrEnum):
    """What an upload that has no receipt yet is waiting for."""

    RECEIVING = "receiving"
    VERIFYING = "verifying"
    LOGGING = "logging"


@dataclass(frozen=True, slots=True)
class Pending:
    """Not yet: ask again, after so many seconds."""

    state: Standing
    message: str
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Issuer:
    """What receipts are made with.

    Attributes:
        log: the log's files.
        key: signs them.
        commitments: the secret under which they are kept.
        store: the vault, where they are kept.
    """

    log: LogFiles
    key: SigningKey
    commitments: Commitments
    store: BlobStore


class InQuarantine(FairwitnessError):
    """The upload is in quarantine; the code narrows to the reason. The camera keeps its copy."""

    code = "quarantine.held"


class NoReceipt(FairwitnessError):
    """There is no receipt for this upload as it is: it has to be created again."""

    code = "receipt.none"


class ReceiptLost(FairwitnessError):
    """It was received and deleted, and its receipt was lost: there never will be one."""

    code = "receipt.lost"


_BROUGHT_BACK: Final = timedelta(hours=1)
"""For how long the receipt of deleted footage is there in clear for the dock that asked for it."""

_MESSAGES = {
    Standing.RECEIVING: "Bytes are still to come.",
    Standing.VERIFYING: "Every byte has arrived; they are being read back and checked.",
    Standing.LOGGING: "It is registered; the log is about to be published.",
}


def receipt_for(
    *, upload: Upload, issuer: Issuer, at: datetime, since: int | None = None
) -> Receipt | Pending:
    """The receipt of an upload, or what it waits for.

    Args:
        upload: as it is now.
        issuer: the log and the receipt key.
        at: now.
        since: the size of the log that the asker saw last; its receipt then proves growth.

    Raises:
        InQuarantine: with the reason's code and sentence.
        NoReceipt: the upload was ended, or deleted since and has to be created again.
        ReceiptLost: it was deleted since, and its receipt can't be brought back.
        NoSuchTree: the asker saw a log that we never had.
    """
    if since is not None:
        proofs.demand_size(since, files=issuer.log)
    if upload.state == UploadState.RECEIVING:
        return _pending(Standing.RECEIVING)
    if upload.state == UploadState.VERIFYING:
        return Pending(
            Standing.VERIFYING, _MESSAGES[Standing.VERIFYING], seconds=_until_its_turn(upload)
        )
    if upload.state == UploadState.QUARANTINED:
        raise _held(upload)
    if upload.received_as is None:
        raise NoReceipt("This upload was ended before it was registered. Send it again.")
    made = _stored(upload.received_as) or _make(upload, issuer, at)
    if made is None:
        return _pending(Standing.LOGGING)
    return _grown(made, issuer, since)


def _stored(recording: UUID) -> Receipt | None:
    """The receipt in clear; None when it is still to be made."""
    stored = StoredReceipt.objects.filter(pk=recording).first()
    if stored is not None and stored.text:
        return receipt.parse(stored.text.encode())
    if Recording.objects.filter(pk=recording, state=State.LIVE).exists():
        return None
    if stored is not None:
        raise NoReceipt("This was received, and deleted since. Begin it again for its receipt.")
    raise ReceiptLost(
        "This was received, and deleted since; the receipt for it was lost with a database. It is"
        " not taken again and not erased: a person has to decide about the camera's copy."
    )


def answer(
    *, upload: Upload, issuer: Issuer, at: datetime, since: int | None, asker: str
) -> Receipt | Pending:
    """As `receipt_for`; one who saw a log that we can't extend to ours has that entered at once.

    From then on nothing is signed: see `gaps`.

    Args:
        upload: as it is now.
        issuer: the log and the receipt key.
        at: now.
        since: the size of the log that the asker saw last.
        asker: who, as custody names it; a signed-in dock.

    Raises:
        LogFileMissing: with those of `receipt_for`, if files of the log are gone.
    """
    try:
        return receipt_for(upload=upload, issuer=issuer, at=at, since=since)
    except (NoSuchTree, LogFileMissing) as error:
        if since is not None:
            gaps.dispute(
                actor=asker,
                reason=f"A dock has seen {since} entries of the log. {error.message}",
                at=at,
                detail={"since": since},
            )
        raise


def issue_due(*, issuer: Issuer, at: datetime) -> int:
    """Make the receipts that nobody has asked for yet; returns how many."""
    due = Upload.objects.filter(receipted=False, state=UploadState.RECEIVED)
    uploads = list(due.order_by("completed_at")[:200])
    named = {one for upload in uploads if (one := upload.received_as) is not None}
    live = Recording.objects.filter(pk__in=named, state=State.LIVE).values_list("pk", flat=True)
    stored = StoredReceipt.objects.filter(pk__in=named).values_list("pk", flat=True)
    wanted = set(live) - set(stored)
    made = {
        upload.pk
        for upload in uploads
        if upload.received_as in wanted and _make(upload, issuer, at) is not None
    }
    over = {upload.pk for upload in uploads if upload.received_as not in wanted}
    Upload.objects.filter(pk__in=made | over).update(receipted=True)
    return len(made)


def forget_deleted(*, issuer: Issuer, at: datetime) -> int:
    """Forget, in clear, the receipts of what was deleted; each stays kept in the vault.

    One that a dock has just brought back stays for an hour. Returns how many.
    """
    deleted = StoredReceipt.objects.exclude(text="").filter(made_at__lt=at - _BROUGHT_BACK)
    deleted = deleted.exclude(pk__in=Recording.objects.filter(state=State.LIVE).values("pk"))
    rows = list(deleted[:1000])
    tombstones = Recording.objects.select_related("dock").in_bulk([row.pk for row in rows])
    for row in rows:
        recording = tombstones.get(row.pk)
        if recording is not None:  # else it came from the vault, after a database was lost
            made = receipt.parse(row.text.encode())
            identity = kept_receipts.identity_of(recording)
            kept_receipts.keep(
                made, identity=identity, commitments=issuer.commitments, store=issuer.store
            )
        StoredReceipt.objects.filter(pk=row.pk, text=row.text).update(text="")
    return len(rows)


def _pending(state: Standing) -> Pending:
    return Pending(state, _MESSAGES[state])


def _until_its_turn(upload: Upload) -> int:
    """Seconds until asking again: hundreds that ask each second hold up what they wait for."""
    before = Upload.objects.filter(
        state=UploadState.VERIFYING, completed_at__lt=upload.completed_at
    ).count()
    return min(LONGEST_WAIT, 1 + before // CHECKED_IN_A_SECOND)


def _held(upload: Upload) -> FairwitnessError:
    here = (QuarantineState.HELD, QuarantineState.BINNED)
    case = Quarantine.objects.filter(upload=upload, state__in=here).first()
    if case is None:
        return NoReceipt("This upload was ended before it was registered. Send it again.")
    return InQuarantine(case.message, code=f"quarantine.{case.reason.replace('.', '_')}")


def _make(upload: Upload, issuer: Issuer, at: datetime) -> Receipt | None:
    """Make and store the first receipt; None while no checkpoint covers the entry."""
    live = Recording.objects.filter(state=State.LIVE).exclude(entry_leaf="")
    recording = live.filter(pk=upload.received_as or upload.recording_id).first()
    if recording is None:
        return None
    leaf = bytes.fromhex(recording.entry_leaf)
    row = reading.find(leaf)
    inclusion = proofs.inclusion(leaf, files=issuer.log)
    if row is None or row.salt is None or inclusion is None:
        return None
    identity = kept_receipts.identity_of(recording)
    kept = kept_receipts.find(
        identity=identity,
        sha256=recording.sha256,
        commitments=issuer.commitments,
        store=issuer.store,
    )
    if kept is not None and _is_first(kept, recording, issuer):
        return _store(kept, recording, at)
    made = Receipt(
        statement=statement.sign_statement(Statement(_claim(recording, upload)), key=issuer.key),
        entry=row.canonical,
        salt=row.salt,
        proof=inclusion,
    )
    kept_receipts.keep(made, identity=identity, commitments=issuer.commitments, store=issuer.store)
    return _store(made, recording, at)


def _claim(recording: Recording, upload: Upload) -> ReceiptClaim:
    signed = recording.provenance == Provenance.SIGNED
    return ReceiptClaim(
        recording=recording.pk,
        camera=recording.camera_serial if signed else None,
        counter=recording.counter if signed else None,
        part=recording.part if signed else None,
        size=recording.size,
        sha256=recording.sha256,
        received_at=recording.received_at,
        read_back_at=upload.read_back_at or recording.received_at,
        entry_leaf=recording.entry_leaf,
    )


def _is_first(kept: Receipt, recording: Recording, issuer: Issuer) -> bool:
    """Whether the kept one is this recording's, and signed by the key of today.

    It is there when a database was lost, or when somebody was killed between keeping and storing.
    """
    claim = kept_receipts.claim_of(kept)
    return (claim.recording, claim.entry_leaf) == (
        recording.pk,
        recording.entry_leaf,
    ) and kept.statement.signatures[0].keyid == issuer.key.keyid


def _store(made: Receipt, recording: Recording, at: datetime) -> Receipt:
    """Keep the first; whoever comes second gives the first."""
    try:
        with transaction.atomic():
            StoredReceipt.objects.create(
                recording_id=recording.pk,
                text=made.encode().decode(),
                tree_size=kept_receipts.tree_size(made),
                made_at=at,
            )
    except IntegrityError:
        stored = StoredReceipt.objects.get(pk=recording.pk)
        return receipt.parse(stored.text.encode())
    return made


def _grown(made: Receipt, issuer: Issuer, since: int | None) -> Receipt:
    """The receipt with a proof from the asker's tree to the receipt's, or to the log of today.

    A dock that has since seen a larger tree than the stored proof's gets a fresh proof of the same
    entry under the latest checkpoint; statement, entry and salt stay those of the first receipt.
    """
    if since is None:
        return made
    size, inclusion = kept_receipts.tree_size(made), made.proof
    if since > size:
        fresh = proofs.inclusion(
            bytes.fromhex(kept_receipts.claim_of(made).entry_leaf), files=issuer.log, since=since
        )
        if fresh is not None:
            inclusion = fresh
            size = checkpoint.parse(proof.parse(fresh).checkpoint)[0].size
    hashes = proofs.consistency(since, size, files=issuer.log)
    return Receipt(
        statement=made.statement,
        entry=made.entry,
        salt=made.salt,
        proof=inclusion,
        consistency=Consistency(old_size=since, hashes=tuple(hashes)),
    )
