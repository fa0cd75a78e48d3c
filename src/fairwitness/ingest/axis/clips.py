"""Clips: footage of an Axis camera on its way in, through the same receiver as all footage.

Design rules:

1. **A row before a key, and a key before a byte**: a cut transfer leaves an ended upload, whose key
   and pieces the sweeper destroys. There is no resuming: a broken PUT starts over.
2. **201 is the only receipt that the protocol has**, and the camera's copy may go after it. So it
   is given when every byte was read back from the store and has the digest of what came.
3. **The same bytes again are the same clip**: 201, nothing new. **Other bytes under the same name**
   are kept beside the first and go to quarantine.
4. **What is encrypted waits for its key**, sealed as it came; `decrypting` goes on from there.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.models import CopyKind, Provenance, Recording
from fairwitness.formats.acts import Act
from fairwitness.ingest import uploads
from fairwitness.ingest.axis import cipher, containers, naming, papers, swift
from fairwitness.ingest.axis.containers import Telling
from fairwitness.ingest.axis.naming import ContainerKind
from fairwitness.ingest.axis.swift import Refused
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import (
    AxisContainer,
    AxisObject,
    AxisSystem,
    AxisVersion,
    Upload,
    UploadState,
)
from fairwitness.ingest.uploads import Run
from fairwitness.vault import reading
from fairwitness.vault.sealing import Binding
from fairwitness.vault.vault import Vault

_UNFINISHED: Final = timedelta(days=1)
"""How long an upload may be under way; one that was cut without a word is ended then."""

_HERE = (
    UploadState.RECEIVING,
    UploadState.VERIFYING,
    UploadState.RECEIVED,
    UploadState.QUARANTINED,
)


class NotKept(FairwitnessError):
    """What was stored is not what came; it must be sent again."""

    code = "vault.not_kept"


class Measure:
    """The digests, size and beginning of a body as it passes."""

    def __init__(self) -> None:
        self.size = 0
        self.head = b""
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def update(self, data: bytes) -> None:
        """Takes the next bytes."""
        if len(self.head) < cipher.HEAD:
            self.head = (self.head + data)[: cipher.HEAD]
        self.size += len(data)
        self._md5.update(data)
        self._sha256.update(data)

    @property
    def etag(self) -> str:
        """The MD5 of all that passed."""
        return self._md5.hexdigest()

    @property
    def sha256(self) -> str:
        """The SHA-256 of all that passed."""
        return self._sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class Desk:
    """What taking clips needs."""

    vault: Vault
    commitments: Commitments
    clock: Callable[[], datetime]


def begin(*, telling: Telling, vault: Vault) -> Run:
    """Make the upload that a clip's bytes go to; its length is not known, so it is bound to 0.

    Raises:
        Refused: `axis.unknown`, there is no such container.
    """
    row = containers.find(telling.system, telling.place.container)
    containers.seen(row, telling.at)
    return open_upload(
        telling.system, f"{row.name}/{telling.place.object}", vault=vault, at=telling.at
    )


def open_upload(system: AxisSystem, filename: str, *, vault: Vault, at: datetime) -> Run:
    """A new upload of an Axis system, with its key."""
    upload, recording = uuid.uuid4(), uuid.uuid4()
    with transaction.atomic():
        Upload.objects.create(
            id=upload,
            recording_id=recording,
            identity=f"axis:{upload}",
            commitment="",
            axis=system,
            filename=filename[-255:],
            length=0,
            created_at=at,
            expires_at=at + _UNFINISHED,
        )
        ledger.append(
            subject=f"upload:{upload}",
            act=Act.UPLOAD_BEGUN,
            actor=f"axis:{system.pk}",
            at=at,
            detail={"identity": f"axis:{system.pk}", "recording": str(recording)},
        )
    vault.ring.ensure(recording)
    return Run(upload, recording, generation=0, offset=0, length=0)


def give_up(*, run: Run, actor: str, at: datetime, reason: str, refused: bool = False) -> None:
    """End an upload that came to nothing; its key and pieces are destroyed by the sweeper."""
    with transaction.atomic():
        ended = Upload.objects.filter(
            pk=run.upload, state=UploadState.RECEIVING, completed_at=None
        ).update(state=UploadState.ENDED, generation=F("generation") + 1)
        if ended:
            ledger.append(
                subject=f"upload:{run.upload}",
                act=Act.UPLOAD_REFUSED if refused else Act.UPLOAD_EXPIRED,
                actor=actor,
                at=at,
                reason=reason,
            )


def finish(*, run: Run, telling: Telling, measure: Measure, etag: str, desk: Desk) -> None:
    """Every byte is durable: compare, read back, and let it be judged like all footage.

    Raises:
        Refused: `axis.etag`, other bytes were promised; `axis.no_duration`, there are none.
        NotKept: the store has not what came.
    """
    row = containers.find(telling.system, telling.place.container)
    if not measure.size:
        _finish_empty(row, run, telling, desk)
        return
    try:
        swift.check_etag(etag, measure.etag)
    except Refused as refusal:
        give_up(run=run, actor=telling.actor, at=desk.clock(), reason=refusal.message, refused=True)
        raise
    demand_kept(run, measure.sha256, desk)
    containers.seen(row, telling.at)
    enclosure = papers.enclose(row, telling.enclosure(), desk.vault)
    with transaction.atomic():
        AxisContainer.objects.select_for_update().get(pk=row.pk)
        _settle(row, run, telling, measure, enclosure=enclosure, desk=desk)


def demand_kept(run: Run, sha256: str, desk: Desk) -> None:
    """Read all of it back from the store.

    Raises:
        NotKept: it is not what came; the upload is ended.
    """
    pieces, length = access.pieces_of(recording=run.recording, kind=CopyKind.MASTER)
    key = desk.vault.ring.get(run.recording)
    binding = Binding(key, run.recording, CopyKind.MASTER.value, length)
    try:
        found = reading.read_back(pieces, store=desk.vault.store, binding=binding).sha256.hex()
    except FairwitnessError as error:
        found = error.message
    if found != sha256:
        give_up(
            run=run, actor="system:ingest", at=desk.clock(), reason="it was not kept as it came"
        )
        raise NotKept("What was stored is not what came. Send it again.")


def _finish_empty(row: AxisContainer, run: Run, telling: Telling, desk: Desk) -> None:
    """A clip without a byte: refused for ever, unless it is rejected content, which never is."""
    refused = naming.container_kind(row.name) is not ContainerKind.REJECTED
    reason = "there is no byte in it"
    give_up(run=run, actor=telling.actor, at=desk.clock(), reason=reason, refused=refused)
    if refused:
        raise Refused("This clip has no duration: there is no byte in it.", code="axis.no_duration")
    containers.tell_object(telling=telling, body=b"", etag="", vault=desk.vault)


def _settle(
    row: AxisContainer,
    run: Run,
    telling: Telling,
    measure: Measure,
    *,
    enclosure: UUID | None,
    desk: Desk,
) -> None:
    at = desk.clock()
    commitment = desk.commitments.of(measure.sha256)
    known = AxisVersion.objects.filter(object__container=row, upload__state__in=_HERE)
    same = known.filter(commitment=commitment).first()
    kept = containers.keep_object(
        row, telling, etag=measure.etag, size=measure.size, enclosure=enclosure
    )
    if same is not None or _registered(row, commitment):
        _end_as_known(run, same, telling, at)
        return
    encrypted = not cipher.looks_like_video(measure.head)
    has_key = key_object(kept) is not None
    complete(
        run,
        source=row.source,
        commitment=commitment,
        sha256=measure.sha256,
        size=measure.size,
        waits=encrypted and (telling.system.encrypts or has_key),
        at=at,
    )
    version = AxisVersion.objects.create(
        object=kept,
        upload_id=run.upload,
        commitment=commitment,
        size=measure.size,
        encrypted=encrypted,
        has_key=has_key,
        replaces=known.filter(object=kept).exclude(upload=run.upload).exists(),
        came_at=at,
    )
    _log_clip(row, version, telling, measure, at)


def _end_as_known(run: Run, same: AxisVersion | None, telling: Telling, at: datetime) -> None:
    """These bytes are here: what just came of them is ended."""
    Upload.objects.filter(pk=run.upload).update(state=UploadState.ENDED)
    ledger.append(
        subject=f"upload:{same.upload_id if same else run.upload}",
        act=Act.UPLOAD_DUPLICATE_SEEN,
        actor=telling.actor,
        at=at,
    )


def _log_clip(
    row: AxisContainer, version: AxisVersion, telling: Telling, measure: Measure, at: datetime
) -> None:
    ledger.append(
        subject=row.subject,
        act=Act.AXIS_OBJECT_RECEIVED,
        actor=telling.actor,
        at=at,
        detail={
            "kind": naming.object_kind(telling.place.object).value,
            "size": measure.size,
            "commitment": version.commitment,
            "upload": str(version.upload_id),
            "replaces": version.replaces,
            "encrypted": version.encrypted,
        },
    )


def complete(
    run: Run, *, source: str, commitment: str, sha256: str, size: int, waits: bool, at: datetime
) -> None:
    """All bytes are there and known: it is due to be judged, unless it waits for its key.

    Raises:
        Superseded: it was ended meanwhile.
    """
    moved = Upload.objects.filter(
        pk=run.upload, state=UploadState.RECEIVING, offset=size, completed_at=None
    ).update(
        identity=source,
        commitment=commitment,
        sha256=sha256,
        length=size,
        state=UploadState.RECEIVING if waits else UploadState.VERIFYING,
        completed_at=at,
        expires_at=at + uploads.EXPIRY,
        lease_until=None,
    )
    if not moved:
        raise uploads.Superseded("This upload was ended before its last byte. Send it again.")


def is_here(source: str, commitment: str) -> bool:
    """Whether an upload of these bytes of this container is here."""
    known = Upload.objects.filter(identity=source, commitment=commitment)
    return known.filter(state__in=_HERE).exists()


def _registered(row: AxisContainer, commitment: str) -> bool:
    """Whether these bytes of this container are registered, though their version is forgotten."""
    known = Recording.objects.filter(provenance=Provenance.AXIS, commitment=commitment)
    return known.filter(source=row.source).exists()


def key_object(kept: AxisObject) -> AxisObject | None:
    """The object that holds the key of another, if it has come."""
    names = naming.key_names(kept.name)
    found = {
        one.name: one
        for one in AxisObject.objects.filter(container_id=kept.container_id, name__in=names)
    }
    return next((found[name] for name in names if name in found), None)
