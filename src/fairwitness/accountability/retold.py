"""A manifest read back: what the server, the camera and the dock said of a recording, once more.

Nothing here touches the database. What can't be read is told, and stops nothing else.
"""

from dataclasses import dataclass
from uuid import UUID

from fairwitness.accountability.findings import Finding
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Provenance
from fairwitness.evidence.registration import Content, Times
from fairwitness.formats import docking, manifest, statement
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.manifest import Manifest
from fairwitness.formats.recording import RecordingClaim
from fairwitness.ingest import provenance
from fairwitness.ingest.commitments import Commitments
from fairwitness.vault import manifests
from fairwitness.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Retold:
    """One manifest, opened.

    Attributes:
        manifest: as it was written when the recording was received.
        claim: the camera's; None unless signed.
        docking: the dock's; None when no dock brought it.
    """

    manifest: Manifest
    claim: RecordingClaim | None
    docking: DockingClaim | None

    @property
    def recording(self) -> UUID:
        """Whose it is."""
        return self.manifest.recording

    @property
    def provenance(self) -> Provenance:
        """How the footage came."""
        return Provenance(self.manifest.provenance.value)


def read(recording: UUID, *, vault: Vault) -> Retold | Finding:
    """Open a recording's manifest and all that is signed in it, or say why that can't be done."""
    try:
        key = vault.ring.get(recording)
        found = manifest.parse(manifests.read(store=vault.store, key=key, recording=recording))
        return _retold(found, recording)
    except FairwitnessError as error:
        return Finding(
            "vault",
            "manifest.unreadable",
            recording_subject(recording),
            f"Recording {recording} can't be registered again: {error.message}",
        )


def _retold(found: Manifest, recording: UUID) -> Retold:
    if found.recording != recording:
        raise FormatError("its manifest is another recording's.")
    if found.statement is not None and found.camera is None:
        raise FormatError("its manifest has a statement and names no camera.")
    for named in (found.camera, found.dock, found.wearer, found.importer):
        if named is not None:
            identifier(named.id)
    claim = None
    if found.statement is not None:
        payload = statement.statement_payload(found.statement)
        claim = statement.parse(payload, RecordingClaim).predicate
    docked = docking.parse_claim(found.docking, DockingClaim) if found.docking else None
    return Retold(found, claim, docked)


def identifier(text: str) -> UUID:
    """The id of a person or a device.

    Raises:
        FormatError: the text is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise FormatError(f"{text[:40]!r} is no id.") from None


def times(told: Retold, claim: RecordingClaim | None, docked: DockingClaim | None) -> Times:
    """When it was made and came; the dates of deletion are decided anew after registration.

    Args:
        told: the manifest.
        claim: the camera's, if it is believed.
        docked: the dock's, if it is believed.
    """
    found = told.manifest
    clocks = provenance.compared(claim, docked)
    docked_at = found.docked_at or found.received_at
    return Times(
        received_at=found.received_at,
        docked_at=docked_at,
        clock_started_at=min(found.clock_started_at, docked_at),
        started_at=found.started_at,
        ended_at=found.ended_at,
        clock_ahead_us_min=clocks.least_us,
        clock_ahead_us_max=clocks.most_us,
        clock_checked=clocks.checked,
        gone_by=found.gone_by,
        late=found.late,
    )


def content(told: Retold, commitments: Commitments) -> Content:
    """The bytes, as they were read back when they were received.

    The length is that of the camera's own times; 0 where no camera gave any.
    """
    found = told.manifest
    length = told.claim.ended_at - told.claim.started_at if told.claim else None
    return Content(
        size=found.size,
        sha256=found.sha256,
        commitment=commitments.of(found.sha256),
        media_type=found.media_type,
        duration_ms=max(0, int(length.total_seconds() * 1000)) if length else 0,
    )
