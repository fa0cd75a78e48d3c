"""Public notice and delay in place of the second person, in a force with one evidence manager.

Design rules:

1. The manager gives notice of his or her own act: a change of rule proposed, an early deletion
   decided, an un-marking asked for. Row and custody entry are one transaction; the public page
   shows its kind and days from that moment.
2. It waits seven days longer than with two people. Whoever may stop deletion may stop it, one
   person alone; then only a second person can agree, for notice of an act is given once.
3. When its delay is over, `notice_rules.decide` and `permissions.may` are asked again, as of that
   moment, with everything locked that they rest on. With a second manager, or a giver who may not
   any more, it lapses: a second person is needed again.
4. The sweeper carries it out, each in a transaction of its own: cut short, it is done later, once.
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, one_manager
from fairwitness.force.asking import Action, Refused, Subject
from fairwitness.force.manager_rows import OneManager
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import (
    early_deletion,
    gathering,
    notice_rules,
    rule_changes,
    unmarking,
)
from fairwitness.retention.models import (
    CategoryMark,
    EarlyDeletion,
    EarlyState,
    NoticeKind,
    OutsideNotice,
    RuleChange,
    Unmarking,
)
from fairwitness.retention.notice_rules import Answer, NoticeFacts

BY: Final = "system:notices"
Waiting = RuleChange | EarlyDeletion | Unmarking

_CLOSED: Final = Q(stopped_at__isnull=False) | Q(lapsed_at__isnull=False) | Q(done_at__isnull=False)
_OPEN_ACT: Final = (
    Q(rule__isnull=False, rule__approved_at__isnull=True, rule__withdrawn_at__isnull=True)
    | Q(early__state=EarlyState.DECIDED)
    | Q(unmarking__isnull=False, unmarking__decided_at__isnull=True)
)
_AGREES: Final = {
    NoticeKind.RULE: Action.APPROVE_RULE,
    NoticeKind.EARLY: Action.AGREE_EARLY_DELETION,
    NoticeKind.UNMARK: Action.UNMARK_EVIDENTIAL,
}


_KINDS: Final = {
    "rule": NoticeKind.RULE,
    "early": NoticeKind.EARLY,
    "unmarking": NoticeKind.UNMARK,
}


class NoticeInvalid(FairwitnessError):
    """A notice of what does not wait, given before, or ended."""

    code = "notice.invalid"


def waiting() -> QuerySet[OutsideNotice]:
    """Notices that still run, the next to be due first."""
    return OutsideNotice.objects.exclude(_CLOSED).filter(_OPEN_ACT).order_by("due_at", "pk")


def give(*, about: Waiting, officer: Officer, at: datetime) -> OutsideNotice:
    """Give notice of one's own act, which then waits in public.

    Args:
        about: what waits for a second person.
        officer: the force's one evidence manager, whose step it was.
        at: now.

    Raises:
        NoticeInvalid: it does not wait for a second person, or notice was given before.
        NotAllowed: somebody else's step, about one's own footage, or the force has two managers.
    """
    period = one_manager.in_force(at=at)
    authority.demand_all(
        actor=officer,
        action=Action.GIVE_NOTICE,
        questions=_questions(about, officer, at, stands=period is not None),
        at=at,
    )
    try:
        with transaction.atomic():
            period = OneManager.objects.select_for_update().filter(standing=True).first()
            notice = OutsideNotice(
                pk=uuid.uuid4(),
                period=period,
                given_by=officer,
                given_at=at,
                due_at=at + delay_of(about),
                kind=_KINDS[kind_of(about)],
                **{kind_of(about): about},
            )
            if period is None or not _open_act(notice):
                raise NoticeInvalid("This does not wait for a second person any more.")
            notice.save(force_insert=True)
            _log(Act.NOTICE_GIVEN, notice, authority.text(officer), _reason(notice), at)
    except IntegrityError:
        raise NoticeInvalid(
            "Notice of this was given before. Now a second person has to agree to it.",
            code="notice.given_before",
        ) from None
    return notice


def stop(*, notice: OutsideNotice, reason: str, officer: Officer, at: datetime) -> None:
    """Stop what waits; one person is enough. From then on only a second person can agree to it.

    Raises:
        NoticeInvalid: no reason, or it has ended.
        NotAllowed: this officer may not.
    """
    authority.demand(
        actor=officer,
        action=Action.STOP_DISPOSALS,
        subject=Subject(unit=officer.unit.code),
        about=_about(notice),
        at=at,
    )
    if not reason.strip():
        raise NoticeInvalid("Say why it should not go on.")
    with transaction.atomic():
        row = _locked(notice.pk)
        if row is None or _facts(row, at).closed:
            raise NoticeInvalid("This has ended: it was stopped, carried out, or lapsed.")
        row.stopped_by, row.stopped_at = officer, at
        row.save(update_fields=["stopped_by", "stopped_at"])
        _log(Act.NOTICE_STOPPED, row, authority.text(officer), reason.strip(), at)


def carry_out_due(*, at: datetime) -> int:
    """Carry out what has waited out its delay, and let lapse what can't go on; returns how many.

    What was stopped or carried out before is left alone, so that repeating it does nothing twice.
    """
    with transaction.atomic():
        one_manager.end_with_a_second(by=BY, at=at)
    open_ones = OutsideNotice.objects.exclude(_CLOSED).order_by("due_at", "pk")
    return sum(_settle(pk, at) for pk in list(open_ones.values_list("pk", flat=True)))


def _settle(pk: UUID, at: datetime) -> bool:
    with transaction.atomic():
        notice = _locked(pk)
        if notice is None:
            return False
        answer = notice_rules.decide(_facts(notice, at), at)
        if answer is Answer.GO:
            refused = _carry_out(notice, at)
            if not refused:
                notice.done_at = at
                notice.save(update_fields=["done_at"])
                return True
            _lapse(notice, refused, at)
            return True
        if answer in notice_rules.LAPSES:
            _lapse(notice, answer.value, at)
        return answer in notice_rules.LAPSES


def _carry_out(notice: OutsideNotice, at: datetime) -> str:
    """Do it; empty when it is done, else why it can't be."""
    about, giver = _target(notice), notice.given_by
    for subject, _where in _questions(about, giver, at, stands=True, noticed=True):
        asked = authority.ask(
            actor=giver, action=_AGREES[NoticeKind(notice.kind)], subject=subject, at=at
        )
        if isinstance(asked, Refused):
            return asked.message
    told: dict[str, Detail] = {"notice": str(notice.pk), "given_by": authority.text(giver)}
    try:
        with transaction.atomic():
            _do(about, at, told)
    except FairwitnessError as error:
        return error.message
    return ""


def _do(about: Waiting, at: datetime, told: dict[str, Detail]) -> None:
    if isinstance(about, RuleChange):
        rule_changes.approve_after_notice(change=about, by=BY, at=at, detail=told)
    elif isinstance(about, EarlyDeletion):
        early_deletion.agree_after_notice(asked=about, by=BY, at=at, detail=told)
    else:
        unmarking.agree_after_notice(asked=about, by=BY, at=at, detail=told)


def _locked(pk: UUID) -> OutsideNotice | None:
    """The notice with what its answer rests on, locked: recording first, as every act locks."""
    found = OutsideNotice.objects.filter(pk=pk).select_related("early", "unmarking").first()
    if found is None:
        return None
    recording = _recording_of(_target(found))
    if recording is not None:
        gathering.lock([recording])
    OneManager.objects.select_for_update().get(pk=found.period_id)
    own = OutsideNotice.objects.select_related("period", "given_by__unit").filter(pk=pk)
    return own.select_for_update(of=("self",)).first()


def _facts(notice: OutsideNotice, at: datetime) -> NoticeFacts:
    return NoticeFacts(
        due_at=notice.due_at,
        closed=bool(notice.stopped_at or notice.lapsed_at or notice.done_at),
        open_act=_open_act(notice),
        same_period=notice.period.ended_at is None,
        managers=len(one_manager.managers(at=at)),
    )


def _open_act(notice: OutsideNotice) -> bool:
    """Whether the act waits for its second person, as the rows say now.

    A category given in the days of a notice says that somebody needs the footage after all.
    """
    about = _target(notice)
    about.refresh_from_db()
    if isinstance(about, RuleChange):
        return about.approved_at is None and about.withdrawn_at is None
    if isinstance(about, EarlyDeletion):
        needed = CategoryMark.objects.filter(
            recording=about.recording_id, at__gt=notice.given_at
        ).exists()
        return about.state == EarlyState.DECIDED and not needed
    return about.decided_at is None


def _questions(
    about: Waiting, officer: Officer, at: datetime, *, stands: bool, noticed: bool = False
) -> list[tuple[Subject, str]]:
    """The question of permission; its first person is whose step it was, whoever asks."""
    if isinstance(about, RuleChange):
        subject, where = Subject(), rule_changes.SUBJECT
    else:
        recording = Recording.objects.select_related("unit").get(pk=about.recording_id)
        subject = circle.subject_of(recording=recording, at=at, asking=officer.pk)
        where = recording_subject(recording.pk)
    known = replace(subject, first_person=_first_of(about), one_manager=stands, noticed=noticed)
    return [(known, where)]


def _first_of(about: Waiting) -> UUID | None:
    """Whose step it was: who proposed it, decided it, or asked for it."""
    if isinstance(about, RuleChange):
        return about.proposed_by_id
    return about.decided_by_id if isinstance(about, EarlyDeletion) else about.asked_by_id


def kind_of(about: Waiting) -> str:
    """The column of a notice that names what it is of: `rule`, `early` or `unmarking`."""
    if isinstance(about, RuleChange):
        return "rule"
    return "early" if isinstance(about, EarlyDeletion) else "unmarking"


def _target(notice: OutsideNotice) -> Waiting:
    about = notice.rule or notice.early or notice.unmarking
    if about is None:  # a constraint forbids it
        raise NoticeInvalid("This notice is of nothing.")
    return about


def _recording_of(about: Waiting) -> UUID | None:
    return None if isinstance(about, RuleChange) else about.recording_id


def delay_of(about: Waiting) -> timedelta:
    """How long it waits in public: what it would wait with two people, and seven days more."""
    ordinary = rule_changes.COOLING_OFF if isinstance(about, RuleChange) else timedelta(0)
    return ordinary + notice_rules.DELAY


def _reason(notice: OutsideNotice) -> str:
    about = _target(notice)
    return about.decision if isinstance(about, EarlyDeletion) else about.reason


def _about(notice: OutsideNotice) -> str:
    recording = _recording_of(_target(notice))
    return rule_changes.SUBJECT if recording is None else recording_subject(recording)


def _lapse(notice: OutsideNotice, why: str, at: datetime) -> None:
    notice.lapsed_at = at
    notice.save(update_fields=["lapsed_at"])
    _log(Act.NOTICE_LAPSED, notice, BY, why, at)


def _log(act: Act, notice: OutsideNotice, by: str, reason: str, at: datetime) -> None:
    ledger.append(
        subject=_about(notice),
        act=act,
        actor=by,
        at=at,
        reason=reason,
        detail={
            "notice": str(notice.pk),
            "kind": str(notice.kind),
            "due": timestamp.text(notice.due_at),
        },
    )
