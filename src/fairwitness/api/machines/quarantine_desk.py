"""The quarantine for programs: list, one, watch, check again; propose, confirm, take back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, Parameter, not_here
from fairwitness.api.machines.recording_shapes import HistoryLine
from fairwitness.evidence import history
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import quarantine
from fairwitness.ingest.checks import Reason
from fairwitness.ingest.models import Quarantine, QuarantineState, UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """What arrived and can't be registered as it is. Names in it are what a stranger claims."""

    number: int
    recording: UUID
    state: str
    reason: str
    message: str
    claimed: str
    filename: str
    size: int
    unit: str | None
    arrived_at: datetime
    gone_by: datetime
    bin_until: datetime | None
    proposal: str
    proposal_reason: str
    proposed_by: str | None
    decided_by: str | None
    received_as: UUID | None


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """One page of the quarantine, the oldest first."""

    items: tuple[QuarantineRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class QuarantineWhole:
    """One case, and what happened to it."""

    case: QuarantineRow
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one person proposes for a case, and why; another confirms."""

    proposal: quarantine.Proposal
    reason: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What is confirmed: the proposal that one has read."""

    proposal: quarantine.Proposal


@dataclass(frozen=True, slots=True)
class ApartGranted:
    """Where footage in quarantine is had until then, to decide on it."""

    address: str
    expires_at: datetime


def _row(case: Quarantine) -> QuarantineRow:
    upload = case.upload
    received = upload.received_as if upload.state == UploadState.RECEIVED else None
    return QuarantineRow(
        number=case.pk,
        recording=case.recording_id,
        state=case.state,
        reason=case.reason,
        message=case.message,
        claimed=case.claimed,
        filename=upload.filename,
        size=upload.length,
        unit=quarantine.unit_of(case),
        arrived_at=case.arrived_at,
        gone_by=case.gone_by,
        bin_until=case.bin_until,
        proposal=case.proposal,
        proposal_reason=case.proposal_reason,
        proposed_by=named.collar(case.proposed_by),
        decided_by=named.collar(case.decided_by),
        received_as=received,
    )


def _find(call: Call) -> Quarantine:
    """The case. One of another unit is none: numbers would tell how many there are."""
    call.reach(Action.SEE_QUARANTINE)
    sender = ("upload__dock__station__unit", "upload__axis__station__unit", "upload__officer__unit")
    rows = Quarantine.objects.select_related(*sender, "proposed_by", "decided_by")
    case = rows.filter(pk=call.number).first()
    if case is None:
        raise not_here()
    about, subject = recording_subject(case.recording_id), Subject(unit=quarantine.unit_of(case))
    if not call.allows(Action.SEE_QUARANTINE, about=about, subject=subject):
        raise not_here()
    return case


def _again(call: Call) -> QuarantineRow:
    return _row(_find(call))


def _listing(call: Call) -> QuarantinePage:
    call.reach(Action.SEE_QUARANTINE)
    state = call.one("state") or QuarantineState.HELD.value
    reason = call.one("reason")
    if state not in QuarantineState.values or (reason and reason not in set(Reason)):
        raise RequestRefused("There is no such state or reason.", code="request.query")
    rows = quarantine.shown_to(call.facts).filter(state=state)
    if reason:
        rows = rows.filter(reason=reason)
    found, after = cursors.by_number(rows, call)
    call.note(of="quarantine", shown=len(found), sought={"why": reason})
    return QuarantinePage(tuple(map(_row, found)), after)


def _show(call: Call) -> QuarantineWhole:
    case = _find(call)
    lines = history.before_registration(
        recording=case.recording_id, officer=call.officer, at=call.at
    )
    told = tuple(HistoryLine(line.at, line.text, line.refused) for line in lines)
    return QuarantineWhole(_row(case), told)


def _watch(call: Call) -> ApartGranted:
    grant = quarantine.watch(case=_find(call), officer=call.officer, at=call.at)
    return ApartGranted(f"/play/{grant.token}/quarantined", grant.expires_at)


def _check(call: Call) -> QuarantineRow:
    quarantine.check_again(case=_find(call), officer=call.officer, at=call.at)
    return _again(call)


def _propose(call: Call) -> QuarantineRow:
    call.demand_person()
    said = call.taken(Proposed)
    case = _find(call)
    if not said.reason.strip():
        raise quarantine.QuarantineClosed("Say why: whoever confirms it reads your reason.")
    quarantine.propose(
        case=case,
        proposal=said.proposal,
        officer=call.officer,
        reason=said.reason.strip(),
        at=call.at,
    )
    return _again(call)


def _confirm(call: Call) -> QuarantineRow:
    call.demand_person()
    proposal = call.taken(Confirmed).proposal.value
    quarantine.confirm(case=_find(call), proposal=proposal, officer=call.officer, at=call.at)
    return _again(call)


def _take_back(call: Call) -> QuarantineRow:
    reason = call.taken(Why).reason.strip()
    quarantine.take_back(case=_find(call), officer=call.officer, reason=reason, at=call.at)
    return _again(call)


_READ, _WRITE = Scope.QUARANTINE_READ, Scope.QUARANTINE_WRITE

OPERATIONS: Final = (
    Operation(
        name="listQuarantine",
        method="GET",
        path="/quarantine",
        says="List what arrived and can't be registered as it is.",
        scope=_READ,
        run=_listing,
        gives=QuarantinePage,
        query=(
            Parameter("state", "held, binned, released or rejected; held when not said"),
            Parameter("reason", "a code, such as camera.unknown"),
            *cursors.PARAMETERS,
        ),
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="showQuarantined",
        method="GET",
        path="/quarantine/{number}",
        says="Tell of one case in quarantine and what happened to it.",
        scope=_READ,
        run=_show,
        gives=QuarantineWhole,
        writes=Act.RECORDING_HISTORY_READ,
    ),
    Operation(
        name="watchQuarantined",
        method="POST",
        path="/quarantine/{number}/viewings",
        says="Ask to watch what is in quarantine, to decide on it.",
        scope=Scope.RECORDINGS_VIEW,
        run=_watch,
        gives=ApartGranted,
        status=201,
        writes=Act.RECORDING_VIEWED,
    ),
    Operation(
        name="checkAgain",
        method="POST",
        path="/quarantine/{number}/check",
        says="Have it checked once more, now that the reason may be mended.",
        scope=_WRITE,
        run=_check,
        gives=QuarantineRow,
        writes=Act.RECORDING_RELEASED_FROM_QUARANTINE,
    ),
    Operation(
        name="proposeForQuarantined",
        method="POST",
        path="/quarantine/{number}/propose",
        says="Propose to let it in, or to reject it; another person confirms.",
        scope=_WRITE,
        run=_propose,
        takes=Proposed,
        gives=QuarantineRow,
        writes=Act.RECORDING_RELEASE_PROPOSED,
    ),
    Operation(
        name="confirmForQuarantined",
        method="POST",
        path="/quarantine/{number}/confirm",
        says="Confirm, as the second person, what another proposed.",
        scope=_WRITE,
        run=_confirm,
        takes=Confirmed,
        gives=QuarantineRow,
        writes=Act.RECORDING_RELEASED_FROM_QUARANTINE,
    ),
    Operation(
        name="takeBackQuarantined",
        method="POST",
        path="/quarantine/{number}/take-back",
        says="Take what was rejected out of the bin; it waits for people again.",
        scope=_WRITE,
        run=_take_back,
        takes=Why,
        gives=QuarantineRow,
        writes=Act.RECORDING_REJECTION_TAKEN_BACK,
    ),
)
