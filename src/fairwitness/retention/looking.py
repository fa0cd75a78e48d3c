"""A supervisor's look at what a record marks, and what is said of records without a recording.

Design rules:

1. A look is of a whole activation and ends every mark on it; then nothing but its own period keeps
   the footage, with seven days more, as after any human act.
2. For a record of force, search, arrest or complaint it must have been watched since it was marked;
   those of calls may be ticked off together.
3. Never by its wearer, nor by the officer whom a record is about.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, looks
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import gathering, releasing
from fairwitness.retention.event_rows import WATCHED, Event, EventMatch
from fairwitness.retention.gathering import Activation
from fairwitness.retention.releasing import Change


class LookInvalid(FairwitnessError):
    """A look at what nothing marks, at what was not watched, or that says nothing."""

    code = "look.invalid"


def unseen() -> QuerySet[EventMatch]:
    """What is marked and nobody has looked at, deleted or not, the longest waiting first."""
    return EventMatch.objects.filter(looked_at__isnull=True).order_by("matched_at", "pk")


def waiting() -> QuerySet[EventMatch]:
    """What is marked and nobody has looked at, and is still there.

    *Not deleted*, never *live*: all that lives would lead the way (ADR 0052).
    """
    return unseen().exclude(recording__state=State.DISPOSED)


def missing() -> QuerySet[Event]:
    """Records that no recording surely is of, and of which nobody has said why; newest first."""
    return Event.objects.filter(missing=True, explained_at__isnull=True).order_by("-begins_at")


def watched(*, matches: Sequence[EventMatch], officer: Officer) -> bool:
    """Whether this officer has watched each marked recording since it was marked."""
    return all(
        looks.watched(recording=each.recording_id, officer=officer, since=each.matched_at)
        for each in matches
        if each.event.kind in WATCHED
    )


def look(*, recordings: Sequence[UUID], reason: str, officer: Officer, at: datetime) -> int:
    """Say that one has looked at recordings that records mark; all or none.

    Returns:
        How many marks that ends.

    Raises:
        LookInvalid: nothing marks one of them, it was not watched, or nothing is said.
        NotAllowed: its wearer, whom a record is about, or somebody without the role.
        AlreadyGone: one of them has reached its day.
    """
    if not reason.strip():
        raise LookInvalid("Say what you saw, in a few words.")
    rows = _with_parts(recordings)
    _demand(rows, officer, at)
    ended = 0

    def act(activations: list[Activation]) -> None:
        nonlocal ended
        for each in activations:
            ended += _look(each, reason.strip(), officer, at)

    with transaction.atomic():
        for each in gathering.activations_of([row.pk for row in rows]):
            change = Change("look", authority.text(officer), at, silently=_silent(each))
            releasing.changing(recordings=[part.pk for part in each.parts], change=change, act=act)
        if not rows or not ended:
            raise LookInvalid("Nothing waits to be looked at there.", code="look.nothing")
    return ended


def explain(*, event: Event, reason: str, officer: Officer, at: datetime) -> None:
    """Say why there is no recording of an event.

    Raises:
        LookInvalid: no reason, or said before.
        NotAllowed: whom the record is about, or somebody without the role.
    """
    if not reason.strip():
        raise LookInvalid("Say why there is no recording.")
    authority.demand(
        actor=officer,
        action=Action.LOOK_AT_EVENT,
        subject=Subject(unit=event.unit.code if event.unit else None, wearer=event.officer_id),
        about=f"event:{event.pk}",
        at=at,
    )
    with transaction.atomic():
        done = (
            missing()
            .filter(pk=event.pk)
            .update(reason=reason.strip()[:300], explained_by=officer, explained_at=at)
        )
        if not done:
            raise LookInvalid("A colleague said why before.", code="look.explained")
        ledger.append(
            subject=f"event:{event.pk}",
            act=Act.EVENT_EXPLAINED,
            actor=authority.text(officer),
            at=at,
            reason=reason.strip()[:300],
            detail={"kind": event.kind, "reference": event.reference},
        )


def _with_parts(recordings: Sequence[UUID]) -> list[Recording]:
    """These and the parts that a look at them is of too: a record may be about one part only."""
    with transaction.atomic():
        found = gathering.activations_of(recordings)
    wanted = {*recordings, *(part.pk for each in found for part in each.parts)}
    return list(Recording.objects.select_related("unit", "wearer").filter(pk__in=wanted))


def _demand(rows: Sequence[Recording], officer: Officer, at: datetime) -> None:
    matches = waiting().filter(recording__in=rows).select_related("event")
    about = {each.recording_id for each in matches if each.event.officer_id == officer.pk}
    questions = []
    for row in rows:
        subject = circle.subject_of(recording=row, at=at, asking=officer.pk)
        if row.pk in about:  # whom the record is about is no nearer than the wearer
            subject = replace(subject, wearer=officer.pk)
        questions.append((subject, recording_subject(row.pk)))
    authority.demand_all(actor=officer, action=Action.LOOK_AT_EVENT, questions=questions, at=at)


def _silent(activation: Activation) -> bool:
    """Whether all that marks it is what the wearer must not learn of."""
    marks = waiting().filter(recording__in=activation.parts).select_related("event")
    return all(each.event.silent for each in marks)


def _look(activation: Activation, reason: str, officer: Officer, at: datetime) -> int:
    found = list(
        EventMatch.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(recording__in=activation.parts, looked_at__isnull=True)
        .order_by("pk")
    )
    if not watched(matches=found, officer=officer):
        raise LookInvalid("Watch it first: you say what you saw.", code="look.not_seen")
    EventMatch.objects.filter(pk__in=[each.pk for each in found]).update(
        looked_by=officer, looked_at=at
    )
    ledger.append_many([_draft(each, reason, officer, at) for each in found])
    return len(found)


def _draft(match: EventMatch, reason: str, officer: Officer, at: datetime) -> Draft:
    event = match.event
    return Draft(
        subject=f"event:{event.pk}" if event.silent else recording_subject(match.recording_id),
        act=Act.RECORDING_REVIEWED,
        actor=authority.text(officer),
        at=at,
        reason=reason,
        detail={
            "event": str(event.pk),
            "kind": event.kind,
            "reference": event.reference,
            "recording": str(match.recording_id),
        },
    )
