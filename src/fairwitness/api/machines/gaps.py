"""Numbers of cameras' counters that never came, for programs: which, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fairwitness.api.machines import cursors
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.evidence.reaching import within
from fairwitness.force import cameras
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.ingest import counter_gaps


@dataclass(frozen=True, slots=True)
class GapRow:
    """A number that a dock missed on a camera, and when it said so."""

    camera: str
    counter: int
    named_at: datetime


@dataclass(frozen=True, slots=True)
class GapPage:
    """One page of numbers that nobody has explained, the oldest first."""

    items: tuple[GapRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class GapsSaid:
    """Why numbers of one camera never came."""

    camera: str
    counters: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class GapsExplained:
    """How many numbers that explained."""

    explained: int


def _listing(call: Call) -> GapPage:
    units = call.reach(Action.EXPLAIN_GAP)
    rows = counter_gaps.unexplained().filter(within(units, "camera__unit__code"))
    found, after = cursors.by_number(rows.select_related("camera"), call)
    items = tuple(GapRow(gap.camera.serial, gap.counter, gap.named_at) for gap in found)
    return GapPage(items, after)


def _explain(call: Call) -> GapsExplained:
    call.demand_person()
    said = call.taken(GapsSaid)
    call.reach(Action.EXPLAIN_GAP)
    number = counter_gaps.explain(
        camera=cameras.named(said.camera.strip()),
        counters=[each for each in said.counters if 0 < each < 1 << 63],
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return GapsExplained(number)


OPERATIONS: Final = (
    Operation(
        name="listGaps",
        method="GET",
        path="/gaps",
        says="List numbers of cameras' counters that never came and that nobody has explained.",
        scope=Scope.FORCE_READ,
        run=_listing,
        gives=GapPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="explainGaps",
        method="POST",
        path="/gaps/explain",
        says="As a person, say why numbers of a camera never came; they stay counted.",
        scope=Scope.FORCE_WRITE,
        run=_explain,
        takes=GapsSaid,
        gives=GapsExplained,
        writes=Act.CAMERA_COUNTER_GAP_EXPLAINED,
    ),
)
