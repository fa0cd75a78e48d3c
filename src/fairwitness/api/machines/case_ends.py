"""Closing a case for programs, and working on a closed one again."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from fairwitness.api.machines import cases
from fairwitness.api.machines.cases import REVIEW, CaseRow
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.cases import opening
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """How a case ended; without `review_on` it is looked at again after 180 days."""

    outcome: str
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseAgain:
    """Why it is worked on again; without `review_on` it is looked at again after 180 days."""

    reason: str
    review_on: date | None = None


def _close(call: Call) -> CaseRow:
    said = call.taken(CaseEnd)
    closed = opening.close_case(
        case=cases.find(call, call.id),
        outcome=said.outcome,
        review_on=said.review_on or call.at.date() + REVIEW,
        officer=call.officer,
        at=call.at,
    )
    return cases.row(closed)


def _reopen(call: Call) -> CaseRow:
    said = call.taken(CaseAgain)
    opened = opening.reopen_case(
        case=cases.find(call, call.id),
        reason=said.reason,
        review_on=said.review_on or call.at.date() + REVIEW,
        officer=call.officer,
        at=call.at,
    )
    return cases.row(opened)


OPERATIONS: Final = (
    Operation(
        name="closeCase",
        method="POST",
        path="/cases/{id}/close",
        says="Close a case, saying how it ended.",
        scope=Scope.CASES_WRITE,
        run=_close,
        takes=CaseEnd,
        gives=CaseRow,
        writes=Act.CASE_CLOSED,
    ),
    Operation(
        name="reopenCase",
        method="POST",
        path="/cases/{id}/reopen",
        says="Work on a closed case again, saying why.",
        scope=Scope.CASES_WRITE,
        run=_reopen,
        takes=CaseAgain,
        gives=CaseRow,
        writes=Act.CASE_REOPENED,
    ),
)
