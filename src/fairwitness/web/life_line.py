"""The life line: where a recording is, on which day it is deleted, and why.

Pure: facts in, plain rows out. Its geometry is in SVG attributes (one unit is one day), so the page
needs neither style attributes nor a script. The words beside it are the content; the picture is
hidden from screen readers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fairwitness.web import times

DAYS = 31
BIN_DAYS = 3
_SLACK = timedelta(hours=1)
"""What a count of days passes over: the moments between a docking and its receipt make no day."""
_WIDTH = 10  # units of the fork's picture a day


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line is drawn from; all times UTC.

    Attributes:
        recorded_at: when it began; None when nobody vouches for a time.
        clock_started_at: when the 31 days began.
        gone_by: from when on nobody can open it; None while it is kept.
        hidden_from: from when on colleagues can't find it; None while it is kept.
        kept_because: why it left the count, in words; empty while it is counted.
        kept_at: when it left the count; None while it is counted, or when nobody can say.
        look_again: when its keeping is looked at again.
        disposed_at: when it was deleted; None while it lives.
        docked_as: what its coming to us is called.
    """

    recorded_at: datetime | None
    signed_by: str
    docked_at: datetime
    docked_where: str
    sealed_at: datetime
    camera_erased: bool
    clock_started_at: datetime
    gone_by: datetime | None
    hidden_from: datetime | None
    kept_because: str
    kept_at: datetime | None
    look_again: datetime | None
    disposed_at: datetime | None
    late: bool = False
    docked_as: str = "Docked"


@dataclass(frozen=True, slots=True)
class Stop:
    """One ring on the line, with its words."""

    title: str
    when: str
    detail: str


@dataclass(frozen=True, slots=True)
class LifeLine:
    """Rows for `parts/life_line.html` and `parts/life_mini.html`."""

    stops: tuple[Stop, ...]
    gone: int
    total: int
    bin_from: int
    kept: bool
    over: bool
    late: bool
    now: str
    note: str
    kept_title: str
    kept_detail: str
    end_title: str
    end_detail: str
    mini_title: str
    mini_detail: str

    @property
    def is_late_text(self) -> bool:
        """Whether the words under the days stand at their right-hand end."""
        return self.gone * 2 > self.total

    @property
    def gone_path(self) -> str:
        """Days gone."""
        return f"M0 .5H{self.gone}" if self.gone else ""

    @property
    def next_path(self) -> str:
        """Days to come before the last three."""
        end = self.total if self.kept else self.bin_from
        return f"M{self.gone} .5H{end}" if self.gone < end else ""

    @property
    def bin_path(self) -> str:
        """The last days, hidden from colleagues."""
        start = max(self.gone, self.bin_from)
        return f"M{start} .5H{self.total}" if start < self.total and not self.kept else ""

    @property
    def here(self) -> int:
        """Where now is on the fork's picture."""
        return self.gone * _WIDTH if self.total == DAYS else self.gone * DAYS * _WIDTH // self.total

    @property
    def fork(self) -> str:
        """The branch from now to *kept*."""
        x = self.here
        middle = min(x + 16, 300)
        return f"M{x} 53C{middle} 53 {min(x + 12, 300)} 13 {min(x + 30, 300)} 13H310"


def _days_gone(facts: Facts, total: int, at: datetime) -> int:
    until = facts.disposed_at or (min(at, facts.kept_at) if facts.kept_at else at)
    return max(0, min(total, (until - facts.clock_started_at) // timedelta(days=1)))


def _stops(facts: Facts, at: datetime) -> tuple[Stop, ...]:
    erased = "receipt, camera erased" if facts.camera_erased else "receipt"
    recorded = "time not known"
    if facts.recorded_at is not None:
        recorded = times.near_moment(facts.recorded_at, at=at)
    return (
        Stop("Recorded", recorded, facts.signed_by),
        Stop(facts.docked_as, times.near_moment(facts.docked_at, at=at), facts.docked_where),
        Stop("Sealed", times.near_moment(facts.sealed_at, at=at), erased),
    )


def _end(facts: Facts) -> tuple[str, str]:
    if facts.disposed_at:
        return f"Deleted {times.short_day(facts.disposed_at)}", "nobody can open it now, we neither"
    if facts.gone_by is None:
        due = facts.clock_started_at + timedelta(days=DAYS)
        return f"Deleted {times.short_day(due)}", "does not happen while it is kept"
    reason = "docked late: 7 days from docking" if facts.late else "nobody has said it is needed"
    return f"Deletes {times.short_day(facts.gone_by)}", f"unless kept: {reason}"


def _because(facts: Facts) -> str:
    """The first reason, and how many more there are: the line has room for one."""
    first, *more = facts.kept_because.split("; ")
    return f"{first} and {len(more)} more" if more else first


def _mini(facts: Facts, at: datetime) -> tuple[str, str]:
    if facts.disposed_at:
        return f"Deleted {times.plain_day(facts.disposed_at)}", "A record of deletion stays"
    if facts.gone_by is None:
        again = f"Looked at again {times.plain_day(facts.look_again)}" if facts.look_again else ""
        return f"Kept {_because(facts)}".strip(), again
    hidden = facts.hidden_from is not None and at >= facts.hidden_from
    note = ". Hidden from colleagues’ search" if hidden else ""
    return (
        f"Deletes {times.from_now(facts.gone_by, at=at)}",
        f"{times.short_day(facts.gone_by)}{note}",
    )


def _now(facts: Facts, gone: int, total: int) -> tuple[str, str]:
    if facts.disposed_at:
        return f"Deleted after {gone} of {total} days", ""
    if facts.gone_by is None:
        return f"Kept on day {min(gone + 1, total)} of {total}", "It has left the count"
    hidden = facts.hidden_from or facts.gone_by
    return (
        f"Now: day {gone} of {total}",
        f"From {times.plain_day(hidden)} colleagues can’t find it",
    )


def draw(facts: Facts, *, at: datetime) -> LifeLine:
    """Lay the line out for the moment `at`.

    The count shown is the one in force: 31 days, or more where the rule that applies is longer.
    """
    total = DAYS
    if facts.gone_by is not None:
        days = -((facts.clock_started_at - facts.gone_by + _SLACK) // timedelta(days=1))
        total = max(1, days)
    gone = _days_gone(facts, total, at)
    kept = facts.gone_by is None and facts.disposed_at is None
    end_title, end_detail = _end(facts)
    mini_title, mini_detail = _mini(facts, at)
    now, note = _now(facts, gone, total)
    return LifeLine(
        stops=_stops(facts, at),
        gone=gone,
        total=total,
        bin_from=max(0, total - BIN_DAYS) if facts.hidden_from else total,
        kept=kept,
        over=facts.disposed_at is not None,
        late=facts.late,
        now=now,
        note=note,
        kept_title="Kept" if kept else "Keep it",
        kept_detail=_because(facts) if kept else "with an incident or case, up to court",
        end_title=end_title,
        end_detail=end_detail,
        mini_title=mini_title,
        mini_detail=mini_detail,
    )
