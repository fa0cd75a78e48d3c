"""Background work without a queue: sweepers look for rows that are due, claim them, advance them.

Each durable step anywhere is a state in a row, so a sweeper may run in any number of processes, be
killed at any moment, and run again: whatever it repeats does no harm. Each runs in a thread of its
own, at its own pace; an act in the same process may wake one early.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import close_old_connections, connection

from fairwitness.accountability import counting, standing_out
from fairwitness.cases import case_leave
from fairwitness.config import deletion, statistics
from fairwitness.config.composition import Deployment
from fairwitness.disclosure import keep_requests
from fairwitness.evidence import copies, naming, places, strays
from fairwitness.force import sessions as officers_sessions
from fairwitness.ingest import acceptance, device_logs, ending, quarantine, receipts, sessions
from fairwitness.ingest.axis import connecting, sweeping
from fairwitness.retention import (
    event_desk,
    events,
    notices,
    reminding,
    sampling,
    trials,
    week_ahead,
)

_LOG = logging.getLogger(__name__)
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Sweeper:
    """One kind of background work.

    Attributes:
        name: for logs and for `wake`.
        every: seconds between looks when nothing wakes it.
        run: does what is due; returns how much it did.
    """

    name: str
    every: float
    run: Callable[[Deployment], int]


def _end_officers_sessions() -> int:
    """By real time, as browsers have it, also where a training clock runs ahead."""
    return officers_sessions.end_old(at=datetime.now(tz=UTC))


def _sample(deployment: Deployment) -> int:
    """List the month that is over, and draw from what the log already holds."""
    at = deployment.clock()
    return sampling.list_due(at=at) + sampling.draw_due(files=deployment.log, at=at)


SWEEPERS: tuple[Sweeper, ...] = (
    Sweeper("acceptance", 1.0, lambda d: acceptance.accept_due(d.acceptance)),
    Sweeper("axis", 2.0, lambda d: sweeping.work_due(d.axis)),
    Sweeper("receipts", 2.0, lambda d: receipts.issue_due(issuer=d.issuer, at=d.clock())),
    Sweeper(
        "receipts of what is deleted",
        600.0,
        lambda d: receipts.forget_deleted(issuer=d.issuer, at=d.clock()),
    ),
    Sweeper("copies", 2.0, lambda d: copies.make_due(d.making)),
    Sweeper("encoded copies", 2.0, lambda d: copies.make_due(d.making, encode=True)),
    Sweeper("places", 5.0, lambda d: places.work_due(vault=d.vault, at=d.clock())),
    Sweeper("statistics", 6 * _HOUR, lambda _: statistics.renew()),
    Sweeper("cleared uploads", 60.0, lambda d: ending.clear(vault=d.vault, at=d.clock())),
    Sweeper("leave that is over", 60.0, lambda d: naming.end_due(at=d.clock())),
    Sweeper("leave for cases", 60.0, lambda d: case_leave.work_due(at=d.clock())),
    Sweeper("quarantine nags", _HOUR, lambda d: quarantine.nag(at=d.clock())),
    Sweeper("quarantine ends", _HOUR, deletion.end_unregistered),
    Sweeper("deletion", _HOUR, lambda d: len(deletion.sweep_now(d).disposed)),
    Sweeper("key ring", _HOUR, deletion.rekey_nightly),
    Sweeper("requests to keep", 1.0, lambda d: keep_requests.bind_due(at=d.clock())),
    Sweeper("requests that lapse", _HOUR, lambda d: keep_requests.tidy(at=d.clock())),
    Sweeper("dip samples", 60.0, _sample),
    Sweeper("records", 60.0, lambda d: events.match_again(at=d.clock())),
    Sweeper("lists that were cut", _HOUR, lambda d: event_desk.finish_cut(at=d.clock())),
    Sweeper("reminders", _HOUR, lambda d: reminding.remind_due(at=d.clock())),
    Sweeper("trials of rules", 2.0, lambda d: trials.play_due(at=d.clock())),
    Sweeper("notices", 60.0, lambda d: notices.carry_out_due(at=d.clock())),
    Sweeper("the week ahead", 60.0, lambda d: week_ahead.renew_due(at=d.clock())),
    Sweeper("held footage", 60.0, deletion.check_held),
    Sweeper("stray blobs", 24 * _HOUR, lambda d: strays.sweep(vault=d.vault)),
    Sweeper("what stands out", _HOUR, lambda d: standing_out.look(at=d.clock())),
    Sweeper("figures", 60.0, lambda d: counting.renew_due(at=d.clock())),
    Sweeper("cameras' logs", _HOUR, lambda d: device_logs.expire(at=d.clock())),
    Sweeper("witnesses", 2.0, lambda d: d.cosign()),
    Sweeper("officers' sessions", _HOUR, lambda _: _end_officers_sessions()),
    Sweeper("docks' sessions", _HOUR, lambda d: sessions.end_old(at=d.clock())),
    Sweeper("Axis systems' tokens", _HOUR, lambda d: connecting.end_old(at=d.clock())),
)


class Work:
    """All sweepers of one process, each in its thread, from `start` to `stop`."""

    def __init__(self, deployment: Deployment, sweepers: tuple[Sweeper, ...] = SWEEPERS) -> None:
        self._deployment = deployment
        self._sweepers = sweepers
        self._stopping = False
        self._wakers = {sweeper.name: threading.Event() for sweeper in sweepers}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin, in threads that don't keep the process alive."""
        for sweeper in self._sweepers:
            thread = threading.Thread(
                target=self._run, args=[sweeper], name=f"sweeper: {sweeper.name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def wake(self, name: str) -> None:
        """Have one sweeper look now."""
        self._wakers[name].set()

    def stop(self, *, wait: float = 30.0) -> None:
        """End after the step in hand; what is cut here is done again by whoever comes next.

        Args:
            wait: seconds at most for each that is at work.
        """
        self._stopping = True
        for waker in self._wakers.values():
            waker.set()
        for thread in self._threads:
            thread.join(wait)

    def once(self) -> int:
        """Run every sweeper once, in this thread; returns how much they did."""
        return sum(sweep(sweeper, self._deployment) for sweeper in self._sweepers)

    def _run(self, sweeper: Sweeper) -> None:
        waker = self._wakers[sweeper.name]
        while not self._stopping:
            close_old_connections()
            sweep(sweeper, self._deployment)
            waker.wait(sweeper.every)
            waker.clear()
        connection.close()


def sweep(sweeper: Sweeper, deployment: Deployment) -> int:
    """Run one sweeper once. What goes wrong is logged and tried again at the next look."""
    try:
        return sweeper.run(deployment)
    except Exception:  # noqa: BLE001 # a thread that ended would leave its work undone for good
        _LOG.exception("The sweeper for %s stumbled; it tries again.", sweeper.name)
        return 0
