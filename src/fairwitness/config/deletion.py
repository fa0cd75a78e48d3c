"""Runs retention for a deployment: by the hour, at start, on command, and in training through time.

Every way here ends in `retention.sweep.run`, with this deployment's clock and its second clock.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from fairwitness.config import second_clock
from fairwitness.config.composition import Deployment
from fairwitness.custody import ledger, reading, recovery
from fairwitness.errors import FairwitnessError
from fairwitness.formats.acts import Act
from fairwitness.formats.trust import KeyRole
from fairwitness.ingest import ending, quarantine
from fairwitness.ingest.models import Upload
from fairwitness.retention import playable, sweep
from fairwitness.retention.disposal import Tools
from fairwitness.retention.sweep import Outcome, Progress
from fairwitness.vault import rekeying

_LOG = logging.getLogger(__name__)
DAY = timedelta(days=1)


class TimeNotYours(FairwitnessError):
    """Another time than now, asked for on data that is real."""

    code = "dispose.time"


def tools(deployment: Deployment) -> Tools:
    """What deletions of this deployment work with."""
    return Tools(vault=deployment.vault, key=deployment.key(KeyRole.DISPOSAL))


def sweep_now(deployment: Deployment, *, progress: Progress | None = None) -> Outcome:
    """One sweep at this deployment's time.

    Raises:
        LogBehind: an older database was restored, perhaps under our feet.
    """
    recovery.demand_not_behind(deployment.log_on_disk().memory)
    _, ask = second_clock.of(deployment)
    at = deployment.clock()
    return sweep.run(tools(deployment), at=at, second_clock=ask, progress=progress)


def sweep_before_serving(deployment: Deployment) -> None:
    """A server that was down deletes what fell due meanwhile before it answers anybody.

    What goes wrong keeps nobody from serving: from its day on nothing is readable anyhow, and the
    hourly sweep tries again.
    """
    try:
        sweep_now(deployment)
    except (FairwitnessError, DatabaseError, OSError):
        _LOG.exception("The sweep before serving stumbled; the hourly one tries again.")


def end_unregistered(deployment: Deployment) -> int:
    """End quarantined footage and abandoned uploads whose time is over; returns how many."""
    _, ask = second_clock.of(deployment)
    at = sweep.agreed_time(at=deployment.clock(), second_clock=ask)
    return 0 if at is None else quarantine.expire(at=at) + ending.expire(at=at)


def sweep_at(deployment: Deployment, *, at: datetime, progress: Progress | None = None) -> Outcome:
    """On training data only: the sweeps of every day from now to `at`, as if that time passed.

    Raises:
        TimeNotYours: the data is real.
    """
    if not deployment.training:
        raise TimeNotYours(
            "On real data deletion runs at the present time only. With --dry-run you can ask "
            "what would happen at another."
        )
    return live_through(deployment, since=deployment.clock(), until=at, progress=progress)


def live_through(
    deployment: Deployment,
    *,
    since: datetime,
    until: datetime,
    progress: Progress | None = None,
) -> Outcome:
    """A sweep each day from `since`, and the last one at `until`; its outcome, with all deletions.

    For training data, whose clock moves in leaps: what a real server lists and deletes day by day
    has to be listed 48 hours before it goes here, too.
    """
    disposed: list[UUID] = []
    finished, listed = 0, 0
    at = min(since, until)
    while True:
        found = _sweep(deployment, at, progress)
        disposed += found.disposed
        finished, listed = finished + found.finished, listed + found.listed
        if at >= until or found.stopped is not None:
            break
        at = min(at + DAY, until)
    return Outcome(
        at=found.at,
        due=len(disposed) + found.unlisted,
        disposed=tuple(disposed),
        finished=finished,
        listed=listed,
        unlisted=found.unlisted,
        stopped=found.stopped,
    )


def _sweep(deployment: Deployment, at: datetime, progress: Progress | None) -> Outcome:
    return sweep.run(tools(deployment), at=at, second_clock=lambda: at, progress=progress)


def check_held(deployment: Deployment) -> int:
    """Look whether footage that was held on arrival can be played; returns how much can't."""
    at = deployment.clock()
    return len(playable.check_waiting(check=playable.checker(vault=deployment.vault, at=at), at=at))


def rekey_nightly(deployment: Deployment) -> int:
    """Seal the whole key ring under a fresh ring key, once a day; returns how many entries.

    From then on a copy of the ring taken before opens nothing.
    """
    at = deployment.clock()
    done = rekeying.rekey_if_due(deployment.vault.ring, at=at)
    if done is None:
        return 0
    with transaction.atomic():
        ledger.append(
            subject="retention",
            act=Act.KEY_RING_REKEYED,
            actor="system:retention",
            at=at,
            reason="every copy of the key ring taken before opens nothing from now on",
            detail={"entries": done.entries, "destroyed": done.destroyed},
        )
    return done.entries


def ever_destroyed() -> Iterator[tuple[UUID, datetime]]:
    """Every recording whose key was ever destroyed, or is to be, and when; by the custody log.

    What never became a recording has no entry of its own: its upload's row says so.
    """
    for page in reading.entries_of({Act.RECORDING_DISPOSED}):
        for entry in page:
            yield UUID(entry.subject.partition(":")[2]), entry.at
    cleared = Upload.objects.filter(cleared=True).order_by("pk")
    yield from cleared.values_list("recording_id", "created_at").iterator()
