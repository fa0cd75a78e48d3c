"""A whole fleet docks at once while everything goes wrong: nothing is lost, nothing doubled.

Two hundred cameras sit in four docks, each the real agent in a process of its own, on a line that
is cut in the middle of requests and answers. Some cameras' memories are there twice, some bytes are
damaged, some numbers used twice, some receipts lost; server and docks are killed meanwhile.
`--fleet N` has N cameras, `--dockings N` docks them so often. The moments are the machine's too.
"""

import os
import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.bay_world import until
from tests.cutting import Line
from tests.docking_world import digests, sound
from tests.fleet_world import Fleet
from tests.serving import serving

pytestmark = [pytest.mark.fault, pytest.mark.journey]

SEED = 2193
DOCKS = 4
PATIENCE = 900.0


@pytest.fixture
def fleet(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Fleet, Line]]:
    cameras = int(request.config.getoption("--fleet"))
    chance = random.Random(SEED)  # noqa: S311 - moments to be cut at
    database = os.environ.get("FAIRWITNESS_DATABASE_URL")
    settings = {"FAIRWITNESS_DATABASE_URL": database} if database else {}
    with serving(tmp_path / "site", settings) as site:
        line = Line(to=site.port, chance=chance)
        line.start()
        made = Fleet(site, tmp_path / "field", f"http://127.0.0.1:{line.port}", chance)
        made.set_up(cameras=cameras, docks=DOCKS)
        try:
            yield made, line
        finally:
            for dock in made.docks:
                dock.kill()
            line.stop()


def trouble(fleet: Fleet, line: Line, *, servers: int, docks: int) -> None:
    """Kill the server and docks so often, in an order and at moments that are not foreseen.

    Between two kills the line is cut some more, on a slow machine too, while there is what to send.
    """
    turns = ["server"] * servers + ["dock"] * docks
    fleet.chance.shuffle(turns)
    for turn in turns:
        enough = line.cuts + len(fleet.cameras) // (4 * len(turns)) + 1
        until(partial(_cut, fleet, line, enough), within=PATIENCE)
        time.sleep(fleet.chance.uniform(0, 1))
        if turn == "server":
            fleet.site.kill()
            time.sleep(fleet.chance.uniform(0, 0.5))
            fleet.site.start()
        else:
            dock = fleet.chance.choice(fleet.docks)
            dock.kill()
            dock.start()


def _cut(fleet: Fleet, line: Line, times: int) -> bool:
    return line.cuts >= times or not fleet.owed()


def come_to_rest(fleet: Fleet, line: Line) -> None:
    """From now on nothing goes wrong any more, and every dock is started anew."""
    line.quiet = True
    for dock in fleet.docks:
        dock.kill()
        dock.start()
    until(lambda: not fleet.owed(), within=PATIENCE)
    line.quiet = False


def film(fleet: Fleet, docking: int) -> None:
    """A recording on each camera, two on every tenth; one that is damaged on every tenth."""
    first = 10 * docking + 1
    for number, camera in enumerate(fleet.cameras):
        fleet.film(camera, first)
        if number % 10 == 1:
            fleet.film(camera, first + 1)
    fleet.keep_statements()
    for number, camera in enumerate(fleet.cameras):
        if number % 10 == 0:
            fleet.film_badly(camera, first + 2)
        elif number % 10 == 3:  # there twice, in two docks at once
            fleet.copy(camera, f"twin-{docking}")
        elif number % 10 == 6:  # and one of the two damaged: the other must win
            twin = fleet.copy(camera, f"spoilt-{docking}")
            fleet.damage(twin, f"{camera.serial}-{first}-1")


def bring_again(fleet: Fleet, docking: int) -> None:
    """Memories whose receipts were lost, after all was received; and numbers used again."""
    for number, camera in enumerate(fleet.cameras):
        if number % 20 == 4:
            fleet.copy(camera, f"lost-{docking}")
        elif number % 20 == 8:
            fleet.film_again(camera, 10 * docking + 1)


@pytest.mark.timeout(3600)
def test_a_fleet_that_docks_at_once_loses_and_doubles_nothing(
    fleet: tuple[Fleet, Line], request: pytest.FixtureRequest
) -> None:
    whole, line = fleet
    for docking in range(int(request.config.getoption("--dockings"))):
        film(whole, docking)
        if docking == 0:
            for dock in whole.docks:
                dock.start()
        trouble(whole, line, servers=2, docks=5)
        come_to_rest(whole, line)
        bring_again(whole, docking)
        trouble(whole, line, servers=1, docks=2)
        come_to_rest(whole, line)
    held = digests(whole.site)
    assert len(held) == len(set(held)), "something was registered twice"
    assert set(held) == whole.good
    until(lambda: whole.bad <= quarantined(whole), within=PATIENCE)
    apart = [tuple(one) for one in whole.site.inside("quarantined")]
    assert len(apart) == len(set(apart)), "something is in quarantine twice"
    spoilt = {name.removesuffix("-1") for _, name in whole.damaged}
    assert {claimed for claimed, _ in apart} <= spoilt
    whole.check_receipts()
    whole.check_damaged()
    assert line.cuts >= len(whole.cameras) // 4, "the line was cut all the time"
    sound(whole.site)


def quarantined(fleet: Fleet) -> set[tuple[str, str]]:
    return {(claimed, reason) for claimed, reason in fleet.site.inside("quarantined")}
