"""Many cameras in one dock, at a real site: side by side, told plainly, and nothing lost."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.bay_world import KIB, Floor, doing, of, until
from tests.docking_world import digests
from tests.serving import Site, serving

from fairwitness.dock.doing import Doing
from fairwitness.dock.watching import Watching
from fairwitness.formats import canonical

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def floor(site: Site, tmp_path: Path) -> Floor:
    made = Floor(site, tmp_path)
    made.set_up()
    return made


def pushed(root: Path, name: str) -> object:
    return canonical.decode((root / name).read_bytes())


def test_cameras_are_taken_side_by_side_in_one_session(floor: Floor) -> None:
    before = floor.site.inside("written").get("dock.signed_in", 0)
    cameras = [floor.camera(f"0100{number}", enrolled="pool") for number in range(4)]
    for camera in cameras:
        for counter in range(1, 4):
            camera.record(counter)
    with floor.watching(at_once=2) as watching:
        until(lambda: all(doing(watching, one.serial) is Doing.READY for one in cameras))
        assert [bay.number for bay in watching.views()] == [1, 2, 3, 4]
        assert not any(bay.left or bay.trouble for bay in watching.views())
    held = digests(floor.site)
    assert len(held) == len(set(held))
    for camera in cameras:
        assert camera.left() == set()
        camera.nothing_lost(set(held))
    assert floor.site.inside("written")["dock.signed_in"] == before + 1


def test_what_officers_marked_goes_first_across_all_bays(floor: Floor) -> None:
    cameras = [floor.camera(f"0110{number}", enrolled="pool") for number in range(3)]
    for camera in cameras[:2]:
        for counter in range(1, 4):
            camera.record(counter)
    cameras[2].record(1)
    marked = cameras[2].record(2, marked=True)
    floor.site.kill()  # all wait, with their wishes, until it is there again
    try:
        with floor.watching(at_once=1) as watching:
            until(lambda: len([bay for bay in watching.views() if bay.camera]) == 3)
            floor.site.start()
            until(lambda: all(not one.left() for one in cameras), within=120)
    finally:
        if floor.site.process is None:
            floor.site.start()
    order = [line for line in floor.lines if "receipt checked" in line]
    places = [index for index, line in enumerate(order) if marked in line]
    assert places[0] <= 2  # whatever was on its way when its bay came to wait goes before it


def test_a_camera_that_is_unknown_waits_for_a_person_and_is_not_sent_twice(floor: Floor) -> None:
    stranger = floor.camera("01200", enrolled="")
    name = stranger.record(1)
    known = floor.camera("01201", enrolled="pool")
    known.record(1)
    before = floor.site.inside("written")
    with floor.watching() as watching:
        until(lambda: doing(watching, "01200") is Doing.WAITING)
        until(lambda: doing(watching, "01201") is Doing.READY)
        bay = of(watching, "01200")
        assert bay is not None
        assert "quarantine.camera_unknown" in bay.trouble
    with floor.watching() as watching:  # the dock is started again: it asks, and sends nothing
        until(lambda: doing(watching, "01200") is Doing.WAITING)
    assert stranger.left() == {name}
    after = floor.site.inside("written")
    assert after["recording.quarantined"] == before.get("recording.quarantined", 0) + 1
    assert after["upload.begun"] == before.get("upload.begun", 0) + 2
    assert floor.said("Camera 01200 is unknown at the server")
    assert not (stranger.root / "clock.json").exists()


def test_a_revoked_camera_keeps_its_footage_and_a_person_is_called(floor: Floor) -> None:
    camera = floor.camera("01210", enrolled="pool")
    name = camera.record(1)
    floor.site.inside("revoke", "camera", "01210")
    with floor.watching() as watching:
        until(lambda: doing(watching, "01210") is Doing.WAITING)
    assert camera.left() == {name}
    assert floor.said("Camera 01210 is revoked at the server")
    assert floor.said("quarantine.camera_revoked")


def test_a_camera_taken_out_half_way_is_told_of_and_taken_up(floor: Floor) -> None:
    camera = floor.camera("01220", enrolled="pool")
    camera.record(1, size=40_000 * KIB)
    with floor.watching() as watching:
        until(lambda: doing(watching, "01220") is Doing.UPLOADING)
        until(lambda: (bay := of(watching, "01220")) is not None and bay.sent_of)
        camera.take_out(floor.away)
        until(lambda: of(watching, "01220") is None)
        assert floor.said("was taken out before everything was received")
        assert (floor.away / "01220/recordings/01220-1-1.mp4").exists()
        camera.put_in(floor.away)
        until(lambda: doing(watching, "01220") is Doing.READY)
    assert camera.left() == set()
    camera.nothing_lost(set(digests(floor.site)))
    assert floor.site.inside("written")["recording.received"] == len(digests(floor.site))


def test_one_bay_that_fails_stops_no_other(floor: Floor) -> None:
    broken, other = floor.camera("01230", enrolled="pool"), floor.camera("01231", enrolled="pool")
    (broken.root / "camera.json").write_bytes(b"{}")
    other.record(1)
    (floor.mount / "music").mkdir()
    (floor.mount / "music/song.mp3").write_bytes(b"la")
    with floor.watching() as watching:
        until(lambda: doing(watching, "01231") is Doing.READY)
        until(lambda: floor.said("dock.volume_unreadable") and floor.said("dock.not_a_camera"))
        assert sum(bay.doing is Doing.FAILED for bay in watching.views()) == 2
    assert sum("dock.not_a_camera" in line for line in floor.lines) == 1
    assert (floor.mount / "music/song.mp3").read_bytes() == b"la"


def test_one_camera_is_never_in_two_bays(floor: Floor) -> None:
    camera = floor.camera("01270", enrolled="pool")
    name = camera.record(1)
    copy = floor.mount / "copy"
    shutil.copytree(camera.root, copy)
    with floor.watching() as watching:
        until(lambda: not camera.left() or not list((copy / "recordings").glob("*.mp4")))
        until(lambda: floor.said("dock.camera_twice"))
        assert sum(bay.doing is Doing.FAILED for bay in watching.views()) == 1
    held = digests(floor.site)
    assert len(held) == len(set(held))
    assert (camera.root / f"receipts/{name}.json").exists() != (
        copy / f"receipts/{name}.json"
    ).exists()


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_dock_whose_clock_is_wrong_takes_and_sets_nothing(floor: Floor, minutes: int) -> None:
    camera = floor.camera(f"0124{minutes + 5:02}", enrolled="pool")
    name = camera.record(1)
    ahead = timedelta(minutes=minutes)
    with floor.watching(clock=lambda: datetime.now(UTC) + ahead) as watching:
        until(lambda: doing(watching, camera.serial) is Doing.FAILED)
        bay = of(watching, camera.serial)
        assert bay is not None
        assert "dock.clock_wrong" in bay.trouble
    assert camera.left() == {name}
    assert not (camera.root / "clock.json").exists()


def test_the_camera_is_set_once_in_a_docking_and_again_when_it_was_out(floor: Floor) -> None:
    changed = floor.site.run(
        "settings", "change", "body2", "buffer_seconds=60", "stealth_allowed=false",
        "--firmware", "1.1", "--reason", "policy of 1 June",
    )  # fmt: skip
    assert changed.returncode == 0, changed.stderr
    camera = floor.camera("01250", enrolled="pool")
    camera.record(1)
    with floor.watching() as watching:
        until(lambda: doing(watching, "01250") is Doing.READY)
        settings = pushed(camera.root, "settings.json")
        assert isinstance(settings, dict)
        assert (settings["buffer_seconds"], settings["stealth_allowed"]) == (60, False)
        assert pushed(camera.root, "firmware.json") == {"wanted": "1.1"}
        bay = of(watching, "01250")
        assert bay is not None
        assert (bay.firmware, bay.firmware_wanted) == ("1.0", "1.1")
        times = {
            name: (camera.root / name).stat().st_mtime_ns
            for name in ("settings.json", "assignment.json", "firmware.json")
        }
        first = pushed(camera.root, "clock.json")
        camera.record(2)  # it has been out since: docked cameras don't record
        until(lambda: not camera.left())
        until(lambda: pushed(camera.root, "clock.json") != first)
        again = {name: (camera.root / name).stat().st_mtime_ns for name in times}
    assert again == times


def test_a_dock_that_is_revoked_is_told_so_and_erases_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serving(tmp_path_factory.mktemp("revoking")) as site:
        floor = Floor(site, tmp_path_factory.mktemp("floor"))
        floor.set_up()
        camera = floor.camera("01260", enrolled="pool")
        with floor.watching() as watching:
            until(lambda: doing(watching, "01260") is Doing.READY)
            site.inside("revoke", "dock", "D-0007")
            name = camera.record(1)
            until(lambda: doing(watching, "01260") is Doing.FAILED)
            bay = of(watching, "01260")
            assert bay is not None
            assert "dock.not_enrolled" in bay.trouble
        assert camera.left() == {name}


def test_a_camera_that_is_named_and_lies_in_the_watched_folder_has_one_bay(floor: Floor) -> None:
    camera = floor.camera("01301", enrolled="pool")
    camera.record(1)
    with floor.tools() as tools:
        watching = Watching(tools, named=[camera.root], folder=floor.mount)
        watching.look()
        busy = [one for one in threading.enumerate() if one.name.startswith("bay-")]
        until(lambda: doing(watching, camera.serial) is Doing.READY)
        watching.stop()
    assert len(busy) == 1


def test_what_is_finished_while_the_dock_looks_is_taken_too(floor: Floor) -> None:
    camera = floor.camera("01302", enrolled="pool")
    camera.record(1)

    def finish_another(line: str) -> None:
        if "01302-1-1: received" in line:
            camera.record(2)

    with floor.tools() as tools:
        tools.said = finish_another
        watching = Watching(tools, folder=floor.mount)
        watching.look()
        until(lambda: len(camera.footage) == 2 and not camera.left())
        watching.stop()
