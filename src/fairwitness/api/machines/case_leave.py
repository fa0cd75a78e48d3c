"""Leave for a whole case for programs: who has it, what it would open, give it, end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.leave import NameSaid
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.cases import case_leave, opening
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.cases.models import Case
from fairwitness.force import officers
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLeaveRow:
    """Leave for all that a case has and gets, and until when."""

    id: UUID
    case: UUID
    reference: str
    officer: str
    given_by: str
    reason: str
    given_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseLeaves:
    """Leave that stands, the next to end first."""

    items: tuple[CaseLeaveRow, ...]


@dataclass(frozen=True, slots=True)
class CaseLeavePage:
    """One page of leave of one's own that stands, that given last first."""

    items: tuple[CaseLeaveRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording of the case: why leave would not open it, empty when it would."""

    recording: UUID
    reference: str
    why_not: str
    sees_already: bool


@dataclass(frozen=True, slots=True)
class Foretold:
    """What leave would open; with `more` the case has more than were asked about."""

    items: tuple[Opened, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class WhoAsked:
    """Whom it would be for, by collar number."""

    officer: str


def _row(each: CaseLeave) -> CaseLeaveRow:
    return CaseLeaveRow(
        id=each.pk,
        case=each.case_id,
        reference=each.case.reference,
        officer=each.officer.collar_number,
        given_by=each.given_by.collar_number,
        reason=each.reason,
        given_at=each.given_at,
        ends_at=each.ends_at,
        ended_at=each.ended_at,
    )


def _find(call: Call, pk: UUID) -> Case:
    case = Case.objects.select_related("unit").filter(pk=pk).first()
    if case is None:
        call.demand(Action.GIVE_CASE_LEAVE, about=f"case:{pk}")
        raise not_here()
    subject = opening.subject_of(case)
    call.demand(Action.GIVE_CASE_LEAVE, about=opening.about(case), subject=subject)
    return case


def _listing(call: Call) -> CaseLeaves:
    found = case_leave.standing(case=_find(call, call.id), at=call.at).select_related("case")
    return CaseLeaves(tuple(map(_row, found.select_related("case", "officer", "given_by"))))


def _foretell(call: Call) -> Foretold:
    said = call.taken(WhoAsked)
    reach = case_leave.foretell(
        case=_find(call, call.id),
        officer=officers.named(said.officer.strip()),
        by=call.officer,
        at=call.at,
    )
    call.note(of="leave for a case", shown=len(reach))
    items = tuple(
        Opened(each.recording.pk, each.recording.reference, each.why_not, each.sees_already)
        for each in reach
    )
    return Foretold(items, len(reach) == case_leave.MOST)


def _give(call: Call) -> CaseLeaveRow:
    said = call.taken(NameSaid)
    made = case_leave.give(
        case=_find(call, call.id),
        officer=officers.named(said.officer.strip()),
        by=call.officer,
        reason=said.reason,
        until=said.until,
        at=call.at,
    )
    return _row(made)


def _end(call: Call) -> CaseLeaveRow:
    rows = CaseLeave.objects.select_related("officer", "given_by", "case__unit")
    each = rows.filter(pk=call.id).first()
    if each is None:
        raise not_here()
    _find(call, each.case_id)
    case_leave.end(leave=each, by=call.officer, reason=call.taken(Why).reason, at=call.at)
    each.refresh_from_db(fields=["ended_at"])
    return _row(each)


def _mine(call: Call) -> CaseLeavePage:
    rows = case_leave.opened_for(officer=call.officer, at=call.at)
    found, after = cursors.by_time(rows.select_related("officer"), call, "given_at")
    return CaseLeavePage(tuple(map(_row, found)), after)


_READ, _WRITE = Scope.CASES_READ, Scope.CASES_WRITE

OPERATIONS: Final = (
    Operation(
        name="listCaseLeave",
        method="GET",
        path="/cases/{id}/leave",
        says="List who has leave for a case.",
        scope=_READ,
        run=_listing,
        gives=CaseLeaves,
    ),
    Operation(
        name="previewCaseLeave",
        method="POST",
        path="/cases/{id}/leave/preview",
        says="Tell what leave for a case would open to an officer; nothing is opened by asking.",
        scope=_WRITE,
        run=_foretell,
        takes=WhoAsked,
        gives=Foretold,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="giveCaseLeave",
        method="POST",
        path="/cases/{id}/leave",
        says="Let an officer see what a case has, and what comes to it, for a time.",
        scope=_WRITE,
        run=_give,
        takes=NameSaid,
        gives=CaseLeaveRow,
        status=201,
        writes=Act.CASE_MEMBER_ADDED,
    ),
    Operation(
        name="endCaseLeave",
        method="POST",
        path="/case-leave/{id}/end",
        says="Take leave for a case back before its time.",
        scope=_WRITE,
        run=_end,
        takes=Why,
        gives=CaseLeaveRow,
        writes=Act.CASE_MEMBER_REMOVED,
    ),
    Operation(
        name="listMyCaseLeave",
        method="GET",
        path="/case-leave",
        says="List the cases that are open to this account for a time.",
        scope=_READ,
        run=_mine,
        gives=CaseLeavePage,
        query=cursors.PARAMETERS,
    ),
)
