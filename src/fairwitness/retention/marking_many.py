"""Marking many recordings at one desk: each with its own incident and categories.

The same checks, rows and custody entries as `marking`, one act a recording, in one transaction and
with a handful of queries. All of it happens, or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence import columns
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import categories, marking, releasing
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.gathering import Activation
from fairwitness.retention.marking import MarkInvalid
from fairwitness.retention.models import CategoryMark, Review
from fairwitness.retention.releasing import Change

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """What one recording is marked with.

    Attributes:
        recording: any part of it.
        codes: its categories from now on.
        incident: marks it evidential; without one it is only categorised.
    """

    recording: UUID
    codes: tuple[str, ...]
    incident: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A mark whose categories were looked up."""

    lines: tuple[CategoryFacts, ...]
    incident: str
    look: date


def mark(*, marks: Sequence[Mark], officer: Officer, at: datetime) -> None:
    """Categorise or mark evidential many recordings, each as said.

    Args:
        marks: one for each activation.
        officer: who marks them all.
        at: now.

    Raises:
        MarkInvalid: two marks for one activation, no category, or a category without end and no
            incident.
        CategoryUnknown, NotAllowed, AlreadyGone: nothing is changed.
    """
    table = categories.current()
    lines = {codes: categories.named(codes, table) for codes in {each.codes for each in marks}}
    wanted = {each.recording: _read(each, lines[each.codes], at) for each in marks}
    if len(wanted) != len(marks):
        raise MarkInvalid("The same recording is marked twice.")
    for evidential, action in ((False, Action.CATEGORISE), (True, Action.MARK_EVIDENTIAL)):
        if some := [pk for pk, each in wanted.items() if bool(each.incident) is evidential]:
            marking.demand(some, officer, action, at)

    def act(activations: list[Activation]) -> None:
        _write(_paired(activations, wanted), officer, at)

    with transaction.atomic():
        change = Change("category", authority.text(officer), at)
        releasing.changing(recordings=wanted, change=change, act=act)


def _read(one: Mark, lines: tuple[CategoryFacts, ...], at: datetime) -> _Wanted:
    incident = one.incident.strip()
    if not lines:
        raise MarkInvalid("Give a category.")
    if not incident and any(line.days is None for line in lines):
        raise MarkInvalid(
            f"{lines[0].name} keeps footage until a review decides. Give an incident or case"
            " number."
        )
    return _Wanted(lines, incident, marking.review_day(lines, at))


def _paired(
    activations: Sequence[Activation], wanted: Mapping[UUID, _Wanted]
) -> list[tuple[Recording, _Wanted]]:
    pairs = []
    for each in activations:
        said = [wanted[part.pk] for part in each.parts if part.pk in wanted]
        if len(said) != 1:
            raise MarkInvalid("Two parts of one activation are marked apart.")
        if not said[0].incident and any(part.evidential for part in each.parts):
            raise MarkInvalid("Evidence is un-marked by two people, not categorised anew.")
        pairs += [(part, said[0]) for part in each.parts]
    return pairs


def _write(pairs: Sequence[tuple[Recording, _Wanted]], officer: Officer, at: datetime) -> None:
    parts = [part for part, _ in pairs]
    CategoryMark.objects.filter(recording__in=parts).delete()
    columns.insert(
        [
            CategoryMark(recording=part, code=line.code, at=at)
            for part, each in pairs
            for line in each.lines
        ]
    )
    for part, each in pairs:
        part.category = categories.governing(each.lines)
        if each.incident:
            part.evidential, part.incident = True, each.incident
    columns.write(parts, ["category", "evidential", "incident"])
    Review.objects.bulk_create(
        [
            Review(recording=part, due_on=each.look, marked_by=officer, marked_at=at)
            for part, each in pairs
            if each.incident
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["recording"],
        update_fields=["due_on", "marked_by", "marked_at"],
    )
    ledger.append_many([_draft(part, each, officer, at) for part, each in pairs])


def _draft(part: Recording, each: _Wanted, officer: Officer, at: datetime) -> Draft:
    detail: dict[str, Detail] = {"categories": [line.code for line in each.lines]}
    if each.incident:
        detail |= {"incident": each.incident, "review_on": each.look.isoformat()}
    return Draft(
        subject=recording_subject(part.pk),
        act=Act.RECORDING_MARKED_EVIDENTIAL if each.incident else Act.RECORDING_CATEGORISED,
        actor=authority.text(officer),
        at=at,
        detail=detail,
    )
