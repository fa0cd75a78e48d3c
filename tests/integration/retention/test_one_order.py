"""Acts that meet at the same recordings on PostgreSQL wait for each other in one order.

`retention.gathering` writes the order down. Each test here lets two acts meet where they would
stop each other if either took its locks in another one.
"""

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from tests import waiting_turns
from tests.critical_world import Critical
from tests.retention_world import AT, DAY, HOUR, World

from fairwitness.custody import ledger, reading
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.retention import event_desk, freezing, holds, lifting, lockdown
from fairwitness.retention.event_rows import EventMatch
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldBinding, HoldKind
from fairwitness.retention.standing import Criteria

NOW = AT + DAY
HEAD = (
    b"event id,record type,officer badge id,officer dispatched datetime,"
    b"officer cleared datetime,incident number,call type\n"
)
SEARCH = b"S/%d,search,614LX,2017-06-08T22:%02d:00Z,2017-06-08T22:20:00Z,CAD 8812,\n"


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def _hold(world: World, recording: Recording) -> Hold:
    placed = holds.place(
        terms=Terms(HoldKind.LITIGATION, "CL/1", "a claim", (NOW + 30 * DAY).date()),
        owner=world.manager,
        at=NOW,
        recordings=[recording.pk],
    )
    return Hold.objects.get(pk=placed.hold)


def test_two_lists_brought_in_at_once_for_the_same_recordings_are_both_done(world: World) -> None:
    rows = [world.record(ended_at=AT + timedelta(minutes=each)) for each in range(4)]
    first = HEAD + b"".join(SEARCH % (number, number) for number in range(8))
    second = HEAD + b"".join(SEARCH % (20 - number, number) for number in range(8))
    told = []

    def bring(data: bytes) -> Callable[[], object]:
        return lambda: told.append(
            event_desk.bring_in(data=data, name="night.csv", actor=world.manager, at=NOW).counts
        )

    raised: list[Exception] = []
    with transaction.atomic():
        Recording.objects.select_for_update().get(pk=max(row.pk for row in rows))
        threads = [waiting_turns.begin(bring(data), raised) for data in (first, second)]
        waiting_turns.until_waiting(2)
    waiting_turns.end(*threads)
    assert raised == []
    assert told == [{"matched": 8}, {"matched": 8}]
    assert EventMatch.objects.count() == 4 * 16


@pytest.mark.parametrize("act", ["lift", "extend", "end"])
def test_a_part_that_arrives_while_its_hold_changes_does_not_stop_it(
    world: World, act: str
) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    other = world.record()
    if act == "end":
        critical = Critical.make(world, AT - HOUR)
        hold = critical.declare(NOW).incident.hold
    else:
        hold = _hold(world, first)

    def arrive() -> None:
        world.record(counter=7, part=2, ended_at=AT + timedelta(minutes=5), docked_at=NOW)

    def change() -> None:
        if act == "lift":
            lifting.lift(hold=hold, officer=world.manager, reason="settled", at=NOW + HOUR)
        elif act == "extend":
            wanted = [first.pk, other.pk]
            holds.extend(hold=hold, recordings=wanted, officer=world.manager, at=NOW + HOUR)
        else:
            with transaction.atomic():
                lockdown.end(hold=hold, officer=world.investigator, reason="done", at=NOW + HOUR)

    raised: list[Exception] = []
    with transaction.atomic():
        Recording.objects.select_for_update().get(pk=first.pk)
        arriving = waiting_turns.begin(arrive, raised)
        waiting_turns.until_waiting(1)
        changing = waiting_turns.begin(change, raised)
        waiting_turns.until_waiting(2)
    waiting_turns.end(arriving, changing)
    assert raised == []
    second = Recording.objects.get(counter=7, part=2)
    assert HoldBinding.objects.filter(hold=hold, recording=second).exists()
    first.refresh_from_db()
    assert (second.gone_by is None) is (act == "extend")
    assert second.gone_by == first.gone_by


def test_what_was_here_is_bound_while_its_next_part_arrives(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    criteria = Criteria(officers=(world.ada.pk,))
    terms = freezing.Terms("KEEP", "somebody asked", (NOW + 30 * DAY).date())
    with transaction.atomic():
        (hold,) = freezing.freeze(terms=terms, criteria=[criteria], at=NOW)

    def arrive() -> None:
        world.record(counter=7, part=2, ended_at=AT + timedelta(minutes=5), docked_at=NOW)

    def bind() -> None:
        freezing.bind_present(hold=hold.pk, criteria=criteria, at=NOW)

    raised: list[Exception] = []
    with transaction.atomic():
        Recording.objects.select_for_update().get(pk=first.pk)
        arriving = waiting_turns.begin(arrive, raised)
        waiting_turns.until_waiting(1)
        binding = waiting_turns.begin(bind, raised)
        waiting_turns.until_waiting(2)
    waiting_turns.end(arriving, binding)
    assert raised == []
    assert HoldBinding.objects.filter(hold=hold).count() == 2


def _sharing_a_number_with(subject: str) -> str:
    """A recording's subject whose lock has the same number as this one's."""
    wanted = ledger.lock_of(subject)[1]
    return next(
        found
        for found in (f"recording:{uuid.uuid4()}" for _ in itertools.count())
        if ledger.lock_of(found)[1] == wanted
    )


@pytest.mark.django_db(transaction=True)
def test_two_acts_on_different_recordings_never_stop_each_other_in_the_log() -> None:
    """First what keeps is written about, then what is kept; no lock of one is one of the other."""
    first, second = f"hold:{uuid.uuid4()}", f"hold:{uuid.uuid4()}"
    under = {first: _sharing_a_number_with(second), second: _sharing_a_number_with(first)}
    raised: list[Exception] = []
    gate = f"recording:{uuid.uuid4()}"

    def place(hold: str) -> None:
        with transaction.atomic():
            ledger.append(subject=hold, act=Act.HOLD_PLACED, actor="system:test", at=NOW)
            ledger.append(subject=gate, act=Act.HOLD_BOUND, actor="system:test", at=NOW)
            ledger.append_many([Draft(under[hold], Act.HOLD_BOUND, "system:test", NOW)])

    with transaction.atomic():
        ledger.append(subject=gate, act=Act.HOLD_BOUND, actor="system:test", at=NOW)
        threads = [waiting_turns.begin(partial(place, each), raised) for each in under]
        waiting_turns.until_waiting(2)
    waiting_turns.end(*threads)
    assert raised == []
    assert {len(reading.history(each)) for each in (*under, *under.values())} == {1}
