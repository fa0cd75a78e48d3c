"""Producing recordings as exhibits, and withdrawing them.

The reference is the producer's initials and a number, `ABC/1`. The producer is chosen: it is who
answers for the exhibit in court, seldom who clicked. A number is offered, never reused in the case,
and unique as text even when two producers share initials.

An exhibit keeps its recording by a hold of kind *exhibit*, placed in the same transaction; that is
all that a case ever does to retention.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from fairwitness.cases import case_leave, opening
from fairwitness.cases.models import Case, CaseState, Exhibit
from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import holds, lifting, playable
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import HoldBinding, HoldKind
from fairwitness.retention.playable import Check, Unplayable

_REFERENCE = re.compile(r"([A-Z]{2,6})/([1-9][0-9]{0,5})")


class ExhibitInvalid(FairwitnessError):
    """An exhibit that can't be produced or withdrawn as asked."""

    code: ClassVar[str] = "exhibit.invalid"


@dataclass(frozen=True, slots=True)
class Produced:
    """An exhibit, and those of its recordings that can't be played."""

    exhibit: Exhibit
    unplayable: tuple[Unplayable, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An exhibit withdrawn; `released` is False while its hold waits for a second person."""

    exhibit: Exhibit
    released: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of an exhibit, as a copy for court names it.

    `reference` is the exhibit's own for part 1, `ABC/1/2` for part 2, and so on: by the part's own
    number, so that a part that arrives later never takes the name of one already handed out.
    """

    reference: str
    title: str
    producer: str
    recording: Recording


def next_reference(*, case: Case, producer: Officer) -> str:
    """The reference that would be offered: the producer's initials and the next free number."""
    return f"{producer.initials}/{next_number(case, producer.initials)}"


def produce(
    *,
    case: Case,
    recording: Recording,
    producer: Officer,
    title: str,
    officer: Officer,
    at: datetime,
    reference: str | None = None,
    check: Check | None = None,
) -> Produced:
    """Produce a recording, with all parts of its activation, as an exhibit of a case.

    Producing the same recording under the same reference by the same producer again gives the
    exhibit as it stands.

    Args:
        case: an open case.
        recording: any part of what is produced.
        producer: who answers for it in court.
        title: what it is, in the producer's words.
        officer: who enters it.
        at: now.
        reference: as papers already have it; by default the next one.
        check: how to find out whether it can be played (`playable.checker`); None leaves it to
            the sweeper.

    Raises:
        ExhibitInvalid: the case is closed (`exhibit.case_closed`), the reference is malformed or
            of other initials, or taken (`exhibit.taken`), or the recording is an exhibit already
            (`exhibit.already`).
        NothingToHold: the recording has reached its day.
        NotAllowed: the officer may not.
    """
    initials, number = read(reference, producer, title)
    standing = _standing(case, recording)
    if standing is not None:
        return _again(standing, reference, producer)
    _demand(case, recording, officer, at)
    exhibit = Exhibit(
        case=case,
        initials=initials,
        number=number or 0,
        title=title.strip(),
        producer=producer,
        recording=recording,
        produced_by=officer,
        produced_at=at,
    )
    try:
        _write(exhibit, officer, at)
    except IntegrityError as error:
        raise ExhibitInvalid(
            f"{case} has an exhibit {reference or 'of that number'} already.", code="exhibit.taken"
        ) from error
    return Produced(exhibit, _check(exhibit, check, officer, at))


def withdraw(*, exhibit: Exhibit, reason: str, officer: Officer, at: datetime) -> Withdrawn:
    """Withdraw an exhibit; its reference is never used again.

    Its hold is lifted at once when the officer owns it. Otherwise this asks for it, and a second
    person who withdraws the exhibit too lifts it; until then the recording stays kept. The wearer
    of what it keeps has no part in that: two others lift it.

    Raises:
        ExhibitInvalid: no reason.
        NotAllowed: the officer may not withdraw it, or asked before.
    """
    if not reason.strip():
        raise ExhibitInvalid("Say why it is withdrawn.", code="exhibit.reason")
    exhibit = Exhibit.objects.select_related("case__unit", "recording__unit", "hold").get(
        pk=exhibit.pk
    )
    authority.demand(
        actor=officer,
        action=Action.WITHDRAW_EXHIBIT,
        subject=circle.subject_of(recording=exhibit.recording, at=at, task=TaskKind.CASE),
        about=opening.about(exhibit.case),
        at=at,
    )
    if exhibit.withdrawn_at is None:
        _write_withdrawal(exhibit, reason.strip(), officer, at)
    if exhibit.hold.lifted_at is not None:
        return Withdrawn(exhibit, released=True)
    if exhibit.hold.bindings.filter(recording__wearer=officer).exists():
        return Withdrawn(exhibit, released=False)
    lifted = lifting.lift(
        hold=exhibit.hold, officer=officer, reason=f"{exhibit} withdrawn: {reason.strip()}", at=at
    )
    return Withdrawn(exhibit, released=lifted.lifted)


def parts_of(case: Case) -> tuple[Part, ...]:
    """Every recording of every exhibit of a case that is not withdrawn, in order of reference."""
    exhibits = list(
        Exhibit.objects.select_related("producer").filter(case=case, withdrawn_at__isnull=True)
    )
    bound: dict[object, list[Recording]] = {exhibit.hold_id: [] for exhibit in exhibits}
    bindings = HoldBinding.objects.select_related("recording__unit", "recording__wearer").filter(
        hold__in=[exhibit.hold_id for exhibit in exhibits]
    )
    for binding in bindings.order_by("recording__part", "recording_id"):
        bound[binding.hold_id].append(binding.recording)
    return tuple(
        Part(
            reference=exhibit.reference if number == 1 else f"{exhibit.reference}/{number}",
            title=exhibit.title,
            producer=str(exhibit.producer),
            recording=recording,
        )
        for exhibit in exhibits
        for number, recording in _numbered(bound[exhibit.hold_id]).items()
    )


def _numbered(recordings: Sequence[Recording]) -> dict[int, Recording]:
    """Recordings by their part's number; one whose number is taken has the next free one."""
    numbered: dict[int, Recording] = {}
    for recording in recordings:
        number = recording.part
        while number in numbered:
            number += 1
        numbered[number] = recording
    return numbered


def read(reference: str | None, producer: Officer, title: str) -> tuple[str, int | None]:
    """The initials, and the number if one was given.

    Raises:
        ExhibitInvalid: no title, or a reference that can't be this producer's.
    """
    if not title.strip():
        raise ExhibitInvalid("Say what the exhibit is.", code="exhibit.title")
    if reference is None:
        return producer.initials, None
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ExhibitInvalid(f"{reference!r} is no reference. Write it as {producer.initials}/1.")
    if match[1] != producer.initials:
        raise ExhibitInvalid(
            f"{producer.title} produces under {producer.initials}, not {match[1]}.",
            code="exhibit.initials",
        )
    return match[1], int(match[2])


def next_number(case: Case, initials: str) -> int:
    """The next free number of these initials in a case that the caller has locked."""
    used = Exhibit.objects.filter(case=case, initials=initials).aggregate(last=Max("number"))
    return (used["last"] or 0) + 1


def _standing(case: Case, recording: Recording) -> Exhibit | None:
    """The exhibit of this case that holds this recording, as chosen part or as another."""
    return (
        Exhibit.objects.select_related("producer")
        .filter(case=case, withdrawn_at__isnull=True, hold__bindings__recording=recording)
        .first()
    )


def _again(standing: Exhibit, reference: str | None, producer: Officer) -> Produced:
    same = standing.producer_id == producer.pk and reference in {None, standing.reference}
    if not same:
        raise ExhibitInvalid(
            f"It is {standing.reference} of this case already, produced by "
            f"{standing.producer.title}.",
            code="exhibit.already",
        )
    return Produced(standing, ())


def _demand(case: Case, recording: Recording, officer: Officer, at: datetime) -> None:
    authority.demand_all(
        actor=officer,
        action=Action.PRODUCE_EXHIBIT,
        questions=[
            (opening.subject_of(case), opening.about(case)),
            (
                circle.subject_of(recording=recording, at=at, task=TaskKind.CASE),
                recording_subject(recording.pk),
            ),
        ],
        at=at,
    )


def _write(exhibit: Exhibit, officer: Officer, at: datetime) -> None:
    """Number the exhibit, place its hold and write it all, in one transaction."""
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=exhibit.case_id)
        if case.state != CaseState.OPEN:
            raise ExhibitInvalid(f"{case} is closed. Reopen it first.", code="exhibit.case_closed")
        standing = _standing(case, exhibit.recording)  # produced while this was being asked for
        if standing is not None:
            raise ExhibitInvalid(f"It is {standing} of {case} already.", code="exhibit.already")
        exhibit.number = exhibit.number or next_number(case, exhibit.initials)
        exhibit.reference = f"{exhibit.initials}/{exhibit.number}"
        placed = holds.place(
            terms=terms_of(exhibit, case, at),
            owner=officer,
            at=at,
            recordings=[exhibit.recording.pk],
        )
        exhibit.hold_id = placed.hold
        exhibit.save(force_insert=True)
        ledger.append_many(produced(exhibit, case, placed.bound, at))
        case_leave.cover(case=case, at=at)


def terms_of(exhibit: Exhibit, case: Case, at: datetime) -> Terms:
    """What the hold of a numbered exhibit is about."""
    return Terms(
        kind=HoldKind.OVERSIGHT if case.oversight else HoldKind.EXHIBIT,
        reference=f"{case.reference} {exhibit.reference}",
        basis=f"exhibit {exhibit.reference} in {case}",
        review_on=max(case.review_on, _tomorrow(at)),
        silent=case.oversight,
    )


def produced(exhibit: Exhibit, case: Case, bound: Sequence[UUID], at: datetime) -> list[Draft]:
    """That it was produced: under the case, and under each recording that its hold keeps."""
    detail: dict[str, Detail] = {
        "exhibit": exhibit.reference,
        "case": case.reference,
        "title": exhibit.title,
        "producer": str(exhibit.producer_id),
        "hold": str(exhibit.hold_id),
    }
    subjects = [opening.about(case), *map(recording_subject, bound)]
    actor = authority.text(exhibit.produced_by)
    return [Draft(each, Act.EXHIBIT_PRODUCED, actor, at, detail=detail) for each in subjects]


def _write_withdrawal(exhibit: Exhibit, reason: str, officer: Officer, at: datetime) -> None:
    bound = exhibit.hold.bindings.order_by("recording_id").values_list("recording_id", flat=True)
    subjects = [opening.about(exhibit.case), *(recording_subject(pk) for pk in bound)]
    exhibit.withdrawn_by, exhibit.withdrawn_at = officer, at
    exhibit.withdrawn_because = reason
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=exhibit.case_id)
        exhibit.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_because"])
        detail: dict[str, Detail] = {
            "exhibit": exhibit.reference,
            "case": exhibit.case.reference,
        }
        actor = authority.text(officer)
        ledger.append_many(
            [Draft(each, Act.EXHIBIT_WITHDRAWN, actor, at, reason, detail) for each in subjects]
        )
        case_leave.cover(case=exhibit.case, at=at)


def _check(
    exhibit: Exhibit, check: Check | None, officer: Officer, at: datetime
) -> tuple[Unplayable, ...]:
    if check is None:
        return ()
    bindings = HoldBinding.objects.select_related("recording").filter(hold=exhibit.hold_id)
    found = playable.check_bindings(
        list(bindings), check=check, actor=authority.text(officer), at=at
    )
    return tuple(found)


def _tomorrow(at: datetime) -> date:
    return at.date() + timedelta(days=1)
