"""All operations of the JSON API, in the order in which the document tells them."""

from typing import Final

from fairwitness.api.machines import (
    camera_desk,
    camera_settings,
    case_leave,
    cases,
    early_deletions,
    force,
    holds,
    incidents,
    leave,
    looking_again,
    marks,
    notices,
    quarantine_desk,
    recordings,
    reports,
    requests,
    samples,
    sayings,
    standing_holds,
    thresholds,
)
from fairwitness.api.machines.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *recordings.OPERATIONS,
    *sayings.OPERATIONS,
    *marks.OPERATIONS,
    *looking_again.OPERATIONS,
    *early_deletions.OPERATIONS,
    *notices.OPERATIONS,
    *samples.OPERATIONS,
    *leave.OPERATIONS,
    *holds.OPERATIONS,
    *standing_holds.OPERATIONS,
    *quarantine_desk.OPERATIONS,
    *cases.OPERATIONS,
    *case_leave.OPERATIONS,
    *incidents.OPERATIONS,
    *requests.OPERATIONS,
    *reports.OPERATIONS,
    *force.OPERATIONS,
    *camera_desk.OPERATIONS,
    *camera_settings.OPERATIONS,
    *thresholds.OPERATIONS,
)
