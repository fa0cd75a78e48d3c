"""What the made-up force records: who, when, how long, what of it is kept. Pure, from a number.

The same number, cameras and hour give the same recordings, but for ids and keys, which never
repeat. Times are counted back from now, so that at any day some footage has just come, some is
nearing its deletion, some lies in the bin, and some was docked late.
"""

import bisect
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from fairwitness.force.models import Camera, Dock, Officer, Station, Unit
from fairwitness.formats.recording import Event, EventKind, Span

PERIOD: Final = timedelta(days=120)
"""How far back the recordings reach."""

CLOCK_ERROR: Final = timedelta(seconds=2)
BUFFER_MS: Final = 30_000

_NOT_ISSUED: Final = 0.012
"""Of the recordings, those of a camera that nobody is known to have had."""
_LATE: Final = 0.012
_NEVER: Final = 0.004
_TOLD: Final = 0.93
_MUTED: Final = 0.04
_HELD: Final = 0.012
_WATCHED: Final = 0.06
_VIEWED: Final = ("own", "own", "own", "review", "review", "incident")
_BUSY_HOURS: Final = (0, 1, 2, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 21, 21, 22, 22, 23)

_KINDS: Final = (
    # category, share of all recordings, whether it becomes evidence
    ("stop-search", 0.060, False),
    ("use-of-force", 0.024, False),
    ("domestic-attendance", 0.014, False),
    ("injury-collision", 0.006, False),
    ("arrest", 0.034, True),
    ("violence", 0.020, True),
    ("domestic-abuse", 0.020, True),
    ("theft", 0.018, True),
    ("public-order", 0.012, True),
    ("drugs", 0.012, True),
    ("traffic-offence", 0.008, True),
    ("robbery", 0.005, True),
    ("missing-person", 0.003, True),
    ("complaint", 0.002, True),
)


@dataclass(frozen=True, slots=True)
class Worn:
    """A camera, who has had it from when on, and where it is docked."""

    camera: Camera
    wearer: Officer | None
    since: datetime
    unit: Unit
    station: Station
    dock: Dock


@dataclass(frozen=True, slots=True)
class Planned:
    """One recording to come.

    Attributes:
        worn: by which camera.
        counter: its number on that camera.
        started_at: the first frame, the buffer's.
        ended_at: the last.
        docked_at: when it arrived; it is registered at once.
        events: what the camera noticed.
        mute: where the wearer took the sound away.
        category: what it will be marked with; empty if nothing.
        incident: makes it evidence.
        held: somebody will keep it by a hold.
        viewed: somebody will watch it, and what for: "own", "review", "incident"; else empty.
    """

    worn: Worn
    counter: int
    started_at: datetime
    ended_at: datetime
    docked_at: datetime
    events: tuple[Event, ...]
    mute: tuple[Span, ...]
    category: str
    incident: str
    held: bool
    viewed: str

    @property
    def duration_ms(self) -> int:
        """How long the camera says that it lasted."""
        return (self.ended_at - self.started_at) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes, in order of docking, and the numbers of each camera that never do."""

    recordings: tuple[Planned, ...]
    missing: dict[str, tuple[int, ...]]

    @property
    def first_day(self) -> date:
        """The day on which the first is docked."""
        return self.recordings[0].docked_at.date() if self.recordings else date.min

    def days_before(self, at: datetime) -> int:
        """How many days of it are over by then."""
        return (at.date() - self.first_day).days


@dataclass(frozen=True, slots=True)
class _Press:
    started_at: datetime
    worn: Worn
    late: bool


def make(
    *, own: Sequence[Worn], pool: Sequence[Worn], count: int, at: datetime, number: int
) -> Plan:
    """Plan `count` recordings before `at`.

    Args:
        own: cameras that are issued; each records from then on.
        pool: cameras that are not; what they record has no known wearer.
        count: how many arrive.
        at: now.
        number: another one gives another force's worth of nights.
    """
    dice = random.Random(f"fairwitness {number}")  # noqa: S311 - made-up footage, not a secret
    own = sorted(own, key=lambda worn: (worn.since, worn.camera.serial))
    presses = [_press(dice, own, pool, at) for _ in range(count)]
    presses.sort(key=lambda press: (press.started_at, press.worn.camera.serial))
    counters: dict[str, int] = {}
    missing: dict[str, list[int]] = {}
    made = []
    for press in presses:
        serial = press.worn.camera.serial
        counters[serial] = counters.get(serial, 0) + 1
        if dice.random() < _NEVER:  # a number that the camera used and no dock ever saw
            missing.setdefault(serial, []).append(counters[serial])
            counters[serial] += 1
        made.append(_planned(dice, press, counters[serial], at))
    made.sort(key=lambda each: (each.docked_at, each.worn.camera.serial, each.counter))
    return Plan(tuple(made), {serial: tuple(some) for serial, some in missing.items()})


def _press(dice: random.Random, own: Sequence[Worn], pool: Sequence[Worn], at: datetime) -> _Press:
    unknown = bool(pool) and dice.random() < _NOT_ISSUED
    late = dice.random() < _LATE
    newest = timedelta(days=26) if late else timedelta(hours=15)
    oldest = timedelta(days=52) if late else PERIOD
    day = (at - dice.uniform(newest / timedelta(days=1), oldest / timedelta(days=1)) * _DAY).date()
    hour = time(dice.choice(_BUSY_HOURS), dice.randrange(60), dice.randrange(60), tzinfo=at.tzinfo)
    started = min(datetime.combine(day, hour), at - newest)
    issued = bisect.bisect_right(own, started, key=lambda worn: worn.since) or 1
    worn = dice.choice(pool if unknown else own[:issued])
    return _Press(max(started, worn.since), worn, late)


def _planned(dice: random.Random, press: _Press, counter: int, at: datetime) -> Planned:
    lasted = timedelta(seconds=30 + int(min(5400, dice.lognormvariate(5.6, 0.8))))
    ended = press.started_at + lasted
    if press.late:  # it lay in a locker
        docked = min(ended + dice.uniform(24.5, 40) * _DAY, at - dice.uniform(0.1, 6) * _DAY)
    else:
        docked = ended + timedelta(minutes=dice.randrange(20, 9 * 60))
    category, evidential = _kind(dice)
    if press.worn.wearer is None or press.late:
        category, evidential = "", False
    return Planned(
        worn=press.worn,
        counter=counter,
        started_at=press.started_at,
        ended_at=ended,
        docked_at=min(docked, at - timedelta(minutes=5)),
        events=_events(dice, lasted),
        mute=_mute(dice, lasted),
        category=category,
        incident=_incident(dice, press.worn.unit, press.started_at) if evidential else "",
        held=not evidential and not press.late and dice.random() < _HELD,
        viewed=dice.choice(_VIEWED) if dice.random() < _WATCHED else "",
    )


def _kind(dice: random.Random) -> tuple[str, bool]:
    drawn = dice.random()
    for category, share, evidential in _KINDS:
        drawn -= share
        if drawn < 0:
            return category, evidential
    return "", False


def _events(dice: random.Random, lasted: timedelta) -> tuple[Event, ...]:
    length = lasted // timedelta(milliseconds=1)
    events = [Event(at_ms=BUFFER_MS, kind=EventKind.START)]
    if dice.random() < _TOLD:
        told = min(length, BUFFER_MS + dice.randrange(1_500, 25_000))
        events.append(Event(at_ms=told, kind=EventKind.PEOPLE_TOLD))
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        moment = dice.randrange(BUFFER_MS, length + 1)
        events.append(Event(at_ms=moment, kind=EventKind.MARKER))
    events.append(Event(at_ms=length, kind=EventKind.STOP))
    return tuple(sorted(events, key=lambda event: event.at_ms))


def _mute(dice: random.Random, lasted: timedelta) -> tuple[Span, ...]:
    length = lasted // timedelta(milliseconds=1)
    if dice.random() >= _MUTED or length < 4 * BUFFER_MS:
        return ()
    begins = dice.randrange(2 * BUFFER_MS, length - BUFFER_MS)
    return (Span(from_ms=begins, to_ms=begins + dice.randrange(3_000, BUFFER_MS)),)


def _incident(dice: random.Random, unit: Unit, at: datetime) -> str:
    """A crime number as London's boroughs write them: `LAM/0412345/26`."""
    return f"{unit.code}/{dice.randrange(100_000, 999_999):07}/{at:%y}"


_DAY: Final = timedelta(days=1)
