"""The key ring against itself and the rows: both copies alike, no key without an owner."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from fairwitness.accountability import fates
from fairwitness.accountability.fates import Fate
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.paging import pages
from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import PlaceEpoch, Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest.models import AxisContainer, Upload, UploadState
from fairwitness.vault import rekeying, repairing
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.rekeying import RingKeyAge
from fairwitness.vault.vault import Vault

_FORGOTTEN: Final = (
    "There is a live key for {}, which seals what an Axis system told of some footage; the database"
    " has forgotten the container. The footage itself has keys of its own."
)


def copies(*, vault: Vault) -> Iterator[Finding]:
    """Where the ring's two copies disagree, or one of them is not there."""
    try:
        for one in repairing.disagreements(vault.ring):
            about = recording_subject(one.recording) if one.recording else "keyring"
            yield Finding("keys", "keyring.copies_disagree", about, one.what)
    except FairwitnessError as error:
        yield Finding("keys", error.stable_code, "keyring", error.message)


def age(*, vault: Vault) -> RingKeyAge | None:
    """How old the key that seals the ring is; None when the ring can't say."""
    try:
        return rekeying.ring_key_age(vault.ring)
    except FairwitnessError:
        return None  # `copies` tells why


def unowned(*, vault: Vault) -> Iterator[Finding]:
    """Live keys of nothing: no recording, upload or Axis container has them."""
    try:
        orphans = [pk for page in pages(vault.ring.ids()) for pk in _without_owner(page)]
    except FairwitnessError as error:
        yield Finding("keys", error.stable_code, "keyring", error.message)
        return
    for page in pages(orphans):
        # Asked again: the keys were listed before the rows, and rows may have gone meanwhile.
        still = [pk for pk in _without_owner(page) if vault.ring.state(pk) is KeyState.LIVE]
        chains = reading.chains([recording_subject(pk) for pk in still], acts=fates.TOLD_BY)
        papers = reading.chains([_papers(pk) for pk in still], acts={Act.AXIS_CONTAINER_BEGUN})
        for pk in still:
            about = recording_subject(pk)
            if papers[_papers(pk)]:
                yield Finding("keys", "key.unowned", _papers(pk), _FORGOTTEN.format(pk))
                continue
            text = f"There is a live key for {pk}, which no recording or upload has. "
            yield Finding("keys", "key.unowned", about, text + _was(fates.read(chains[about])))


def _papers(pk: UUID) -> str:
    return f"axis_container:{pk}"


def _was(fate: Fate) -> str:
    """What the log says that a key without an owner was for."""
    if fate.disposed is not None:
        return "The custody log says that the footage was deleted: destroy the key."
    if fate.registered is not None:
        return "The custody log says that it was received: `fairwitness audit --rebuild`."
    if fate.in_quarantine:
        return "It was in quarantine, so no receipt was given and the camera kept the footage."
    return "It was received in part, so no receipt was given and the camera kept the footage."


def _without_owner(page: Sequence[UUID]) -> list[UUID]:
    known = set(Recording.objects.filter(pk__in=page).values_list("pk", flat=True))
    uploads = Upload.objects.filter(recording_id__in=page).exclude(
        state__in=[UploadState.ENDED, UploadState.RECEIVED], cleared=True
    )
    known |= set(uploads.values_list("recording_id", flat=True))
    known |= set(PlaceEpoch.objects.filter(pk__in=page).values_list("pk", flat=True))
    containers = AxisContainer.objects.filter(pk__in=page)
    known |= set(containers.values_list("pk", flat=True))
    return [pk for pk in page if pk not in known]
