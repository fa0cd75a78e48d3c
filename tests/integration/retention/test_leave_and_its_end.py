"""What is typed to see a recording goes with it, and a change of class is of the whole press."""

import json
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.custody import ledger
from fairwitness.evidence import access_class, glass, naming
from fairwitness.evidence.access_class import ClassInvalid
from fairwitness.evidence.leave_rows import GONE
from fairwitness.evidence.models import BrokenGlass, Naming
from fairwitness.force.asking import AccessClass, NotAllowed
from fairwitness.formats.acts import Act

GONE_BY = AT + 31 * DAY
SMITH = "Mrs Smith of 4 High Street is missing"


def break_glass(world: World, reference: str) -> BrokenGlass:
    return glass.break_glass(
        reference=reference,
        officer=world.detective,
        emergency="missing",
        reason=SMITH,
        at=AT + DAY,
    )


def typed() -> str:
    rows = [list(QuerySet(each).values()) for each in (Naming, BrokenGlass)]
    return json.dumps(rows, default=str)


def judge(world: World, broken: BrokenGlass, at: timedelta) -> None:
    glass.judge(
        broken=broken,
        officer=world.standards,
        justified=True,
        note="Mrs Smith was found by it",
        at=AT + at,
    )


def test_what_was_typed_goes_with_the_footage(world: World) -> None:
    recording, waits = world.record(), world.record()
    naming.name(
        recording=recording,
        officer=world.dev,
        by=world.manager,
        reason="Mrs Smith asked for him",
        until=AT + 9 * DAY,
        at=AT + DAY,
    )
    judge(world, break_glass(world, recording.reference), 2 * DAY)
    unjudged = break_glass(world, waits.reference)
    world.sweep(AT + 25 * DAY)
    assert set(world.sweep(GONE_BY - HOUR).disposed) == {recording.pk, waits.pk}
    assert typed().count("Mrs Smith") == 1, "whoever judges has to read why"
    assert Naming.objects.get().reason == GONE
    unjudged.refresh_from_db()
    judge(world, unjudged, 32 * DAY)
    assert "Mrs Smith" not in typed()
    assert BrokenGlass.objects.filter(justified=True, note=GONE, reason=GONE).count() == 2
    told = ledger.search(act=Act.RECORDING_BREAK_GLASS_JUDGED)
    assert len(told) == 2


def test_a_class_is_changed_for_all_parts_with_an_entry_each(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, ended_at=AT + HOUR)
    other = world.record()
    to = AccessClass.RESTRICTED
    with pytest.raises(NotAllowed):
        access_class.change(recording=first, to=to, officer=world.dev, reason="x", at=AT + DAY)
    access_class.change(recording=second, to=to, officer=world.manager, reason="x", at=AT + DAY)
    assert [row.access_class for row in fresh([first, second, other])] == [to, to, "open"]
    for row, times in ((first, 1), (second, 1), (other, 0)):
        assert acts(f"recording:{row.pk}").count("recording.access_class_changed") == times
    with pytest.raises(ClassInvalid, match="Look again"):
        access_class.change(recording=first, to=to, officer=world.manager, reason="x", at=AT + DAY)
