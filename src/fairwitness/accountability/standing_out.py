"""Looking for what stands out, keeping it, and closing it with a note.

A question is found again at each look while it stands. Once closed it is not asked again for as
long as what it counted still counts (`anomalies.counts_for`), whatever comes meanwhile; if it
stands out then, it is asked anew. Nobody is shown a question about themselves, nor one about who
looks at what they recorded; and the force none about the independent investigation's people.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fairwitness.accountability import anomalies, log_reading, thresholds
from fairwitness.accountability.anomalies import (
    Broken,
    CopyMade,
    Facts,
    Kind,
    Missing,
    Refusal,
    Thresholds,
    View,
)
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.custody import gaps, ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.disclosure.models import USUAL_PURPOSE, Disclosure
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import apart_from_force
from fairwitness.evidence.leave_rows import BrokenGlass
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.force import authority
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import CounterGap

SUBJECT: Final = "audit"
MOST_REFUSALS: Final = 1000
"""So many refusals of each act one look takes in, the last ones; that it reached it is told."""
_LOCKED: Final = "permission.locked"


class ClosingInvalid(FairwitnessError):
    """A question closed without a note, twice, or about oneself."""

    code = "anomaly.closing_invalid"


def look(*, at: datetime) -> int:
    """Ask all rules; returns how many questions are new."""
    limits = thresholds.current()
    found = anomalies.questions(_facts(at, limits), limits)
    asked = {
        (row.kind, row.about, row.concerns): row
        for row in Anomaly.objects.filter(_recent(at, limits)).order_by("pk")
        if row.closed_at is None
        or row.closed_at > at - anomalies.counts_for(Kind(row.kind), limits)
    }
    fresh = []
    for each in found:
        row = asked.get((each.kind.value, each.about, each.concerns))
        if row is None:
            fresh.append(
                Anomaly(
                    kind=each.kind.value,
                    about=each.about,
                    concerns=each.concerns,
                    number=each.number,
                    found_at=at,
                    seen_at=at,
                )
            )
        elif row.closed_at is None:
            Anomaly.objects.filter(pk=row.pk).update(number=each.number, seen_at=at)
    Anomaly.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def open_ones(*, reader: Officer, at: datetime) -> QuerySet[Anomaly]:
    """What nobody has closed, the newest first, without what this reader is not to know."""
    return _for(reader, at).filter(closed_at=None).order_by("-found_at", "-pk")


def closed_ones(*, reader: Officer, at: datetime) -> QuerySet[Anomaly]:
    """What was closed, the last first."""
    found = _for(reader, at).filter(closed_at__isnull=False)
    return found.select_related("closed_by").order_by("-closed_at", "-pk")


def note_reading(*, reader: Officer, shown: int, at: datetime) -> None:
    """Write down that somebody read the questions.

    Raises:
        NotAllowed: this person does not read the log.
    """
    log_reading.demand(officer=reader, at=at)
    with transaction.atomic():
        ledger.append(
            subject=gaps.SUBJECT,
            act=Act.LOG_READ,
            actor=authority.text(reader),
            at=at,
            reason="what stands out",
            detail={"list": "anomalies", "shown": shown},
        )


def close(*, anomaly: int, officer: Officer, note: str, at: datetime) -> None:
    """Say what one found when one looked.

    Raises:
        NotAllowed: this person does not read the log.
        ClosingInvalid: no note, or no such open question for this person.
    """
    log_reading.demand(officer=officer, at=at)
    if not note.strip():
        raise ClosingInvalid("Say what you looked at, and what you found.")
    with transaction.atomic():
        row = _for(officer, at).filter(pk=anomaly, closed_at=None).select_for_update().first()
        if row is None:
            raise ClosingInvalid("There is no such open question.")
        Anomaly.objects.filter(pk=row.pk).update(closed_at=at, closed_by=officer, note=note.strip())
        ledger.append(
            subject=SUBJECT,
            act=Act.AUDIT_FINDING_CLOSED,
            actor=authority.text(officer),
            at=at,
            reason=note.strip(),
            detail={"kind": row.kind, "about": str(row.about), "number": row.number},
        )


def _for(reader: Officer, at: datetime) -> QuerySet[Anomaly]:
    shown = Anomaly.objects.exclude(Q(about=reader.pk)).exclude(Q(concerns=reader.pk))
    if apart_from_force.is_oversight(reader.pk, at):
        return shown
    theirs = RoleGrant.objects.filter(role=Role.INDEPENDENT_INVESTIGATOR.value)
    return shown.exclude(about__in=theirs.values("officer"))


def _recent(at: datetime, limits: Thresholds) -> Q:
    """Open ones, and those closed so lately that what they count is still counted."""
    longest = max(limits.window, limits.same_window, limits.gap_window)
    return Q(closed_at__isnull=True) | Q(closed_at__gt=at - longest)


def _facts(at: datetime, limits: Thresholds) -> Facts:
    since = at - max(limits.window, limits.same_window)
    views = tuple(_views(since))
    lately = at - limits.window
    by_night = {each.by for each in views if each.at >= lately and anomalies.is_night(each.at)}
    on_duty = Recording.objects.filter(
        wearer__in=by_night, started_at__gte=lately - limits.duty
    ).values_list("wearer_id", "started_at")
    refused, cut_at = _refused(at - limits.window)
    return Facts(
        at=at,
        views=views,
        refusals=tuple(_refusals(refused)),
        missing=tuple(
            Missing(*row)
            for row in CounterGap.objects.filter(
                named_at__gte=at - 2 * limits.gap_window, explained_at=None
            ).values_list("camera_id", "named_at")
        ),
        broken=tuple(
            Broken(*row)
            for row in BrokenGlass.objects.filter(judged_at=None).values_list(
                "officer_id", "recording__wearer_id", "broken_at"
            )
        ),
        on_duty=tuple((wearer, began) for wearer, began in on_duty if began is not None),
        copies=tuple(
            CopyMade(*row)
            for row in Disclosure.objects.filter(
                made_at__gte=at - limits.same_window,
                hearing_on=None,
                hearing_asked=True,
                purpose=USUAL_PURPOSE,
            ).values_list("made_by_id", "made_at")
        ),
        cut_at=cut_at,
    )


def _views(since: datetime) -> Iterator[View]:
    """Viewings of what others wore, no stills in lists; found by their end, which has an index."""
    rows = Viewing.objects.filter(expires_at__gte=since, granted_at__gte=since, only="").exclude(
        officer=F("recording__wearer")
    )
    for officer, wearer, at in rows.values_list("officer_id", "recording__wearer_id", "granted_at"):
        yield View(officer, wearer, at)


def _refused(since: datetime) -> tuple[list[HistoryRow], int]:
    """The last refusals of each act; and how many, where there may be more."""
    found: list[HistoryRow] = []
    cut = False
    for act in (Act.ACCESS_REFUSED, Act.RECORDING_VIEW_REFUSED):
        rows = ledger.search(act=act, since=since, limit=MOST_REFUSALS)
        found += rows
        cut = cut or len(rows) == MOST_REFUSALS
    return found, len(found) if cut else 0


def _refusals(found: Sequence[HistoryRow]) -> Iterator[Refusal]:
    named = {row.entry_id: _recording(row.entry.subject) for row in found}
    wearers = dict(
        Recording.objects.filter(pk__in={pk for pk in named.values() if pk}).values_list(
            "pk", "wearer_id"
        )
    )
    for row in found:
        kind, _, pk = (row.body.actor if row.body else "").partition(":")
        if kind == "officer":
            by, about = UUID(pk), named[row.entry_id]
            worn = about is not None and wearers.get(about) == by
            locked = row.body is not None and row.body.detail.get("code") == _LOCKED
            own = worn and locked and row.entry.act is Act.RECORDING_VIEW_REFUSED
            yield Refusal(by, row.entry.at, own)


def _recording(subject: str) -> UUID | None:
    kind, _, pk = subject.partition(":")
    return UUID(pk) if kind == "recording" else None
