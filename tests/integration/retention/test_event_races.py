"""A record and footage at the same moment: on PostgreSQL, rows are locked in one order."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests import waiting_turns
from tests.retention_world import AT, DAY, HOUR, World

from fairwitness.evidence.models import Recording
from fairwitness.retention import event_desk, events
from fairwitness.retention.event_rows import Event, EventMatch

NOW = AT + DAY
LIST = (
    b"event id,record type,officer badge id,officer dispatched datetime,"
    b"officer cleared datetime,incident number,call type\n"
    b"S/7,search,614LX,2017-06-08T22:05:00Z,2017-06-08T22:20:00Z,CAD 8812,\n"
)


@pytest.mark.parametrize("by", ["again", "list"])
def test_a_part_that_arrives_while_its_record_is_matched_does_not_stop_it(
    world: World, by: str
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    first = world.record(counter=7, part=1, last_part=False)
    event_desk.bring_in(data=LIST, name="night.csv", actor=world.manager, at=NOW)

    def arrive() -> None:
        world.record(counter=7, part=2, ended_at=AT + timedelta(minutes=5), docked_at=NOW)

    def match() -> None:
        if by == "again":
            assert events.match_again(at=NOW + HOUR) == 1
        else:
            again = LIST.replace(b"22:05", b"22:04")
            event_desk.bring_in(data=again, name="more.csv", actor=world.manager, at=NOW)

    raised: list[Exception] = []
    with transaction.atomic():
        Recording.objects.select_for_update().get(pk=first.pk)
        arriving = waiting_turns.begin(arrive, raised)
        waiting_turns.until_waiting(1)
        matching = waiting_turns.begin(match, raised)
        waiting_turns.until_waiting(2)
    waiting_turns.end(arriving, matching)
    assert raised == []
    assert EventMatch.objects.filter(event=Event.objects.get()).count() == 2
