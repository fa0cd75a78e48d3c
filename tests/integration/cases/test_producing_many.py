"""Many recordings become exhibits at once, as they would one by one, and with few queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.retention_world import AT, DAY, World, acts

from fairwitness.cases import producing, producing_many
from fairwitness.cases.models import Case, Exhibit
from fairwitness.cases.producing import ExhibitInvalid
from fairwitness.cases.producing_many import Wanted
from fairwitness.custody.models import Entry
from fairwitness.evidence.models import CircleMember, Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.retention.holds import NothingToHold
from fairwitness.retention.models import Hold, HoldBinding

LATER = AT + DAY


def _many(world: World, case: Case, recordings: list[Recording]) -> tuple[Exhibit, ...]:
    wanted = [
        Wanted(each, world.dev if place % 2 else world.ada, f"Camera {place}")
        for place, each in enumerate(recordings)
    ]
    return producing_many.produce(case=case, wanted=wanted, officer=world.detective, at=LATER)


def _left(recording: Recording) -> dict[str, object]:
    """All that producing leaves of a recording, but for what is new each time."""
    row = Recording.objects.get(pk=recording.pk)
    exhibit = Exhibit.objects.get(recording=recording)
    hold = exhibit.hold
    return {
        "dates": (row.gone_by, row.hidden_from, row.keep_reason.rpartition(" ")[0], row.late),
        "shown": (row.shown_gone_by, row.force_gone_by),
        "exhibit": (exhibit.initials, exhibit.produced_by, exhibit.produced_at),
        "hold": (hold.kind, hold.owner, hold.review_on, hold.silent, hold.release_when),
        "bound": list(hold.bindings.values_list("recording_id", "bound_at")) == [(row.pk, LATER)],
        "circle": list(
            CircleMember.objects.filter(recording=row).values_list("standing", "officer_id")
        ),
        "acts": acts(f"recording:{row.pk}"),
        "hold_acts": acts(f"hold:{hold.pk}"),
    }


def test_many_leave_what_one_by_one_leave(world: World, case: Case) -> None:
    first, second, alone = world.record(), world.record(), world.record()
    made = _many(world, case, [first, second])
    assert [each.reference for each in made] == ["AW/1", "DA/1"]
    assert [each.title for each in made] == ["Camera 0", "Camera 1"]
    one = producing.produce(
        case=case,
        recording=alone,
        producer=world.ada,
        title="Camera 2",
        officer=world.detective,
        at=LATER,
    ).exhibit
    assert one.reference == "AW/2"
    assert _left(first) == _left(alone)
    assert acts(f"case:{case.pk}").count("exhibit.produced") == 3
    stored = Hold.objects.get(pk=made[1].hold_id)
    assert stored.reference == "01LX/4417/17 DA/1"
    assert Exhibit.objects.get(pk=made[1].pk).reference == "DA/1"


def test_parts_of_one_press_are_one_exhibit_and_repeating_changes_nothing(
    world: World, case: Case
) -> None:
    first = world.record(part=1, last_part=False, counter=50)
    second = world.record(part=2, counter=51)
    Recording.objects.filter(pk=second.pk).update(activation=50)
    other = world.record()
    made = _many(world, case, [first, second, other])
    assert [each.recording for each in made] == [first, other]
    assert {pk for (pk,) in made[0].hold.bindings.values_list("recording_id")} == {
        first.pk,
        second.pk,
    }
    entries = Entry.objects.count()
    assert _many(world, case, [second, other]) == ()
    assert Entry.objects.count() == entries


def test_one_that_is_gone_undoes_the_others(world: World, case: Case) -> None:
    here, gone = world.record(), world.record(ended_at=AT - 60 * DAY)
    entries = Entry.objects.filter(act="hold.placed").count()
    with pytest.raises((NothingToHold, NotAllowed)):
        _many(world, case, [here, gone])
    assert not Exhibit.objects.exists()
    assert not HoldBinding.objects.exists()
    assert Entry.objects.filter(act="hold.placed").count() == entries


def test_a_closed_case_takes_none_and_every_exhibit_has_a_title(world: World, case: Case) -> None:
    recording = world.record()
    with pytest.raises(ExhibitInvalid):
        producing_many.produce(
            case=case,
            wanted=[Wanted(recording, world.ada, " ")],
            officer=world.detective,
            at=LATER,
        )
    Case.objects.filter(pk=case.pk).update(
        state="closed", closed_at=LATER, outcome="no further action"
    )
    with pytest.raises(ExhibitInvalid) as refused:
        _many(world, case, [recording])
    assert refused.value.stable_code == "exhibit.case_closed"
    assert not Exhibit.objects.exists()


def test_ten_ask_the_database_as_often_as_two(world: World, case: Case) -> None:
    def asked(number: int) -> int:
        made = [world.record().pk for _ in range(number)]
        recordings = list(Recording.objects.select_related("unit").filter(pk__in=made))
        with CaptureQueriesContext(connection) as seen:
            assert len(_many(world, case, recordings)) == number
        # PostgreSQL locks each of the log's subjects by a statement of its own
        return sum("advisory" not in each["sql"] for each in seen.captured_queries)

    asked(2)  # what a process reads once
    assert asked(10) == asked(2)
