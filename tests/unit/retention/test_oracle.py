"""Ten thousand made-up activations against an oracle that was written another way.

The oracle counts in whole seconds, day by day, and knows nothing of the code under test but the
words of the specification.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fairwitness.retention import rules
from fairwitness.retention.rules import Dispose, Facts, HeldBy, Keep, Origin, Part, Period, Policy

ZERO = datetime(2017, 1, 1, tzinfo=UTC)
DAY = 86_400
PERIODS = {"stop": 92, "force": 366}
POLICY = Policy({code: Period(code, code, timedelta(days=n)) for code, n in PERIODS.items()})
MANY = 10_000


@dataclass
class Made:
    """An activation in seconds since `ZERO`."""

    ends: list[int]  # by the camera's clock
    ahead: list[tuple[int, int] | None]
    docked: list[int]
    received: list[int]
    codes: list[str]
    kept: str
    released: int | None
    asked: int


def make(dice: random.Random) -> Made:
    parts = dice.choice([1, 1, 1, 2, 3])
    end, made = dice.randrange(DAY), Made([], [], [], [], [], "", None, 0)
    for _ in range(parts):
        end += dice.randrange(4 * 3600)
        least = dice.randrange(-7200, 7200)
        known = dice.random() < 0.8
        made.ahead.append((least, least + dice.randrange(90)) if known else None)
        made.ends.append(end + least)
        docked = end + dice.choice([3600, 20 * DAY, 24 * DAY, 29 * DAY, 40 * DAY])
        made.docked.append(docked + dice.choice([0, 0, 0, 600]))
        made.received.append(docked + dice.choice([0, 3600, DAY, 35 * DAY]))
    made.codes = dice.sample(sorted(PERIODS), dice.choice([0, 0, 0, 1, 2]))
    made.kept = dice.choice(["", "", "", "", "held", "locked", "evidential"])
    made.released = dice.choice([None, None, dice.randrange(120 * DAY)])
    made.asked = dice.randrange(500 * DAY)
    return made


def oracle(made: Made) -> int | None:
    """When it is gone, in seconds; None for as long as somebody keeps it."""
    if made.kept:
        return None
    docked = [min(pair) for pair in zip(made.docked, made.received, strict=True)]
    start = docked[-1]
    bounds = made.ahead[-1]
    if bounds is not None and made.ends[-1] - bounds[0] < start:
        start = made.ends[-1] - bounds[0]
    days = max([31, *(PERIODS[code] for code in made.codes)])
    gone = start + days * DAY
    for at_dock, at_server in zip(docked, made.received, strict=True):
        looked = at_server if at_server > at_dock + DAY else at_dock
        while gone < looked + 7 * DAY:
            gone += 1 if gone + DAY > looked + 7 * DAY else DAY
    if made.released is not None and gone < made.released + 7 * DAY:
        gone = made.released + 7 * DAY
    return gone


def moment(seconds: int) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def facts_of(made: Made) -> Facts:
    parts = tuple(
        Part(
            number=number,
            received_at=moment(made.received[number - 1]),
            ended_at=moment(made.ends[number - 1]),
            docked_at=moment(made.docked[number - 1]),
            ahead=(timedelta(seconds=bounds[0]), timedelta(seconds=bounds[1])) if bounds else None,
            clock_checked=bounds is not None,
        )
        for number, bounds in enumerate(made.ahead, 1)
    )
    return Facts(
        origin=Origin.CAMERA,
        parts=parts,
        categories=tuple(made.codes),
        evidential="CAD 1" if made.kept == "evidential" else None,
        holds=(HeldBy("case", "1/17"),) if made.kept == "held" else (),
        locked=made.kept == "locked",
        released_at=None if made.released is None else moment(made.released),
    )


def test_ten_thousand_activations_are_decided_as_the_oracle_does() -> None:
    dice = random.Random(20170608)  # noqa: S311 - a seed, not a secret
    disposed = 0
    for _ in range(MANY):
        made = make(dice)
        gone, at = oracle(made), moment(made.asked)
        decision = rules.decide(facts_of(made), POLICY, at)
        if gone is not None and at >= moment(gone) - POLICY.lead:
            disposed += 1
            assert isinstance(decision, Dispose), made
            assert decision.due == moment(gone), made
            continue
        assert isinstance(decision, Keep), made
        assert decision.gone_by == (None if gone is None else moment(gone)), made
    assert MANY // 4 < disposed < MANY
