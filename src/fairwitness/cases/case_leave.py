"""Leave for a whole case: somebody without a role for it sees what the case has, for a time.

Design rules:

1. Whoever says who can open recordings gives it, never to themselves, with a reason and an end. It
   reaches what they could name that person for, recording by recording; what they could not open
   to others (a lock, a class, what they wore) it leaves out, and says so before.
2. It reaches what the case has, also what comes later: an exhibit that is produced, a part that
   arrives. It leaves what is withdrawn. What comes later is asked about in the giver's name as of
   then: a giver who lost the role opens nothing more. Of a large case 500 are asked about in one
   go; the next go walks on from there, past what is refused, and begins anew at the end. What came
   in the last minutes is asked about first, so that it waits for no walk.
3. Each recording is opened by a row of its circle with the end in it, as naming for one is (ADR
   0043): every question is asked with that end, and nobody is let in until a sweeper comes.
4. It adds, and takes nothing away: nobody else sees less for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from fairwitness.cases import opening
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.cases.models import Case, Exhibit
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.evidence.naming import LONGEST
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention.models import HoldBinding

MOST: Final = 500
"""So many recordings of a case are looked at in one go; a sweeper comes back for more."""
LATELY: Final = timedelta(minutes=10)
"""What was bound so lately is asked about at every go, wherever the walk is."""
_TOGETHER: Final = 50
_SWEPT: Final = 200


class CaseLeaveInvalid(FairwitnessError):
    """Leave without a reason or an end, or that stands already."""

    code = "case.leave_invalid"


@dataclass(frozen=True, slots=True)
class Reach:
    """One recording of a case, and why leave would not reach it; empty when it would."""

    recording: Recording
    why_not: str
    sees_already: bool


def foretell(*, case: Case, officer: Officer, by: Officer, at: datetime) -> tuple[Reach, ...]:
    """What leave for a case would open to an officer, recording by recording; nothing is kept.

    Raises:
        NotAllowed: if `by` may not give it.
        CaseLeaveInvalid: the officer's account is closed.
    """
    _demand(case, by, at, person=officer)
    _demand_active(officer)
    giver = authority.facts(officer=by, at=at)
    facts = authority.facts(officer=officer, at=at)
    return tuple(_reach(row, officer, facts, giver, at) for row in _recordings(_in(case)))


def give(
    *, case: Case, officer: Officer, by: Officer, reason: str, until: datetime, at: datetime
) -> CaseLeave:
    """Let an officer see what a case has, and what comes to it, until a moment.

    Raises:
        NotAllowed: if `by` may not give it, or gives it to himself or herself.
        CaseLeaveInvalid: no reason, an end that is past or too far, or leave that stands.
    """
    _demand(case, by, at, person=officer)
    if not reason.strip():
        raise CaseLeaveInvalid("Say why this person needs it.")
    if not at < until <= at + LONGEST:
        raise CaseLeaveInvalid(f"Give an end that is to come, within {LONGEST.days} days.")
    _demand_active(officer)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        if CaseLeave.objects.filter(case=case, officer=officer, ended_at=None).exists():
            raise CaseLeaveInvalid("This person has leave already. End that first to change it.")
        made = CaseLeave.objects.create(
            case=case,
            officer=officer,
            given_by=by,
            reason=reason.strip(),
            given_at=at,
            ends_at=until,
        )
        ledger.append(
            subject=opening.about(case),
            act=Act.CASE_MEMBER_ADDED,
            actor=authority.text(by),
            at=at,
            reason=made.reason,
            detail={"officer": f"officer:{officer.pk}", "until": timestamp.text(until)},
        )
    _settle(made, at)
    return made


def end(*, leave: CaseLeave, by: Officer, reason: str, at: datetime) -> None:
    """Take the leave back before its time.

    Raises:
        NotAllowed: if `by` may not give it.
        CaseLeaveInvalid: no reason, or it is over.
    """
    _demand(leave.case, by, at)
    if not reason.strip():
        raise CaseLeaveInvalid("Say why it ends early.")
    if not _ended(leave, actor=authority.text(by), reason=reason.strip(), at=at):
        raise CaseLeaveInvalid("It is over already.")


def cover(*, case: Case, at: datetime) -> int:
    """Bring what leave for a case reaches up to what the case has; returns how much changed."""
    found = CaseLeave.objects.filter(case=case, ended_at=None, ends_at__gt=at)
    return sum(_settle(leave, at) for leave in found.select_related("case", "given_by", "officer"))


def work_due(*, at: datetime) -> int:
    """End what is over, and reach what came to cases meanwhile; returns how much was done."""
    standing = CaseLeave.objects.filter(ended_at=None).select_related("case", "given_by", "officer")
    done = 0
    for leave in standing.filter(ends_at__lte=at).order_by("ends_at")[:_SWEPT]:
        done += _ended(leave, actor=authority.text(leave.given_by), reason="", at=at)
    for leave in standing.filter(ends_at__gt=at).order_by("pk"):
        done += _settle(leave, at)
    return done


def standing(*, case: Case, at: datetime) -> QuerySet[CaseLeave]:
    """Who has leave for a case now, the next to end first."""
    found = CaseLeave.objects.filter(case=case, ended_at=None, ends_at__gt=at)
    return found.select_related("officer", "given_by").order_by("ends_at")


def opened_for(*, officer: Officer, at: datetime) -> QuerySet[CaseLeave]:
    """The cases that this officer has leave for now, the next to end first."""
    found = CaseLeave.objects.filter(officer=officer, ended_at=None, ends_at__gt=at)
    return found.select_related("case", "given_by").order_by("ends_at")


def reached(*, leave: CaseLeave) -> frozenset[UUID]:
    """The recordings that leave opens."""
    return frozenset(_members(leave).values_list("recording_id", flat=True))


def through_case(*, recording: Recording, at: datetime) -> list[CaseLeave]:
    """The leave for whole cases that opens this recording now, the next to end first."""
    references = CircleMember.objects.filter(
        recording=recording, standing=Standing.NAMED, until__gt=at
    ).values_list("reference", flat=True)
    found = CaseLeave.objects.filter(pk__in=[UUID(each) for each in references], ended_at=None)
    return list(found.select_related("officer", "given_by", "case").order_by("ends_at"))


def _demand(case: Case, by: Officer, at: datetime, *, person: Officer | None = None) -> None:
    subject = opening.subject_of(case, person=person.pk if person else None)
    authority.demand(
        actor=by,
        action=Action.GIVE_CASE_LEAVE,
        subject=subject,
        about=opening.about(case),
        at=at,
    )


def _demand_active(officer: Officer) -> None:
    if not officer.active:
        raise CaseLeaveInvalid("This person’s account is closed.")


def _in(case: Case) -> QuerySet[HoldBinding]:
    """What the exhibits of a case keep that are not withdrawn."""
    standing = Exhibit.objects.filter(case=case, withdrawn_at__isnull=True)
    return HoldBinding.objects.filter(hold__in=standing.values("hold"))


def _recordings(bound: QuerySet[HoldBinding]) -> list[Recording]:
    return list(_walked(bound)[:MOST])


def _walked(bound: QuerySet[HoldBinding]) -> QuerySet[Recording]:
    found = Recording.objects.filter(pk__in=bound.values("recording"))
    return found.select_related("unit").order_by("pk")


def _next(leave: CaseLeave, bound: QuerySet[HoldBinding]) -> list[Recording]:
    """The next to ask about, after those of the last go, and round to the first again."""
    found = _walked(bound)
    if leave.walked_to is None:
        return list(found[:MOST])
    after = list(found.filter(pk__gt=leave.walked_to)[:MOST])
    return after + list(found.filter(pk__lte=leave.walked_to)[: MOST - len(after)])


def _remember(leave: CaseLeave, looked_at: Sequence[Recording]) -> None:
    """Where the next go begins; a go that saw all that there is begins anew."""
    place = looked_at[-1].pk if len(looked_at) == MOST else None
    if place != leave.walked_to:
        CaseLeave.objects.filter(pk=leave.pk).update(walked_to=place)
        leave.walked_to = place


def _reach(
    recording: Recording,
    officer: Officer,
    facts: OfficerFacts,
    giver: OfficerFacts,
    at: datetime,
) -> Reach:
    seen = circle.subject_of(recording=recording, at=at, asking=officer.pk)
    already = permissions.may(facts, Action.SEE_RECORDING, seen)
    return Reach(
        recording,
        _why_not(recording, officer, _decided(recording, officer, giver, at)),
        sees_already=not isinstance(already, Refused),
    )


def _why_not(recording: Recording, officer: Officer, decision: permissions.Decision) -> str:
    if recording.wearer_id == officer.pk:
        return "This person wore it, and needs no leave."
    return decision.message if isinstance(decision, Refused) else ""


def _members(leave: CaseLeave) -> QuerySet[CircleMember]:
    return CircleMember.objects.filter(standing=Standing.NAMED, reference=str(leave.pk))


def _settle(leave: CaseLeave, at: datetime) -> int:
    """Open what the case has and the giver may open; close what the case has no more."""
    bound, there = _in(leave.case), _members(leave)
    done = _close(leave, there.exclude(recording__in=bound.values("recording")), at)
    left = bound.exclude(recording__in=there.values("recording"))
    came = _recordings(left.filter(bound_at__gt=at - LATELY))
    walked = _next(leave, left)
    _remember(leave, walked)
    fresh = {row.pk: row for row in (*came, *walked)}.values()
    if not fresh:
        return done
    giver = authority.facts(officer=leave.given_by, at=at)
    asked = [
        row
        for row in fresh
        if not _why_not(row, leave.officer, _decided(row, leave.officer, giver, at))
    ]
    for start in range(0, len(asked), _TOGETHER):
        done += _open(leave, asked[start : start + _TOGETHER], at)
    return done


def _decided(
    recording: Recording, officer: Officer, giver: OfficerFacts, at: datetime
) -> permissions.Decision:
    subject = circle.subject_of(recording=recording, at=at, asking=giver.officer, person=officer.pk)
    return permissions.may(giver, Action.SET_ACCESS_CLASS, subject)


def _take_turn(leave: CaseLeave) -> None:
    """The case is locked first by whatever changes what it has, and before the log's own locks."""
    Case.objects.select_for_update().get(pk=leave.case_id)


def _open(leave: CaseLeave, recordings: Iterable[Recording], at: datetime) -> int:
    with transaction.atomic():
        _take_turn(leave)
        row = CaseLeave.objects.select_for_update().get(pk=leave.pk)
        there = reached(leave=row)
        fresh = [each for each in recordings if each.pk not in there]
        if row.ended_at is not None or not fresh:
            return 0
        CircleMember.objects.bulk_create(
            CircleMember(
                recording=each,
                officer_id=row.officer_id,
                standing=Standing.NAMED,
                reference=str(row.pk),
                since=at,
                until=row.ends_at,
            )
            for each in fresh
        )
        ledger.append_many(
            [
                ledger.Draft(
                    subject=recording_subject(each.pk),
                    act=Act.RECORDING_ACCESS_GRANTED,
                    actor=authority.text(leave.given_by),
                    at=at,
                    reason=row.reason,
                    detail={
                        "officer": f"officer:{row.officer_id}",
                        "until": timestamp.text(row.ends_at),
                        "case": leave.case.reference,
                    },
                )
                for each in fresh
            ]
        )
    return len(fresh)


def _close(
    leave: CaseLeave,
    members: QuerySet[CircleMember],
    at: datetime,
    *,
    actor: str = "",
    reason: str = "",
) -> int:
    """Take these recordings out of the leave; each has its entry, as of itself without a reason."""
    if not members.exists():
        return 0
    with transaction.atomic():
        _take_turn(leave)
        gone = list(members.values_list("pk", "recording_id"))
        CircleMember.objects.filter(pk__in=[pk for pk, _recording in gone]).delete()
        ledger.append_many(
            [
                ledger.Draft(
                    subject=recording_subject(recording),
                    act=Act.RECORDING_ACCESS_ENDED,
                    actor=actor or authority.text(leave.given_by),
                    at=at,
                    reason=reason,
                    detail={
                        "officer": f"officer:{leave.officer_id}",
                        "by_itself": not reason,
                        "case": leave.case.reference,
                    },
                )
                for _pk, recording in gone
            ]
        )
    return len(gone)


def _ended(leave: CaseLeave, *, actor: str, reason: str, at: datetime) -> int:
    """End it unless it is over: the case's entry, and one for each recording it opened."""
    with transaction.atomic():
        _take_turn(leave)
        ended = CaseLeave.objects.filter(pk=leave.pk, ended_at=None).update(ended_at=at)
        if ended:
            _close(leave, _members(leave), at, actor=actor, reason=reason)
            ledger.append(
                subject=opening.about(leave.case),
                act=Act.CASE_MEMBER_REMOVED,
                actor=actor,
                at=at,
                reason=reason,
                detail={"officer": f"officer:{leave.officer_id}", "by_itself": not reason},
            )
    return ended
