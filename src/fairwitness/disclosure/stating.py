"""The facts of an exhibit, put together from what was received, and from nothing typed since.

The manifest holds what camera, dock and server said on arrival, sealed beside the footage; an
exhibit repeats that. Only reference, case, title and producer are the case's.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from fairwitness.evidence.models import Annotation, Recording
from fairwitness.formats import bundle, docking, exhibit, manifest, statement
from fairwitness.formats.bundle import Digest
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.exhibit import ExhibitFacts, FileFacts
from fairwitness.formats.manifest import Manifest, Provenance
from fairwitness.formats.recording import RecordingClaim
from fairwitness.ingest import provenance
from fairwitness.vault import manifests
from fairwitness.vault.vault import Vault

if TYPE_CHECKING:
    from fairwitness.disclosure.export import Produced

_COPY_TYPE = "video/mp4"


def read_manifest(*, recording: UUID, vault: Vault) -> Manifest:
    """The sealed manifest of a recording.

    Raises:
        KeyDestroyed: it was deleted.
        PieceInvalid, FormatError: it is damaged.
    """
    key = vault.ring.get(recording)
    return manifest.parse(manifests.read(store=vault.store, key=key, recording=recording))


def facts(
    *,
    produced: "Produced",
    case: str,
    manifest: Manifest,
    working_copy: Digest | None,
    training: bool,
) -> ExhibitFacts:
    """What `exhibit.json` says of one exhibit.

    Args:
        produced: reference, title, producer and recording.
        case: the case's reference.
        manifest: of the recording.
        working_copy: as it was written; None when there is none.
        training: whether all of it is made up.
    """
    recording = produced.recording
    claim = _claim(manifest)
    docked = _docking(manifest)
    ahead = clock_ahead(claim, docked)
    return exhibit.ExhibitFacts(
        reference=produced.reference,
        case=case,
        title=produced.title,
        producer=produced.producer,
        recording=recording.pk,
        recording_reference=recording.reference,
        provenance=manifest.provenance,
        camera=claim.camera if claim else None,
        wearer=_wearer(recording),
        unit=recording.unit.name if recording.unit else None,
        station=_station(recording, manifest, docked),
        started_at=claim.started_at if claim else recording.started_at,
        ended_at=claim.ended_at if claim else recording.ended_at,
        clock_ahead_us_min=ahead[0] if ahead else None,
        clock_ahead_us_max=ahead[1] if ahead else None,
        received_at=manifest.received_at,
        duration_ms=recording.duration_ms or None,
        buffer_ms=claim.buffer_ms if claim else 0,
        mute=claim.mute if claim else (),
        counters_missing=docked.counters_missing if docked else (),
        part=claim.part if claim else 1,
        last_part=claim.last_part if claim else True,
        interrupted=claim.interrupted if claim else False,
        master=_master(recording.reference, manifest),
        working_copy=_working_copy(produced.reference, working_copy),
        training=training,
    )


def clock_ahead(
    claim: RecordingClaim | None, docked: DockingClaim | None
) -> tuple[int, int] | None:
    """How far the camera's clock was ahead while it recorded, at least and at most.

    A clock that was not checked at both dockings says nothing, here as in retention.
    """
    found = provenance.compared(claim, docked)
    if not found.checked or found.least_us is None or found.most_us is None:
        return None
    return found.least_us, found.most_us


def _master(reference: str, sealed: Manifest) -> FileFacts:
    return FileFacts(
        path=bundle.master_path(reference),
        media_type=sealed.media_type,
        size=sealed.size,
        sha256=sealed.sha256,
    )


def _working_copy(reference: str, digest: Digest | None) -> FileFacts | None:
    if digest is None:
        return None
    return FileFacts(
        path=bundle.working_copy_path(reference),
        media_type=_COPY_TYPE,
        size=digest.size,
        sha256=digest.sha256,
    )


def _claim(sealed: Manifest) -> RecordingClaim | None:
    if sealed.statement is None or sealed.provenance is not Provenance.SIGNED:
        return None
    return statement.parse(sealed.statement.payload, RecordingClaim).predicate


def _docking(sealed: Manifest) -> DockingClaim | None:
    """What the dock said of the camera; of footage that no camera vouches for it says nothing."""
    if sealed.docking is None or sealed.provenance is not Provenance.SIGNED:
        return None
    return docking.parse_claim(sealed.docking, DockingClaim)


def _station(recording: Recording, sealed: Manifest, docked: DockingClaim | None) -> str | None:
    """Where it was docked: as the dock said, or as we know without its word."""
    if docked is not None:
        return docked.station
    if sealed.provenance is Provenance.SIGNED or recording.station is None:
        return None
    return recording.station.name


def _wearer(recording: Recording) -> str | None:
    """Who wore it, and when two people corrected that, that they did."""
    if recording.wearer is None:
        return None
    corrected = Annotation.objects.filter(
        recording=recording, kind="wearer", second_at__isnull=False
    ).exists()
    words = str(recording.wearer)
    return f"{words} (as corrected by two people)" if corrected else words
