"""What came in: uploads that nobody decides on, and arrivals and holds that only the log knows.

The log holds every arrival and no row can leave it. An arrival of which there is no row was taken
out of the database behind our back, or lost with it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from fairwitness.accountability import wording
from fairwitness.accountability.fates import ARRIVALS, TOLD_BY, Fate
from fairwitness.accountability.fates import read as read_fate
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.models import Vestige
from fairwitness.accountability.paging import PAGE, pages
from fairwitness.custody import reading
from fairwitness.custody.reading import Logged
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import quarantine
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload, UploadState
from fairwitness.retention.models import Hold

DECIDED_WITHIN: Final = timedelta(hours=1)
"""How long an upload may wait to be decided on, or for its end to be carried out."""

_ARRIVED: Final = ARRIVALS | {Act.RECORDING_QUARANTINED}
_PREFIX: Final = "recording:"


def stuck(*, at: datetime) -> Iterator[Finding]:
    """Uploads and quarantined footage that should have been decided on, or cleared, by now."""
    due = at - DECIDED_WITHIN
    undecided = Upload.objects.filter(state=UploadState.VERIFYING, completed_at__lte=due)
    for upload in undecided.order_by("completed_at").iterator(PAGE):
        age = wording.span(at - (upload.completed_at or at))
        yield Finding(
            "rows",
            "upload.undecided",
            f"upload:{upload.pk}",
            f"An upload was complete {age} ago and has not been decided on; it was tried"
            f" {upload.attempts} times.",
        )
    ended = Q(state=UploadState.ENDED) | (
        Q(state=UploadState.RECEIVED) & ~Q(received_as=F("recording_id"))
    )
    over = Q(state=UploadState.RECEIVING) | ended & Q(cleared=False)
    for upload in Upload.objects.filter(over, expires_at__lte=due).iterator(PAGE):
        yield Finding(
            "deletion",
            "upload.not_cleared",
            f"upload:{upload.pk}",
            "An upload's time is over, and what came of it has not been destroyed.",
        )
    overdue = Q(state=QuarantineState.HELD, gone_by__lte=at)
    overdue |= Q(state=QuarantineState.BINNED, bin_until__lte=due - DECIDED_WITHIN)
    brought_by = ("upload__dock__station", "upload__axis__station")
    cases = Quarantine.objects.filter(overdue).select_related(*brought_by)
    for case in cases.iterator(PAGE):
        if quarantine.kept(case):
            continue
        age = wording.span(at - (case.bin_until or case.gone_by))
        yield Finding(
            "deletion",
            "quarantine.overdue",
            recording_subject(case.recording_id),
            f"Quarantined footage should have gone {age} ago and has not.",
        )


def without_rows() -> Iterator[Finding]:
    """Arrivals in the log of which the database has no row."""
    for page in reading.entries_of(_ARRIVED):
        for pk, _chain, _fate in without_row([entry.subject for entry in page]):
            yield Finding(
                "rows",
                "recording.row_gone",
                recording_subject(pk),
                f"The custody log says that {pk} arrived, and no row says what became of it."
                " If the database was lost: `fairwitness audit --rebuild`.",
            )


def without_row(subjects: Sequence[str]) -> Iterator[tuple[UUID, list[Logged], Fate]]:
    """The arrivals among these subjects of which no table has a row, with what the log says."""
    ids = list(dict.fromkeys(UUID(subject.removeprefix(_PREFIX)) for subject in subjects))
    known: set[UUID] = set()
    known |= set(Recording.objects.filter(pk__in=ids).values_list("pk", flat=True))
    known |= set(
        Quarantine.objects.filter(recording_id__in=ids).values_list("recording_id", flat=True)
    )
    known |= set(Vestige.objects.filter(pk__in=ids).values_list("pk", flat=True))
    unknown = [pk for pk in ids if pk not in known]
    chains = reading.chains([recording_subject(pk) for pk in unknown], acts=TOLD_BY)
    for pk in unknown:
        chain = chains[recording_subject(pk)]
        fate = read_fate(chain)
        if fate.arrived:
            yield pk, chain, fate


def forgotten_holds() -> Iterator[Finding]:
    """Holds that the log says were placed and not lifted, and that the database does not have."""
    placed = {
        entry.subject: entry.at for page in reading.entries_of({Act.HOLD_PLACED}) for entry in page
    }
    for page in pages(placed):
        ids = {UUID(subject.partition(":")[2]): subject for subject in page}
        there = set(Hold.objects.filter(pk__in=ids).values_list("pk", flat=True))
        lifted = reading.chains(page, acts={Act.HOLD_LIFTED})
        for pk, subject in ids.items():
            if pk not in there and not lifted[subject]:
                yield Finding(
                    "rows",
                    "hold.forgotten",
                    subject,
                    f"The custody log says that hold {pk} was placed on {placed[subject]:%d %B %Y}"
                    " and not lifted, and the database has forgotten it. Find out what it bound and"
                    " place it again before you close the gap.",
                )
