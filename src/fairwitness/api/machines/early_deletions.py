"""Early deletion for programs of people: listed; asked, decided, agreed by three; stopped by one.

A machine account takes none of the three steps.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fairwitness.accountability import finding
from fairwitness.api.machines import cursors, named, recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.marks import Decision
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import desk_sight, early_deletion
from fairwitness.retention.models import EarlyDeletion


@dataclass(frozen=True, slots=True)
class EarlyAsked:
    """Why a recording should go before its day; `for_person`: somebody filmed asks."""

    reason: str
    for_person: bool = False


@dataclass(frozen=True, slots=True)
class EarlyRow:
    """A request that a recording be deleted early, and how far it has come."""

    id: UUID
    recording: UUID
    asked_for: str
    reason: str
    asked_by: str
    state: str
    decision: str
    decided_by: str | None
    agreed_by: str | None


@dataclass(frozen=True, slots=True)
class EarlyPage:
    """One page of open requests, the last first."""

    items: tuple[EarlyRow, ...]
    next: str | None


_PEOPLE: Final = ("asked_by", "decided_by", "agreed_by")


def _again(pk: UUID) -> EarlyRow:
    return _row(EarlyDeletion.objects.select_related(*_PEOPLE).get(pk=pk))


def _row(asked: EarlyDeletion) -> EarlyRow:
    return EarlyRow(
        id=asked.pk,
        recording=asked.recording_id,
        asked_for=asked.asked_for,
        reason=asked.reason,
        asked_by=asked.asked_by.collar_number,
        state=asked.state,
        decision=asked.decision,
        decided_by=named.collar(asked.decided_by),
        agreed_by=named.collar(asked.agreed_by),
    )


def _listing(call: Call) -> EarlyPage:
    if not EarlyDeletion.objects.filter(asked_by=call.officer).exists():
        call.reach(Action.AGREE_EARLY_DELETION, desk_sight.SECOND)
    rows = desk_sight.early(call.facts).select_related(*_PEOPLE)
    found, after = cursors.by_time(rows, call, "asked_at")
    ids = [each.recording_id for each in found]
    seen = {row.pk for row in finding.visible(recordings=ids, facts=call.facts, at=call.at)}
    items = tuple(_row(each) for each in found if each.recording_id in seen)
    call.note(of="early deletions", shown=len(items))
    return EarlyPage(items, after)


def _find(call: Call) -> EarlyDeletion:
    asked = EarlyDeletion.objects.select_related("recording__unit").filter(pk=call.id).first()
    if asked is None:
        raise not_here()
    return asked


def _ask(call: Call) -> EarlyRow:
    call.demand_person()
    said = call.taken(EarlyAsked)
    asked = early_deletion.ask(
        recording=recordings.alive(call, call.id).pk,
        for_person=said.for_person,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return _again(asked.pk)


def _decide(call: Call) -> EarlyRow:
    call.demand_person()
    said = call.taken(Decision)
    asked = _find(call)
    early_deletion.decide(
        asked=asked, agreed=said.agree, reason=said.reason, officer=call.officer, at=call.at
    )
    return _again(asked.pk)


def _agree(call: Call) -> EarlyRow:
    call.demand_person()
    said = call.taken(Decision)
    asked = _find(call)
    if said.agree:
        early_deletion.agree(asked=asked, officer=call.officer, at=call.at)
    else:
        early_deletion.refuse(asked=asked, reason=said.reason, officer=call.officer, at=call.at)
    return _again(asked.pk)


def _stop(call: Call) -> EarlyRow:
    asked = _find(call)
    reason = call.taken(Why).reason
    early_deletion.stop(asked=asked, reason=reason, officer=call.officer, at=call.at)
    return _again(asked.pk)


OPERATIONS: Final = (
    Operation(
        name="listEarlyDeletions",
        method="GET",
        path="/early-deletions",
        says="List the open requests that this account decides, agrees to, or brought.",
        scope=Scope.RECORDINGS_READ,
        run=_listing,
        gives=EarlyPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="askEarlyDeletion",
        method="POST",
        path="/recordings/{id}/early-deletion",
        says="Ask that what was recorded by mistake goes before its day.",
        scope=Scope.RECORDINGS_WRITE,
        run=_ask,
        takes=EarlyAsked,
        gives=EarlyRow,
        status=201,
        writes=Act.RECORDING_DELETION_REQUESTED,
    ),
    Operation(
        name="decideEarlyDeletion",
        method="POST",
        path="/early-deletions/{id}/decide",
        says="Say as the evidence manager whether it goes early, and why.",
        scope=Scope.RECORDINGS_WRITE,
        run=_decide,
        takes=Decision,
        gives=EarlyRow,
        writes=Act.RECORDING_REVIEWED,
    ),
    Operation(
        name="agreeEarlyDeletion",
        method="POST",
        path="/early-deletions/{id}/agree",
        says="As the second person after the decision, agree, or decline with a reason.",
        scope=Scope.RECORDINGS_WRITE,
        run=_agree,
        takes=Decision,
        gives=EarlyRow,
        writes=Act.RECORDING_REVIEWED,
    ),
    Operation(
        name="stopEarlyDeletion",
        method="POST",
        path="/early-deletions/{id}/stop",
        says="Take an agreed one back within its seven days.",
        scope=Scope.RECORDINGS_WRITE,
        run=_stop,
        takes=Why,
        gives=EarlyRow,
        writes=Act.RECORDING_DELETION_REFUSED,
    ),
)
