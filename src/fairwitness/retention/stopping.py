"""People stop deletion, and two of them let it go on.

One person is enough to stop; going on takes two, whether a person or the sweep itself stopped it.
An open gap and clocks that disagree can't be waved through: they have to be mended.
"""

from datetime import datetime, timedelta

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import listing, sweep
from fairwitness.retention.models import DisposalListing, DisposalRun, RunState

LET_ON_FOR = timedelta(hours=24)
MEND = frozenset({"disposal.gap_open", sweep.CLOCKS_DISAGREE, sweep.NoSecondClock.code})
"""What stops a sweep and can't be let on: it has to be mended."""


class StopInvalid(FairwitnessError):
    """A stop without a reason, or a run that can't be let on."""

    code = "disposal.stop_invalid"


def stop(*, reason: str, officer: Officer, at: datetime) -> DisposalRun:
    """Stop all deletion until two people let it on.

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
        StopInvalid: no reason, not stopped, let on before, or something that has to be mended.
        NotAllowed: this officer may not.
    """
    if not reason.strip():
        raise StopInvalid("Say what was looked at, and with what result.")
    if run.problem_code in MEND:
        raise StopInvalid("This can't be let on: it has to be mended.", code="disposal.mend_first")
    _demand(officer, at)
    with transaction.atomic():
        run = DisposalRun.objects.select_for_update().get(pk=run.pk)
        if run.state != RunState.STOPPED or run.agreed_by_id is not None:
            raise StopInvalid("This run is not stopped, or was let on before.")
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


def _demand(officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.STOP_DISPOSALS,
        subject=Subject(unit=officer.unit.code),
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
