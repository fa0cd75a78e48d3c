"""What stops deletion, for programs: read, stop, and as one of two people let it go on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import listing, stopping, sweep
from fairwitness.retention.models import DisposalRun, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """What stopped deletion; `mend`: it can't be let on, and has to be mended."""

    number: int
    stopped_at: datetime
    code: str
    words: str
    by_person: bool
    mend: bool
    let_on_by: str | None
    agreed_by: str | None


@dataclass(frozen=True, slots=True)
class StopPage:
    """One page of what stopped deletion and was not let on, the oldest first."""

    items: tuple[StopRow, ...]
    next: str | None


def _row(run: DisposalRun) -> StopRow:
    return StopRow(
        number=run.pk,
        stopped_at=run.started_at,
        code=run.problem_code,
        words=run.problem,
        by_person=run.problem_code == sweep.BY_PERSON,
        mend=run.problem_code in stopping.MEND,
        let_on_by=named.collar(run.let_on_by),
        agreed_by=named.collar(run.agreed_by),
    )


def _listing(call: Call) -> StopPage:
    call.reach(Action.SEE_DISPOSALS)
    rows = DisposalRun.objects.filter(state=RunState.STOPPED, agreed_by__isnull=True)
    found, after = cursors.by_number(rows.select_related("let_on_by", "agreed_by"), call)
    return StopPage(tuple(map(_row, found)), after)


def _stop(call: Call) -> StopRow:
    return _row(stopping.stop(reason=call.taken(Why).reason, officer=call.officer, at=call.at))


def _let_on(call: Call) -> StopRow:
    call.demand_person()
    rows = DisposalRun.objects.select_related("let_on_by", "agreed_by")
    run = rows.filter(pk=call.number).first()
    if run is None:
        call.demand(Action.STOP_DISPOSALS, about=listing.SUBJECT)
        raise not_here()
    stopping.let_on(run=run, reason=call.taken(Why).reason, officer=call.officer, at=call.at)
    return _row(rows.get(pk=run.pk))


OPERATIONS: Final = (
    Operation(
        name="listStops",
        method="GET",
        path="/deletion-stops",
        says="List what stopped deletion, and was not let on by two people.",
        scope=Scope.DELETIONS_READ,
        run=_listing,
        gives=StopPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="stopDeletion",
        method="POST",
        path="/deletion-stops",
        says="Stop all deletion until two people let it go on.",
        scope=Scope.RULES_WRITE,
        run=_stop,
        takes=Why,
        gives=StopRow,
        status=201,
        writes=Act.DISPOSAL_RUN_STOPPED,
    ),
    Operation(
        name="letDeletionOn",
        method="POST",
        path="/deletion-stops/{number}/let-on",
        says="Ask that deletion go on, or agree to it as the second person.",
        scope=Scope.RULES_WRITE,
        run=_let_on,
        takes=Why,
        gives=StopRow,
        writes=Act.DISPOSAL_RUN_RESUMED,
    ),
)
