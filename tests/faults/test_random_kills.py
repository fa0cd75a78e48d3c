"""Docks and servers killed at random moments: what was acknowledged is there, nothing is doubled.

A dock is killed about six times as often as the server. `--kills N` kills more. The
moments are the machine's own too, so that a run can't be repeated exactly, only often.
"""

import hashlib
import multiprocessing
import random
import time
from pathlib import Path

import pytest
from tests.docking_world import Docking, digests, sound
from tests.offloading import offload_whatever_comes
from tests.serving import serving

pytestmark = [pytest.mark.fault, pytest.mark.journey]

SEED = 417
AT_ONCE = 4


@pytest.mark.timeout(1200)
def test_docks_and_servers_killed_at_random_lose_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    wanted = int(request.config.getoption("--kills"))
    chance = random.Random(SEED)  # noqa: S311 - moments to kill at
    children = multiprocessing.get_context("forkserver")
    children.set_forkserver_preload(["tests.offloading"])
    killed = {"dock": 0, "server": 0}
    counter = 0
    with serving(tmp_path / "site") as site:
        docking = Docking(site, tmp_path / "field")
        docking.set_up()
        while sum(killed.values()) < wanted:
            while len(docking.on_camera()) < AT_ONCE:
                counter += 1
                docking.record(counter, size=chance.choice([40, 300, 1500]) << 10)
            child = children.Process(
                target=offload_whatever_comes, args=(docking.dock, docking.volume)
            )
            child.start()
            time.sleep(chance.uniform(0.05, 0.7))
            if chance.random() < 0.15:
                site.kill()
                killed["server"] += 1
                child.join(20)
                site.start()
            if child.is_alive():
                child.kill()
                killed["dock"] += 1
            child.join()
            docking.nothing_lost(
                digests(site) if chance.random() < 0.1 else _taken_on_trust(docking)
            )
        for _ in range(5):
            docking.offload()
            if not docking.on_camera():
                break
        assert docking.on_camera() == set()
        held = digests(site)
        docking.nothing_lost(held)
        assert sorted(held) == sorted(set(held)), "something was registered twice"
        assert len(held) == len(docking.footage)
        sound(site)
    assert killed["dock"] > 0
    assert killed["server"] > 0


def _taken_on_trust(docking: Docking) -> list[str]:
    """Between the rounds only receipts are looked for; the site is asked every tenth time."""
    return [hashlib.sha256(data).hexdigest() for data in docking.footage.values()]
