"""The hourly sweep: what is due goes, and nothing else, and never in a rush.

Design rules:

1. **Nothing while in doubt.** An open gap in the custody log, two clocks that disagree, a list that
   the log does not know, or far more due than ever: the sweep stops itself and says why. Two people
   let it on.
2. **Two clocks.** A recording goes only when both the server's clock and a second one say that its
   time has come. On training data the second clock may be the same; the run says so.
3. **With a lead.** The key dies up to two hours before the moment from which nothing is readable,
   so that an hourly sweep is never late.
4. **Small transactions.** Each batch commits by itself; an interrupted sweep is simply run again.
5. **What was begun is finished first**, even when nothing new may be begun, except in a gap.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from fairwitness.custody import gaps, ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording, State
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.retention import categories, disposal, listing, rule_changes
from fairwitness.retention.disposal import Tools
from fairwitness.retention.listing import Line, ListMismatch
from fairwitness.retention.models import DisposalRun, RunState

SecondClock = Callable[[], datetime]
"""An independent time, UTC: a witness's or NTP's."""

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

CLOCKS_AGREE = timedelta(minutes=5)
ORDINARY = 50
"""So many due at once are never out of proportion."""

TIMES = 3
BY_PERSON = "disposal.by_person"
CLOCKS_DISAGREE = "disposal.clocks_disagree"
_MEASURED = timedelta(days=60)


class NoSecondClock(FairwitnessError):
    """No second clock answers; raised by the `SecondClock`, and stops the sweep."""

    code = "disposal.no_second_clock"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Why a sweep stopped itself: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep did, or would do.

    Attributes:
        at: the time it judged by, which both clocks have passed.
        due: recordings whose time has come.
        disposed: recordings whose deletion was committed.
        finished: deletions brought to their end, sealed bytes included.
        listed: recordings that were put on a list now.
        unlisted: due, but on no list that is old enough; they are unreadable from their day on,
            and go 48 hours after they were listed.
        stopped: why it stopped itself; None when it did not.
    """

    at: datetime
    due: int = 0
    disposed: tuple[UUID, ...] = field(default=())
    finished: int = 0
    listed: int = 0
    unlisted: int = 0
    stopped: Anomaly | None = None


def run(
    tools: Tools,
    *,
    at: datetime,
    second_clock: SecondClock,
    progress: Progress | None = None,
) -> Outcome:
    """One sweep. Safe to run at any time, in any number of processes, after any interruption.

    Args:
        tools: vault and signing key.
        at: now, by the server's clock.
        second_clock: asked once.
        progress: told after each batch.
    """
    if gaps.open_gap() is not None:
        return _stop(at, None, 0, _GAP)
    finished = disposal.finish(tools, at=at)
    try:
        second = second_clock()
    except NoSecondClock as error:
        return _stop(at, None, finished, Anomaly(error.stable_code, error.message))
    agreed = min(at, second)
    stopped = _clocks(at, second) or _by_person()
    if stopped is not None:
        return _stop(agreed, second, finished, stopped)
    rule_changes.apply_due(at=agreed)
    listed = sum(made.count for made in listing.commit_lists(agreed))
    due = due_now(agreed)
    ready, mismatch = _listed(due, agreed)
    stopped = mismatch or too_many(len(due), agreed)
    if stopped is not None and not _let_on(stopped, agreed):
        return _stop(agreed, second, finished, stopped, due=len(due), listed=listed)
    disposed: list[UUID] = []
    if ready:
        disposed = _dispose(ready, tools, agreed, second, progress)
        finished += disposal.finish(tools, at=at)
    return Outcome(
        at=agreed,
        due=len(due),
        disposed=tuple(disposed),
        finished=finished,
        listed=listed,
        unlisted=len(due) - len(ready),
    )


def agreed_time(*, at: datetime, second_clock: SecondClock) -> datetime | None:
    """The time by which footage that was never registered may end; None while nothing is deleted.

    Quarantined footage and abandoned uploads end without a list; for all else they are bound as a
    sweep is: no open gap, two clocks that agree, and nobody who stopped deletion.
    """
    if gaps.open_gap() is not None or _by_person() is not None:
        return None
    try:
        second = second_clock()
    except NoSecondClock:
        return None
    return min(at, second) if _clocks(at, second) is None else None


def forecast(*, at: datetime) -> Outcome:
    """What a sweep at this time would do; changes nothing."""
    due = due_now(at)
    ready, mismatch = _listed(due, at)
    return Outcome(
        at=at,
        due=len(due),
        disposed=tuple(ready),
        unlisted=len(due) - len(ready),
        stopped=_GAP if gaps.open_gap() else _by_person() or mismatch or too_many(len(due), at),
    )


def due_now(at: datetime) -> list[Line]:
    """What the stored dates say is due; `disposal.commit` decides again on each."""
    lead = categories.policy().lead
    rows = (
        Recording.objects.filter(state=State.LIVE, gone_by__lte=at + lead)
        .order_by("gone_by", "pk")
        .values_list("pk", "gone_by")
    )
    return [Line(pk, due) for pk, due in rows if due is not None]


def too_many(due: int, at: datetime) -> Anomaly | None:
    """Whether far more is due than the force ordinarily records in the time since the last run."""
    received = Recording.objects.filter(received_at__gt=at - _MEASURED, received_at__lte=at).count()
    last = DisposalRun.objects.filter(state=RunState.FINISHED).order_by("-started_at").first()
    days = (at - last.started_at) / timedelta(days=1) if last else 1.0
    ordinary = TIMES * received / _MEASURED.days * max(1.0, days)
    if due <= max(ORDINARY, ordinary):
        return None
    return Anomaly(
        "disposal.too_many",
        f"{due} recordings are due at once; {int(max(ORDINARY, ordinary))} would be the most that "
        "is ordinary. If that is right, two people can let the deletion go on.",
    )


_GAP = Anomaly(
    "disposal.gap_open",
    "The custody log has an open gap: a restored database may have forgotten holds. Nothing is "
    "deleted until two people have closed it.",
)


def _clocks(at: datetime, second: datetime) -> Anomaly | None:
    if abs(at - second) <= CLOCKS_AGREE:
        return None
    return Anomaly(
        CLOCKS_DISAGREE,
        f"The server's clock says {timestamp.text(at)}, the second clock "
        f"{timestamp.text(second)}. Nothing is deleted until they agree.",
    )


def _by_person() -> Anomaly | None:
    stopped = DisposalRun.objects.filter(
        state=RunState.STOPPED, problem_code=BY_PERSON, agreed_by__isnull=True
    ).first()
    return Anomaly(stopped.problem_code, stopped.problem) if stopped else None


def _let_on(anomaly: Anomaly, at: datetime) -> bool:
    return DisposalRun.objects.filter(
        state=RunState.STOPPED, problem_code=anomaly.code, allowed_until__gt=at
    ).exists()


def _listed(due: list[Line], at: datetime) -> tuple[list[UUID], Anomaly | None]:
    try:
        allowed = listing.listed(due, at=at)
    except ListMismatch as error:
        return [], Anomaly(error.stable_code, error.message)
    return [line.recording for line in due if line in allowed], None


def _dispose(
    ready: list[UUID],
    tools: Tools,
    at: datetime,
    second: datetime,
    progress: Progress | None,
) -> list[UUID]:
    this = _start(at, second, len(ready))
    disposed: list[UUID] = []
    for batch in _batches(ready, tools.batch):
        gone = disposal.commit(batch, at=at, run=this)
        disposal.destroy_keys(gone, tools, at=at)
        disposal.sign_records(gone, tools)
        disposed += gone
        if progress is not None:
            progress(len(disposed), len(ready))
    with transaction.atomic():
        DisposalRun.objects.filter(pk=this.pk).update(
            state=RunState.FINISHED, finished_at=at, disposed=len(disposed)
        )
        _log(Act.DISPOSAL_RUN_FINISHED, at, "", {"disposed": len(disposed)})
    return disposed


def _batches(ready: list[UUID], size: int) -> Iterator[list[UUID]]:
    for start in range(0, len(ready), size):
        yield ready[start : start + size]


def _start(at: datetime, second: datetime, due: int) -> DisposalRun:
    with transaction.atomic():
        this = DisposalRun.objects.create(started_at=at, second_at=second, due=due)
        detail: dict[str, str | int] = {"due": due, "second_clock": timestamp.text(second)}
        _log(Act.DISPOSAL_RUN_STARTED, at, "", detail)
    return this


def _stop(
    at: datetime,
    second: datetime | None,
    finished: int,
    anomaly: Anomaly,
    *,
    due: int = 0,
    listed: int = 0,
) -> Outcome:
    """Write down that the sweep stopped itself, once a day for each cause until it is let on.

    That a person stopped it is written down already.
    """
    open_stop = DisposalRun.objects.filter(
        state=RunState.STOPPED, problem_code=anomaly.code, agreed_by__isnull=True
    )
    told = open_stop.filter(started_at__gt=at - timedelta(days=1)).exists()
    if not told and anomaly.code != BY_PERSON:
        with transaction.atomic():
            DisposalRun.objects.create(
                started_at=at,
                second_at=second,
                finished_at=at,
                state=RunState.STOPPED,
                due=due,
                problem_code=anomaly.code,
                problem=anomaly.message,
            )
            _log(Act.DISPOSAL_RUN_STOPPED, at, anomaly.message, {"code": anomaly.code})
            if anomaly.code == CLOCKS_DISAGREE:
                _log(Act.CLOCK_DISAGREED, at, anomaly.message, {})
    return Outcome(at=at, due=due, finished=finished, listed=listed, stopped=anomaly)


def _log(act: Act, at: datetime, reason: str, detail: Mapping[str, str | int]) -> None:
    ledger.append(
        subject=listing.SUBJECT,
        act=act,
        actor=disposal.ACTOR,
        at=at,
        reason=reason,
        detail=detail,
    )
