from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.dock import release
from fairwitness.dock.release import Facts, Rule

AT = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)
FULL = Facts(
    camera="00418",
    status="approved",
    pool=True,
    left=0,
    docked_at=AT - timedelta(hours=1),
    battery=90,
)
RULE = Rule(battery_percent=80, charging=timedelta(hours=4))


@pytest.mark.parametrize(
    ("facts", "code", "says"),
    [
        (FULL, "release.released", "may be taken"),
        (replace(FULL, left=2), "release.owed", "2 on camera 00418"),
        (replace(FULL, battery=79), "release.battery", "is at 79 %; it needs 80 %, or 181 more"),
        (replace(FULL, battery=None), "release.battery", "does not say its charge"),
        (replace(FULL, battery=None, docked_at=AT - timedelta(hours=4)), "release.released", ""),
        (replace(FULL, battery=3, docked_at=AT - timedelta(hours=5)), "release.released", ""),
        (replace(FULL, pool=False), "release.not_pool", "its wearer takes it"),
        (replace(FULL, status="revoked"), "release.status", "is revoked"),
        (replace(FULL, status="unknown"), "release.status", "is unknown"),
    ],
)
def test_the_rule(facts: Facts, code: str, says: str) -> None:
    decision = release.decide(facts, RULE, at=AT)
    assert (decision.code, decision.released) == (code, code == "release.released")
    assert says in decision.message


@given(
    left=st.integers(0, 3),
    battery=st.none() | st.integers(0, 100),
    minutes=st.integers(0, 600),
    pool=st.booleans(),
    status=st.sampled_from(["approved", "pending", "revoked", "lost", "unknown"]),
)
def test_nothing_leaves_with_footage_on_it_or_uncharged(
    left: int, battery: int | None, minutes: int, *, pool: bool, status: str
) -> None:
    facts = replace(
        FULL,
        left=left,
        battery=battery,
        docked_at=AT - timedelta(minutes=minutes),
        pool=pool,
        status=status,
    )
    charged = (battery is not None and battery >= 80) or minutes >= 240
    expected = pool and status == "approved" and not left and charged
    assert release.decide(facts, RULE, at=AT).released is expected


@pytest.mark.parametrize("said", [{}, {"release": None}, {"release": {"battery_percent": "x"}}])
def test_without_the_forces_rule_the_usual_one_holds(said: dict[str, object]) -> None:
    assert release.rule_in(said) == Rule()  # type: ignore[arg-type] # as it comes off the wire


def test_the_forces_rule_is_used() -> None:
    said = release.rule_in({"release": {"battery_percent": 50, "charge_minutes": 30}})
    assert said == Rule(battery_percent=50, charging=timedelta(minutes=30))
