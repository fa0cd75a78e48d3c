"""Declared while a camera is being docked: whichever comes first, the recording is locked."""

import threading
import time
from datetime import timedelta

from django.db import transaction
from tests.at_once import at_once
from tests.critical_world import Critical
from tests.retention_world import AT, HOUR, World, fresh

from fairwitness.cases.models import CriticalIncident
from fairwitness.evidence.models import CircleMember, Recording, Standing

ENDED = AT + timedelta(minutes=10)
ROUNDS = 8


def test_whichever_comes_first_it_is_bound(world: World) -> None:
    critical = Critical.make(world, AT)
    raised = []
    for _ in range(ROUNDS):
        raised += at_once(lambda: world.record(ended_at=ENDED), lambda: critical.declare(AT + HOUR))
    assert raised == []
    rows = list(Recording.objects.all())
    assert len(rows) == ROUNDS
    assert all(row.locked for row in rows)
    assert CircleMember.objects.filter(standing=Standing.INCIDENT).count() == ROUNDS * ROUNDS


def test_declared_while_a_registration_is_open_it_waits_and_binds(world: World) -> None:
    critical = Critical.make(world, AT)
    there = threading.Event()

    def arrive() -> None:
        with transaction.atomic():
            world.record(ended_at=ENDED)
            there.set()
            time.sleep(1)  # meanwhile the declaration has to wait

    def declare() -> None:
        there.wait(10)
        critical.declare(AT + HOUR)

    assert at_once(arrive, declare) == []
    assert [row.locked for row in Recording.objects.all()] == [True]


def test_a_part_registered_beside_the_declaration_waits_for_its_locks(world: World) -> None:
    critical = Critical.make(world, AT)
    first = world.record(ended_at=ENDED, counter=99, last_part=False)

    def arrive() -> None:
        world.record(ended_at=ENDED, counter=99, part=2)

    assert at_once(arrive, lambda: critical.declare(AT + HOUR)) == []
    assert [row.locked for row in Recording.objects.all()] == [True, True]
    assert CriticalIncident.objects.count() == 1
    assert fresh([first])[0].gone_by is None
