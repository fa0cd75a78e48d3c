"""After a critical incident: viewing released officer by officer, accounts, and the closing.

Whether an officer had seen footage before giving an account is not asked of anybody. It follows
from the custody log: the viewings of any recording of the incident that were granted to this
officer before the time of the account. That is entered to the minute, and in doubt a viewing counts
as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.cases import declaring
from fairwitness.cases.declaring import IncidentInvalid
from fairwitness.cases.models import Account, CriticalIncident, Involvement
from fairwitness.custody import ledger, reading
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import lockdown
from fairwitness.retention.models import HoldBinding

MINUTE: Final = timedelta(minutes=1)
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """One viewing of the incident's footage, as the log has it: of what, and when."""

    recording: UUID
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """An account, and what its officer had opened before giving it."""

    account: Account
    before: tuple[Seen, ...]

    @property
    def viewed_before(self) -> bool:
        """Whether the log has any viewing before the account."""
        return bool(self.before)


def subject_of(incident: CriticalIncident, *, person: UUID | None = None) -> Subject:
    """The facts of an incident that bear on who may do what about it."""
    involved = incident.involvements.values_list("officer_id", flat=True)
    return Subject(unit=incident.unit.code, person=person, present=frozenset(involved))


def release_viewing(
    *, involvement: Involvement, reason: str, officer: Officer, at: datetime
) -> tuple[UUID, ...]:
    """Let an officer see his or her own recordings of the incident, as many as are locked by now.

    Raises:
        IncidentInvalid: no reason.
        LockdownInvalid: the incident is closed, or nothing of the officer is left to release.
        NotAllowed: only a post-incident manager who was not there, and for another.
    """
    reason = _reason(reason, "Say why the viewing is released.")
    incident = involvement.incident
    _demand(incident, Action.RELEASE_VIEWING, officer, at, person=involvement.officer_id)
    with transaction.atomic():
        freed = lockdown.release(
            hold=incident.hold, wearer=involvement.officer, by=officer, reason=reason, at=at
        )
        involvement.released_by, involvement.released_at = officer, at
        involvement.released_because = reason
        involvement.save(update_fields=["released_by", "released_at", "released_because"])
    return freed


def enter_account(
    *, involvement: Involvement, given_at: datetime, what: str, officer: Officer, at: datetime
) -> Account:
    """Enter that an officer gave an account, and when.

    Args:
        involvement: which officer, in which incident.
        given_at: when it was given, UTC.
        what: what kind of account, in words.
        officer: who enters it.
        at: now.

    Raises:
        IncidentInvalid: no words, or a time that is to come.
        NotAllowed: the officer may not, or was there.
    """
    if not what.strip():
        raise IncidentInvalid("Say what kind of account it was.", code="incident.account")
    if given_at > at:
        raise IncidentInvalid("The account can't have been given after now.", code="incident.times")
    incident = involvement.incident
    _demand(incident, Action.ENTER_ACCOUNT, officer, at, person=involvement.officer_id)
    with transaction.atomic():
        account = Account.objects.create(
            involvement=involvement,
            given_at=given_at,
            what=what.strip()[:80],
            entered_by=officer,
            entered_at=at,
        )
        ledger.append(
            subject=declaring.about(incident),
            act=Act.INCIDENT_ACCOUNT_ENTERED,
            actor=authority.text(officer),
            at=at,
            reason=account.what,
            detail={
                "officer": f"officer:{involvement.officer_id}",
                "given_at": timestamp.text(given_at),
            },
        )
    return account


def accounts_of(involvement: Involvement, *, bound: Mapping[str, HoldBinding]) -> list[Given]:
    """The accounts of one officer, each with what the log says was opened before; one query.

    Args:
        involvement: which officer; its accounts may have been fetched before.
        bound: from `bound_by`.
    """
    accounts = list(involvement.accounts.all())
    if not accounts:
        return []
    last = max(each.given_at for each in accounts)
    seen = _viewings(involvement.officer, bound, until=last + MINUTE)
    return [
        Given(account, tuple(each for each in seen if each.at < account.given_at + MINUTE))
        for account in accounts
    ]


def bound_by(incident: CriticalIncident) -> dict[str, HoldBinding]:
    """What the incident's lock binds, or bound until it was closed, by custody subject."""
    bindings = HoldBinding.objects.select_related("recording__wearer").filter(hold=incident.hold_id)
    return {
        recording_subject(each.recording_id): each
        for each in bindings.order_by("recording__docked_at", "recording_id")
    }


def close(*, incident: CriticalIncident, outcome: str, officer: Officer, at: datetime) -> int:
    """Close an incident: its lock ends, and what nothing else keeps stays at least seven days.

    Returns:
        How many recordings have a day again.

    Raises:
        IncidentInvalid: no outcome.
        LockdownInvalid: it is closed already.
        NotAllowed: only the independent investigation closes it.
    """
    outcome = _reason(outcome, "Say how it ended.")
    _demand(incident, Action.CLOSE_INCIDENT, officer, at)
    with transaction.atomic():
        freed = lockdown.end(hold=incident.hold, officer=officer, reason=outcome, at=at)
        incident.closed_by, incident.closed_at, incident.outcome = officer, at, outcome
        incident.save(update_fields=["closed_by", "closed_at", "outcome"])
        ledger.append(
            subject=declaring.about(incident),
            act=Act.INCIDENT_CLOSED,
            actor=authority.text(officer),
            at=at,
            reason=outcome,
            detail={"days_again": len(freed)},
        )
    return len(freed)


def _viewings(officer: Officer, bound: Mapping[str, HoldBinding], *, until: datetime) -> list[Seen]:
    """All of them, oldest first; the log is asked for a thousand at a time."""
    rows: list[ledger.HistoryRow] = []
    before = None
    while True:
        page = ledger.search(
            actor=authority.text(officer),
            act=Act.RECORDING_VIEWED,
            until=until,
            before=before,
            limit=reading.MAX_ROWS,
        )
        rows += [row for row in page if row.entry.subject in bound]
        if len(page) < reading.MAX_ROWS:
            break
        before = page[-1].entry_id
    return [
        Seen(found.recording_id, found.recording.reference, row.entry.at)
        for row in reversed(rows)
        for found in [bound[row.entry.subject]]
    ]


def _reason(text: str, asked: str) -> str:
    if not text.strip():
        raise IncidentInvalid(asked, code="incident.reason")
    return text.strip()[:_LONGEST]


def _demand(
    incident: CriticalIncident,
    action: Action,
    officer: Officer,
    at: datetime,
    *,
    person: UUID | None = None,
) -> None:
    authority.demand(
        actor=officer,
        action=action,
        subject=subject_of(incident, person=person),
        about=declaring.about(incident),
        at=at,
    )
