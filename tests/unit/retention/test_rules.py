"""Properties of the retention rules: what must hold whatever the facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.retention import rules
from fairwitness.retention.rules import Dispose, Facts, HeldBy, Keep, Origin, Part, Period, Policy

EPOCH = datetime(2017, 6, 1, tzinfo=UTC)
LONG_AFTER = EPOCH + timedelta(days=36500)
POLICY = Policy(
    {
        "a": Period("a", "A", timedelta(days=31)),
        "b": Period("b", "B", timedelta(days=400)),
        "review": Period("review", "Review", None),
    }
)

minutes = st.integers(0, 400 * 24 * 60).map(lambda n: timedelta(minutes=n))
times = minutes.map(lambda delta: EPOCH + delta)
seconds = st.integers(-10_000_000, 10_000_000).map(lambda n: timedelta(seconds=n))


@st.composite
def all_parts(draw: st.DrawFn) -> tuple[Part, ...]:
    parts = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        received = draw(times)
        bounds = draw(st.none() | st.tuples(seconds, seconds))
        parts.append(
            Part(
                number=number,
                received_at=received,
                ended_at=draw(st.none() | times),
                docked_at=draw(st.none() | times),
                ahead=(min(bounds), max(bounds)) if bounds else None,
                clock_checked=draw(st.booleans()),
            )
        )
    return tuple(parts)


holds = st.builds(
    HeldBy,
    st.sampled_from(["exhibit", "litigation"]),
    st.just("X/1"),
    st.booleans(),
    st.booleans(),
)
loose_facts = st.builds(
    Facts,
    origin=st.sampled_from(Origin),
    parts=all_parts(),
    categories=st.lists(st.sampled_from(["a", "b"])).map(tuple),
    released_at=st.none() | times,
)
any_facts = st.builds(
    Facts,
    origin=st.sampled_from(Origin),
    parts=all_parts(),
    categories=st.lists(st.sampled_from(["a", "b", "review", "unheard-of"])).map(tuple),
    evidential=st.none() | st.just("CAD 1"),
    holds=st.lists(holds, max_size=2).map(tuple),
    locked=st.booleans(),
    released_at=st.none() | times,
    early_at=st.none() | times,
)


@given(any_facts, holds)
def test_what_is_held_or_exhibited_never_goes(facts: Facts, hold: HeldBy) -> None:
    decision = rules.decide(replace(facts, holds=(hold,)), POLICY, LONG_AFTER)
    assert isinstance(decision, Keep)
    assert decision.gone_by is None


@given(any_facts)
def test_what_is_locked_or_evidential_never_goes(facts: Facts) -> None:
    assert isinstance(rules.decide(replace(facts, locked=True), POLICY, LONG_AFTER), Keep)
    assert isinstance(rules.decide(replace(facts, evidential=""), POLICY, LONG_AFTER), Keep)


@given(any_facts, st.sampled_from(["review", "unheard-of"]))
def test_a_category_without_end_or_unknown_keeps(facts: Facts, code: str) -> None:
    kept = replace(facts, categories=(*facts.categories, code))
    assert isinstance(rules.decide(kept, POLICY, LONG_AFTER), Keep)


@given(any_facts, times, minutes)
def test_the_answer_passes_only_from_keep_to_dispose(
    facts: Facts, at: datetime, later: timedelta
) -> None:
    before, after = rules.decide(facts, POLICY, at), rules.decide(facts, POLICY, at + later)
    if isinstance(before, Dispose):
        assert after == before
    elif isinstance(after, Dispose):
        assert before.gone_by == after.due
        assert before.until is not None
        assert at < before.until <= at + later


@given(loose_facts, times)
def test_nothing_is_readable_from_gone_by_on(facts: Facts, at: datetime) -> None:
    decision = rules.decide(facts, POLICY, at)
    gone_by = decision.due if isinstance(decision, Dispose) else decision.gone_by
    assert gone_by is not None
    assert not rules.readable(gone_by, gone_by)
    assert rules.readable(gone_by, gone_by - timedelta(microseconds=1))
    if at >= gone_by:
        assert isinstance(decision, Dispose)


@given(loose_facts)
def test_the_key_can_be_dead_before_gone_by(facts: Facts) -> None:
    gone_by = rules.dates_of(facts, POLICY).gone_by
    sweep = gone_by - timedelta(hours=1)
    assert isinstance(rules.decide(facts, POLICY, sweep), Dispose)


@given(loose_facts)
def test_never_earlier_than_31_days_by_any_clock_within_bounds_or_its_docking(facts: Facts) -> None:
    due = rules.dates_of(facts, POLICY).gone_by
    last = facts.parts[-1]
    docked = min(last.docked_at or last.received_at, last.received_at)
    earliest = docked
    if last.clock_checked and last.ended_at and last.ahead:
        earliest = min(docked, last.ended_at - last.ahead[0])
        assert due >= min(last.ended_at - last.ahead[1], docked) + timedelta(days=31)
    if facts.origin is Origin.CAMERA:
        assert due >= earliest + timedelta(days=31)
    else:
        assert due >= last.received_at + timedelta(days=31)


@given(loose_facts)
def test_everyone_has_seven_days_from_docking_and_from_a_human_act(facts: Facts) -> None:
    due = rules.dates_of(facts, POLICY).gone_by
    for part in facts.parts:
        docked = min(part.docked_at or part.received_at, part.received_at)
        assert due >= docked + timedelta(days=7)
    if facts.released_at is not None:
        assert due >= facts.released_at + timedelta(days=7)


@given(loose_facts)
def test_uncategorised_on_time_footage_goes_on_day_31_exactly(facts: Facts) -> None:
    plain = replace(facts, categories=(), released_at=None)
    dates = rules.dates_of(plain, POLICY)
    if not dates.late:
        assert dates.gone_by == dates.clock_started_at + timedelta(days=31)


@given(loose_facts, st.sampled_from(["a", "b"]))
def test_one_more_category_never_shortens(facts: Facts, code: str) -> None:
    more = replace(facts, categories=(*facts.categories, code))
    assert rules.dates_of(more, POLICY).gone_by >= rules.dates_of(facts, POLICY).gone_by


@given(loose_facts, st.integers(31, 400))
def test_a_longer_rule_never_shortens(facts: Facts, days: int) -> None:
    shorter = Policy({c: Period(c, c, timedelta(days=days)) for c in "ab"})
    longer = Policy({c: Period(c, c, timedelta(days=days + 1)) for c in "ab"})
    assert rules.dates_of(facts, longer).gone_by >= rules.dates_of(facts, shorter).gone_by


@given(loose_facts, seconds)
def test_wider_clock_bounds_never_shorten(facts: Facts, extra: timedelta) -> None:
    def widen(part: Part) -> Part:
        if part.ahead is None:
            return part
        return replace(part, ahead=(part.ahead[0] - abs(extra), part.ahead[1] + abs(extra)))

    wider = replace(facts, parts=tuple(widen(part) for part in facts.parts))
    assert rules.dates_of(wider, POLICY).gone_by >= rules.dates_of(facts, POLICY).gone_by


@given(loose_facts, times)
def test_an_act_never_shortens(facts: Facts, at: datetime) -> None:
    before = replace(facts, released_at=None)
    after = replace(facts, released_at=at)
    assert rules.dates_of(after, POLICY).gone_by >= rules.dates_of(before, POLICY).gone_by


@given(loose_facts)
def test_the_bin_lies_inside_the_time_it_has(facts: Facts) -> None:
    dates = rules.dates_of(facts, POLICY)
    assert timedelta(days=3) <= dates.gone_by - dates.hidden_from <= timedelta(days=7)


@given(any_facts)
def test_a_silent_hold_changes_nothing_the_wearer_sees(facts: Facts) -> None:
    hold = HeldBy("complaint", "PS/1", silent=True)
    silently = replace(facts, holds=(*facts.holds, hold), silently_released_at=EPOCH)
    assert rules.as_the_wearer_sees(silently) == rules.as_the_wearer_sees(facts)


@given(any_facts, times)
def test_oversights_silent_hold_changes_nothing_the_force_sees(
    facts: Facts, lifted: datetime
) -> None:
    hold = HeldBy("oversight", "IND/1", silent=True, oversight=True)
    apart = replace(facts, holds=(*facts.holds, hold), apart_released_at=lifted)
    for view in (rules.as_the_force_sees, rules.as_the_wearer_sees):
        assert view(apart) == view(facts)


@given(any_facts, times)
def test_the_force_sees_every_other_hold(facts: Facts, lifted: datetime) -> None:
    for hold in (
        HeldBy("complaint", "PS/1", silent=True),
        HeldBy("critical-incident", "CI/1", oversight=True),
    ):
        held = replace(facts, holds=(hold,), silently_released_at=lifted)
        assert rules.as_the_force_sees(held) == held


@given(any_facts, st.none() | times, st.none() | times, times)
def test_who_sees_fewer_holds_never_sees_a_later_day(
    facts: Facts, silently: datetime | None, apart: datetime | None, at: datetime
) -> None:
    whole = replace(facts, silently_released_at=silently, apart_released_at=apart)
    never = LONG_AFTER + timedelta(days=36500)
    ends = []
    for seen in (
        rules.as_the_wearer_sees(whole),
        rules.as_the_force_sees(whole),
        whole,
    ):
        decision = rules.decide(seen, POLICY, at)
        ends.append(decision.due if isinstance(decision, Dispose) else (decision.gone_by or never))
    assert ends == sorted(ends)


@given(any_facts)
def test_the_order_in_which_parts_are_listed_means_nothing(facts: Facts) -> None:
    turned = replace(facts, parts=tuple(reversed(facts.parts)))
    assert rules.dates_of(turned, POLICY) == rules.dates_of(facts, POLICY)


def test_reminders_begin_a_week_after_arrival_and_never_for_a_cameras_footage() -> None:
    part = (Part(number=1, received_at=EPOCH),)
    assert rules.nag_from(Facts(Origin.CAMERA, part), POLICY) is None
    week = EPOCH + timedelta(days=7)
    assert rules.nag_from(Facts(Origin.QUARANTINE, part), POLICY) == week


def test_a_policy_that_undercuts_the_default_is_refused() -> None:
    with pytest.raises(rules.PolicyInvalid):
        Policy({"hasty": Period("hasty", "Hasty", timedelta(days=30))})
    with pytest.raises(rules.PolicyInvalid):
        Policy(lead=timedelta(minutes=30))


def test_facts_without_parts_are_refused() -> None:
    with pytest.raises(rules.FactsInvalid):
        Facts(Origin.CAMERA, ())


def test_every_reason_to_keep_is_said() -> None:
    part = (Part(number=1, received_at=EPOCH),)
    base = Facts(Origin.CAMERA, part)
    reasons = {
        "it is locked": replace(base, locked=True),
        "it is kept under exhibit ABC/1; complaint C/7": replace(
            base, holds=(HeldBy("exhibit", "ABC/1"), HeldBy("complaint", "C/7"))
        ),
        "it is marked evidential for CAD 9": replace(base, evidential="CAD 9"),
        "its category x is not in the table of categories": replace(base, categories=("x",)),
        "category Review keeps it until a review decides": replace(base, categories=("review",)),
        "category B keeps it 400 days": replace(base, categories=("a", "b")),
    }
    for words, facts in reasons.items():
        assert rules.decide(facts, POLICY, EPOCH).because == words


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("ahead", [timedelta(days=-3_000_000), timedelta(days=3_000_000)])
def test_a_clock_that_leaves_the_calendar_says_nothing(year: int, ahead: timedelta) -> None:
    part = Part(
        number=1,
        received_at=EPOCH,
        ended_at=datetime(year, 1, 1, tzinfo=UTC),
        docked_at=EPOCH,
        ahead=(ahead, ahead),
        clock_checked=True,
    )
    assert rules.clock_start(part) <= EPOCH
