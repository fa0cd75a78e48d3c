"""The dates that the force may know: what stays ended, what the migration finds for old rows."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from tests.retention_world import AT, DAY, HOUR, World, fresh

from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.retention import holds, lifting, marking
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind, Release
from fairwitness.retention.standing import Criteria

REVIEW = (AT + 900 * DAY).date()
APART = Terms(HoldKind.OVERSIGHT, "IND/7", "our inquiry", REVIEW, silent=True)
COMPLAINT = Terms(HoldKind.COMPLAINT, "C/1", "a complaint", REVIEW, silent=True)
CLAIM = Terms(HoldKind.LITIGATION, "17/1", "a claim", REVIEW)
DATES = ("force_hidden_from", "force_gone_by", "force_reason")


def keep(recording: Recording, terms: Terms, owner: Officer, day: float) -> Hold:
    placed = holds.place(terms=terms, owner=owner, recordings=[recording.pk], at=AT + day * DAY)
    return Hold.objects.get(pk=placed.hold)


def lift(hold: Hold, day: float) -> None:
    assert hold.owner is not None
    lifting.lift(hold=hold, officer=hold.owner, reason="over", at=AT + day * DAY)


def test_an_open_hold_of_oversights_after_its_day_brings_nothing_back(world: World) -> None:
    row, day = world.record(), AT + 31 * DAY
    keep(row, APART, world.investigator, 2)
    seen = Terms(HoldKind.OVERSIGHT, "IND/8", "in the open", REVIEW)
    open_one = keep(row, seen, world.investigator, 40)
    (held,) = fresh([row])
    assert "IND/8" in held.keep_reason
    assert held.force_gone_by == held.shown_gone_by == day
    lift(open_one, 50)
    (held,) = fresh([row])
    assert held.force_gone_by == held.shown_gone_by == day
    assert held.gone_by is None


def test_placed_before_its_day_an_open_one_shows(world: World) -> None:
    row = world.record()
    keep(row, APART, world.investigator, 2)
    keep(row, Terms(HoldKind.OVERSIGHT, "IND/8", "in the open", REVIEW), world.investigator, 3)
    assert fresh([row])[0].force_reason == "it is kept under oversight IND/8"


def test_lifted_early_it_changes_no_day_of_the_force(world: World) -> None:
    row = world.record()
    lift(keep(row, APART, world.investigator, 2), 27)
    (held,) = fresh([row])
    assert held.gone_by == AT + 34 * DAY
    assert held.hidden_from == AT + 27 * DAY
    assert (held.force_hidden_from, held.force_gone_by) == (AT + 28 * DAY, AT + 31 * DAY)


def test_a_standing_hold_that_came_too_late_for_the_force_binds_nothing(world: World) -> None:
    """One that a race had not seen is bound before a disposal; not what was gone when it came."""
    row = world.record()
    hold = keep(row, APART, world.investigator, 2)
    late = holds.place(
        terms=CLAIM,
        owner=world.manager,
        criteria=Criteria(officers=(world.ada.pk,)),
        at=AT + 40 * DAY,
    )
    assert late.bound == ()
    lift(hold, 50)
    world.sweep(AT + 51 * DAY)
    assert world.sweep(AT + 57 * DAY - HOUR).disposed == (row.pk,)


def old_rows(world: World) -> list[Recording]:
    """Recordings with every kind of thing that may keep them beside oversight's silent hold."""
    rows = [world.record(ended_at=AT + timedelta(minutes=one)) for one in range(8)]
    apart = [keep(row, APART, world.investigator, 1 + one) for one, row in enumerate(rows)]
    keep(rows[0], COMPLAINT, world.standards, 2)
    keep(rows[1], CLAIM, world.manager, 2)
    lift(keep(rows[2], COMPLAINT, world.standards, 3), 29)
    lift(apart[3], 28)
    marking.mark_evidential(
        recordings=[rows[4].pk],
        incident="CAD 1",
        codes=["use-of-force"],
        officer=world.ada,
        at=AT + 9 * DAY,
    )
    parts = [
        world.record(counter=99, part=one, last_part=one == 2, ended_at=AT + one * HOUR)
        for one in (1, 2)
    ]
    keep(parts[0], APART, world.investigator, 5)
    lift(keep(parts[1], CLAIM, world.manager, 6), 30)
    return fresh([*rows, *parts, world.record()])


@pytest.mark.django_db
def test_the_migration_finds_what_the_rules_say(world: World) -> None:
    before = old_rows(world)
    assert len({row.force_reason for row in before}) > 3
    assert any(row.force_gone_by != row.gone_by for row in before)
    named = set(Release.objects.filter(oversight=True).values_list("pk", flat=True))
    Release.objects.update(oversight=False)
    Recording.objects.update(force_hidden_from=None, force_gone_by=None, force_reason="")
    with connection.schema_editor() as editor:
        for name, fill in (
            ("evidence.migrations.0016", "_as_they_are"),
            ("retention.migrations.0010", "_fill"),
        ):
            getattr(import_module(f"fairwitness.{name}_force_dates"), fill)(apps, editor)
    after = fresh(before)
    for was, now in zip(before, after, strict=True):
        told = [(getattr(was, name), getattr(now, name)) for name in DATES]
        assert [one for one, _ in told] == [other for _, other in told]
    assert set(Release.objects.filter(oversight=True).values_list("pk", flat=True)) == named
    plain = Recording.objects.filter(pk=after[-1].pk, force_gone_by=F("gone_by"))
    assert plain.exists()
