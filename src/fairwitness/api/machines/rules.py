"""Changes of the rules, for programs of people: tried out, proposed, approved, waited for.

Two people change a rule, and a machine account is neither; it may try out and read. Notice in place
of the second person is given here too, and how it stands with one manager is read and set.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import finding
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.notices import NoticeRow, give
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.api.machines.sayings import FieldAsked
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import asking_fields, rule_changes, simulating, trials
from fairwitness.retention.models import RuleChange, RuleTrial


@dataclass(frozen=True, slots=True)
class Nearer:
    """A recording that would go sooner; `was` is null where a person has to let it go now."""

    recording: UUID
    reference: str
    was: datetime | None
    would: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a period would do; of those that go sooner the first that this account may see.

    `kept` are those that stay kept without a day, `due_at_once` those with seven days left.
    """

    affected: int
    nearer: int
    due_at_once: int
    later: int
    kept: int
    oldest: datetime | None
    nearest: tuple[Nearer, ...]


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A category and its period in days, null until a review decides; a new one has a name."""

    code: str
    days: int | None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """A period tried out; the effect is null until it is worked out."""

    id: UUID
    code: str
    name: str
    days: int | None
    asked_at: datetime
    played_at: datetime | None
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class NewField:
    """One thing to type: `extra` is what a choice is between, with commas, else an example."""

    name: str
    kind: str
    needed: bool = False
    extra: str = ""


@dataclass(frozen=True, slots=True)
class NewChange:
    """Why; and all that a category of the force's own asks, null to leave that as it is."""

    reason: str
    fields: tuple[NewField, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change: proposed, approved by a second person or after notice, in force from a day."""

    id: UUID
    code: str
    name: str
    days: int | None
    fields: tuple[FieldAsked, ...] | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    effective_at: datetime | None
    applied_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of changes, those proposed last first."""

    items: tuple[ChangeRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ChangeWhole:
    """A change, and what it would do as it was worked out before it was proposed."""

    change: ChangeRow
    effect: Effect


_PEOPLE: Final = ("proposed_by", "approved_by")


def _effect(call: Call, said: dict[str, object]) -> Effect:
    found = simulating.from_json(said)
    ids = [UUID(line.recording) for line in found.nearest]
    seen = {row.pk for row in finding.visible(recordings=ids, facts=call.facts, at=call.at)}
    return Effect(
        affected=found.affected,
        nearer=found.nearer,
        due_at_once=found.due_at_once,
        later=found.later,
        kept=found.kept,
        oldest=datetime.fromisoformat(found.oldest) if found.oldest else None,
        nearest=tuple(
            Nearer(
                UUID(line.recording),
                line.reference,
                datetime.fromisoformat(line.was) if line.was else None,
                datetime.fromisoformat(line.would),
            )
            for line in found.nearest
            if UUID(line.recording) in seen
        ),
    )


def _trial(call: Call, row: RuleTrial) -> TrialRow:
    return TrialRow(
        id=row.pk,
        code=row.code,
        name=row.name,
        days=row.days,
        asked_at=row.asked_at,
        played_at=row.played_at,
        effect=_effect(call, row.effect) if row.played_at else None,
    )


def _change(row: RuleChange) -> ChangeRow:
    asks = None if row.fields is None else asking_fields.from_table({"fields": row.fields})
    return ChangeRow(
        id=row.pk,
        code=row.code,
        name=row.name,
        days=row.days,
        fields=None
        if asks is None
        else tuple(
            FieldAsked(each.code, each.name, each.kind, each.needed, each.hint, each.choices)
            for each in asks
        ),
        reason=row.reason,
        proposed_by=row.proposed_by.collar_number,
        proposed_at=row.proposed_at,
        approved_by=named.collar(row.approved_by),
        approved_at=row.approved_at,
        effective_at=row.effective_at,
        applied_at=row.applied_at,
        withdrawn_at=row.withdrawn_at,
    )


def _demand(call: Call) -> None:
    rule_changes.demand(call.officer, Action.PROPOSE_RULE, call.at, first=None)


def _try(call: Call) -> TrialRow:
    said = call.taken(NewTrial)
    made = trials.ask(
        code=said.code.strip(), days=said.days, name=said.name, officer=call.officer, at=call.at
    )
    return _trial(call, made)


def _found_trial(call: Call) -> RuleTrial:
    _demand(call)
    found = RuleTrial.objects.filter(pk=call.id).first()
    if found is None:
        raise not_here()
    return found


def _show_trial(call: Call) -> TrialRow:
    return _trial(call, _found_trial(call))


def _propose(call: Call) -> ChangeRow:
    call.demand_person()
    said = call.taken(NewChange)
    fields = None
    if said.fields is not None:
        fields = [
            asking_fields.made(name=each.name, kind=each.kind, needed=each.needed, extra=each.extra)
            for each in said.fields
        ]
    made = trials.propose(
        trial=_found_trial(call),
        reason=said.reason,
        officer=call.officer,
        at=call.at,
        fields=fields,
    )
    return _change(made)


def _listing(call: Call) -> ChangePage:
    call.reach(Action.SEE_DISPOSALS)
    rows = RuleChange.objects.select_related(*_PEOPLE)
    found, after = cursors.by_time(rows, call, "proposed_at")
    return ChangePage(tuple(map(_change, found)), after)


def _found(call: Call) -> RuleChange:
    call.demand(Action.SEE_DISPOSALS, about=rule_changes.SUBJECT)
    found = RuleChange.objects.select_related(*_PEOPLE).filter(pk=call.id).first()
    if found is None:
        raise not_here()
    return found


def _show(call: Call) -> ChangeWhole:
    found = _found(call)
    return ChangeWhole(_change(found), _effect(call, found.simulation))


def _approve(call: Call) -> ChangeRow:
    call.demand_person()
    done = rule_changes.approve(change=_found(call), officer=call.officer, at=call.at)
    return _change(done)


def _withdraw(call: Call) -> ChangeRow:
    call.demand_person()
    reason = call.taken(Why).reason
    done = rule_changes.withdraw(
        change=_found(call), reason=reason, officer=call.officer, at=call.at
    )
    return _change(done)


def _give_notice(call: Call) -> NoticeRow:
    call.demand_person()
    return give(call, _found(call))


_READ, _WRITE = Scope.RULES_READ, Scope.RULES_WRITE

OPERATIONS: Final = (
    Operation(
        name="tryRule",
        method="POST",
        path="/rule-trials",
        says="Work out what a category's period would do; nothing changes by it.",
        scope=_WRITE,
        run=_try,
        takes=NewTrial,
        gives=TrialRow,
        status=201,
    ),
    Operation(
        name="showRuleTrial",
        method="GET",
        path="/rule-trials/{id}",
        says="Tell what a period that was tried out would do, once that is worked out.",
        scope=_READ,
        run=_show_trial,
        gives=TrialRow,
    ),
    Operation(
        name="proposeRule",
        method="POST",
        path="/rule-trials/{id}/propose",
        says="Propose what was tried out within a day; a second person approves it.",
        scope=_WRITE,
        run=_propose,
        takes=NewChange,
        gives=ChangeRow,
        status=201,
        writes=Act.RULE_PROPOSED,
    ),
    Operation(
        name="listRuleChanges",
        method="GET",
        path="/rule-changes",
        says="List changes of the rules, those proposed last first.",
        scope=_READ,
        run=_listing,
        gives=ChangePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="showRuleChange",
        method="GET",
        path="/rule-changes/{id}",
        says="Give one change, with what it would do.",
        scope=_READ,
        run=_show,
        gives=ChangeWhole,
    ),
    Operation(
        name="approveRule",
        method="POST",
        path="/rule-changes/{id}/approve",
        says="As the second person, approve a change; it takes effect a week later.",
        scope=_WRITE,
        run=_approve,
        gives=ChangeRow,
        writes=Act.RULE_APPROVED,
    ),
    Operation(
        name="withdrawRule",
        method="POST",
        path="/rule-changes/{id}/withdraw",
        says="Take a change back before it takes effect.",
        scope=_WRITE,
        run=_withdraw,
        takes=Why,
        gives=ChangeRow,
        writes=Act.RULE_REJECTED,
    ),
    Operation(
        name="giveNoticeOfRule",
        method="POST",
        path="/rule-changes/{id}/notice",
        says="As the force's one evidence manager, announce a change in place of a second person.",
        scope=_WRITE,
        run=_give_notice,
        gives=NoticeRow,
        status=201,
        writes=Act.NOTICE_GIVEN,
    ),
)
