"""Cases for programs: open one, produce and withdraw exhibits, copies for court."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors, recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.cases import opening, producing, sight
from fairwitness.cases.models import Case, Exhibit
from fairwitness.disclosure import tickets
from fairwitness.disclosure.models import Disclosure
from fairwitness.force import officers, permissions
from fairwitness.force.asking import Action, Refused
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act

REVIEW: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case, who answers for it, and when somebody looks at it again."""

    id: UUID
    reference: str
    title: str
    unit: str
    officer_in_case: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    review_on: date


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, those opened last first."""

    items: tuple[CaseRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRow:
    """An exhibit, who produces it, and of which recording."""

    id: UUID
    reference: str
    title: str
    producer: str
    recording: UUID
    produced_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseWhole:
    """A case with its exhibits."""

    case: CaseRow
    exhibits: tuple[ExhibitRow, ...]


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open, in one's own unit; without `review_on` it is looked at after 180 days."""

    reference: str
    title: str
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewExhibit:
    """A recording to produce: by whose collar number, as what; without a reference, the next."""

    recording: UUID
    producer: str
    title: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ExhibitWithdrawn:
    """Whether what the exhibit kept is released, or its hold waits for a second person."""

    id: UUID
    released: bool


@dataclass(frozen=True, slots=True)
class NewCopy:
    """For whom a copy for court is, and why."""

    recipient: str
    purpose: str


@dataclass(frozen=True, slots=True)
class CopyReady:
    """Where a copy for court is fetched, once, within five minutes; it is made while it is sent."""

    id: UUID
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow:
    """A copy for court that was fetched whole and signed."""

    id: UUID
    case: UUID
    recipient: str
    purpose: str
    exhibits: tuple[str, ...]
    made_by: str
    made_at: datetime
    tag_manifest_sha256: str


@dataclass(frozen=True, slots=True)
class CopyPage:
    """One page of copies for court, the last first."""

    items: tuple[CopyRow, ...]
    next: str | None


def row(case: Case) -> CaseRow:
    """A case as it is told."""
    return CaseRow(
        id=case.pk,
        reference=case.reference,
        title=case.title,
        unit=case.unit.code,
        officer_in_case=case.officer_in_case.collar_number,
        state=case.state,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        outcome=case.outcome,
        review_on=case.review_on,
    )


def _exhibit(exhibit: Exhibit) -> ExhibitRow:
    return ExhibitRow(
        id=exhibit.pk,
        reference=exhibit.reference,
        title=exhibit.title,
        producer=exhibit.producer.collar_number,
        recording=exhibit.recording_id,
        produced_at=exhibit.produced_at,
        withdrawn_at=exhibit.withdrawn_at,
    )


def _copy(made: Disclosure) -> CopyRow:
    return CopyRow(
        id=made.pk,
        case=made.case_id,
        recipient=made.recipient,
        purpose=made.purpose,
        exhibits=tuple(str(each) for each in made.exhibits),
        made_by=made.made_by.collar_number,
        made_at=made.made_at,
        tag_manifest_sha256=made.tag_manifest_sha256,
    )


def find(call: Call, pk: UUID) -> Case:
    """The case, if the caller may see it; else it is not there."""
    case = Case.objects.select_related("unit", "officer_in_case").filter(pk=pk).first()
    if case is None:
        raise not_here()
    call.demand(Action.SEE_CASE, about=opening.about(case), subject=opening.subject_of(case))
    return case


def _listing(call: Call) -> CasePage:
    seen = Case.objects.filter(sight.within(call.facts))
    rows = seen.select_related("unit", "officer_in_case")
    found, after = cursors.by_time(rows, call, "opened_at")
    return CasePage(tuple(row(case) for case in found if _may_see(call, case)), after)


def _may_see(call: Call, case: Case) -> bool:
    answer = permissions.may(call.facts, Action.SEE_CASE, opening.subject_of(case))
    return not isinstance(answer, Refused)


def _show(call: Call) -> CaseWhole:
    case = find(call, call.id)
    exhibits = tuple(_exhibit(each) for each in case.exhibits.select_related("producer"))
    call.note(of="exhibits", shown=len(exhibits), about=opening.about(case))
    return CaseWhole(row(case), exhibits)


def _open(call: Call) -> CaseRow:
    said = call.taken(NewCase)
    case = opening.open_case(
        reference=said.reference,
        title=said.title,
        unit=call.officer.unit,
        officer_in_case=call.officer,
        review_on=said.review_on or call.at.date() + REVIEW,
        officer=call.officer,
        at=call.at,
    )
    return row(case)


def _produce(call: Call) -> ExhibitRow:
    said = call.taken(NewExhibit)
    case = find(call, call.id)
    recording = recordings.alive(call, said.recording)
    made = producing.produce(
        case=case,
        recording=recording,
        producer=officers.named(said.producer.strip()),
        title=said.title.strip(),
        officer=call.officer,
        at=call.at,
        reference=said.reference,
    )
    return _exhibit(made.exhibit)


def _withdraw(call: Call) -> ExhibitWithdrawn:
    exhibit = Exhibit.objects.select_related("case", "hold").filter(pk=call.id).first()
    if exhibit is None:
        raise not_here()
    find(call, exhibit.case_id)
    call.demand_own_decision(exhibit.hold.owner_id)
    reason = call.taken(Why).reason
    done = producing.withdraw(
        exhibit=exhibit, reason=reason.strip(), officer=call.officer, at=call.at
    )
    return ExhibitWithdrawn(exhibit.pk, done.released)


def _ask_for_copy(call: Call) -> CopyReady:
    said = call.taken(NewCopy)
    case = find(call, call.id)
    recipient, purpose = said.recipient.strip(), said.purpose.strip()
    subject = opening.subject_of(case)
    call.demand(Action.EXPORT, about=opening.about(case), subject=subject)
    if not recipient or not purpose:
        raise producing.ExhibitInvalid("Say for whom the copy is, and why.")
    address = tickets.address(case=case, officer=call.officer, recipient=recipient, purpose=purpose)
    wanted = tickets.read(address.removeprefix(tickets.PREFIX))
    return CopyReady(wanted.disclosure, address, call.at + timedelta(seconds=tickets.SECONDS))


def _copies(call: Call) -> CopyPage:
    case = find(call, call.id)
    rows = Disclosure.objects.select_related("made_by").filter(case=case)
    found, after = cursors.by_time(rows, call, "made_at")
    return CopyPage(tuple(map(_copy, found)), after)


def _one_copy(call: Call) -> CopyRow:
    made = Disclosure.objects.select_related("made_by").filter(pk=call.id).first()
    if made is None:
        raise not_here()
    find(call, made.case_id)
    return _copy(made)


_READ, _WRITE, _COPIES = Scope.CASES_READ, Scope.CASES_WRITE, Scope.COPIES

OPERATIONS: Final = (
    Operation(
        name="listCases",
        method="GET",
        path="/cases",
        says="List the cases that this account may see.",
        scope=_READ,
        run=_listing,
        gives=CasePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="openCase",
        method="POST",
        path="/cases",
        says="Open a case; this account answers for it.",
        scope=_WRITE,
        run=_open,
        takes=NewCase,
        gives=CaseRow,
        status=201,
        writes=Act.CASE_OPENED,
    ),
    Operation(
        name="showCase",
        method="GET",
        path="/cases/{id}",
        says="Tell of one case and its exhibits.",
        scope=_READ,
        run=_show,
        gives=CaseWhole,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="produceExhibit",
        method="POST",
        path="/cases/{id}/exhibits",
        says="Produce a recording as an exhibit of a case, which keeps it.",
        scope=_WRITE,
        run=_produce,
        takes=NewExhibit,
        gives=ExhibitRow,
        status=201,
        writes=Act.EXHIBIT_PRODUCED,
    ),
    Operation(
        name="withdrawExhibit",
        method="POST",
        path="/exhibits/{id}/withdraw",
        says="Withdraw an exhibit; its reference is never used again.",
        scope=_WRITE,
        run=_withdraw,
        takes=Why,
        gives=ExhibitWithdrawn,
        writes=Act.EXHIBIT_WITHDRAWN,
    ),
    Operation(
        name="askForCopy",
        method="POST",
        path="/cases/{id}/copies",
        says="Ask for a copy for court, and say where it is fetched.",
        scope=_COPIES,
        run=_ask_for_copy,
        takes=NewCopy,
        gives=CopyReady,
        status=201,
    ),
    Operation(
        name="listCopies",
        method="GET",
        path="/cases/{id}/copies",
        says="List the copies for court that were fetched of a case.",
        scope=_COPIES,
        run=_copies,
        gives=CopyPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="showCopy",
        method="GET",
        path="/copies/{id}",
        says="Tell of one copy for court; there is none until it was fetched whole.",
        scope=_COPIES,
        run=_one_copy,
        gives=CopyRow,
    ),
)
