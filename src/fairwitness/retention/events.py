"""Marking recordings by events: when a record comes, when footage comes, and again by a sweeper.

Design rules:

1. `event_matching.matches` decides; what is asked of the database is all that may match.
2. A mark is never taken away: a corrected record adds marks, and a supervisor's look ends one.
3. An event that nothing surely matches is matched again daily, for footage whose wearer becomes
   known and for what two transactions did not see of each other.
4. Recordings are locked before the event that marks them, whoever does it: arrival, list, look.
5. An event of which the officer concerned must see no trace writes under itself, not under the
   recording, and gives the recording no number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import dates, event_matching, gathering
from fairwitness.retention.event_matching import LEAD, Answer, Footage, Wanted
from fairwitness.retention.event_rows import SILENT, Event, EventMatch

SOON: Final = timedelta(minutes=1)
AGAIN: Final = timedelta(days=1)
DOCKED_WITHIN: Final = timedelta(days=45)
"""Footage docked later than this after an event is not sought by it."""

BY_RECORD: Final = "system:records"
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Sought:
    """What matches an event, deleted ones too, and those of them that are there, locked."""

    answers: Mapping[Recording, Answer]
    there: Mapping[UUID, Recording]


def seek(event: Event, *, at: datetime) -> Sought:
    """Find what matches an event, and lock what is still there, in the caller's transaction.

    The event need not be kept yet, and is locked after this: whoever holds a recording's lock may
    go on to mark it by the same event, and would wait for us while we wait for the recording.
    """
    ledger.demand_transaction()
    answers = {row: _answer(event, row) for row in _candidates(event)}
    found = {row: answer for row, answer in answers.items() if answer is not Answer.NO}
    living = dates.still_there(
        [row.pk for row in found if row.state == State.LIVE], at, for_force=True
    )
    return Sought(found, {part.pk: part for each in living for part in each.parts})


def mark(event: Event, sought: Sought, *, at: datetime) -> tuple[int, int, int]:
    """Mark by a locked event what was sought for it, in the same transaction.

    Returns:
        How many recordings surely match, how many may, and how many of either are gone already.
    """
    ledger.demand_transaction()
    answers, there = sought.answers, sought.there
    kept = [row for row in answers if row.pk in there]
    _mark(event, [(there[row.pk], answers[row]) for row in kept], at)
    dates.recompute_many([row.pk for row in kept], at)
    event.missing = Answer.YES not in answers.values()
    surely = sum(answers[row] is Answer.YES for row in kept)
    return surely, len(kept) - surely, len(answers) - len(kept)


def match_arrival(recording: Recording, at: datetime) -> bool:
    """Mark a recording that just arrived by the events that it is of; whether there were any.

    Runs in the transaction of its registration; `dates.recompute` comes after it.
    """
    ledger.demand_transaction()
    events = Event.objects.select_related("unit", "station").filter(
        _of(recording),
        begins_at__lte=recording.docked_at + LEAD,
        begins_at__gte=recording.docked_at - DOCKED_WITHIN,
    )
    marked = False
    for event in events.order_by("received_at", "pk"):
        answer = _answer(event, recording)
        if answer is Answer.NO:
            continue
        _mark(event, [(recording, answer)], at)
        marked = True
        if answer is Answer.YES:
            Event.objects.filter(pk=event.pk).update(missing=False)
    return marked


def any_events() -> bool:
    """Whether there is any event that what arrives may be of."""
    return Event.objects.exists()


def match_again(*, at: datetime, limit: int = _BATCH) -> int:
    """Match again the events whose time for that has come; returns how many that were."""
    due = Event.objects.filter(look_again_at__lte=at).order_by("look_again_at")
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        done += _match_again(pk, at)
    return done


@transaction.atomic
def _match_again(pk: UUID, at: datetime) -> bool:
    events = Event.objects.select_related("unit", "station")
    seen = events.get(pk=pk)
    sought = seek(seen, at=at)
    event = (
        events.select_for_update(of=("self",))
        .filter(pk=pk, version=seen.version, look_again_at__lte=at)
        .first()
    )
    if event is None:  # done by another, or another version came, which is matched soon
        return False
    mark(event, sought, at=at)
    waits = event.missing and at < event.ends_at + DOCKED_WITHIN
    event.look_again_at = at + AGAIN if waits else None
    event.save(update_fields=["missing", "look_again_at"])
    return True


def _candidates(event: Event) -> list[Recording]:
    """All recordings that may match, deleted ones too, by the indexes that there are."""
    rows = Recording.objects.select_related("unit", "station").filter(
        docked_at__gte=event.begins_at - LEAD, docked_at__lte=event.ends_at + DOCKED_WITHIN
    )
    if event.officer_id is not None:
        found = list(rows.filter(wearer=event.officer_id))
        unknown = rows.filter(wearer__isnull=True, state=State.LIVE)
        if event.unit_id is not None:
            unknown = unknown.filter(Q(unit=event.unit_id) | Q(unit__isnull=True))
        return found + list(unknown)
    if event.camera_id is not None:
        return list(rows.filter(camera=event.camera_id))
    return list(rows.filter(incident=event.incident))


def _of(recording: Recording) -> Q:
    """The events that a recording may be of."""
    of = Q(pk__in=[])
    if recording.camera_id is not None:
        of |= Q(camera=recording.camera_id, officer__isnull=True)
    if recording.incident:
        of |= Q(incident=recording.incident, officer__isnull=True, camera__isnull=True)
    if recording.wearer_id is not None:
        return of | Q(officer=recording.wearer_id)
    if recording.provenance == Provenance.IMPORTED:
        return of
    if recording.unit_id is None:
        return of | Q(officer__isnull=False)
    return of | Q(officer__isnull=False, unit=recording.unit_id)


def _answer(event: Event, recording: Recording) -> Answer:
    return event_matching.matches(_wanted(event), _footage(recording))


def _wanted(event: Event) -> Wanted:
    return Wanted(
        officer=event.officer_id,
        camera=event.camera_id,
        unit=event.unit.code if event.unit else None,
        station=event.station.code if event.station else None,
        incident=event.incident,
        begins_at=event.begins_at,
        ends_at=event.ends_at,
    )


def _footage(recording: Recording) -> Footage:
    ahead = None
    least, most = recording.clock_ahead_us_min, recording.clock_ahead_us_max
    if recording.clock_checked and least is not None and most is not None:
        ahead = (gathering.microseconds(least), gathering.microseconds(most))
    return Footage(
        officer=recording.wearer_id,
        camera=recording.camera_id,
        unit=recording.unit.code if recording.unit else None,
        station=recording.station.code if recording.station else None,
        incident=recording.incident,
        started=recording.started_at,
        ended=recording.ended_at,
        ahead=ahead,
        docked_at=recording.docked_at,
        worn=recording.provenance != Provenance.IMPORTED,
    )


def _mark(event: Event, found: Sequence[tuple[Recording, Answer]], at: datetime) -> None:
    """Mark recordings whose rows are locked; those marked before stay as they are."""
    known = set(
        event.matches.filter(recording__in=[row.pk for row, _ in found]).values_list(
            "recording_id", flat=True
        )
    )
    fresh = [(row, answer) for row, answer in found if row.pk not in known]
    EventMatch.objects.bulk_create(
        [
            EventMatch(event=event, recording=row, certain=answer is Answer.YES, matched_at=at)
            for row, answer in fresh
        ]
    )
    drafts = []
    for row, answer in fresh:
        number = _number(event, row, answer)
        drafts.append(_draft(event, row, answer, number, at))
    ledger.append_many(drafts)


def _number(event: Event, recording: Recording, answer: Answer) -> str:
    """Give the recording the event's number, where it surely is of it and has none."""
    if answer is not Answer.YES or recording.incident or not event.incident:
        return ""
    if event.kind in SILENT:
        return ""
    recording.incident = event.incident
    recording.save(update_fields=["incident"])
    return event.incident


def _draft(event: Event, recording: Recording, answer: Answer, number: str, at: datetime) -> Draft:
    return Draft(
        subject=f"event:{event.pk}" if event.silent else recording_subject(recording.pk),
        act=Act.EVENT_MATCHED,
        actor=BY_RECORD,
        at=at,
        detail={
            "event": str(event.pk),
            "kind": event.kind,
            "reference": event.reference,
            "recording": str(recording.pk),
            "certain": answer is Answer.YES,
            **({"incident": number} if number else {}),
        },
    )
