"""When footage goes, decided from facts alone: no database, no clock, no files.

Everything that deletes, hides, dates or explains asks `decide` and nothing else. The format of the
answer and a worked table of examples are in docs/specs/retention.md; that table is also the test.

The rules, in the order in which they bind:

1. What is held, exhibited, locked or marked evidential is kept until a person says otherwise; so is
   what a record of force, search, arrest, complaint or a call marks, until a supervisor looked.
2. A category that we don't know keeps: deletion never follows from a gap in our own table.
3. Else footage is gone by the end of the longest of its periods: 31 x 24 hours by default, counted
   from the latest moment at which the activation can have ended (`clock_start`).
4. Footage that reached us after day 24 has seven days from its docking.
5. Footage that a person's act made disposable has seven days from that act, all of them in the bin.
6. Footage that people agreed to delete early has seven days from then, all of them in the bin. A
   later act that lets it go in another way ends that: its own day counts again.

The parts of one activation are judged together: one `Facts` holds them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fairwitness.errors import FairwitnessError

DEFAULT_PERIOD = timedelta(days=31)
EARLY = "early-deletion"
"""The rule by which footage goes that people agreed to delete early."""


class PolicyInvalid(FairwitnessError):
    """A policy that would delete earlier than the default rule, or not in time."""

    code = "retention.policy_invalid"


class FactsInvalid(FairwitnessError):
    """Facts that no decision can rest on, such as an activation without parts."""

    code = "retention.facts_invalid"


class Origin(StrEnum):
    """How footage reached us, which says where its clock starts."""

    CAMERA = "camera"
    IMPORT = "import"
    QUARANTINE = "quarantine"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Part:
    """What bears on the dates of one part of an activation; all times are UTC.

    Attributes:
        number: from 1, as the camera counted.
        received_at: when it reached the server, by the server's clock.
        ended_at: end of the part by the camera's clock; None when nobody claims one.
        docked_at: when the camera was docked, by the dock's clock; None when no dock was involved.
        ahead: camera time minus true time while it recorded, least and most; None when unknown.
        clock_checked: the camera's clock was compared at the dockings before and after the part.
    """

    number: int
    received_at: datetime
    ended_at: datetime | None = None
    docked_at: datetime | None = None
    ahead: tuple[timedelta, timedelta] | None = None
    clock_checked: bool = False


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A hold that binds the activation.

    Attributes:
        kind: the hold's kind, "exhibit" for an exhibit.
        reference: what people call it, such as `ABC/1`.
        silent: the wearer must not learn of it.
        oversight: it is oversight's own; when silent, the force must not learn of it either.
    """

    kind: str
    reference: str
    silent: bool = False
    oversight: bool = False


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A record that marks the activation and for which no supervisor has looked at it yet.

    Attributes:
        kind: of what: "search", "use of force".
        reference: the record's own.
        silent: the wearer must not learn of it.
    """

    kind: str
    reference: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that bears on when one activation goes.

    Attributes:
        origin: how it reached us.
        parts: its parts that have arrived, at least one.
        categories: codes given by people, in any order.
        evidential: the incident or case for which it is marked evidential; None when it is not.
        holds: the holds that bind it and are not lifted.
        to_look_at: the records that mark it and for which nobody has looked yet.
        locked: a lock-down (after a shooting, say) is on.
        released_at: the latest human act that let it become disposable; None when there was none.
        silently_released_at: the same for silent holds, whose lifting the wearer must not see.
        apart_released_at: the same for oversight's silent ones, not for the force to see either.
        early_at: when it was agreed that it be deleted early; None when it was not.
        early_noticed: public notice took the second person's place; it changes words alone.
    """

    origin: Origin
    parts: tuple[Part, ...]
    categories: tuple[str, ...] = ()
    evidential: str | None = None
    holds: tuple[HeldBy, ...] = ()
    to_look_at: tuple[ToLookAt, ...] = ()
    locked: bool = False
    released_at: datetime | None = None
    silently_released_at: datetime | None = None
    apart_released_at: datetime | None = None
    early_at: datetime | None = None
    early_noticed: bool = False

    def __post_init__(self) -> None:
        if not self.parts:
            raise FactsInvalid("An activation has at least one part.")


@dataclass(frozen=True, slots=True)
class Period:
    """How long a category keeps from the clock's start; None keeps until a person decides."""

    code: str
    name: str
    length: timedelta | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The force's lengths of time: they may keep longer than the default, never shorter.

    Attributes:
        categories: the periods by category code.
        default: what holds for footage that nobody categorised.
        grace: the days that late footage, or a person's mistake, always has.
        hidden: how long before deletion colleagues no longer find it.
        lead: how long before `gone_by` a sweep may already destroy the key, so that it is dead
            when the time comes; longer than the hour between sweeps.
        slow_link: an upload that took longer than this after docking counts from its arrival.
        nag: when the owner of quarantined, imported or abandoned footage is reminded.
    """

    categories: Mapping[str, Period] = field(default_factory=dict)
    default: timedelta = DEFAULT_PERIOD
    grace: timedelta = timedelta(days=7)
    hidden: timedelta = timedelta(days=3)
    lead: timedelta = timedelta(hours=2)
    slow_link: timedelta = timedelta(hours=24)
    nag: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        for period in self.categories.values():
            if period.length is not None and period.length < self.default:
                raise PolicyInvalid(
                    f"Category {period.code} keeps less than the default rule of "
                    f"{self.default.days} days. A category may only keep longer."
                )
        if not timedelta(hours=1) < self.lead < self.hidden <= self.grace < self.default:
            raise PolicyInvalid("The lengths must be: 1 h < lead < hidden <= grace < default.")


@dataclass(frozen=True, slots=True)
class Keep:
    """It stays.

    Attributes:
        until: when its key may be destroyed if nothing changes; None while a person must act first.
        because: a clause for people, without capital or full stop.
        hidden_from: from when colleagues no longer find it; None while it is kept without end.
        gone_by: from when nobody can read it; None while it is kept without end.
    """

    until: datetime | None
    because: str
    hidden_from: datetime | None
    gone_by: datetime | None


@dataclass(frozen=True, slots=True)
class Dispose:
    """It goes now.

    Attributes:
        because: a clause for people, without capital or full stop.
        rule: the rule's stable code, as in the record of deletion.
        due: the time by which it must be gone.
    """

    because: str
    rule: str
    due: datetime


Decision = Keep | Dispose


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of footage that nothing keeps beyond its period.

    Attributes:
        clock_started_at: from when its period counts.
        late: it reached us so late that its period alone would not have left seven days.
        hidden_from: from when it is in the bin.
        gone_by: from when nobody can read it.
        rule: the stable code of the rule that set `gone_by`.
        because: that rule in words.
    """

    clock_started_at: datetime
    late: bool
    hidden_from: datetime
    gone_by: datetime
    rule: str
    because: str


def decide(facts: Facts, policy: Policy, at: datetime) -> Decision:
    """Say whether an activation stays or goes at `at`.

    For the same facts the answer can only pass from `Keep` to `Dispose` as `at` grows.
    """
    reason = _kept_without_end(facts, policy)
    if reason is not None:
        return Keep(until=None, because=reason, hidden_from=None, gone_by=None)
    dates = dates_of(facts, policy)
    until = dates.gone_by - policy.lead
    if at >= until:
        return Dispose(because=dates.because, rule=dates.rule, due=dates.gone_by)
    return Keep(until, dates.because, dates.hidden_from, dates.gone_by)


def as_the_wearer_sees(facts: Facts) -> Facts:
    """The same facts without silent holds and records, of which the wearer must see no trace."""
    return replace(
        facts,
        holds=tuple(hold for hold in facts.holds if not hold.silent),
        to_look_at=tuple(record for record in facts.to_look_at if not record.silent),
        silently_released_at=None,
        apart_released_at=None,
    )


def as_the_force_sees(facts: Facts) -> Facts:
    """The same facts without oversight's silent holds, of which the force must see no trace."""
    return replace(
        facts,
        holds=tuple(hold for hold in facts.holds if not (hold.silent and hold.oversight)),
        apart_released_at=None,
    )


def readable(gone_by: datetime | None, at: datetime) -> bool:
    """Whether footage with this `gone_by` may be opened at `at`, swept or not."""
    return gone_by is None or at < gone_by


def clock_start(part: Part) -> datetime:
    """The latest moment at which this part can have ended, never later than its docking.

    A clock that was not checked at both dockings says nothing, so docking time stands in for it;
    nor does one that is so wrong that the calendar ends.
    """
    docked = _docked(part)
    if not part.clock_checked or part.ended_at is None or part.ahead is None:
        return docked
    try:
        ended = part.ended_at - min(part.ahead)
    except OverflowError:
        return docked
    return min(ended, docked)


def dates_of(facts: Facts, policy: Policy) -> Dates:
    """The dates that hold when nothing keeps the activation beyond its period."""
    start = _clock_start_of_all(facts)
    arrived = max(_arrived(part, facts, policy) for part in facts.parts)
    longest = _longest(facts, policy)
    natural = start + (longest.length or policy.default if longest else policy.default)
    late_due = arrived + policy.grace
    late = late_due > start + policy.default
    due, rule, because = natural, _natural_rule(facts, longest), _natural_reason(facts, longest)
    if late_due > due:
        due, rule = late_due, "late-docking"
        because = "it was docked late, and such footage goes seven days after its docking"
    hidden = due - policy.hidden
    early = _early(facts, policy, arrived)
    if early is not None and early < due:
        due, hidden, rule = early, early - policy.grace, EARLY
        agreed = "one agreed after public notice" if facts.early_noticed else "two people agreed"
        because = f"it was asked that it be deleted early, and {agreed}"
    acts = (facts.released_at, facts.silently_released_at, facts.apart_released_at)
    released = max(filter(None, acts), default=None)
    if released is not None and released + policy.grace > due:
        due, hidden, rule = released + policy.grace, released, "after-a-human-act"
        because = "a person let it go, and seven days to notice a mistake follow"
    return Dates(start, late, hidden, due, rule, because)


def _early(facts: Facts, policy: Policy, arrived: datetime) -> datetime | None:
    """The day of an early deletion; whoever could look at it first has seven days as well."""
    if facts.early_at is None or (facts.released_at or facts.early_at) > facts.early_at:
        return None
    return max(facts.early_at, arrived) + policy.grace


def nag_from(facts: Facts, policy: Policy) -> datetime | None:
    """From when its owner is reminded of footage that lies in no one's ordinary list."""
    if facts.origin is Origin.CAMERA:
        return None
    return _clock_start_of_all(facts) + policy.nag


def _kept_without_end(facts: Facts, policy: Policy) -> str | None:
    if facts.locked:
        return "it is locked"
    if facts.holds:
        held = (f"{hold.kind} {hold.reference}" for hold in facts.holds)
        return f"it is kept under {'; '.join(held)}"
    if facts.evidential is not None:
        return f"it is marked evidential for {facts.evidential or 'an incident not named'}"
    if facts.to_look_at:
        records = "; ".join(f"{each.kind} {each.reference}" for each in facts.to_look_at)
        return f"a supervisor has not looked at it yet, for {records}"
    unknown = [code for code in facts.categories if code not in policy.categories]
    if unknown:
        return f"its category {unknown[0]} is not in the table of categories"
    for code in facts.categories:
        if policy.categories[code].length is None:
            return f"category {policy.categories[code].name} keeps it until a review decides"
    return None


def _clock_start_of_all(facts: Facts) -> datetime:
    last = max(facts.parts, key=lambda part: part.number)
    if facts.origin is Origin.CAMERA:
        return clock_start(last)
    return max(part.received_at for part in facts.parts)


def _docked(part: Part) -> datetime:
    """Docking by the dock's clock, but never after the server had the bytes."""
    return part.received_at if part.docked_at is None else min(part.docked_at, part.received_at)


def _arrived(part: Part, facts: Facts, policy: Policy) -> datetime:
    """When people could first look: at docking, or at receipt when the link was down for long."""
    docked = _docked(part)
    if facts.origin is not Origin.CAMERA or part.received_at - docked > policy.slow_link:
        return part.received_at
    return docked


def _longest(facts: Facts, policy: Policy) -> Period | None:
    periods = [policy.categories[code] for code in facts.categories if code in policy.categories]
    return max(
        periods, key=lambda period: (period.length or timedelta.max, period.code), default=None
    )


def _natural_rule(facts: Facts, longest: Period | None) -> str:
    if longest is not None:
        return f"category:{longest.code}"
    return "default" if facts.origin is Origin.CAMERA else f"default-{facts.origin}"


def _natural_reason(facts: Facts, longest: Period | None) -> str:
    if longest is not None and longest.length is not None:
        return f"category {longest.name} keeps it {longest.length.days} days"
    return {
        Origin.CAMERA: "nobody has marked it, and such footage goes 31 days after its end",
        Origin.IMPORT: "nobody has marked it, and footage from elsewhere goes after 31 days",
        Origin.QUARANTINE: "quarantined footage goes 31 days after it arrived",
        Origin.UPLOAD: "its upload was abandoned, and such footage goes 31 days after it arrived",
    }[facts.origin]
