"""People stop deletion, and two of them let it go on.

Both are of the whole force. One person is enough to stop, a unit's too, for that only keeps; going
on takes two, whether a person or the sweep itself stopped it, and one of them for the whole force:
a unit does not decide what becomes of others' footage (ADR 0069). An open gap and clocks that
disagree can't be waved through: they have to be mended.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger, reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, Allowed, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import listing, sweep
from fairwitness.retention.models import DisposalListing, DisposalRun, RunState

if TYPE_CHECKING:
    from django.db.models import QuerySet

LET_ON_FOR = timedelta(hours=24)
MEND = frozenset({"disposal.gap_open", sweep.CLOCKS_DISAGREE, sweep.NoSecondClock.code})
"""What stops a sweep and can't be let on: it has to be mended."""

_TOLD_AGAIN: Final = timedelta(hours=25)
"""A sweep that stops itself says so once a day; one older than that is over."""


class StopInvalid(FairwitnessError):
    """A stop without a reason, or a run that can't be let on."""

    code = "disposal.stop_invalid"


def stop(*, reason: str, officer: Officer, at: datetime) -> DisposalRun:
    """Stop all deletion in the whole force until two people let it on.

    Raises:
        StopInvalid: no reason.
        NotAllowed: this officer may not.
    """
    if not reason.strip():
        raise StopInvalid("Say why deletion should stop.")
    _demand(officer, at)
    with transaction.atomic():
        run = DisposalRun.objects.create(
            started_at=at,
            finished_at=at,
            state=RunState.STOPPED,
            problem_code=sweep.BY_PERSON,
            problem=reason,
        )
        _log(Act.DISPOSAL_RUN_STOPPED, officer, reason, at)
    return run


def let_on(*, run: DisposalRun, reason: str, officer: Officer, at: datetime) -> bool:
    """Ask that deletion go on, or as the second person let it; for 24 hours after an anomaly.

    Returns:
        True once it may go on.

    Raises:
        StopInvalid: no reason, not stopped, let on before, or something that has to be mended;
            somebody else asked in the same moment.
        NotAllowed: this officer may not, or neither of the two may for the whole force.
    """
    if not reason.strip():
        raise StopInvalid("Say what was looked at, and with what result.")
    if run.problem_code in MEND:
        raise StopInvalid("This can't be let on: it has to be mended.", code="disposal.mend_first")
    _demand(officer, at)
    first = DisposalRun.objects.select_related("let_on_by").get(pk=run.pk).let_on_by
    if first is not None and first.pk != officer.pk and not _for_all(first, at):
        _demand(officer, at, Subject())
    with transaction.atomic():
        run = DisposalRun.objects.select_for_update().get(pk=run.pk)
        if run.state != RunState.STOPPED or run.agreed_by_id is not None:
            raise StopInvalid("This run is not stopped, or was let on before.")
        if run.let_on_by != first:
            raise StopInvalid("Somebody asked in this moment. Look again.")
        if run.let_on_by_id == officer.pk:
            raise StopInvalid("Somebody else has to agree to it.", code="disposal.two_people")
        if run.let_on_by_id is None:
            run.let_on_by = officer
        else:
            run.agreed_by, run.allowed_until = officer, at + LET_ON_FOR
            _forget_lists(run)
        run.save(update_fields=["let_on_by", "agreed_by", "allowed_until"])
        _log(Act.DISPOSAL_RUN_RESUMED, officer, reason, at, agreed=run.agreed_by_id is not None)
    return run.agreed_by_id is not None


def _forget_lists(run: DisposalRun) -> None:
    """Lists that don't match the log are never believed; what they named is listed anew."""
    if run.problem_code != listing.ListMismatch.code:
        return
    for made in DisposalListing.objects.filter(committed_at__lte=run.started_at):
        if not listing.matches(made):
            listing.forget(made)


def entries(runs: Iterable[DisposalRun]) -> dict[int, HistoryRow]:
    """The entry of each of these that a person stopped, by the run's number: it names who."""
    found: dict[int, HistoryRow] = {}
    for run in runs:
        at = run.started_at
        rows = reading.search(
            subject=listing.SUBJECT,
            act=Act.DISPOSAL_RUN_STOPPED,
            since=at,
            until=at + timedelta(microseconds=1),
        )
        if run.problem_code == sweep.BY_PERSON and rows:
            found[run.pk] = rows[0]
    return found


def open_stops(at: datetime) -> "QuerySet[DisposalRun]":
    """What stops deletion now, the latest first: a person until two let it on, or the sweep."""
    rows = DisposalRun.objects.filter(state=RunState.STOPPED, agreed_by__isnull=True)
    return rows.filter(
        Q(problem_code=sweep.BY_PERSON) | Q(started_at__gt=at - _TOLD_AGAIN)
    ).order_by("-started_at")


def _for_all(officer: Officer, at: datetime) -> bool:
    facts = authority.facts(officer=officer, at=at)
    return isinstance(permissions.may(facts, Action.STOP_DISPOSALS, Subject()), Allowed)


def _demand(officer: Officer, at: datetime, subject: Subject | None = None) -> None:
    if subject is None:
        facts = authority.facts(officer=officer, at=at)
        where = permissions.units_where(facts, Action.STOP_DISPOSALS)
        subject = Subject(unit=min(where) if where else None)
    authority.demand(
        actor=officer,
        action=Action.STOP_DISPOSALS,
        subject=subject,
        about=listing.SUBJECT,
        at=at,
    )


def _log(act: Act, officer: Officer, reason: str, at: datetime, *, agreed: bool = False) -> None:
    ledger.append(
        subject=listing.SUBJECT,
        act=act,
        actor=authority.text(officer),
        at=at,
        reason=reason,
        detail={"agreed": agreed},
    )
