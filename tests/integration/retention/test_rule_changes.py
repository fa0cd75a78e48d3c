"""A category's period changes slowly, in the open, by two people, and nobody loses seven days."""

from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from tests.at_once import at_once
from tests.retention_world import AT, DAY, HOUR, SETUP, World, acts, fresh

from fairwitness.custody import reading
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.officers import NewOfficer
from fairwitness.retention import (
    asking_fields,
    categories,
    holds,
    marking,
    rule_changes,
    saying,
    trials,
    week_ahead,
)
from fairwitness.retention.asking_fields import FieldInvalid
from fairwitness.retention.marking_many import Mark
from fairwitness.retention.models import Category, HoldKind, RuleChange, RuleTrial, Said, WeekAhead
from fairwitness.retention.rule_changes import RuleChangeInvalid
from fairwitness.retention.simulating import Simulation


def propose(world: World, days: int | None, at: int) -> RuleChange:
    return rule_changes.propose(
        code="use-of-force",
        days=days,
        reason="the force's new policy",
        officer=world.manager,
        at=AT + at * DAY,
    )


def test_a_shortened_category_is_simulated_agreed_to_cooled_off_and_leaves_seven_days(
    world: World,
) -> None:
    old = world.record()
    new = world.record(ended_at=AT + 90 * DAY)
    for recording, at in ((old, AT + DAY), (new, AT + 91 * DAY)):
        marking.categorise(
            recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=at
        )
    change = propose(world, 60, at=100)
    nearest = change.simulation.pop("nearest")
    assert change.simulation == {
        "affected": 2,
        "nearer": 2,
        "due_at_once": 1,
        "oldest": AT.isoformat(),
        "later": 0,
        "kept": 0,
        "by_category": {"use-of-force": [2, 0]},
    }
    assert [line["reference"] for line in nearest] == [old.reference, new.reference]
    assert nearest[0]["would"].startswith((AT + 107 * DAY).date().isoformat())
    with pytest.raises(NotAllowed):
        rule_changes.approve(change=change, officer=world.manager, at=AT + 100 * DAY)
    rule_changes.approve(change=change, officer=world.standards, at=AT + 101 * DAY)

    world.sweep(AT + 107 * DAY)
    assert categories.current()["use-of-force"].days == 366
    assert [row.gone_by for row in fresh([old, new])] == [AT + 366 * DAY, AT + 456 * DAY]

    world.sweep(AT + 108 * DAY)
    assert categories.current()["use-of-force"].days == 60
    rows = fresh([old, new])
    assert [row.gone_by for row in rows] == [AT + 115 * DAY, AT + 150 * DAY]
    assert rows[0].hidden_from == AT + 108 * DAY
    assert world.opens(old, AT + 114 * DAY)
    assert world.sweep(AT + 115 * DAY).disposed == (old.pk,)
    said = [act for act in acts("retention") if act.startswith("rule.")]
    assert said == ["rule.proposed", "rule.approved", "rule.changed"]


def test_a_lengthened_category_only_lengthens(world: World) -> None:
    recording = world.record()
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    change = propose(world, 400, at=2)
    assert change.simulation["nearer"] == 0
    rule_changes.approve(change=change, officer=world.second_manager, at=AT + 2 * DAY)
    world.sweep(AT + 10 * DAY)
    (row,) = fresh([recording])
    assert row.gone_by == AT + 400 * DAY
    assert "recording.due_changed" not in acts(f"recording:{recording.pk}")


def test_a_change_can_be_taken_back_until_it_takes_effect(world: World) -> None:
    change = propose(world, 60, at=1)
    rule_changes.approve(change=change, officer=world.second_manager, at=AT + 2 * DAY)
    rule_changes.withdraw(
        change=change, reason="not now", officer=world.second_manager, at=AT + 3 * DAY
    )
    world.sweep(AT + 20 * DAY)
    assert categories.current()["use-of-force"].days == 366
    with pytest.raises(RuleChangeInvalid):
        rule_changes.approve(change=change, officer=world.standards, at=AT + 21 * DAY)


def test_nobody_undercuts_the_default_or_proposes_without_reason(world: World) -> None:
    for days in (30, 4_000_000):
        with pytest.raises(RuleChangeInvalid):
            propose(world, days, at=1)
    with pytest.raises(RuleChangeInvalid):
        rule_changes.propose(
            code="new-one", days=60, reason="why not", officer=world.manager, at=AT
        )
    with pytest.raises(RuleChangeInvalid, match="at most 40 letters"):
        rule_changes.propose(
            code="new-one", days=60, reason="why", name="n" * 121, officer=world.manager, at=AT
        )
    with pytest.raises(NotAllowed):
        rule_changes.propose(
            code="use-of-force", days=60, reason="why not", officer=world.ada, at=AT
        )
    assert not RuleChange.objects.exists()


def test_a_new_category_joins_the_table(world: World) -> None:
    change = rule_changes.propose(
        code="carnival",
        days=92,
        reason="complaints come late",
        name="Notting Hill Carnival",
        officer=world.manager,
        at=AT,
    )
    rule_changes.approve(change=change, officer=world.second_manager, at=AT)
    rule_changes.apply_due(at=AT + 7 * DAY)
    line = categories.current()["carnival"]
    assert (line.name, line.days) == ("Notting Hill Carnival", 92)


def test_simulating_changes_nothing(world: World) -> None:
    recording = world.record()
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    found = rule_changes.simulate(code="use-of-force", days=None, at=AT + DAY)
    assert found == Simulation(
        affected=1,
        nearer=0,
        due_at_once=0,
        oldest="",
        later=1,
        by_category={"use-of-force": [0, 1]},
    )
    assert fresh([recording])[0].gone_by == AT + 366 * DAY


def test_a_trial_betrays_no_silent_hold(world: World) -> None:
    recording = world.record()
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    plain = rule_changes.simulate(code="use-of-force", days=92, at=AT + DAY)
    terms = holds.Terms(HoldKind.COMPLAINT, "C/7", "x", (AT + 90 * DAY).date(), silent=True)
    holds.place(terms=terms, owner=world.standards, at=AT + DAY, recordings=[recording.pk])
    assert fresh([recording])[0].gone_by is None
    assert rule_changes.simulate(code="use-of-force", days=92, at=AT + DAY) == plain
    assert (plain.kept, plain.nearer) == (0, 1)


def shortened(world: World) -> tuple[Recording, Recording, RuleChange]:
    """Two recordings, one in a category that will be shortened to the default on day 28."""
    marked, other = world.record(), world.record()
    marking.categorise(
        recordings=[marked.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    change = rule_changes.propose(
        code="use-of-force", days=31, reason="policy", officer=world.manager, at=AT + 20 * DAY
    )
    rule_changes.approve(change=change, officer=world.standards, at=AT + 21 * DAY)
    return marked, other, change


def test_what_is_marked_while_a_change_takes_effect_has_its_seven_days_too(world: World) -> None:
    _, other, _ = shortened(world)

    def mark(**_: object) -> None:  # between the seven days of all others and the change
        pre_save.disconnect(mark, sender=Category)
        marking.categorise(
            recordings=[other.pk], codes=["use-of-force"], officer=world.ada, at=AT + 28 * DAY
        )

    pre_save.connect(mark, sender=Category)
    rule_changes.apply_due(at=AT + 28 * DAY)
    assert [row.gone_by for row in fresh([other])] == [AT + 35 * DAY]


def test_a_change_cut_short_is_finished_by_the_next_sweep(world: World) -> None:
    marked, _, change = shortened(world)

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401, FBT001 - Django's signature
        if sql.startswith('UPDATE "evidence_recording"'):
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die), pytest.raises(KeyboardInterrupt):
        rule_changes.apply_due(at=AT + 28 * DAY)
    with pytest.raises(RuleChangeInvalid):
        rule_changes.withdraw(change=change, reason="late", officer=world.manager, at=AT + 28 * DAY)
    rule_changes.apply_due(at=AT + 28 * DAY + HOUR)
    assert [row.gone_by for row in fresh([marked])] == [AT + 35 * DAY]
    assert acts("retention").count("rule.changed") == 1
    assert rule_changes.apply_due(at=AT + 29 * DAY) == []


def test_a_trial_is_played_at_once_where_it_is_little_and_else_by_the_sweeper(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = world.record()
    marking.categorise(
        recordings=[recording.pk], codes=["use-of-force"], officer=world.ada, at=AT + DAY
    )
    at = AT + 2 * DAY
    small = trials.ask(code="use-of-force", days=92, officer=world.manager, at=at)
    assert small.played_at == at
    assert small.effect["nearer"] == 1
    monkeypatch.setattr(trials, "AT_ONCE", 0)
    large = trials.ask(code="use-of-force", days=93, officer=world.manager, at=at)
    assert large.played_at is None
    with pytest.raises(RuleChangeInvalid, match="not worked out yet"):
        trials.propose(trial=large, reason="why", officer=world.manager, at=at)
    assert trials.play_due(at=at + HOUR) == 1
    assert trials.play_due(at=at + HOUR) == 0
    large = RuleTrial.objects.get(pk=large.pk)
    assert (large.played_at, large.effect["affected"]) == (at + HOUR, 1)
    with pytest.raises(RuleChangeInvalid, match="more than a day ago"):
        trials.propose(trial=large, reason="why", officer=world.manager, at=at + 2 * DAY)
    change = trials.propose(trial=large, reason="why", officer=world.manager, at=at + 2 * HOUR)
    assert change.simulation == large.effect
    trials.play_due(at=at + 60 * DAY)
    assert not RuleTrial.objects.exists(), "forgotten after thirty days"


def test_only_who_may_propose_tries_and_nothing_that_undercuts(world: World) -> None:
    with pytest.raises(NotAllowed):
        trials.ask(code="use-of-force", days=92, officer=world.ada, at=AT)
    for code, days, name in (
        ("use-of-force", 30, ""),
        ("new-one", 60, ""),
        ("", 60, "A"),
        ("c" * 41, 60, "A"),
        ("new-one", 60, "n" * 121),
    ):
        with pytest.raises(RuleChangeInvalid):
            trials.ask(code=code, days=days, officer=world.manager, at=AT, name=name)
    same = categories.current()["use-of-force"].days
    with pytest.raises(RuleChangeInvalid, match="the period it has"):
        trials.ask(code="use-of-force", days=same, officer=world.manager, at=AT)
    assert not RuleTrial.objects.exists()


def test_a_rule_is_the_whole_forces_and_no_units(world: World) -> None:
    local = officers.register_officers_many(
        actor=SETUP,
        officers=[
            NewOfficer("4198", "Eve Orr", "EO", "LAM", "", (Role.EVIDENCE_MANAGER,), ()),
            NewOfficer("4199", "Max Ray", "MR", "LAM", "", (Role.PROFESSIONAL_STANDARDS,), ()),
        ],
        at=AT,
    )
    with pytest.raises(NotAllowed, match="it takes an evidence manager, for the whole force"):
        rule_changes.propose(
            code="use-of-force", days=400, reason="ours", officer=local[0], at=AT + DAY
        )
    with pytest.raises(NotAllowed):
        trials.ask(code="use-of-force", days=400, officer=local[0], at=AT + DAY)
    change = propose(world, 400, at=1)
    for officer in local:
        with pytest.raises(NotAllowed):
            rule_changes.approve(change=change, officer=officer, at=AT + 2 * DAY)
    with pytest.raises(NotAllowed):
        rule_changes.withdraw(change=change, reason="no", officer=local[0], at=AT + 2 * DAY)
    change.refresh_from_db()
    assert (change.approved_at, change.withdrawn_at) == (None, None)
    assert rule_changes.approve(change=change, officer=world.standards, at=AT + 2 * DAY).approved_at


def test_the_week_ahead_is_counted_by_london_day_unit_and_category(world: World) -> None:
    soon = [world.record(), world.record()]
    marking.categorise(
        recordings=[world.record().pk], codes=["use-of-force"], officer=world.ada, at=AT
    )
    at = AT + 28 * DAY
    assert week_ahead.counted() is None
    assert week_ahead.renew_due(at=at) == 1
    assert week_ahead.renew_due(at=at + HOUR / 5) == 0
    week = week_ahead.counted()
    assert week is not None
    day = (AT + 31 * DAY).date()
    assert week.lines == (week_ahead.Going(day, "LAM", "", len(soon)),)
    assert dict(week.by_day())[day] == week.total == 2
    assert len(week.by_day()) == 8
    assert week.within(frozenset({"LSH"})).total == 0
    assert week_ahead.renew_due(at=at + HOUR) == 1
    assert WeekAhead.objects.count() == 1


def test_a_category_of_the_forces_own_asks_what_its_definition_names(world: World) -> None:
    asks = [
        asking_fields.made(name="Crime number", kind="reference", needed=True, extra="01/803/17"),
        asking_fields.made(name="Outcome", kind="choice", needed=False, extra="charged, none"),
    ]
    change = rule_changes.propose(
        code="moped-crime",
        name="Moped crime",
        days=100,
        reason="a pilot",
        officer=world.manager,
        at=AT,
        fields=asks,
    )
    said = reading.history("retention")[-1]
    assert said.body is not None
    assert said.body.detail["fields"] == ["Crime number: reference", "Outcome: choice"]
    rule_changes.approve(change=change, officer=world.standards, at=AT)
    rule_changes.apply_due(at=AT + 7 * DAY)
    assert categories.current()["moped-crime"].fields == tuple(asks)
    recording = world.record(ended_at=AT + 8 * DAY)
    with pytest.raises(FieldInvalid, match="Crime number is needed"):
        saying.of_fields("moped-crime", {"outcome": "none"})
    typed = saying.of_fields("moped-crime", {"crime_number": "01/1/17", "outcome": "charged"})
    saying.categorise(
        marks=[Mark(recording.pk, ("moped-crime",))],
        sayings=typed,
        officer=world.ada,
        at=AT + 9 * DAY,
    )
    kept = Said.objects.filter(recording=recording).values_list("field", "answer")
    assert set(kept) == {
        ("moped-crime.crime_number", "01/1/17"),
        ("moped-crime.outcome", "charged"),
    }
    longer = rule_changes.propose(
        code="moped-crime", days=200, reason="longer", officer=world.manager, at=AT + 10 * DAY
    )
    rule_changes.approve(change=longer, officer=world.standards, at=AT + 10 * DAY)
    rule_changes.apply_due(at=AT + 17 * DAY)
    line = categories.current()["moped-crime"]
    assert (line.days, line.fields) == (200, tuple(asks)), "what it asks is left as it was"
    with pytest.raises(RuleChangeInvalid, match="Nothing would change"):
        rule_changes.propose(
            code="moped-crime",
            days=200,
            reason="same",
            officer=world.manager,
            at=AT + 18 * DAY,
            fields=asks,
        )
    with pytest.raises(RuleChangeInvalid, match="shipped category"):
        rule_changes.propose(
            code="use-of-force",
            days=400,
            reason="ours",
            officer=world.manager,
            at=AT,
            fields=asks,
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " ", "kind": "text", "extra": ""},
        {"name": "Colour", "kind": "paint", "extra": ""},
        {"name": "Colour", "kind": "choice", "extra": "red"},
        {"name": "C" * 41, "kind": "text", "extra": ""},
        {"name": "Colour", "kind": "text", "extra": "x" * 121},
    ],
)
def test_a_field_that_can_not_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(FieldInvalid):
        asking_fields.made(needed=False, **wrong)


def test_a_category_asks_few_things_and_none_twice() -> None:
    colour = asking_fields.made(name="Colour", kind="text", needed=False, extra="")
    with pytest.raises(FieldInvalid, match="same name"):
        asking_fields.as_table([colour, colour])
    many = [
        asking_fields.made(name=f"Thing {number}", kind="text", needed=False, extra="")
        for number in range(asking_fields.MOST + 1)
    ]
    with pytest.raises(FieldInvalid, match="at most"):
        asking_fields.as_table(many)


def test_two_sweeps_at_once_change_the_table_once_and_neither_stumbles(world: World) -> None:
    recordings = [world.record() for _ in range(3)]
    for number, code in enumerate(("use-of-force", "stop-search", "training")):
        marking.categorise(
            recordings=[recordings[number].pk], codes=[code], officer=world.ada, at=AT + DAY
        )
        change = rule_changes.propose(
            code=code,
            days=400,
            reason="the force's new policy",
            officer=world.manager,
            at=AT + DAY,
        )
        rule_changes.approve(change=change, officer=world.standards, at=AT + 2 * DAY)
    due = AT + 10 * DAY
    doings = [lambda: rule_changes.apply_due(at=due)] * 4
    assert at_once(*doings) == []
    assert acts("retention").count("rule.changed") == 3
    assert all(categories.current()[code].days == 400 for code in ("use-of-force", "training"))
    assert not RuleChange.objects.filter(applied_at__isnull=True).exists()
