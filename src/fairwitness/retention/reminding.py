"""Telling people in time of what nobody has marked or looked at: once each, and each time higher.

`STEPS` is the table: who is told and when. `due` is pure. A sweeper writes each telling once, as a
row and an entry; what it changes for the recording is nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Recording, State
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import looking
from fairwitness.retention.event_rows import Reminder
from fairwitness.retention.models import Announcement

UNMARKED: Final = "unmarked"
LOOK: Final = "look"
OFFICER: Final = "officer"
SUPERVISOR: Final = "supervisor"
MANAGER: Final = "manager"
STANDARDS: Final = "standards"
BY: Final = "system:reminders"
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told, and when.

    Attributes:
        told: the officer who wore it, the supervisor, the evidence manager, professional standards.
        span: for unmarked footage, how long before its last moment; for a look, how long after it
            was marked.
    """

    told: str
    span: timedelta


STEPS: Final[Mapping[str, tuple[Step, ...]]] = MappingProxyType(
    {
        UNMARKED: (
            Step(OFFICER, timedelta(days=17)),  # day 14 of 31
            Step(SUPERVISOR, timedelta(days=7)),  # day 24
            Step(MANAGER, timedelta(days=3)),  # day 28
        ),
        LOOK: (
            Step(SUPERVISOR, timedelta(0)),
            Step(MANAGER, timedelta(days=14)),
            Step(STANDARDS, timedelta(days=31)),
        ),
    }
)
"""The periods. Footage docked late is told of by what is left of it, not by its age."""


def due(about: str, *, day: datetime, at: datetime) -> tuple[str, ...]:
    """Who should have been told by now.

    Args:
        about: `UNMARKED` or `LOOK`.
        day: the last moment of unmarked footage; for a look, when it was marked.
        at: now.
    """
    sign = -1 if about == UNMARKED else 1
    return tuple(step.told for step in STEPS[about] if at >= day + sign * step.span)


def remind_due(*, at: datetime, batch: int = _BATCH) -> int:
    """Tell whoever is due to be told, all of them; returns how many tellings that were."""
    told = 0
    for step in STEPS[UNMARKED]:
        told += _tell_all(UNMARKED, step, unmarked(step, at), at, batch)
    for step in STEPS[LOOK]:
        marks = looking.waiting().filter(matched_at__lte=at - step.span)
        rows = Recording.objects.filter(
            pk__in=marks.order_by().values("recording"), state=State.LIVE
        )
        told += _tell_all(LOOK, step, rows, at, batch)
    return told


def _tell_all(about: str, step: Step, rows: QuerySet[Recording], at: datetime, batch: int) -> int:
    """A batch in each transaction, by their ids, until there are no more."""
    told = 0
    left = _untold(rows, about, step)
    while found := list(left[:batch]):
        told += _tell(about, step, found, at)
        left = _untold(rows.filter(pk__gt=found[-1].pk), about, step)
    return told


def unmarked(step: Step, at: datetime) -> QuerySet[Recording]:
    """Unmarked recordings within a step's span of their last moment.

    For their wearer as the wearer sees them, so that a silent hold changes nothing there.
    """
    if step.told != OFFICER:
        return going(step.span, at)
    return _plain().filter(
        Q(gone_by__gt=at, gone_by__lte=at + step.span) | Q(gone_by__isnull=True),
        shown_gone_by__gt=at,
        shown_gone_by__lte=at + step.span,
    )


def going(span: timedelta, at: datetime) -> QuerySet[Recording]:
    """Unmarked recordings that go within this time, as far as the force may know."""
    return _plain().filter(force_gone_by__gt=at, force_gone_by__lte=at + span)


def _plain() -> QuerySet[Recording]:
    return Recording.objects.filter(
        state=State.LIVE, evidential=False, category="", wearer__isnull=False, locked=False
    )


def _untold(rows: QuerySet[Recording], about: str, step: Step) -> QuerySet[Recording]:
    told = Reminder.objects.filter(recording=OuterRef("pk"), about=about, told=step.told)
    return rows.filter(~Exists(told)).order_by("pk")


def _tell(about: str, step: Step, rows: Sequence[Recording], at: datetime) -> int:
    with transaction.atomic():
        ids = [row.pk for row in rows]
        locked = Recording.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        fresh = list(_untold(locked, about, step))
        Reminder.objects.bulk_create(
            [Reminder(recording=row, about=about, told=step.told, at=at) for row in fresh]
        )
        if about == UNMARKED and step.told == OFFICER:
            _announce(fresh, at)
        ledger.append_many(_drafts(about, step, fresh, at))
    return len(fresh)


def _announce(rows: Iterable[Recording], at: datetime) -> None:
    Announcement.objects.bulk_create(
        [
            Announcement(
                officer_id=row.wearer_id,
                recording=row,
                text=f"Nobody has said what {row.reference} shows. Unmarked, it will be deleted.",
                at=at,
            )
            for row in rows
            if row.wearer_id is not None
        ]
    )


def _drafts(about: str, step: Step, rows: Sequence[Recording], at: datetime) -> list[Draft]:
    """Under the recording; a look of which the wearer must not learn, under its record."""
    silent: dict[object, str] = {}
    if about == LOOK:
        marks = looking.waiting().filter(recording__in=rows).select_related("event")
        open_ones = {each.recording_id for each in marks if not each.event.silent}
        silent = {
            each.recording_id: f"event:{each.event_id}"
            for each in marks
            if each.recording_id not in open_ones
        }
    return [
        Draft(
            subject=silent.get(row.pk, recording_subject(row.pk)),
            act=Act.RECORDING_REMINDED,
            actor=BY,
            at=at,
            detail={"about": about, "told": step.told, "recording": str(row.pk)},
        )
        for row in rows
    ]
