"""What stands out in what was done: questions for those who watch, never accusations. Pure.

Each rule takes facts and thresholds, both plain data, and answers with questions. None knows a
database or a clock; what a threshold should be is for a force to say, not for a rule.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")


class Kind(StrEnum):
    """What stands out."""

    MANY_VIEWS = "many_views"
    NIGHT_VIEWS = "night_views"
    SAME_PERSON = "same_person"
    REFUSALS = "refusals"
    OWN_REFUSED = "own_refused"
    GAPS_GROW = "gaps_grow"
    GLASS_UNJUDGED = "glass_unjudged"
    COPIES_UNNAMED = "copies_unnamed"
    NOT_ALL_COUNTED = "not_all_counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on something stands out, and over what time.

    Attributes:
        window: how far back viewings and refusals count.
        views: viewings by one person.
        night: hours of the night in London, from and until.
        night_views: viewings by one person in them, far from anything that they recorded.
        duty: how near one's own recording shows that one was on duty.
        same_window: how far back viewings of one person's footage count.
        same_views: viewings by one person of what one other person wore.
        refusals: refusals of one person.
        gap_window: two such stretches are compared, for each camera.
        gaps: numbers missing in the later one, and more than in the earlier.
        judged_within: how long broken glass may wait.
        copies: copies for court by one person that name no hearing and no reason of their own.
    """

    window: timedelta = timedelta(days=7)
    views: int = 40
    night: tuple[int, int] = (0, 5)
    night_views: int = 3
    duty: timedelta = timedelta(hours=12)
    same_window: timedelta = timedelta(days=28)
    same_views: int = 6
    refusals: int = 5
    gap_window: timedelta = timedelta(days=28)
    gaps: int = 3
    judged_within: timedelta = timedelta(hours=24)
    copies: int = 3


AS_USUAL: Final = Thresholds()
NOBODY: Final = UUID(int=0)
"""Whom a question is about that is about no person and no camera."""


@dataclass(frozen=True, slots=True)
class View:
    """One granted viewing of what somebody else wore."""

    by: UUID
    wearer: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something asked for and not given; `own` where the person wore it, and it is locked."""

    by: UUID
    at: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A number of a camera's counter that never came."""

    camera: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """Glass that nobody has judged."""

    by: UUID
    wearer: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CopyMade:
    """A copy for court whose maker, asked, named no hearing, and no reason but the form's."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules look at, as things are at a moment.

    `cut_at` says after how many refusals a look stopped counting; 0 where it counted all.
    """

    at: datetime
    views: Sequence[View] = ()
    refusals: Sequence[Refusal] = ()
    missing: Sequence[Missing] = ()
    broken: Sequence[Broken] = ()
    on_duty: Sequence[tuple[UUID, datetime]] = ()
    copies: Sequence[CopyMade] = ()
    cut_at: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that stands out.

    Attributes:
        kind: what.
        about: the person or camera.
        concerns: whose footage it is about, where that is one person's.
        number: how often.
    """

    kind: Kind
    about: UUID
    number: int
    concerns: UUID | None = None


def questions(facts: Facts, thresholds: Thresholds = AS_USUAL) -> list[Question]:
    """Everything that stands out."""
    return [
        *_many(facts, thresholds),
        *_at_night(facts, thresholds),
        *_same_person(facts, thresholds),
        *_refused(facts, thresholds),
        *_gaps(facts, thresholds),
        *_unjudged(facts, thresholds),
        *_copied(facts, thresholds),
        *_cut(facts),
    ]


def counts_for(kind: Kind, limits: Thresholds = AS_USUAL) -> timedelta:
    """How long what a question counts goes on counting: after that, it counts other things."""
    long = {Kind.SAME_PERSON: limits.same_window, Kind.COPIES_UNNAMED: limits.same_window}
    long |= {Kind.GAPS_GROW: limits.gap_window, Kind.GLASS_UNJUDGED: limits.same_window}
    return long.get(kind, limits.window)


def _many(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    since = facts.at - limits.window
    counted = Counter(view.by for view in facts.views if view.at >= since)
    for person, number in counted.items():
        if number >= limits.views:
            yield Question(Kind.MANY_VIEWS, person, number)


def _at_night(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    since = facts.at - limits.window
    duty: dict[UUID, list[datetime]] = defaultdict(list)
    for person, at in facts.on_duty:
        duty[person].append(at)
    counted = Counter(
        view.by
        for view in facts.views
        if view.at >= since
        and is_night(view.at, limits)
        and not any(abs(view.at - at) <= limits.duty for at in duty[view.by])
    )
    for person, number in counted.items():
        if number >= limits.night_views:
            yield Question(Kind.NIGHT_VIEWS, person, number)


def is_night(at: datetime, limits: Thresholds = AS_USUAL) -> bool:
    """Whether this is in the hours of the night in London."""
    begins, ends = limits.night
    return begins <= at.astimezone(LONDON).hour < ends


def _same_person(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    since = facts.at - limits.same_window
    counted = Counter(
        (view.by, view.wearer) for view in facts.views if view.at >= since and view.wearer
    )
    for (person, wearer), number in counted.items():
        if number >= limits.same_views:
            yield Question(Kind.SAME_PERSON, person, number, wearer)


def _refused(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    since = facts.at - limits.window
    recent = [each for each in facts.refusals if each.at >= since]
    for person, number in Counter(each.by for each in recent).items():
        if number >= limits.refusals:
            yield Question(Kind.REFUSALS, person, number)
    for person, number in Counter(each.by for each in recent if each.own).items():
        yield Question(Kind.OWN_REFUSED, person, number)


def _gaps(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    middle = facts.at - limits.gap_window
    first = middle - limits.gap_window
    later = Counter(each.camera for each in facts.missing if each.at >= middle)
    earlier = Counter(each.camera for each in facts.missing if first <= each.at < middle)
    for camera, number in later.items():
        if number >= limits.gaps and number > earlier[camera]:
            yield Question(Kind.GAPS_GROW, camera, number)


def _unjudged(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    late = [each for each in facts.broken if facts.at - each.at >= limits.judged_within]
    counted = Counter((each.by, each.wearer) for each in late)
    for (person, wearer), number in counted.items():
        yield Question(Kind.GLASS_UNJUDGED, person, number, wearer)


def _copied(facts: Facts, limits: Thresholds) -> Iterable[Question]:
    since = facts.at - limits.same_window
    counted = Counter(copy.by for copy in facts.copies if copy.at >= since)
    for person, number in counted.items():
        if number >= limits.copies:
            yield Question(Kind.COPIES_UNNAMED, person, number)


def _cut(facts: Facts) -> Iterable[Question]:
    if facts.cut_at:
        yield Question(Kind.NOT_ALL_COUNTED, NOBODY, facts.cut_at)
