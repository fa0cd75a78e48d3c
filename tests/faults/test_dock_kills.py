"""The dock's own disasters: killed at random, its journal damaged, its disk full."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bay_world import KIB, Camera, Floor, doing, killed_agent, of, until
from tests.docking_world import digests
from tests.serving import PROGRAM, Site, serving

from fairwitness.dock.doing import Doing

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
ROUNDS = 8


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def floor(site: Site, tmp_path: Path) -> Floor:
    made = Floor(site, tmp_path)
    made.set_up()
    return made


def nothing_lost(floor: Floor, cameras: list[Camera]) -> None:
    held = digests(floor.site)
    assert len(held) == len(set(held))
    for camera in cameras:
        camera.nothing_lost(set(held))


def test_a_dock_killed_at_any_moment_loses_and_doubles_nothing(floor: Floor) -> None:
    when = random.Random(7)  # noqa: S311 - moments to be killed at, the same in each run
    cameras = [floor.camera(f"0200{number}", enrolled="pool") for number in range(3)]
    before = floor.site.inside("written").get("camera.erased", 0)
    for turn in range(ROUNDS):
        for camera in cameras:
            camera.record(turn * 2 + 1, size=300 * KIB)
            camera.record(turn * 2 + 2, marked=turn % 2 == 0)
        with killed_agent(floor) as running:
            time.sleep(when.uniform(0.3, 3.0))
            assert running.poll() is None, (floor.root / "agent.log").read_text()
        if turn % 4 == 3:
            nothing_lost(floor, cameras)
    erased = before + 3 * 2 * ROUNDS
    with killed_agent(floor):
        until(lambda: not any(camera.left() for camera in cameras), within=200)
        until(lambda: floor.site.inside("written").get("camera.erased", 0) >= erased)
    assert floor.site.inside("written")["camera.erased"] == erased
    nothing_lost(floor, cameras)
    assert len(digests(floor.site)) >= 3 * 2 * ROUNDS


def test_a_server_that_is_killed_while_many_dock_loses_nothing(floor: Floor) -> None:
    cameras = [floor.camera(f"0201{number}", enrolled="pool") for number in range(3)]
    for camera in cameras:
        for counter in range(1, 5):
            camera.record(counter, size=500 * KIB)
    with floor.watching() as watching:
        for _ in range(3):
            time.sleep(0.7)
            floor.site.kill()
            floor.site.start()
        until(lambda: not any(camera.left() for camera in cameras), within=200)
        until(lambda: all(doing(watching, one.serial) is Doing.READY for one in cameras))
    nothing_lost(floor, cameras)


def test_a_damaged_journal_costs_nothing(floor: Floor) -> None:
    camera = floor.camera("02020", enrolled="pool")
    first = camera.record(1)
    signed = (camera.root / f"recordings/{first}.dsse.json").read_bytes()
    with killed_agent(floor):
        until(lambda: not camera.left())
        until((camera.root / "clock.json").exists)
    (camera.root / f"recordings/{first}.dsse.json").write_bytes(signed)
    (camera.root / f"recordings/{first}.mp4").write_bytes(camera.footage[first])
    camera.record(2)
    for path in floor.dock.glob("journal.sqlite3*"):
        path.write_bytes(os.urandom(path.stat().st_size))
    before = floor.site.inside("written")
    with killed_agent(floor):
        until(lambda: not camera.left())
    assert (floor.dock / "journal.sqlite3.damaged-1").exists()
    assert "dock.journal_damaged" in (floor.root / "agent.log").read_text()
    after = floor.site.inside("written")
    assert after["recording.received"] == before["recording.received"] + 1
    nothing_lost(floor, [camera])


def test_a_dock_without_a_free_byte_erases_nothing_and_goes_on_with_room(floor: Floor) -> None:
    disk = floor.root / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        for path in floor.dock.iterdir():
            (disk / path.name).write_bytes(path.read_bytes())
            path.unlink()
        floor.dock.rmdir()
        floor.dock.symlink_to(disk)
        camera = floor.camera("02030", enrolled="pool")
        with floor.watching() as watching:
            until(lambda: doing(watching, "02030") is Doing.READY)
            filler = disk / "filler"
            with pytest.raises(OSError, match="No space"):
                filler.write_bytes(bytes(16 << 20))
            for counter in range(1, 12):
                camera.record(counter, size=20 * KIB)
            until(lambda: (bay := of(watching, "02030")) and "dock.disk_full" in bay.trouble)
            nothing_lost(floor, [camera])
            filler.unlink()
            until(lambda: not camera.left(), within=200)
        nothing_lost(floor, [camera])
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_two_agents_never_work_with_one_dock(floor: Floor) -> None:
    with killed_agent(floor) as running:
        until((floor.dock / "lock").exists)
        time.sleep(0.5)
        second = subprocess.run(
            [PROGRAM, "dock", "--dock", floor.dock, "--watch", floor.mount],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert running.poll() is None
    assert second.returncode == 1
    assert "dock.running" in second.stderr
