"""The figures month by month, per unit and category: each recording in the month it arrived in.

Recordings, and quarantined footage that never became one, are counted by the same conditions as
the public figures, in one pass, so that the months add up to them. Views are counted from the
custody log, by the reason given, in the month of the view; copies for court in the month they were
made in. Months are London's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    ExpressionWrapper,
    IntegerField,
    Max,
    Min,
    Q,
    Value,
    When,
)

from fairwitness.accountability import figures
from fairwitness.custody import reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.disclosure.models import Disclosure
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import Quarantine, QuarantineState

LONDON: Final = ZoneInfo("Europe/London")
VIEWED: Final = "viewed: "
"""Begins the measure of views for one reason."""

UNKNOWN_REASON: Final = "not known"
OWN: Final = "own recording"
_PREFIX: Final = "recording:"

OF_RECORDINGS: Final = (
    "received",
    "not_yet_due",
    "kept",
    "under_way",
    "lost",
    "deleted_by_rule",
    "deleted_by_person",
    "late",
)
UNASSIGNED: Final = "unassigned"
TOLD: Final = "told"
NOT_TOLD: Final = "not_told"
NO_ANSWER: Final = "told_unknown"
SHARED: Final = "shared"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One number: what, in which month (its first day), of which unit and category."""

    measure: str
    month: date
    unit: str
    category: str
    number: int


@dataclass(frozen=True, slots=True)
class Views:
    """Views counted, and how far into the log's tree they were."""

    cells: Counter[tuple[str, date, str]]
    until: int


def month_of(at: datetime) -> date:
    """The first day of the month that it was in London."""
    return at.astimezone(LONDON).date().replace(day=1)


def recordings(at: datetime) -> Iterator[Cell]:
    """What arrived, and where each of it is now, in one pass through the recordings."""
    span = Recording.objects.aggregate(first=Min("received_at"), last=Max("received_at"))
    if span["first"] is None:
        return
    months = list(months_between(month_of(span["first"]), month_of(max(span["last"], at))))
    names = [*OF_RECORDINGS, UNASSIGNED, TOLD, NOT_TOLD, NO_ANSWER]
    wanted = figures.counted(at, OF_RECORDINGS) | {
        f"n_{UNASSIGNED}": Count("pk", filter=Q(state="live", wearer__isnull=True)),
        f"n_{TOLD}": Count("pk", filter=Q(people_told=True)),
        f"n_{NOT_TOLD}": Count("pk", filter=Q(people_told=False)),
        f"n_{NO_ANSWER}": Count("pk", filter=Q(people_told__isnull=True)),
    }
    rows = (
        Recording.objects.order_by()
        .annotate(month=number_of("received_at", months))
        .values_list("month", "unit__code", "category")
        .annotate(**wanted)
    )
    for number, unit, category, *numbers in rows:
        for name, count in zip(names, numbers, strict=True):
            if count:
                yield Cell(name, months[number], unit or figures.NO_UNIT, category, count)


def quarantined() -> Iterator[Cell]:
    """Footage that never became a recording, in the month it arrived in."""
    found: Counter[tuple[str, date, str]] = Counter()
    rows = (
        Quarantine.objects.exclude(state=QuarantineState.RELEASED)
        .annotate(
            by_rule=ExpressionWrapper(Q(decided_by__isnull=True), output_field=BooleanField())
        )
        .values_list(
            "recording_id",
            "state",
            "arrived_at",
            "by_rule",
            "upload__dock__station__unit__code",
            "upload__officer__unit__code",
            "upload__axis__station__unit__code",
        )
    )
    for _pk, state, arrived_at, by_rule, *units in rows.distinct().iterator(1000):
        unit = next(filter(None, units), figures.NO_UNIT)
        month = month_of(arrived_at)
        if state in {QuarantineState.HELD, QuarantineState.BINNED}:
            measure = "in_quarantine"
        else:
            measure = "deleted_by_rule" if by_rule else "deleted_by_person"
        found["received", month, unit] += 1
        found[measure, month, unit] += 1
    return (Cell(*key, "", number) for key, number in found.items())


def shared() -> Iterator[Cell]:
    """Copies for court that were made."""
    found: Counter[tuple[date, str]] = Counter()
    for made_at, unit in Disclosure.objects.values_list("made_at", "case__unit__code").iterator(
        1000
    ):
        found[month_of(made_at), unit] += 1
    return (Cell(SHARED, month, unit, "", number) for (month, unit), number in found.items())


def views(since: int) -> Views:
    """Views that the log holds from this place in its tree on, by reason, month and unit."""
    found: Counter[tuple[str, date, str]] = Counter()
    until = since
    for until, entries in reading.placed(Act.RECORDING_VIEWED, since=since):  # noqa: B007 - the last one is kept
        units = _units([entry.entry.subject for entry in entries])
        for entry in entries:
            if entry.body is not None and "only" in entry.body.detail:
                continue  # a still in a list: no viewing
            unit = units.get(entry.entry.subject, figures.NO_UNIT)
            found[_reason(entry), month_of(entry.entry.at), unit] += 1
    return Views(found, until)


def _reason(row: HistoryRow) -> str:
    if row.body is None:
        return UNKNOWN_REASON
    task = row.body.detail.get("task")
    return str(task) if task else OWN


def _units(subjects: list[str]) -> dict[str, str]:
    ids = {UUID(subject.removeprefix(_PREFIX)): subject for subject in subjects}
    wanted = list(ids)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        rows = Recording.objects.filter(pk__in=wanted[start : start + 500], unit__isnull=False)
        found |= {ids[pk]: unit for pk, unit in rows.values_list("pk", "unit__code")}
    return found


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of these months and of all between."""
    month = first
    while month <= last:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def number_of(column: str, months: list[date]) -> Case:
    """Which of these months a time lies in, decided by the database."""
    ends = [datetime(*_next(month).timetuple()[:3], tzinfo=LONDON) for month in months]
    return Case(
        *(
            When(**{f"{column}__lt": Value(end, output_field=DateTimeField())}, then=Value(place))
            for place, end in enumerate(ends)
        ),
        default=Value(len(months) - 1),
        output_field=IntegerField(),
    )
