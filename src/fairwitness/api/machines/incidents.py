"""Critical incidents for programs: list, one, preview, declare, release, accounts, close.

That a program fetched an incident is no person's look: the notice to the oversight body stays
unread until somebody opens the page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.named import Preview, Whom
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.cases import declaring, post_incident
from fairwitness.cases.declaring import Particulars
from fairwitness.cases.models import CriticalIncident, Happening, Involvement
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention.models import HoldBinding

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """A critical incident."""

    id: UUID
    reference: str
    happening: str
    about: str
    place: str
    unit: str
    began_at: datetime
    ended_at: datetime | None
    declared_at: datetime
    declared_by: str
    closed_at: datetime | None
    closed_by: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One page of incidents, those declared last first."""

    items: tuple[IncidentRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class LockedRow:
    """A recording that an incident locks."""

    id: UUID
    reference: str
    wearer: str | None
    docked_at: datetime
    locked_at: datetime


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account, and whether the log has any viewing of its officer before it."""

    what: str
    given_at: datetime
    entered_by: str
    viewed_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvedRow:
    """An officer named in an incident."""

    officer: str
    released_at: datetime | None
    released_by: str | None
    released_because: str
    accounts: tuple[AccountRow, ...]


@dataclass(frozen=True, slots=True)
class IncidentWhole:
    """An incident, what it locks, and the officers named in it."""

    incident: IncidentRow
    recordings: tuple[LockedRow, ...]
    officers: tuple[InvolvedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident(Whom):
    """What happened, where, when; who and what was there. At least one name of any kind."""

    happening: Happening
    about: str
    place: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentDeclared:
    """A declared incident, how many recordings it locks now, who was told."""

    incident: IncidentRow
    locked: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseSaid:
    """Whose viewing is released, by collar number, and why."""

    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class ViewingReleased:
    """What that officer may watch now: only what he or she wore."""

    released: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class AccountSaid:
    """Who gave an account, by collar number, when, and what kind of account."""

    officer: str
    given_at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended."""

    outcome: str


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """How many recordings have a day again, none sooner than in seven days."""

    days_again: int


def _row(incident: CriticalIncident) -> IncidentRow:
    return IncidentRow(
        id=incident.pk,
        reference=incident.reference,
        happening=incident.happening,
        about=incident.about,
        place=incident.place,
        unit=incident.unit.code,
        began_at=incident.began_at,
        ended_at=incident.ended_at,
        declared_at=incident.declared_at,
        declared_by=incident.declared_by.collar_number,
        closed_at=incident.closed_at,
        closed_by=named.collar(incident.closed_by),
        outcome=incident.outcome,
    )


def _find(call: Call, action: Action = Action.SEE_INCIDENT) -> CriticalIncident:
    related = ("unit", "declared_by", "closed_by", "hold")
    incident = CriticalIncident.objects.select_related(*related).filter(pk=call.id).first()
    if incident is None:
        call.reach(action)
        raise not_here()
    subject = post_incident.subject_of(incident)
    call.demand(action, about=declaring.about(incident), subject=subject)
    return incident


def _listing(call: Call) -> IncidentPage:
    units = call.reach(Action.SEE_INCIDENT)
    rows = CriticalIncident.objects.select_related("unit", "declared_by", "closed_by")
    if units is not None:
        rows = rows.filter(unit__code__in=units)
    found, after = cursors.by_time(rows, call, "declared_at")
    return IncidentPage(tuple(map(_row, found)), after)


def _show(call: Call) -> IncidentWhole:
    incident = _find(call)
    call.note(of="incident", shown=1, about=declaring.about(incident))
    bound = post_incident.bound_by(incident)
    people = (
        Involvement.objects.select_related("officer", "released_by")
        .prefetch_related("accounts__entered_by")
        .filter(incident=incident)
        .order_by("officer__collar_number")
    )
    return IncidentWhole(
        _row(incident),
        tuple(
            LockedRow(
                row.pk,
                row.reference,
                named.collar(row.wearer),
                row.docked_at,
                each.bound_at,
            )
            for each in bound.values()
            for row in [each.recording]
        ),
        tuple(_involved(each, bound) for each in people),
    )


def _involved(each: Involvement, bound: dict[str, HoldBinding]) -> InvolvedRow:
    return InvolvedRow(
        officer=each.officer.collar_number,
        released_at=each.released_at,
        released_by=named.collar(each.released_by),
        released_because=each.released_because,
        accounts=tuple(
            AccountRow(
                given.account.what,
                given.account.given_at,
                given.account.entered_by.collar_number,
                given.viewed_before,
            )
            for given in post_incident.accounts_of(each, bound=bound)
        ),
    )


def _said(call: Call) -> Particulars:
    said = call.taken(NewIncident)
    rows = named.rows(said)
    return Particulars(
        happening=said.happening,
        about=said.about.strip()[:300],
        place=said.place.strip()[:200],
        began_at=said.began_at,
        ended_at=said.ended_at,
        officers=rows.officers,
        cameras=rows.cameras,
        units=rows.units,
        stations=rows.stations,
    )


def _preview(call: Call) -> Preview:
    call.demand(Action.DECLARE_INCIDENT)
    found = declaring.would_lock(said=_said(call), at=call.at)
    call.note(of="incident to be declared", shown=len(found))
    shown = found[:_SHOWN]
    return Preview(len(found), len(found) > len(shown), tuple(map(named.preview_row, shown)))


def _declare(call: Call) -> IncidentDeclared:
    call.demand(Action.DECLARE_INCIDENT)
    done = declaring.declare(said=_said(call), officer=call.officer, at=call.at)
    told = tuple(each.collar_number for each in done.told)
    return IncidentDeclared(_row(done.incident), done.locked, told)


def _involvement(call: Call, collar: str) -> Involvement:
    rows = Involvement.objects.select_related("incident__unit", "incident__hold", "officer")
    named_here = rows.filter(incident=_find(call), officer__collar_number=collar.strip().upper())
    found = named_here.first()
    if found is None:
        raise declaring.IncidentInvalid(
            "This officer is not named in the incident.", code="incident.officer"
        )
    return found


def _release(call: Call) -> ViewingReleased:
    said = call.taken(ReleaseSaid)
    freed = post_incident.release_viewing(
        involvement=_involvement(call, said.officer),
        reason=said.reason,
        officer=call.officer,
        at=call.at,
    )
    return ViewingReleased(freed)


def _account(call: Call) -> AccountSaid:
    said = call.taken(AccountSaid)
    account = post_incident.enter_account(
        involvement=_involvement(call, said.officer),
        given_at=said.given_at,
        what=said.what,
        officer=call.officer,
        at=call.at,
    )
    return AccountSaid(said.officer, account.given_at, account.what)


def _close(call: Call) -> IncidentClosed:
    days = post_incident.close(
        incident=_find(call, Action.CLOSE_INCIDENT),
        outcome=call.taken(Outcome).outcome,
        officer=call.officer,
        at=call.at,
    )
    return IncidentClosed(days)


_READ, _WRITE = Scope.INCIDENTS_READ, Scope.INCIDENTS_WRITE

OPERATIONS: Final = (
    Operation(
        name="listIncidents",
        method="GET",
        path="/incidents",
        says="List the critical incidents that this account may see.",
        scope=_READ,
        run=_listing,
        gives=IncidentPage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="showIncident",
        method="GET",
        path="/incidents/{id}",
        says="Tell of one incident, what it locks, and the officers named in it.",
        scope=_READ,
        run=_show,
        gives=IncidentWhole,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="previewIncident",
        method="POST",
        path="/incidents/preview",
        says="Tell what declaring an incident would lock now; nothing is locked by asking.",
        scope=_WRITE,
        run=_preview,
        takes=NewIncident,
        gives=Preview,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="declareIncident",
        method="POST",
        path="/incidents",
        says="Declare a critical incident: all that is named is locked, and oversight is told.",
        scope=_WRITE,
        run=_declare,
        takes=NewIncident,
        gives=IncidentDeclared,
        status=201,
        writes=Act.INCIDENT_DECLARED,
    ),
    Operation(
        name="releaseViewing",
        method="POST",
        path="/incidents/{id}/releases",
        says="Let an officer watch what he or she wore in an incident.",
        scope=_WRITE,
        run=_release,
        takes=ReleaseSaid,
        gives=ViewingReleased,
        writes=Act.RECORDING_ACCESS_GRANTED,
    ),
    Operation(
        name="enterAccount",
        method="POST",
        path="/incidents/{id}/accounts",
        says="Enter when an officer gave an account.",
        scope=_WRITE,
        run=_account,
        takes=AccountSaid,
        gives=AccountSaid,
        status=201,
        writes=Act.INCIDENT_ACCOUNT_ENTERED,
    ),
    Operation(
        name="closeIncident",
        method="POST",
        path="/incidents/{id}/close",
        says="End an incident's lock; the independent investigation's alone.",
        scope=_WRITE,
        run=_close,
        takes=Outcome,
        gives=IncidentClosed,
        writes=Act.INCIDENT_CLOSED,
    ),
)
