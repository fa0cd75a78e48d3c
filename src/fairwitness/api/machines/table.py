"""All operations of the JSON API, in the order in which the document tells them."""

from typing import Final

from fairwitness.api.machines import (
    camera_desk,
    cases,
    early_deletions,
    force,
    holds,
    incidents,
    leave,
    looking_again,
    marks,
    quarantine_desk,
    recordings,
    reports,
    requests,
    standing_holds,
)
from fairwitness.api.machines.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *recordings.OPERATIONS,
    *marks.OPERATIONS,
    *looking_again.OPERATIONS,
    *early_deletions.OPERATIONS,
    *leave.OPERATIONS,
    *holds.OPERATIONS,
    *standing_holds.OPERATIONS,
    *quarantine_desk.OPERATIONS,
    *cases.OPERATIONS,
    *incidents.OPERATIONS,
    *requests.OPERATIONS,
    *reports.OPERATIONS,
    *force.OPERATIONS,
    *camera_desk.OPERATIONS,
)
