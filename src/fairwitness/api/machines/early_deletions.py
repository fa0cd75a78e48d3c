"""Early deletion for programs of people: asked, decided and agreed by three; stopped by one.

A machine account takes none of the three steps.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fairwitness.api.machines import recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.marks import Decision
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import early_deletion
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


def _row(pk: UUID) -> EarlyRow:
    asked = EarlyDeletion.objects.select_related("asked_by", "decided_by", "agreed_by").get(pk=pk)
    return EarlyRow(
        id=asked.pk,
        recording=asked.recording_id,
        asked_for=asked.asked_for,
        reason=asked.reason,
        asked_by=asked.asked_by.collar_number,
        state=asked.state,
        decision=asked.decision,
        decided_by=asked.decided_by.collar_number if asked.decided_by else None,
        agreed_by=asked.agreed_by.collar_number if asked.agreed_by else None,
    )


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
    return _row(asked.pk)


def _decide(call: Call) -> EarlyRow:
    call.demand_person()
    said = call.taken(Decision)
    asked = _find(call)
    early_deletion.decide(
        asked=asked, agreed=said.agree, reason=said.reason, officer=call.officer, at=call.at
    )
    return _row(asked.pk)


def _agree(call: Call) -> EarlyRow:
    call.demand_person()
    said = call.taken(Decision)
    asked = _find(call)
    if said.agree:
        early_deletion.agree(asked=asked, officer=call.officer, at=call.at)
    else:
        early_deletion.refuse(asked=asked, reason=said.reason, officer=call.officer, at=call.at)
    return _row(asked.pk)


def _stop(call: Call) -> EarlyRow:
    asked = _find(call)
    reason = call.taken(Why).reason
    early_deletion.stop(asked=asked, reason=reason, officer=call.officer, at=call.at)
    return _row(asked.pk)


OPERATIONS: Final = (
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
