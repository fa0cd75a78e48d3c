"""Changing a category's period: simulated, agreed to by a second person, and never at once.

Shortening a period is how footage is lost by the thousand. So a change is first played through and
its effect stored with the proposal; a second person approves it; it takes effect a week later; and
what it lets go has seven more days, like after any human act. Until it takes effect, anybody who
may propose can withdraw it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail
from fairwitness.retention import asking_fields, categories, dates, releasing, simulating
from fairwitness.retention.asking_fields import Field
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.models import Category, RuleChange
from fairwitness.retention.releasing import Change
from fairwitness.retention.rules import DEFAULT_PERIOD, Policy
from fairwitness.retention.simulating import Simulation

COOLING_OFF = timedelta(days=7)
LONGEST = timedelta(days=36_500)
"""A hundred years: a longer period is a slip of the pen, and ends beyond the calendar."""

LONGEST_CODE, LONGEST_NAME = 40, 120

SUBJECT = "retention"
_ACTOR = "system:retention"


class RuleChangeInvalid(FairwitnessError):
    """A change that undercuts the default, has no reason, or is not open any more."""

    code = "rule.invalid"


def simulate(*, code: str, days: int | None, at: datetime) -> Simulation:
    """Play a change through, changing nothing.

    Raises:
        RuleChangeInvalid: the period is shorter than the default rule.
    """
    validate(days)
    return simulating.simulate(code=code, days=days, at=at)


def propose(
    *,
    code: str,
    days: int | None,
    reason: str,
    officer: Officer,
    at: datetime,
    name: str = "",
    played: Simulation | None = None,
    fields: Sequence[Field] | None = None,
) -> RuleChange:
    """Propose a period for a category, known or new, with what it would do.

    Args:
        code: of the category.
        days: its period; None keeps until a review decides.
        reason: why.
        officer: who proposes.
        at: now.
        name: of a new category.
        played: what it would do, when that was played through before; see `trials`.
        fields: what a category of the force's own asks to be typed; None leaves that as it is.

    Raises:
        RuleChangeInvalid: shorter than the default rule, without reason, or a new one unnamed.
        NotAllowed: this officer may not.
    """
    known = categories.current().get(code)
    if not reason.strip():
        raise RuleChangeInvalid("Say why.")
    demand_called(code=code, name=name, known=known is not None)
    validate(days)
    asks = _asked(code, fields)
    if asks is not None and known and known.days == days and asks == _asks_now(known):
        raise RuleChangeInvalid("Nothing would change.")
    demand(officer, Action.PROPOSE_RULE, at, first=None)
    found = played or simulate(code=code, days=days, at=at)
    effect: dict[str, Detail] = {
        "affected": found.affected,
        "nearer": found.nearer,
        "due_at_once": found.due_at_once,
        "later": found.later,
        "oldest": found.oldest,
    }
    if asks is not None:
        effect["fields"] = [f"{each['name']}: {each['kind']}" for each in asks]
    with transaction.atomic():
        change = RuleChange.objects.create(
            code=code,
            name=name or (known.name if known else code),
            days=days,
            fields=asks,
            reason=reason,
            simulation=found.to_json(),
            proposed_by=officer,
            proposed_at=at,
        )
        _log(Act.RULE_PROPOSED, change, authority.text(officer), at, effect)
    return change


def approve(*, change: RuleChange, officer: Officer, at: datetime) -> RuleChange:
    """Agree as the second person; it takes effect after the cooling-off.

    Raises:
        RuleChangeInvalid: approved or withdrawn before.
        NotAllowed: the proposer, or somebody without the role.
    """
    demand(officer, Action.APPROVE_RULE, at, first=change.proposed_by_id)
    with transaction.atomic():
        change = _unapproved(change)
        change.approved_by, change.approved_at = officer, at
        change.effective_at = at + COOLING_OFF
        change.save(update_fields=["approved_by", "approved_at", "effective_at"])
        _log(Act.RULE_APPROVED, change, authority.text(officer), at, {})
    return change


def approve_after_notice(
    *, change: RuleChange, by: str, at: datetime, detail: dict[str, Detail]
) -> None:
    """Let a change take effect at once after public notice, which has lasted its cooling-off too.

    In the caller's transaction, which has asked whether the notice's giver may; see `notices`.

    Raises:
        RuleChangeInvalid: approved or withdrawn before.
    """
    ledger.demand_transaction()
    change = _unapproved(change)
    change.approved_at = change.effective_at = at
    change.save(update_fields=["approved_at", "effective_at"])
    _log(Act.RULE_APPROVED, change, by, at, detail)


def withdraw(*, change: RuleChange, reason: str, officer: Officer, at: datetime) -> RuleChange:
    """Take a change back before it takes effect; one person is enough.

    Raises:
        RuleChangeInvalid: no reason, it has taken effect, or was withdrawn before.
        NotAllowed: this officer may not.
    """
    if not reason.strip():
        raise RuleChangeInvalid("Say why it is taken back.")
    demand(officer, Action.PROPOSE_RULE, at, first=None)
    with transaction.atomic():
        change = _open(change)
        change.withdrawn_at = at
        change.save(update_fields=["withdrawn_at"])
        _log(Act.RULE_REJECTED, change, authority.text(officer), at, {"reason": reason})
    return change


def apply_due(*, at: datetime) -> list[RuleChange]:
    """Let approved changes take effect whose cooling-off is over; the sweep does this."""
    due = RuleChange.objects.filter(
        effective_at__lte=at, applied_at__isnull=True, withdrawn_at__isnull=True
    ).order_by("effective_at")
    return [_apply(change, at) for change in due]


def _apply(change: RuleChange, at: datetime) -> RuleChange:
    """First every recording gets its seven days; then the table changes; then the dates.

    Whatever was marked meanwhile gets its seven days with its dates. Cut short, it is done again,
    and the table not twice.
    """
    before, after = categories.policy(), simulating.policy_after(change.code, change.days)
    if not _in_table(change):
        for batch in simulating.batches(change.code):
            with transaction.atomic():
                _grant(batch, before, after, at)
        if not _change_table(change, at):
            change.refresh_from_db()
            return change
    for batch in simulating.batches(change.code):
        with transaction.atomic():
            _grant(batch, before, after, at)
            dates.recompute_many(batch, at)
    RuleChange.objects.filter(pk=change.pk).update(applied_at=at)
    change.refresh_from_db()
    return change


def _grant(batch: list[UUID], before: Policy, after: Policy, at: datetime) -> None:
    change = Change("rule", _ACTOR, at)
    releasing.grant(recordings=batch, change=change, before=before, after=after)


def _change_table(change: RuleChange, at: datetime) -> bool:
    """Whether the table has it now; another sweep may have been quicker, or somebody withdrew."""
    with transaction.atomic():
        change = RuleChange.objects.select_for_update().get(pk=change.pk)
        if change.withdrawn_at is not None:
            return False
        if change.applied_at is not None or _in_table(change):
            return True
        line = _line(change)
        Category.objects.update_or_create(
            code=change.code,
            defaults={
                "name": change.name,
                "days": change.days,
                "review_days": line.review_days if line else None,
                "group": line.group if line else "none",
                "trigger": line.trigger if line else change.reason,
                "source": _source(change),
                "changed_at": at,
                **({} if change.fields is None else {"fields": change.fields}),
            },
        )
        _log(Act.RULE_CHANGED, change, _ACTOR, at, {})
    return True


def _asked(code: str, fields: Sequence[Field] | None) -> list[dict[str, Any]] | None:
    """Fields as the row keeps them; those of a shipped category never change."""
    if fields is None:
        return None
    if code in categories.shipped():
        raise RuleChangeInvalid("What a shipped category asks does not change; make one of yours.")
    return asking_fields.as_table(fields)


def _asks_now(known: CategoryFacts) -> list[dict[str, Any]]:
    return asking_fields.as_table(known.fields)


def _source(change: RuleChange) -> str:
    return f"rule change {change.pk}"


def _in_table(change: RuleChange) -> bool:
    return Category.objects.filter(code=change.code, source=_source(change)).exists()


def _line(change: RuleChange) -> CategoryFacts | None:
    return categories.current().get(change.code)


def _unapproved(change: RuleChange) -> RuleChange:
    change = _open(change)
    if change.approved_at is not None:
        raise RuleChangeInvalid("This change was approved before.")
    return change


def _open(change: RuleChange) -> RuleChange:
    change = RuleChange.objects.select_for_update().get(pk=change.pk)
    closed = change.applied_at is not None or change.withdrawn_at is not None
    if closed or _in_table(change):
        raise RuleChangeInvalid("This change has taken effect, or was withdrawn.")
    return change


def demand_called(*, code: str, name: str, known: bool) -> None:
    """Refuse a category that nobody could call by its name.

    Raises:
        RuleChangeInvalid: it has no code, a new one no name, or either is too long.
    """
    if not code or not (known or name.strip()):
        raise RuleChangeInvalid("Say which category, and how a new one is called.")
    if len(code) > LONGEST_CODE or len(name.strip()) > LONGEST_NAME:
        raise RuleChangeInvalid(
            f"A category's code has at most {LONGEST_CODE} letters, its name {LONGEST_NAME}."
        )


def validate(days: int | None) -> None:
    """Refuse a period that undercuts the default rule, or is longer than anybody means.

    Raises:
        RuleChangeInvalid: it does, or is.
    """
    if days is not None and days > LONGEST.days:
        raise RuleChangeInvalid("A category keeps at most a hundred years.")
    if days is not None and days < DEFAULT_PERIOD.days:
        raise RuleChangeInvalid(
            f"A category keeps at least the {DEFAULT_PERIOD.days} days of the default rule."
        )


def demand(officer: Officer, action: Action, at: datetime, *, first: UUID | None) -> None:
    """Ask whether somebody may do this about rules; `first` proposed the change in question.

    A rule is the whole force's: no role for one unit reaches it (ADR 0055).

    Raises:
        NotAllowed: after the refusal was written down.
    """
    authority.demand(
        actor=officer,
        action=action,
        subject=Subject(first_person=first),
        about=SUBJECT,
        at=at,
    )


def _log(act: Act, change: RuleChange, actor: str, at: datetime, detail: dict[str, Detail]) -> None:
    ledger.append(
        subject=SUBJECT,
        act=act,
        actor=actor,
        at=at,
        reason=change.reason,
        detail={"change": str(change.pk), "code": change.code, "days": change.days} | detail,
    )
