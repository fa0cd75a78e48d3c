"""A hold and a deletion at the same moment: one of them comes first, and both know which."""

import threading
import time
from datetime import date

from django.db import transaction
from tests.at_once import at_once
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.evidence.models import State
from fairwitness.retention import disposal, holds
from fairwitness.retention.holds import NothingToHold, Placed, Terms
from fairwitness.retention.models import HoldKind
from fairwitness.vault.keyring import KeyState

DUE = AT + 31 * DAY - HOUR
CLAIM = Terms(HoldKind.LITIGATION, "17/0042", "letter before claim", date(2018, 1, 1))
ROUNDS = 12


def test_a_hold_and_a_deletion_never_both_win(world: World) -> None:
    recordings = [world.record() for _ in range(ROUNDS)]
    world.sweep(AT + 25 * DAY)
    held = gone = 0
    for recording in recordings:
        placed: list[Placed] = []

        def hold(pk=recording.pk, placed=placed) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a closure's defaults
            found = holds.place(terms=CLAIM, owner=world.manager, recordings=[pk], at=DUE)
            placed.append(found)

        def dispose(pk=recording.pk) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - the same
            disposal.commit([pk], at=DUE)

        raised = at_once(hold, dispose)
        assert all(isinstance(error, NothingToHold) for error in raised), raised
        (row,) = fresh([recording])
        if row.state == State.LIVE:
            held += 1
            assert placed[0].bound == (row.pk,)
        else:
            gone += 1
            assert raised
            assert not placed
    disposal.finish(world.tools, at=DUE)
    for row in fresh(recordings):
        live = row.state == State.LIVE
        expected = KeyState.LIVE if live else KeyState.DESTROYED
        assert world.vault.ring.state(row.pk) is expected
        assert world.opens(row, DUE) is live
    assert held + gone == ROUNDS


def test_two_sweeps_at_once_do_everything_once(world: World) -> None:
    recordings = [world.record() for _ in range(6)]
    listings = at_once(lambda: world.sweep(AT + 25 * DAY), lambda: world.sweep(AT + 25 * DAY))
    raised = at_once(lambda: world.sweep(DUE), lambda: world.sweep(DUE))
    assert (listings, raised) == ([], [])
    disposal.finish(world.tools, at=DUE)
    for row in fresh(recordings):
        assert row.state == State.DISPOSED
        done = acts(f"recording:{row.pk}")
        for act in ("recording.disposed", "key.destroyed", "disposal.certified"):
            assert done.count(act) == 1, done


def test_a_part_that_arrives_while_the_others_are_being_deleted_is_not_overlooked(
    world: World,
) -> None:
    first = world.record(counter=99, part=1, last_part=False)
    world.sweep(AT + 25 * DAY)
    there = threading.Event()

    def arrive() -> None:
        with transaction.atomic():
            world.record(counter=99, part=2, ended_at=AT + HOUR, docked_at=DUE)
            there.set()
            time.sleep(1)  # meanwhile the deletion waits for the first part's lock

    def dispose() -> None:
        there.wait(10)
        disposal.commit([first.pk], at=DUE)

    assert at_once(arrive, dispose) == []
    (row,) = fresh([first])
    assert (row.state, row.gone_by) == (State.LIVE, DUE + 7 * DAY)
