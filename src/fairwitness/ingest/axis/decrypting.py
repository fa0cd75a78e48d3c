"""Decrypting what came encrypted, as soon as both it and its key are here, whichever was first.

What came is sealed like all footage, so nothing depends on the key's arrival. Then it is opened
piece by piece, decrypted in memory and sealed again as the master, under a key of its own; only
when all of that was read back does the ciphertext go. Its digest stays in the custody log, and the
`.key` object in the container's enclosures: with both keys the master gives the very ciphertext
again, since CBC with a given key and vector has but one.

What does not decrypt stays as it came, and goes to quarantine with the reason.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, apart, leases
from fairwitness.evidence.models import CopyKind
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.errors import FormatError
from fairwitness.ingest.axis import cipher, clips, papers
from fairwitness.ingest.axis.cipher import CantDecrypt, Decryptor
from fairwitness.ingest.axis.clips import Desk
from fairwitness.ingest.axis.content_keys import ContentKeys
from fairwitness.ingest.models import (
    AxisObject,
    AxisVersion,
    Quarantine,
    QuarantineState,
    Upload,
    UploadState,
)
from fairwitness.ingest.receiving import Incoming, Receiver
from fairwitness.ingest.uploads import Run
from fairwitness.vault.port import BlobMissing
from fairwitness.vault.reading import PiecesIncomplete, SealedReader
from fairwitness.vault.sealing import Binding

_AT_ONCE: Final = 50
_LOG = logging.getLogger(__name__)
_ACTOR: Final = "system:ingest"


class NotOurs(FairwitnessError):
    """What was being decrypted was decided on meanwhile."""

    code = "upload.superseded"


@dataclass(frozen=True, slots=True)
class Opening:
    """What decrypting needs besides the desk."""

    desk: Desk
    keys: ContentKeys


def decrypt_due(opening: Opening) -> int:
    """Decrypt every clip whose key is here; returns how many were decided on."""
    waiting = Q(upload__state=UploadState.RECEIVING, upload__completed_at__isnull=False) | Q(
        upload__state=UploadState.QUARANTINED
    )
    due = AxisVersion.objects.filter(
        waiting, encrypted=True, decrypted=False, has_key=True, problem=""
    )
    found = [
        (version, key)
        for version in due.select_related("object__container__system", "upload")[:_AT_ONCE]
        if (key := clips.key_object(version.object)) is not None
    ]
    if not found:
        return 0
    receiver = Receiver(vault=opening.desk.vault, clock=opening.desk.clock)
    try:
        return sum(_decrypt(version, key, opening, receiver) for version, key in found)
    finally:
        receiver.close()


def _decrypt(version: AxisVersion, key: AxisObject, opening: Opening, receiver: Receiver) -> bool:
    """Decrypt one, if no other worker is at it."""
    desk = opening.desk
    generation = _take(version.upload, desk.clock())
    if generation is None:
        return False
    mine = Upload.objects.filter(pk=version.upload_id, generation=generation)
    with leases.renewed(lambda: _renew(mine, desk.clock)):
        try:
            secret = _secret(key, opening)
            _into_a_master(version, secret, generation=generation, desk=desk, receiver=receiver)
        except (CantDecrypt, FormatError, BlobMissing, PiecesIncomplete) as error:
            _leave(version, error.message)
        except FairwitnessError:
            _LOG.exception("Version %s can't be decrypted now; it is tried again.", version.pk)
            return False
    mine.update(lease_until=None)
    return True


def _take(upload: Upload, at: datetime) -> int | None:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    taken = Upload.objects.filter(
        free, pk=upload.pk, generation=upload.generation, state=upload.state
    ).update(lease_until=at + leases.LEASE, generation=F("generation") + 1)
    return upload.generation + 1 if taken else None


def _renew(mine: "QuerySet[Upload]", clock: Callable[[], datetime]) -> None:
    mine.update(lease_until=clock() + leases.LEASE)


def _secret(key: AxisObject, opening: Opening) -> tuple[bytes, bytes]:
    """The AES key and vector in a `.key` object."""
    read = cipher.read_key(papers.body_of(key, opening.desk.vault))
    return opening.keys.open(read), read.vector


def _into_a_master(
    version: AxisVersion,
    secret: tuple[bytes, bytes],
    *,
    generation: int,
    desk: Desk,
    receiver: Receiver,
) -> None:
    row = version.object.container
    run = clips.open_upload(row.system, version.upload.filename, vault=desk.vault, at=desk.clock())
    incoming = receiver.receive(run, checksum=None)
    try:
        size, sha256 = _pour(version.upload, Decryptor(*secret), incoming, desk)
        incoming.finish(whole=True)
        clips.demand_kept(run, sha256, desk)
        with transaction.atomic():
            _replace(version, run, generation, size=size, sha256=sha256, desk=desk)
    except BaseException as error:
        incoming.abort()
        reason = error.message if isinstance(error, FairwitnessError) else "it was interrupted"
        clips.give_up(run=run, actor=_ACTOR, at=desk.clock(), reason=reason)
        raise


def _pour(upload: Upload, decryptor: Decryptor, incoming: Incoming, desk: Desk) -> tuple[int, str]:
    """Stream what is sealed through the decryptor into the new upload; its size and digest."""
    pieces, length = access.pieces_of(recording=upload.recording_id, kind=CopyKind.MASTER)
    key = desk.vault.ring.get(upload.recording_id)
    binding = Binding(key, upload.recording_id, CopyKind.MASTER.value, length)
    digest, size, head = hashlib.sha256(), 0, b""
    with SealedReader(pieces, store=desk.vault.store, binding=binding) as reader:
        for data in _opened(reader, decryptor):
            if len(head) < cipher.HEAD:
                head = (head + data)[: cipher.HEAD]
            digest.update(data)
            size += len(data)
            rest = memoryview(data)
            while rest:
                rest = rest[incoming.take(rest) :]
                if rest:
                    incoming.wait_for_room()
    if not cipher.looks_like_video(head):
        raise CantDecrypt("It opens with the key that came for it, but to no video.")
    return size, digest.hexdigest()


def _opened(reader: SealedReader, decryptor: Decryptor) -> Iterator[bytes]:
    for sealed in reader.chunks():
        yield decryptor.update(sealed)
    yield decryptor.finish()


def _replace(
    version: AxisVersion,
    run: Run,
    generation: int,
    *,
    size: int,
    sha256: str,
    desk: Desk,
) -> None:
    """The decrypted clip takes the place of the encrypted one, which is ended."""
    at = desk.clock()
    old = version.upload
    source, commitment = version.object.container.source, desk.commitments.of(sha256)
    if clips.is_here(source, commitment):
        clips.give_up(run=run, actor=_ACTOR, at=at, reason="it had come in the clear before")
        AxisVersion.objects.filter(pk=version.pk).update(decrypted=True)
    else:
        clips.complete(
            run,
            source=source,
            commitment=commitment,
            sha256=sha256,
            size=size,
            waits=False,
            at=at,
        )
        Upload.objects.filter(pk=run.upload).update(completed_at=old.completed_at)
        AxisVersion.objects.filter(pk=version.pk).update(upload=run.upload, decrypted=True)
    ended = Upload.objects.filter(pk=old.pk, generation=generation, state=old.state).update(
        state=UploadState.ENDED, generation=F("generation") + 1
    )
    if not ended:
        raise NotOurs("Another worker or a person has decided on this meanwhile.")
    here = (QuarantineState.HELD, QuarantineState.BINNED)
    Quarantine.objects.filter(upload=old, state__in=here).update(
        state=QuarantineState.RELEASED, decided_at=at
    )
    if old.state == UploadState.QUARANTINED:
        apart.end_viewings(recording=old.recording_id, at=at)
        ledger.append(
            subject=recording_subject(old.recording_id),
            act=Act.RECORDING_RELEASED_FROM_QUARANTINE,
            actor=_ACTOR,
            at=at,
            reason="its key came, and it was decrypted",
            detail={"as": str(run.recording)},
        )
    ledger.append(
        subject=recording_subject(run.recording),
        act=Act.RECORDING_DECRYPTED,
        actor=_ACTOR,
        at=at,
        detail={
            "from": str(old.recording_id),
            "ciphertext_sha256": old.sha256,
            "ciphertext_size": old.length,
        },
    )


def _leave(version: AxisVersion, problem: str) -> None:
    """It can't be decrypted: it stays as it came, and is judged so."""
    with transaction.atomic():
        AxisVersion.objects.filter(pk=version.pk).update(problem=problem)
        Upload.objects.filter(pk=version.upload_id, state=UploadState.RECEIVING).update(
            state=UploadState.VERIFYING, lease_until=None
        )
