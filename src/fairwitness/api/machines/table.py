"""All operations of the JSON API, in the order in which the document tells them."""

from typing import Final

from fairwitness.api.machines import cases, force, holds, recordings, reports, requests
from fairwitness.api.machines.operation import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *recordings.OPERATIONS,
    *holds.OPERATIONS,
    *cases.OPERATIONS,
    *requests.OPERATIONS,
    *reports.OPERATIONS,
    *force.OPERATIONS,
)
