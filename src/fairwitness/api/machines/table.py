"""All operations of the JSON API, in the order in which the document tells them."""

from typing import Final

from fairwitness.api.machines import (
    camera_desk,
    cases,
    force,
    holds,
    incidents,
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
