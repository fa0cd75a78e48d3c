"""From where on something stands out, for programs of people: read, propose, agree, take back.

Two people set it, and a machine account is neither; what stands out is in `standing_out`.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import thresholds
from fairwitness.accountability.threshold_rows import ThresholdChange
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """From how many on, and in how many days: as `thresholds.NAMES` says them."""

    views: int
    night_views: int
    refusals: int
    window_days: int
    same_views: int
    copies: int
    same_days: int
    gaps: int
    gap_days: int
    judged_hours: int


@dataclass(frozen=True, slots=True)
class ChangeWaiting:
    """Numbers that somebody proposed, and that wait for a second person."""

    id: UUID
    numbers: Numbers
    reason: str
    proposed_by: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class ThresholdsNow:
    """The numbers that stand, and what waits; null where nothing does."""

    numbers: Numbers
    waiting: ChangeWaiting | None


@dataclass(frozen=True, slots=True)
class NewNumbers:
    """All numbers as they should be, and why."""

    numbers: Numbers
    reason: str


def _now() -> ThresholdsNow:
    now, change = thresholds.numbers_now(), thresholds.waiting()
    return ThresholdsNow(
        Numbers(**now),
        ChangeWaiting(
            change.pk,
            Numbers(**{**now, **change.numbers}),
            change.reason,
            change.proposed_by.collar_number,
            change.proposed_at,
        )
        if change
        else None,
    )


def _demand(call: Call) -> None:
    call.demand(Action.SET_THRESHOLDS, about=thresholds.SUBJECT, subject=Subject())


def _show(call: Call) -> ThresholdsNow:
    _demand(call)
    return _now()


def _propose(call: Call) -> ThresholdsNow:
    call.demand_person()
    said = call.taken(NewNumbers)
    reason = said.reason.strip()[:300]
    thresholds.propose(
        numbers=asdict(said.numbers), reason=reason, officer=call.officer, at=call.at
    )
    return _now()


def _found(call: Call) -> ThresholdChange:
    _demand(call)
    change = ThresholdChange.objects.filter(pk=call.id).first()
    if change is None:
        raise not_here()
    return change


def _agree(call: Call) -> ThresholdsNow:
    call.demand_person()
    thresholds.agree(change=_found(call), officer=call.officer, at=call.at)
    return _now()


def _take_back(call: Call) -> ThresholdsNow:
    call.demand_person()
    thresholds.take_back(change=_found(call), officer=call.officer, at=call.at)
    return _now()


_READ, _WRITE = Scope.STANDS_OUT_READ, Scope.STANDS_OUT_WRITE

OPERATIONS: Final = (
    Operation(
        name="readThresholds",
        method="GET",
        path="/thresholds",
        says="Give the numbers from which on something stands out, and what waits.",
        scope=_READ,
        run=_show,
        gives=ThresholdsNow,
    ),
    Operation(
        name="proposeThresholds",
        method="POST",
        path="/thresholds",
        says="Propose other numbers; a second person agrees.",
        scope=_WRITE,
        run=_propose,
        takes=NewNumbers,
        gives=ThresholdsNow,
        status=201,
        writes=Act.RULE_PROPOSED,
    ),
    Operation(
        name="agreeThresholds",
        method="POST",
        path="/thresholds/{id}/agree",
        says="As the second person, agree to the numbers that wait.",
        scope=_WRITE,
        run=_agree,
        gives=ThresholdsNow,
        writes=Act.RULE_APPROVED,
    ),
    Operation(
        name="takeBackThresholds",
        method="POST",
        path="/thresholds/{id}/take-back",
        says="Take back the numbers that wait.",
        scope=_WRITE,
        run=_take_back,
        gives=ThresholdsNow,
        writes=Act.RULE_REJECTED,
    ),
)
