"""Links of files that grew on their volume, made again after the loss of the database.

That one recording begins with the bytes of another was the dock's word, and went with the database.
The vault shows it: the footage is read again, up to the lengths of what came before it from the
same volume. Only where the log has a note of that recording at the moment of its arrival, as each
link left one: what no dock said is not looked for.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.accountability.fates import ARRIVALS
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.stubs import ACTOR
from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import fixity
from fairwitness.evidence.models import Recording, State
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import growth
from fairwitness.vault.vault import Vault

_AT_ONCE = 500


def link(*, vault: Vault, at: datetime) -> tuple[int, list[Finding]]:
    """Make every such link that is missing; may be repeated.

    Returns:
        How many it made, and what can't be read.
    """
    made = 0
    findings: list[Finding] = []
    for later in _noted():
        try:
            begins = _beginning(later, vault)
        except FairwitnessError as error:
            text = f"Whether {later.reference} begins with another recording: {error.message}"
            about = recording_subject(later.pk)
            findings.append(Finding("vault", "rebuild.growth_unread", about, text))
            continue
        with transaction.atomic():
            growth.settle(later, begins, actor=ACTOR, at=at)
        made += begins is not None
    return made, findings


def _noted() -> Iterator[Recording]:
    """What came from a volume, has no link, and of which a note was made when it arrived."""
    last = UUID(int=0)
    rows = Recording.objects.filter(state=State.LIVE, volume__isnull=False, growth__isnull=True)
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        subjects = {recording_subject(row.pk): row for row in page}
        chains = reading.chains(list(subjects), acts=ARRIVALS | {Act.RECORDING_ANNOTATED})
        for subject, row in subjects.items():
            arrived = {each.at for each in chains[subject] if each.act in ARRIVALS}
            if any(
                each.act is Act.RECORDING_ANNOTATED and each.at in arrived
                for each in chains[subject]
            ):
                yield row
        last = page[-1].pk


def _beginning(later: Recording, vault: Vault) -> Recording | None:
    """The longest earlier recording of its volume that it begins with."""
    earlier = Recording.objects.filter(
        state=State.LIVE,
        volume=later.volume_id,
        size__lt=later.size,
        received_at__lte=later.received_at,
    )
    found = list(earlier.exclude(pk=later.pk).order_by("-size", "received_at", "pk"))
    digests = fixity.beginnings(recording=later, sizes={row.size for row in found}, vault=vault)
    return next((row for row in found if row.sha256 == digests[row.size]), None)
