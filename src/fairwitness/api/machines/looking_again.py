"""Reviews for programs: what is kept stays until another day, for a reason.

To let go instead is `askUnmark` and `liftHold`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from fairwitness.api.machines import holds, recordings
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.api.machines.requests import Longer
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import reviews


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What stays, and when somebody looks again."""

    id: UUID
    review_on: date


def _keep_recording(call: Call) -> Reviewed:
    said = call.taken(Longer)
    found = recordings.alive(call, call.id)
    reviews.keep_recordings(
        recordings=[found.pk],
        look_again_on=said.until,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return Reviewed(found.pk, said.until)


def _keep_hold(call: Call) -> Reviewed:
    said = call.taken(Longer)
    hold = holds.found(call)
    reviews.keep_hold(
        hold=hold,
        look_again_on=said.until,
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return Reviewed(hold.pk, said.until)


OPERATIONS: Final = (
    Operation(
        name="keepRecordingOn",
        method="POST",
        path="/recordings/{id}/review",
        says="Keep evidence on, until another day to look again.",
        scope=Scope.RECORDINGS_WRITE,
        run=_keep_recording,
        takes=Longer,
        gives=Reviewed,
        writes=Act.RECORDING_REVIEWED,
    ),
    Operation(
        name="keepHoldOn",
        method="POST",
        path="/holds/{id}/review",
        says="Let a hold stand on, until another day to look again.",
        scope=Scope.HOLDS_WRITE,
        run=_keep_hold,
        takes=Longer,
        gives=Reviewed,
        writes=Act.HOLD_REVIEWED,
    ),
)
