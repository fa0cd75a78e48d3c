"""What will be deleted is listed first, and the list is committed to the custody log.

Design rules:

1. A list names recordings with the time by which they are gone. Its digest goes into the custody
   log, so that docks and witnesses hold it before anything happens.
2. A run disposes only of what was listed, with that very time, at least `NOTICE` before. A date
   that moved is listed anew. Every human act leaves seven days, so that the notice always fits.
3. Lists reach `HORIZON` ahead, so that a server that was down for a week finds what fell due
   meanwhile on lists made before, and disposes of it at once.
4. A list whose lines don't match its digest in the log is not believed: that is an anomaly.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from fairwitness.custody import ledger, reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import columns
from fairwitness.evidence.models import Recording, State
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.retention.models import DisposalListing, ListedDisposal

NOTICE = timedelta(hours=48)
HORIZON = timedelta(days=14)
LONGEST = 1000
"""Lines in one list; a longer one is cut into several."""

SUBJECT = "retention"
_CHUNK = 500


class ListMismatch(FairwitnessError):
    """A list of deletions says something else than the custody log says it did."""

    code = "disposal.list_mismatch"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: a recording, and when it is gone."""

    recording: UUID
    due: datetime


def commit_lists(at: datetime) -> list[DisposalListing]:
    """List what falls due within the horizon and is not listed with its date; few transactions."""
    made = []
    while lines := [Line(pk, due) for pk, due in _unlisted(at)[:LONGEST] if due is not None]:
        try:
            with transaction.atomic():
                made.append(_commit(lines, at))
        except IntegrityError:
            continue  # another sweep listed some of them meanwhile; see what is left
    return made


def listed(lines: Iterable[Line], *, at: datetime) -> set[Line]:
    """Which of these were listed with the very same date at least `NOTICE` ago.

    Raises:
        ListMismatch: a list that names one of them is not what the custody log says.
    """
    wanted = {line.recording: line for line in lines}
    found: set[Line] = set()
    lists: set[int] = set()
    ids = list(wanted)
    for start in range(0, len(ids), _CHUNK):
        rows = ListedDisposal.objects.filter(
            recording_id__in=ids[start : start + _CHUNK], listing__committed_at__lte=at - NOTICE
        ).values_list("recording_id", "due", "listing_id")
        for recording, due, made in rows:
            if wanted[recording].due == due:
                found.add(wanted[recording])
                lists.add(made)
    for listing in DisposalListing.objects.filter(pk__in=lists):
        _demand_unchanged(listing)
    return found


def digest(lines: Sequence[Line]) -> str:
    """SHA-256, in hexadecimal, of the lines `<recording> <due>`, sorted, each ended by LF."""
    text = "".join(
        f"{line.recording} {timestamp.text(line.due)}\n"
        for line in sorted(lines, key=lambda line: (line.recording, line.due))
    )
    return hashlib.sha256(text.encode()).hexdigest()


def matches(listing: DisposalListing) -> bool:
    """Whether a list is the one that the custody log knows."""
    row = reading.find(bytes.fromhex(listing.entry_leaf))
    lines = [Line(pk, due) for pk, due in listing.lines.values_list("recording_id", "due")]
    return (
        row is not None
        and row.body is not None
        and row.body.detail.get("digest") == digest(lines)
        and row.entry.act is Act.DISPOSAL_RUN_LISTED
        and row.entry.at == listing.committed_at
    )


def forget(listing: DisposalListing) -> None:
    """Drop the lines of a list that can't be believed, so that they are listed anew."""
    listing.lines.all().delete()


def _unlisted(at: datetime) -> "QuerySet[Recording, tuple[UUID, datetime | None]]":
    same = ListedDisposal.objects.filter(recording_id=OuterRef("pk"), due=OuterRef("gone_by"))
    return (
        Recording.objects.filter(state=State.LIVE, gone_by__lt=at + HORIZON)
        .exclude(Exists(same))
        .order_by("gone_by", "pk")
        .values_list("pk", "gone_by")
    )


def _commit(lines: Sequence[Line], at: datetime) -> DisposalListing:
    fingerprint = digest(lines)
    entry = ledger.append(
        subject=SUBJECT,
        act=Act.DISPOSAL_RUN_LISTED,
        actor="system:retention",
        at=at,
        reason="what will be deleted",
        detail={
            "count": len(lines),
            "digest": fingerprint,
            "first": timestamp.text(lines[0].due),
            "last": timestamp.text(lines[-1].due),
        },
    )
    listing = DisposalListing.objects.create(
        committed_at=at,
        count=len(lines),
        digest=fingerprint,
        entry_leaf=entry.leaf_hash.hex(),
    )
    columns.insert(
        [
            ListedDisposal(listing=listing, recording_id=each.recording, due=each.due)
            for each in lines
        ]
    )
    return listing


def _demand_unchanged(listing: DisposalListing) -> None:
    if not matches(listing):
        raise ListMismatch(
            f"The list of deletions of {timestamp.text(listing.committed_at)} is not the one that "
            "the custody log knows. Nothing on it is deleted until two people have looked."
        )
