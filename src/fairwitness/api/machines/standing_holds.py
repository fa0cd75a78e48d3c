"""Standing holds for programs: list what each asks for, preview, place; lifted as any hold."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import finding
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.holds import REVIEW, demand_by_hand
from fairwitness.api.machines.named import Preview, Whom
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.evidence import knowing
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera, Officer
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import hold_sight, holds, narrowing, standing
from fairwitness.retention.models import Hold, HoldKind
from fairwitness.retention.standing import Criteria

_SHOWN: Final = 20
_MOST: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCriteria(Whom):
    """What it is about. Kinds add up, names of one kind are alternatives; in doubt it keeps."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStandingHold(StandingCriteria):
    """A standing hold; without `review_on` somebody looks again after 180 days."""

    kind: HoldKind
    reference: str
    basis: str
    review_on: date | None = None
    silent: bool = False
    release_when: str = ""


@dataclass(frozen=True, slots=True)
class StandingPlaced:
    """A standing hold, and what it keeps already; what matches and is docked later follows."""

    id: UUID
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """A standing hold that stands, and what it asks for."""

    id: UUID
    kind: str
    reference: str
    basis: str
    owner: str | None
    placed_at: datetime
    review_on: date
    silent: bool
    release_when: str
    officers: tuple[str, ...]
    cameras: tuple[str, ...]
    units: tuple[str, ...]
    stations: tuple[str, ...]
    any_of: bool
    begins_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class StandingPage:
    """One page of standing holds, those placed last first."""

    items: tuple[StandingRow, ...]
    next: str | None


def _listing(call: Call) -> StandingPage:
    if not Hold.objects.filter(owner=call.officer, standing=True).exists():
        call.reach(Action.SEE_HOLDS)
    rows = Hold.objects.select_related("owner").filter(standing=True, lifted_at__isnull=True)
    found, after = cursors.by_time(rows.filter(hold_sight.within(call.facts)), call, "placed_at")
    seen = [hold for hold in found if not hold_sight.waits_for(hold, call.facts)]
    asked = [standing.criteria_from(hold.criteria) for hold in seen]
    people = {pk for each in asked for pk in each.officers}
    held = {pk for each in asked for pk in each.cameras}
    collars = dict(Officer.objects.filter(pk__in=people).values_list("pk", "collar_number"))
    serials = dict(Camera.objects.filter(pk__in=held).values_list("pk", "serial"))
    items = tuple(
        StandingRow(
            id=hold.pk,
            kind=hold.kind,
            reference=hold.reference,
            basis=hold.basis,
            owner=named.collar(hold.owner),
            placed_at=hold.placed_at,
            review_on=hold.review_on,
            silent=hold.silent,
            release_when=hold.release_when,
            officers=tuple(collars[pk] for pk in each.officers if pk in collars),
            cameras=tuple(serials[pk] for pk in each.cameras if pk in serials),
            units=each.units,
            stations=each.stations,
            any_of=each.any_of,
            begins_at=each.begins_at,
            ends_at=each.ends_at,
        )
        for hold, each in zip(seen, asked, strict=True)
    )
    return StandingPage(items, after)


def _preview(call: Call) -> Preview:
    call.reach(Action.PLACE_STANDING_HOLD)
    criteria = _criteria(call.taken(StandingCriteria))
    looked = list(narrowing.living(criteria)[: _MOST + 1])
    there = [row for row in looked[:_MOST] if not knowing.gone_for(row, call.facts, call.at)]
    bound = [row.pk for row in there if standing.matches(criteria, holds.seen(row))]
    seen = finding.visible(recordings=bound, facts=call.facts, at=call.at)
    shown = [row for row in seen if row.wearer_id != call.officer.pk][:_SHOWN]
    call.note(of="standing hold", shown=len(shown))
    return Preview(len(bound), len(looked) > _MOST, tuple(map(named.preview_row, shown)))


def _place(call: Call) -> StandingPlaced:
    said = call.taken(NewStandingHold)
    demand_by_hand(said.kind)
    placed = holds.place(
        terms=holds.Terms(
            kind=said.kind,
            reference=said.reference.strip()[:80],
            basis=said.basis.strip(),
            review_on=said.review_on or call.at.date() + REVIEW,
            silent=said.silent,
            release_when=said.release_when,
        ),
        owner=call.officer,
        at=call.at,
        criteria=_criteria(said),
    )
    return StandingPlaced(placed.hold, len(placed.bound))


def _criteria(said: StandingCriteria) -> Criteria:
    rows = named.rows(said)
    return Criteria(
        officers=tuple(each.pk for each in rows.officers),
        cameras=tuple(each.pk for each in rows.cameras),
        units=tuple(each.code for each in rows.units),
        stations=tuple(each.code for each in rows.stations),
        begins_at=said.begins_at,
        ends_at=said.ends_at,
    )


OPERATIONS: Final = (
    Operation(
        name="listStandingHolds",
        method="GET",
        path="/standing-holds",
        says="List the standing holds that this account may see, and what each asks for.",
        scope=Scope.HOLDS_READ,
        run=_listing,
        gives=StandingPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="previewStandingHold",
        method="POST",
        path="/standing-holds/preview",
        says="Tell what a standing hold would keep of what is here; nothing is kept by asking.",
        scope=Scope.HOLDS_WRITE,
        run=_preview,
        takes=StandingCriteria,
        gives=Preview,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="placeStandingHold",
        method="POST",
        path="/standing-holds",
        says="Keep what matches, and what matches and is docked later, until the hold is lifted"
        " (liftHold).",
        scope=Scope.HOLDS_WRITE,
        run=_place,
        takes=NewStandingHold,
        gives=StandingPlaced,
        status=201,
        writes=Act.HOLD_PLACED,
    ),
)
