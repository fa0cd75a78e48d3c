"""A record and footage at the same moment: on PostgreSQL, rows are locked in one order."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
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


def _until(waiting: int) -> None:
    """Return when so many other connections wait for a row."""
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    ends = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(asked)
            if cursor.fetchone()[0] >= waiting:
                return
            time.sleep(0.01)
    pytest.fail(f"never {waiting} waited")


def _thread(act: Callable[[], object], raised: list[Exception]) -> threading.Thread:
    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed to the test, whatever it is
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


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
        arriving = _thread(arrive, raised)
        _until(1)
        matching = _thread(match, raised)
        _until(2)
    arriving.join(60)
    matching.join(60)
    assert raised == []
    assert not arriving.is_alive()
    assert not matching.is_alive()
    assert EventMatch.objects.filter(event=Event.objects.get()).count() == 2
