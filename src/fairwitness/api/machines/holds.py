"""Holds for programs: list those one may see, place one, lift one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count

from fairwitness.api.machines import cursors, named, recordings
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import hold_kinds, hold_sight, holds, lifting
from fairwitness.retention.models import Hold, HoldBinding, HoldKind

REVIEW: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A hold: what it is for, who answers for it, how many recordings it keeps."""

    id: UUID
    kind: str
    reference: str
    basis: str
    owner: str | None
    placed_at: datetime
    review_on: date
    recordings: int
    silent: bool
    standing: bool
    locks: bool
    lift_asked_by: str | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One page of holds, those placed last first."""

    items: tuple[HoldRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """A hold on recordings, and on every part of each.

    Without `review_on` somebody looks again after 180 days.
    """

    recordings: tuple[UUID, ...]
    kind: HoldKind
    reference: str
    basis: str
    review_on: date | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """What a hold keeps, and which of those named had reached their day before."""

    id: UUID
    bound: tuple[UUID, ...]
    gone: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class MoreHeld:
    """Recordings to bring under a hold."""

    recordings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class NowHeld:
    """What a hold keeps that it did not keep before."""

    id: UUID
    bound: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The reason, in the caller's words."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted:
    """Whether the hold is lifted, or waits for a second person; what has a day again."""

    lifted: bool
    released: tuple[UUID, ...]


def _row(hold: Hold, number: int) -> HoldRow:
    return HoldRow(
        id=hold.pk,
        kind=hold.kind,
        reference=hold.reference,
        basis=hold.basis,
        owner=named.collar(hold.owner),
        placed_at=hold.placed_at,
        review_on=hold.review_on,
        recordings=number,
        silent=hold.silent,
        standing=hold.standing,
        locks=hold.locks,
        lift_asked_by=named.collar(hold.lift_asked_by),
        lifted_at=hold.lifted_at,
    )


def _listing(call: Call) -> HoldPage:
    mine = Hold.objects.filter(owner=call.officer).exists()
    if not mine and permissions.units_where(call.facts, Action.PLACE_HOLD) == frozenset():
        call.reach(Action.SEE_HOLDS)
    rows = Hold.objects.select_related("owner", "lift_asked_by")
    page, after = cursors.by_time(rows.filter(hold_sight.within(call.facts)), call, "placed_at")
    bound = HoldBinding.objects.filter(hold__in=page).order_by().values_list("hold")
    numbers = dict(bound.annotate(number=Count("pk")))
    items = tuple(
        _row(hold, numbers.get(hold.pk, 0))
        for hold in page
        if not hold_sight.waits_for(hold, call.facts)
    )
    return HoldPage(items, after)


def _place(call: Call) -> HoldPlaced:
    said = call.taken(NewHold)
    demand_by_hand(said.kind)
    for pk in said.recordings:
        recordings.alive(call, pk)
    placed = holds.place(
        terms=holds.Terms(
            kind=said.kind,
            reference=said.reference.strip(),
            basis=said.basis.strip(),
            review_on=said.review_on or call.at.date() + REVIEW,
            silent=said.silent,
        ),
        owner=call.officer,
        at=call.at,
        recordings=said.recordings,
    )
    return HoldPlaced(placed.hold, placed.bound, placed.gone)


def demand_by_hand(kind: HoldKind) -> None:
    """Refuse what comes with an exhibit, a draw or an incident.

    Raises:
        HoldInvalid: it is none that somebody chooses.
    """
    if kind not in hold_kinds.BY_HAND:
        raise holds.HoldInvalid("Exhibits, samples and incidents place their holds themselves.")


def found(call: Call) -> Hold:
    """The hold, if this account may know of it; that it may not is written down."""
    hold = Hold.objects.filter(hold_sight.within(call.facts), pk=call.id).first()
    if hold is None or hold_sight.waits_for(hold, call.facts):
        call.demand(Action.SEE_HOLDS, about=f"hold:{call.id}", subject=Subject())
        raise not_here()
    return hold


def _extend(call: Call) -> NowHeld:
    hold = found(call)
    wanted = call.taken(MoreHeld).recordings
    for pk in wanted:
        recordings.alive(call, pk)
    bound = holds.extend(hold=hold, recordings=wanted, officer=call.officer, at=call.at)
    return NowHeld(hold.pk, bound)


def _lift(call: Call) -> HoldLifted:
    hold = found(call)
    call.demand_own_decision(hold.owner_id)
    reason = call.taken(Why).reason
    done = lifting.lift(hold=hold, officer=call.officer, reason=reason, at=call.at)
    return HoldLifted(done.lifted, done.released)


OPERATIONS: Final = (
    Operation(
        name="listHolds",
        method="GET",
        path="/holds",
        says="List the holds that this account may see.",
        scope=Scope.HOLDS_READ,
        run=_listing,
        gives=HoldPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="placeHold",
        method="POST",
        path="/holds",
        says="Keep recordings from deletion until the hold is lifted.",
        scope=Scope.HOLDS_WRITE,
        run=_place,
        takes=NewHold,
        gives=HoldPlaced,
        status=201,
        writes=Act.HOLD_PLACED,
    ),
    Operation(
        name="extendHold",
        method="POST",
        path="/holds/{id}/recordings",
        says="Bring more recordings under a hold of one's own.",
        scope=Scope.HOLDS_WRITE,
        run=_extend,
        takes=MoreHeld,
        gives=NowHeld,
        writes=Act.HOLD_BOUND,
    ),
    Operation(
        name="liftHold",
        method="POST",
        path="/holds/{id}/lift",
        says="Lift a hold as its owner; anybody else asks, and a second person lifts it.",
        scope=Scope.HOLDS_WRITE,
        run=_lift,
        takes=Why,
        gives=HoldLifted,
        writes=Act.HOLD_LIFTED,
    ),
)
