"""Producing many recordings as exhibits of one case: the same rows and entries as `producing`.

The questions are asked of all before the first is produced. Each few are one transaction, with a
handful of queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.cases import case_leave, opening, producing
from fairwitness.cases.models import Case, CaseState, Exhibit
from fairwitness.cases.producing import ExhibitInvalid
from fairwitness.custody import ledger
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import gathering, placing_many
from fairwitness.retention.models import HoldBinding

_TOGETHER: Final = 10
"""Exhibits written in one transaction, which must not last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recording that is to be an exhibit, who answers for it in court, and what it is."""

    recording: Recording
    producer: Officer
    title: str


def produce(
    *, case: Case, wanted: Sequence[Wanted], officer: Officer, at: datetime
) -> tuple[Exhibit, ...]:
    """Produce many recordings as exhibits of one case, numbered in the order given.

    What is an exhibit of the case already, as another part or from an earlier time, stays as it
    is; so repeating this ends what was cut short.

    Raises:
        ExhibitInvalid, NothingToHold, NotAllowed: as `producing.produce`.
    """
    for each in wanted:
        producing.read(None, each.producer, each.title)
    _demand(case, [each.recording for each in wanted], officer, at)
    made: list[Exhibit] = []
    for start in range(0, len(wanted), _TOGETHER):
        with transaction.atomic():
            made += _write(case, wanted[start : start + _TOGETHER], officer, at)
    return tuple(made)


def _demand(case: Case, recordings: Sequence[Recording], officer: Officer, at: datetime) -> None:
    subjects = circle.subjects_of(recordings=recordings, at=at, task=TaskKind.CASE)
    about = [recording_subject(each.pk) for each in recordings]
    authority.demand_all(
        actor=officer,
        action=Action.PRODUCE_EXHIBIT,
        questions=[
            (opening.subject_of(case), opening.about(case)),
            *zip(subjects, about, strict=True),
        ],
        at=at,
    )


def _write(case: Case, wanted: Sequence[Wanted], officer: Officer, at: datetime) -> list[Exhibit]:
    """Number the exhibits, place their holds and write it all, in the caller's transaction."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    if case.state != CaseState.OPEN:
        raise ExhibitInvalid(f"{case} is closed. Reopen it first.", code="exhibit.case_closed")
    exhibits = _numbered(case, _not_yet(case, wanted), officer, at)
    if not exhibits:
        return []
    placed = placing_many.place(
        wanted=[
            placing_many.Wanted(producing.terms_of(each, case, at), (each.recording_id,))
            for each in exhibits
        ],
        owner=officer,
        at=at,
    )
    drafts = []
    for exhibit, hold in zip(exhibits, placed, strict=True):
        exhibit.hold_id = hold.hold
        drafts += producing.produced(exhibit, case, hold.bound, at)
    Exhibit.objects.bulk_create(exhibits)
    ledger.append_many(drafts)
    case_leave.cover(case=case, at=at)
    return exhibits


def _not_yet(case: Case, wanted: Sequence[Wanted]) -> list[Wanted]:
    """What is no exhibit of a locked case, one recording of each activation; locks them all."""
    parts = _together([each.recording.pk for each in wanted])
    asked = {pk for each in wanted for pk in parts.get(each.recording.pk, (each.recording.pk,))}
    taken = set(
        HoldBinding.objects.filter(
            recording__in=asked, hold__exhibit__case=case, hold__exhibit__withdrawn_at__isnull=True
        ).values_list("recording_id", flat=True)
    )
    fresh = []
    for each in wanted:
        if each.recording.pk not in taken:
            taken.update(parts.get(each.recording.pk, (each.recording.pk,)))
            fresh.append(each)
    return fresh


def _together(recordings: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Each living part of the activations of these, once locked, with all parts of its own."""
    found: dict[UUID, tuple[UUID, ...]] = {}
    for activation in gathering.activations_of(recordings):
        together = tuple(part.pk for part in activation.parts)
        found |= dict.fromkeys(together, together)
    return found


def _numbered(
    case: Case, wanted: Sequence[Wanted], officer: Officer, at: datetime
) -> list[Exhibit]:
    initials = {each.producer.initials for each in wanted}
    numbers = {each: producing.next_number(case, each) for each in sorted(initials)}
    exhibits = []
    for each in wanted:
        number = numbers[each.producer.initials]
        numbers[each.producer.initials] += 1
        exhibits.append(
            Exhibit(
                case=case,
                initials=each.producer.initials,
                number=number,
                reference=f"{each.producer.initials}/{number}",
                title=each.title.strip(),
                producer=each.producer,
                recording=each.recording,
                produced_by=officer,
                produced_at=at,
            )
        )
    return exhibits
