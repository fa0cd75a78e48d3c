"""What the log knows of and no rebuild brings back: people have to do it again.

The acts are in the log, their particulars went with the database. A record that its officer must
not learn of writes nothing under the recording, so that nobody knows any more which one it marked.
An early deletion that was agreed can't be told from one that was only asked for, and whom it takes
is not known: the recording is kept as any other.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from fairwitness.accountability.findings import Finding
from fairwitness.accountability.paging import pages
from fairwitness.custody import gaps, reading
from fairwitness.evidence.models import Recording, State
from fairwitness.formats.acts import Act
from fairwitness.retention.models import EarlyDeletion, Event

_RECORDING: Final = "recording:"
_EVENT: Final = "event:"


def early_deletions() -> Iterator[Finding]:
    """Living recordings whose early deletion was asked for, not refused since, and is forgotten."""
    asked = {
        entry.subject: entry.at
        for page in reading.entries_of({Act.RECORDING_DELETION_REQUESTED})
        for entry in page
    }
    acts = {Act.RECORDING_DELETION_REQUESTED, Act.RECORDING_DELETION_REFUSED}
    for page in pages(asked):
        ids = {UUID(subject.removeprefix(_RECORDING)): subject for subject in page}
        living = Recording.objects.filter(pk__in=ids, state=State.LIVE)
        there = set(living.values_list("pk", flat=True))
        there -= set(
            EarlyDeletion.objects.filter(recording__in=ids).values_list("recording_id", flat=True)
        )
        chains = reading.chains(page, acts=acts)
        for pk in sorted(there):
            if chains[ids[pk]][-1].act is Act.RECORDING_DELETION_REQUESTED:
                yield Finding(
                    "rows",
                    "early_deletion.forgotten",
                    ids[pk],
                    f"The custody log says that an early deletion of {pk} was asked for on"
                    f" {asked[ids[pk]]:%d %B %Y} and not refused; whether it was agreed went with"
                    " the database. It is kept as any other: if it should go early, ask again.",
                )


def silent_records() -> Iterator[Finding]:
    """While a gap is open: records that marked a recording in silence, and that are forgotten."""
    if gaps.open_gap() is None:
        return
    marked = {
        entry.subject: entry.at
        for page in reading.entries_of({Act.EVENT_MATCHED})
        for entry in page
        if entry.subject.startswith(_EVENT)
    }
    for page in pages(marked):
        ids = {UUID(subject.removeprefix(_EVENT)): subject for subject in page}
        there = set(Event.objects.filter(pk__in=ids).values_list("pk", flat=True))
        chains = reading.chains(page, acts={Act.EVENT_MATCHED, Act.RECORDING_REVIEWED})
        for pk, subject in ids.items():
            acts = [entry.act for entry in chains[subject]]
            waits = acts.count(Act.EVENT_MATCHED) > acts.count(Act.RECORDING_REVIEWED)
            if pk not in there and waits:
                yield Finding(
                    "rows",
                    "event.forgotten",
                    subject,
                    f"The custody log says that record {pk} marked a recording on"
                    f" {marked[subject]:%d %B %Y} without its officer's knowledge, and the"
                    " database has forgotten which. Bring the lists of that time in again before"
                    " you close the gap, or the recording goes on its day.",
                )
