"""A dock is killed while it takes another maker's footage from enrolled volumes of its own."""

import multiprocessing
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bay_world import Floor, killed_agent, until
from tests.docking_world import digests
from tests.offloading import bring, bring_killed
from tests.serving import serving
from tests.stick import Stick

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
ROUNDS = 8


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with serving(tmp_path / "site") as running:
        made = Floor(running, tmp_path)
        made.set_up()
        yield made


def nothing_lost(floor: Floor, sticks: list[Stick]) -> None:
    """Every file is on its stick as it was or held once; none is held that was on no stick."""
    held = digests(floor.site)
    assert len(held) == len(set(held))
    for stick in sticks:
        taken, wanted = stick.held(), stick.wanted()
        assert len(taken) == len(set(taken))
        assert set(taken) <= wanted
        for name in stick.left():
            assert (stick.root / name).read_bytes() == stick.files[name]
        assert wanted - stick.wanted_of(stick.left()) <= set(taken)


def test_a_dock_killed_while_it_takes_from_volumes_loses_and_doubles_nothing(
    floor: Floor,
) -> None:
    when = random.Random(11)  # noqa: S311 - moments to be killed at, the same in each run
    erasing, keeping = Stick(floor, "drift"), Stick(floor, "borrowed")
    sticks = [erasing, keeping]
    for stick in sticks:
        stick.film("first.mp4", 1)
    erasing.approve("erase")
    keeping.approve("keep")
    for turn in range(ROUNDS):
        for number, stick in enumerate(sticks):
            stick.film(f"DCIM/{turn}.mp4", turn * 2 + number + 2)
            stick.put(f"notes/{turn}.bin", bytes([turn]) * 300_000 + stick.label.encode())
        with killed_agent(floor) as running:
            time.sleep(when.uniform(0.5, 3.5))
            assert running.poll() is None, (floor.root / "agent.log").read_text()
        nothing_lost(floor, sticks)
    with killed_agent(floor):
        until(lambda: not erasing.left(), within=200)
        until(lambda: set(keeping.held()) == keeping.wanted(), within=200)
    nothing_lost(floor, sticks)
    assert set(erasing.held()) == erasing.wanted()
    assert keeping.left() == set(keeping.files)


def test_a_dock_killed_before_any_step_goes_on_with_a_volume(floor: Floor) -> None:
    children = multiprocessing.get_context("forkserver")
    children.set_forkserver_preload(["tests.offloading"])
    stick = Stick(floor, "drift")
    stick.film("first.mp4", 1)
    stick.approve("erase")
    for number in range(1, 200):
        stick.put(f"DCIM/{number}.bin", f"step {number} ".encode() * 4000)
        child = children.Process(target=bring_killed, args=(number, floor.dock, stick.root))
        child.start()
        child.join(60)
        if number % 5 == 0:
            nothing_lost(floor, [stick])
        assert not bring(floor.dock, stick.root).left
        assert not stick.left()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
    else:
        raise AssertionError("it never came to its end")
    assert number > 10, "there were steps to be killed at"
    nothing_lost(floor, [stick])
    assert set(stick.held()) == stick.wanted()
