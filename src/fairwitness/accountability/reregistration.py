"""One recording registered again, from its manifest and from what the log says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F

from fairwitness.accountability import retold
from fairwitness.accountability.fates import Fate
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.models import Vestige
from fairwitness.accountability.retold import Retold
from fairwitness.accountability.stubs import ACTOR, Register
from fairwitness.evidence import registration
from fairwitness.evidence.models import CopyKind, Piece, Provenance, Recording
from fairwitness.evidence.registration import Belonging, Origin
from fairwitness.force import cameras
from fairwitness.formats import dsse
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import PublicKey
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.axis import account as axis_account
from fairwitness.ingest.axis import containers, naming
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import (
    Quarantine,
    QuarantineState,
    StoredReceipt,
    Upload,
    UploadState,
)

REASON: Final = "registered again from its manifest after the loss of the database"


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one recording.

    Attributes:
        told: its manifest.
        fate: what the log says became of it.
        who: the rows that the manifest names.
    """

    told: Retold
    fate: Fate
    who: Register

    @property
    def camera_signed(self) -> bool | None:
        """Whether the camera's signature holds; None when its key is not known."""
        camera = self.who.camera
        return _holds(self.told.manifest.statement, camera.public_key if camera else "")

    @property
    def dock_signed(self) -> bool | None:
        """Whether the dock's signature holds; None when its key is not known."""
        dock = self.who.dock
        return _holds(self.told.manifest.docking, dock.public_key if dock else "")

    def doubts(self) -> Iterator[Finding]:
        """What people have to look at: a signature that can't be checked or does not hold."""
        name = self.told.manifest.reference
        about = recording_subject(self.told.recording)
        for who, holds in (("camera", self.camera_signed), ("dock", self.dock_signed)):
            if holds is None:
                text = f"{name}: the {who}'s signature can't be checked; its key is not known."
                yield Finding("rows", "rebuild.key_unknown", about, text)
            elif not holds:
                text = f"{name}: the {who}'s signature does not hold; nothing rests on it."
                yield Finding("rows", "rebuild.signature_bad", about, text)


def register(case: Case, *, commitments: Commitments, at: datetime) -> Recording:
    """Register it again, in the caller's transaction; its dates are not decided yet.

    An arrival that the log does not know, because it was lost before it was published, is entered
    there now; no receipt was given for it.

    Raises:
        IntegrityError: the same (camera, counter, part) or (source, bytes) is registered, or a
            piece of it is another recording's.
    """
    told, fate, who = case.told, case.fate, case.who
    claim = None if case.camera_signed is False else told.claim
    docked = None if case.dock_signed is False else told.docking
    recording = registration.register(
        recording=told.recording,
        origin=_axis_origin(told, commitments)
        if told.provenance is Provenance.AXIS
        else _origin(told, fate, who, signed=claim is not None),
        belonging=Belonging(wearer=who.wearer, unit=who.unit, station=who.station),
        times=retold.times(told, claim, docked),
        content=retold.content(told, commitments),
        actor=ACTOR,
        at=at,
        act=Act.RECORDING_REBUILT if fate.registered else None,
        reason=REASON,
    ).recording
    if fate.registered:
        recording.entry_leaf = fate.registered.leaf_hash.hex()
        recording.save(update_fields=["entry_leaf"])
    if told.provenance is Provenance.AXIS:
        container = recording.filename.partition("/")[0]
        axis_account.number_parts(recording, camera=naming.read(container).camera)
    _place_pieces(told)
    _close_uploads(told, at)
    Vestige.objects.filter(pk=told.recording).delete()
    StoredReceipt.objects.filter(pk=told.recording, text="").delete()
    if docked is not None and who.camera is not None:
        counter_gaps.note(camera=who.camera, missing=docked.counters_missing, actor=ACTOR, at=at)
    if claim is not None and who.camera is not None:
        cameras.note_docking(camera=who.camera, last_counter=claim.counter, at=recording.docked_at)
    return recording


def _origin(told: Retold, fate: Fate, who: Register, *, signed: bool) -> Origin:
    found = told.manifest
    if signed:
        return Origin(
            provenance=Provenance.SIGNED,
            reference=found.reference,
            claim=told.claim,
            camera=who.camera,
            dock=who.dock,
            filename=found.filename or "",
        )
    from_elsewhere = told.provenance in {Provenance.IMPORTED, Provenance.VOLUME}
    sender = f"officer:{who.importer.pk}" if who.importer else ""
    if who.volume is not None:
        sender = f"volume:{who.volume.pk}"
    if who.dock is not None and not sender:
        sender = f"dock:{who.dock.pk}"
    if fate.let_in or told.claim is not None or not sender:
        sender = recording_subject(told.recording)
    return Origin(
        provenance=told.provenance if from_elsewhere else Provenance.UNSIGNED,
        volume=who.volume,
        reference=found.reference,
        dock=who.dock,
        source=sender,
        filename=found.filename or "",
    )


def _axis_origin(told: Retold, commitments: Commitments) -> Origin:
    """A part of the container that it came in, if its name is of Axis' making; else alone."""
    filename = told.manifest.filename or ""
    container, _, clip = filename.partition("/")
    source = recording_subject(told.recording)
    if clip and naming.is_standard(container):
        source = containers.source_of(container, "", commitments)
    return Origin(
        provenance=Provenance.AXIS,
        reference=told.manifest.reference,
        source=source,
        filename=filename,
    )


def _place_pieces(told: Retold) -> None:
    """The master's pieces as the manifest has them, whatever an older database said.

    What Axis systems send is bound to no length: nobody says it before the last byte.
    """
    bound = 0 if told.provenance is Provenance.AXIS else told.manifest.size
    Piece.objects.filter(recording_id=told.recording, copy=CopyKind.MASTER).delete()
    Piece.objects.bulk_create(
        Piece(
            recording_id=told.recording,
            copy=CopyKind.MASTER,
            offset=one.offset,
            length=one.length,
            blob=one.blob,
            sealed_size=one.sealed_size,
            upload_length=bound,
        )
        for one in told.manifest.pieces
    )


def _close_uploads(told: Retold, at: datetime) -> None:
    """An upload that an older database still thinks is on its way has arrived.

    A fresh database has none: `ingest.uploads` makes one when a dock sends the recording again.
    """
    Upload.objects.filter(recording_id=told.recording).update(
        state=UploadState.RECEIVED,
        received_as=told.recording,
        offset=F("length"),
        completed_at=told.manifest.received_at,
        lease_until=None,
        metadata="",
        statement="",
        docking="",
    )
    here = (QuarantineState.HELD, QuarantineState.BINNED)
    Quarantine.objects.filter(recording_id=told.recording, state__in=here).update(
        state=QuarantineState.RELEASED, decided_at=at
    )


def _holds(envelope: Envelope | None, pem: str) -> bool | None:
    """Whether an envelope is signed by this key; None when the key is not known."""
    if envelope is None:
        return True
    if not pem:
        return None
    key = PublicKey.from_pem(pem.encode())
    try:
        dsse.verify(envelope, {key.keyid: key})
    except FormatError:
        return False
    return True
