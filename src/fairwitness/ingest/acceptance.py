"""From the last byte to a registered recording, or to quarantine.

Each upload that is complete goes through these steps, driven by its row and a lease, so that any
worker can finish what another began and a repeated step does no harm:

1. claim it: lease and generation, so that a worker that was thought dead can't commit;
2. read every byte back from the store, past the page cache, and hash it; a child process looks at
   media and seals on the heels of that;
3. find out the rest: statement, camera, counter;
4. decide (`checks.judge`);
5. good: write and sync the manifest; then, in one transaction, recording, custody entry, holds,
   dates, the upload's end. Bad: quarantine and its entry in one transaction.

Killed before 5 commits: nothing counts, the lease lapses, all of it is done again. Killed after:
it is done. What is sealed in the vault is never touched here.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Model, Q

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, leases, registration, seals
from fairwitness.evidence.models import CopyKind, Provenance, Recording
from fairwitness.evidence.registration import Content
from fairwitness.force.models import Officer
from fairwitness.formats import dsse, manifest
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.manifest import Manifest, Named, PieceRef
from fairwitness.ingest import (
    checks,
    dockings,
    growth,
    identity,
    kept_receipts,
    looking,
    particulars,
    provenance,
    quarantine,
)
from fairwitness.ingest.axis import account as axis_account
from fairwitness.ingest.checks import Bad, Found
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.identity import Vouched
from fairwitness.ingest.looking import Seen
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.provenance import Account
from fairwitness.retention import arrivals, categories
from fairwitness.vault import manifests
from fairwitness.vault.keyring import KeyDestroyed, KeyMissing, KeyUnreadable
from fairwitness.vault.manifests import ManifestExists
from fairwitness.vault.port import BlobMissing
from fairwitness.vault.reading import PiecesIncomplete
from fairwitness.vault.sealing import Binding, SealedPiece
from fairwitness.vault.vault import Vault

M = TypeVar("M", bound=Model)

_NOT_THERE = (
    FormatError,
    BlobMissing,
    PiecesIncomplete,
    KeyDestroyed,
    KeyMissing,
    KeyUnreadable,
)
"""What reading back says of bytes that no later attempt will find either."""
_LOG = logging.getLogger(__name__)


class LeaseLost(FairwitnessError):
    """Another worker has taken this upload over; whatever this one found is dropped."""

    code = "upload.superseded"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What accepting needs: the store and its keys, keyed digests, the time."""

    vault: Vault
    commitments: Commitments
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read back; `problem` when it could not be."""

    pieces: list[SealedPiece]
    binding: Binding
    sha256: str
    size: int
    media: Seen
    problem: str | None


def accept_due(tools: Acceptance) -> int:
    """Accept every upload that waits, one after the other; returns how many were decided.

    An upload that can't be decided now (a locked database, a full disk) is left for later.
    """
    done = 0
    while (upload := claim(tools.clock())) is not None:
        try:
            with leases.renewed(_renewal(upload, tools.clock)):
                accept(upload, tools)
        except LeaseLost:
            continue
        except FairwitnessError:
            _LOG.exception("Upload %s can't be decided now; it is tried again.", upload.pk)
            continue
        done += 1
    return done


def claim(at: datetime) -> Upload | None:
    """Take the lease of one complete upload; None when none waits."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    waiting = Upload.objects.filter(free, state=UploadState.VERIFYING)
    for pk in waiting.order_by("completed_at").values_list("pk", flat=True)[:20]:
        taken = waiting.filter(pk=pk).update(
            lease_until=at + leases.LEASE,
            generation=F("generation") + 1,
            attempts=F("attempts") + 1,
        )
        if taken:
            return Upload.objects.select_related(
                "dock__station__unit", "officer__unit", "volume__unit", "volume__wearer__unit"
            ).get(pk=pk)
    return None


def _renewal(upload: Upload, clock: Callable[[], datetime]) -> Callable[[], None]:
    mine = Upload.objects.filter(
        pk=upload.pk, generation=upload.generation, state=UploadState.VERIFYING
    )

    def renew() -> None:
        mine.filter(lease_until__isnull=False).update(lease_until=clock() + leases.LEASE)

    return renew


def accept(upload: Upload, tools: Acceptance) -> None:
    """Decide one upload whose lease one holds, and carry it out.

    Raises:
        LeaseLost: another worker has it now.
        FairwitnessError: it can't be decided now; the lease lapses and it is tried again.
    """
    read = _read_back(upload, tools.vault)
    vouched = identity.vouch(upload.statement.encode()) if upload.statement else None
    commitment = tools.commitments.of(read.sha256) if read.problem is None else ""
    known = _received_before(vouched, read.sha256, commitment, tools)
    if known is not None:
        with transaction.atomic():
            _end(_still_ours(upload), known)
        return
    media = read.media
    verdict = checks.judge(_found(upload, read, vouched, commitment))
    if isinstance(verdict, Bad):
        with transaction.atomic():
            quarantine.hold(
                _still_ours(upload), verdict, claimed=_claimed(vouched), at=tools.clock()
            )
        return
    believed = None if upload.unsigned_allowed else vouched
    docking = dockings.read(upload.docking)
    told = provenance.account(
        upload=upload, vouched=believed, docking=docking, policy=categories.policy()
    )
    content = Content(
        size=read.size,
        sha256=read.sha256,
        commitment=commitment,
        media_type=media.media_type,
        duration_ms=media.duration_ms,
        media=media.facts,
    )
    _write_manifest(upload, _manifest(upload, told, content, read), read.binding, tools.vault)
    found = seals.whose(media.seals, camera=told.origin.camera, problem=media.problem or "")
    try:
        trouble, at = media.trouble, tools.clock()
        begins = growth.beginning(upload, tools.commitments)
        _register(
            upload, told, content, found, docking=docking, trouble=trouble, begins=begins, at=at
        )
    except IntegrityError:
        # Most likely the same counter was registered meanwhile: seen when this is tried again.
        _LOG.warning("Upload %s could not be registered as it is.", upload.pk, exc_info=True)


def _read_back(upload: Upload, vault: Vault) -> _Read:
    pieces, length = access.pieces_of(recording=upload.recording_id, kind=CopyKind.MASTER)
    binding = Binding(b"", upload.recording_id, CopyKind.MASTER.value, length)
    try:
        binding = replace(binding, key=vault.ring.get(upload.recording_id))
        digest, media = looking.read_back(pieces, store=vault.store, binding=binding)
    except _NOT_THERE as error:
        return _Read(pieces, binding, "", 0, looking.NOTHING, error.message)
    return _Read(pieces, binding, digest.sha256.hex(), digest.size, media, None)


def _received_before(
    vouched: Vouched | None, sha256: str, commitment: str, tools: Acceptance
) -> UUID | None:
    """The recording that these very bytes became before, by this very counter.

    After the loss of a database only its receipt may know of it (`seen_before`).
    """
    if not commitment or vouched is None or vouched.claim is None or vouched.camera is None:
        return None
    claim = vouched.claim
    recording = Recording.objects.filter(
        camera=vouched.camera, counter=claim.counter, part=claim.part, commitment=commitment
    ).first()
    if recording is not None:
        return recording.pk
    kept = kept_receipts.find(
        identity=identity.signed_name(claim),
        sha256=sha256,
        commitments=tools.commitments,
        store=tools.vault.store,
    )
    return kept_receipts.bring_back(kept, at=tools.clock()) if kept is not None else None


def _found(upload: Upload, read: _Read, vouched: Vouched | None, commitment: str) -> Found:
    media = read.media
    claim = vouched.claim if vouched else None
    reused = (
        claim is not None
        and vouched is not None
        and vouched.camera is not None
        and Recording.objects.filter(camera=vouched.camera, counter=claim.counter, part=claim.part)
        .exclude(commitment=commitment)
        .exists()
    )
    return Found(
        store_problem=read.problem,
        expected_sha256=upload.sha256,
        read_sha256=read.sha256,
        expected_size=claim.size if claim else None,
        size=read.size,
        doubt=vouched.doubt if vouched else None,
        counter_reused=reused,
        media_problem=media.problem,
        truncated=media.truncated and not (claim is not None and claim.interrupted),
        allowed=upload.unsigned_allowed,
        from_elsewhere=provenance.from_elsewhere(upload),
        arrival=axis_account.trouble(upload),
    )


def _claimed(vouched: Vouched | None) -> str:
    return vouched.claim.reference if vouched and vouched.claim else ""


def _manifest(upload: Upload, told: Account, content: Content, read: _Read) -> Manifest:
    origin, belonging, times = told.origin, told.belonging, told.times
    signed = origin.provenance is Provenance.SIGNED
    return Manifest(
        recording=upload.recording_id,
        reference=origin.reference,
        provenance=manifest.Provenance(origin.provenance.value),
        statement=dsse.parse(upload.statement.encode()) if signed else None,
        docking=dsse.parse(upload.docking.encode()) if upload.docking else None,
        camera=_named(origin.camera, lambda camera: camera.serial),
        wearer=_named(belonging.wearer, _officer_name),
        unit=_named(belonging.unit, lambda unit: unit.name),
        station=_named(belonging.station, lambda station: station.name),
        dock=_named(origin.dock, lambda dock: dock.serial),
        importer=_named(upload.volume, str) or _named(upload.officer, _officer_name),
        filename=origin.filename or None,
        media_type=content.media_type,
        size=content.size,
        sha256=content.sha256,
        received_at=times.received_at,
        docked_at=times.docked_at if origin.dock else None,
        started_at=times.started_at,
        ended_at=times.ended_at,
        clock_started_at=times.clock_started_at,
        gone_by=times.gone_by,
        late=times.late,
        pieces=tuple(
            PieceRef(
                blob=piece.blob,
                offset=piece.offset,
                length=piece.length,
                sealed_size=piece.sealed_size,
            )
            for piece in read.pieces
        ),
        entry_leaf=None,
    )


def _named(row: M | None, name: Callable[[M], str]) -> Named | None:
    return Named(id=str(row.pk), name=name(row)) if row is not None else None


def _officer_name(officer: Officer) -> str:
    return f"{officer.title} {officer.collar_number}"


def _write_manifest(upload: Upload, wanted: Manifest, binding: Binding, vault: Vault) -> None:
    """Write it durably; what an attempt before left is replaced, if the upload is still ours."""
    data, recording = manifest.encode(wanted), wanted.recording
    try:
        manifests.write(data, store=vault.store, key=binding.key, recording=recording)
    except ManifestExists:
        with transaction.atomic():
            _still_ours(upload)  # else what is there may be what counts
        manifests.delete(store=vault.store, recording=recording)
        manifests.write(data, store=vault.store, key=binding.key, recording=recording)


def _register(
    upload: Upload,
    told: Account,
    content: Content,
    found: seals.Found,
    *,
    docking: DockingClaim | None,
    trouble: str,
    begins: Recording | None,
    at: datetime,
) -> None:
    sender = upload.dock or upload.officer or upload.axis
    actor = identity.sender_text(sender) if sender else "system:ingest"
    with transaction.atomic():
        row = _still_ours(upload)
        registered = registration.register(
            recording=upload.recording_id,
            origin=told.origin,
            belonging=told.belonging,
            times=told.times,
            content=content,
            actor=actor,
            at=at,
            reason="let in from quarantine" if upload.unsigned_allowed else "",
            found=found,
        )
        recording = registered.recording
        axis_account.settle(recording, upload)
        particulars.settle(recording, upload, trouble=trouble, at=at)
        growth.settle(recording, begins, actor=actor, at=at)
        arrivals.settle(recording, at)
        if told.origin.camera is not None:
            dockings.settle(
                camera=told.origin.camera, recording=recording, docking=docking, actor=actor, at=at
            )
        row.read_back_at = at
        _end(row, recording.pk)


def _still_ours(upload: Upload) -> Upload:
    """The row, locked, if the lease has not gone to another worker.

    Raises:
        LeaseLost: it has.
    """
    row = (
        Upload.objects.select_for_update()
        .filter(pk=upload.pk, generation=upload.generation, state=UploadState.VERIFYING)
        .first()
    )
    if row is None:
        raise LeaseLost("Another worker is checking this upload.")
    return row


def _end(row: Upload, recording: UUID) -> None:
    row.state = UploadState.RECEIVED
    row.received_as = recording
    row.lease_until = None
    row.metadata = row.statement = row.docking = row.sha256 = row.filename = ""
    row.save()
