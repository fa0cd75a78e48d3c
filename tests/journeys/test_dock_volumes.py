"""Sticks of other makers' footage in a dock, at a real site: enrolled, taken, never doubled."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.bay_world import KIB, Floor, doing, of, until
from tests.docking_world import digests, sound
from tests.ingest_world import long_video, video
from tests.offloading import bring
from tests.serving import PROGRAM, Site, free_port, serving
from tests.stick import Stick

from fairwitness.dock import identity
from fairwitness.dock.doing import Doing
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.watching import Watching
from fairwitness.formats import enrolled_volume

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


@contextmanager
def agent(floor: Floor) -> Iterator[str]:
    """A real dock process that watches the mount folder; the address of its board."""
    port = free_port()
    folders = ("--dock", floor.dock, "--watch", floor.mount)
    with (floor.root / "dock.log").open("ab") as log:
        process = subprocess.Popen(
            [PROGRAM, "dock", *folders, "--board", str(port)], stdout=log, stderr=log
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def bay_of(board: str, name: str) -> dict[str, Any]:
    """What the board tells programs of the bay that something is in; of a stranger by no name."""
    with contextlib.suppress(httpx.TransportError):
        bays = json.loads(httpx.get(f"{board}/board.json").content)["bays"]
        for bay in bays:
            if bay["camera"] == (name or None) and bay["doing"] != "empty":
                found: dict[str, Any] = bay
                return found
    return {}


def test_a_file_that_grows_in_pauses_is_taken_once_and_whole(floor: Floor) -> None:
    stick = Stick(floor, "grows")
    path = stick.film("first.mp4", 61)
    stick.approve("keep")

    def grow(_seconds: float) -> None:
        if len(path.read_bytes()) == len(stick.files["first.mp4"]):
            with path.open("ab") as file:
                file.write(b"what came later")

    left = bring(floor.dock, stick.root, pause=grow)
    taken = stick.film("taken.mp4", 62)
    assert (left.received, left.codes) == ([], {"first.mp4": "dock.still_changing"})
    stick.files["first.mp4"] = path.read_bytes()
    assert bring(floor.dock, stick.root).received == ["first.mp4", "taken.mp4"]
    assert set(stick.held()) == stick.wanted()
    before = set(stick.held())
    with taken.open("ab") as file:
        file.write(b"when nobody thought of it")
    stick.files["taken.mp4"] = taken.read_bytes()
    assert bring(floor.dock, stick.root).received == ["first.mp4", "taken.mp4"]
    assert len(set(stick.held()) - before) == 1, "it comes again, and what was taken stays"
    (link,) = floor.site.inside("grown")
    assert link["beginning"] in before
    assert link["recording"] == hashlib.sha256(taken.read_bytes()).hexdigest()
    assert link["acts"] == ["recording.annotated", "recording.annotated"]


def test_a_stick_of_unknown_footage_is_told_enrolled_approved_and_taken(floor: Floor) -> None:
    """The whole way, with a real dock process: nothing is copied before a person approves."""
    stick = Stick(floor, "blue-stick")
    film = video(shade=33)
    stick.put("DCIM/100DRIFT/DRFT0001.MP4", film)
    stick.put("the same again.mp4", film)
    stick.put("torn.avi", b"RIFF\x00\x00\x10\x00AVI LIST" + bytes(range(256)) * 9)
    stick.put("Player.dat", b"whatever it is")
    stick.put("two\nlines\x1b[2J.mkv", b"named with malice")
    stick.put(os.fsdecode(b"\xff\xfe.mp4"), b"named in no alphabet")
    stick.put("nothing.mp4", b"")
    outside = floor.root / "secret.mp4"
    outside.write_bytes(b"the dock's own secret")
    (stick.root / "way-out.mp4").symlink_to(outside)
    (stick.root / "way-out").symlink_to(floor.root)
    os.mkfifo(stick.root / "pipe.mp4")
    begun = floor.site.inside("written").get("upload.begun", 0)
    with agent(floor) as board:
        until(lambda: "dock.not_a_camera" in str(bay_of(board, "").get("trouble")))
        assert bay_of(board, "")["light"] == "blinking red"
        done = stick.enrol()
        assert "is pending" in done.stdout, done.stderr
        until(lambda: "waits for approval" in str(bay_of(board, stick.name).get("trouble")))
        assert bay_of(board, stick.name)["doing"] == "waiting"
        assert floor.site.inside("written").get("upload.begun", 0) == begun
        assert floor.site.inside("volume", stick.label, "keep") == "approved"
        until(lambda: set(stick.held()) == stick.wanted(), within=120)
        until(lambda: bay_of(board, stick.name).get("doing") == "failed", within=120)
        told = str(bay_of(board, stick.name)["trouble"])
    assert "dock.passed_over" in told  # links and pipe: a person looks
    assert stick.left() == set(stick.files)
    assert len(stick.held()) == len(stick.wanted())
    rows = [row for row in floor.site.inside("from-volumes") if row["sha256"] in stick.wanted()]
    assert all(row["wearer"] is None for row in rows)
    assert [row["findings"] for row in rows if row["filename"] == "DRFT0001.MP4"] == [
        ["media.no_sound"]
    ]
    assert all(row["findings"] for row in rows if row["filename"] != "DRFT0001.MP4")
    assert hashlib.sha256(outside.read_bytes()).hexdigest() not in digests(floor.site)
    log = (floor.root / "dock.log").read_text()
    assert "two\\a;lines\\1b;[2J.mkv: received" in log
    assert "\x1b[2J" not in log
    sound(floor.site)


def test_originals_go_only_where_the_enrolment_says_so(floor: Floor) -> None:
    stick = Stick(floor, "red-stick")
    for number in range(3):
        stick.film(f"d/{number}.mp4", shade=60 + number)
    stick.put("d/2 again.mp4", stick.files["d/2.mp4"])
    os.mkfifo(stick.root / "pipe")
    stick.approve("erase")
    before = floor.site.inside("written").get("camera.erased", 0)
    with floor.watching() as watching:
        until(lambda: not stick.left(), within=120)
        until(lambda: of(watching, stick.name) is not None)
        until(lambda: floor.said("4 received, 4 erased, 1 not received"))
        until(lambda: floor.site.inside("written").get("camera.erased", 0) == before + 4)
    assert set(stick.held()) == stick.wanted()
    assert len(stick.held()) == 3
    assert (stick.root / "pipe").is_fifo()
    card = enrolled_volume.read_card((stick.root / enrolled_volume.FILE).read_bytes())
    with contextlib.closing(Journal(identity.load(folder=floor.dock).journal_path)) as journal:
        noted = journal.recordings(f"volume:{card.volume}")
        assert {one.state for one in noted.values()} == {State.ERASED}
        for name, one in noted.items():
            assert journal.receipt(camera=f"volume:{card.volume}", name=name, sha256=one.sha256)


def test_a_revoked_volume_is_told_and_nothing_is_copied_or_erased(floor: Floor) -> None:
    stick = Stick(floor, "ended-stick")
    stick.film("1.mp4", shade=81)
    stick.approve("erase")
    assert floor.site.inside("end-volume", stick.label) == "revoked"
    begun = floor.site.inside("written").get("upload.begun", 0)
    with floor.watching() as watching:
        until(lambda: doing(watching, stick.name) is Doing.WAITING)
        bay = of(watching, stick.name)
        assert bay is not None
        assert "is revoked at the server" in bay.trouble
    assert stick.left() == {"1.mp4"}
    assert floor.site.inside("written").get("upload.begun", 0) == begun


def test_permission_to_erase_that_ends_in_between_is_no_permission(floor: Floor) -> None:
    """What was received before stays too: the dock asks again before it erases."""
    stick = Stick(floor, "in-between")
    stick.film("1.mp4", shade=83)
    stick.approve("keep")
    with floor.watching() as watching:
        until(lambda: doing(watching, stick.name) is Doing.READY)
    assert floor.site.inside("end-volume", stick.label) == "revoked"
    with floor.watching() as watching:
        until(lambda: doing(watching, stick.name) is Doing.WAITING)
    assert stick.left() == {"1.mp4"}


def test_a_card_copied_to_a_second_stick_doubles_nothing(floor: Floor) -> None:
    stick = Stick(floor, "first-stick")
    stick.film("1.mp4", shade=85)
    stick.approve()
    copy = Stick(floor, "second-stick", dict(stick.files))
    shutil.copytree(stick.root, copy.root)
    copy.film("2.mp4", shade=86)
    with floor.watching() as watching:
        until(lambda: floor.said("dock.camera_twice"))
        until(lambda: doing_in(watching, stick.name) == {Doing.READY, Doing.FAILED})
        holder = next(bay for bay in watching.views() if bay.doing is Doing.READY)
        gone, stays = (stick, copy) if holder.number == 1 else (copy, stick)
        gone.root.rename(floor.away / "gone")
        until(lambda: doing_in(watching, stick.name) == {Doing.READY}, within=120)
    held = stays.held()
    assert len(held) == len(set(held)) == 2
    assert set(held) == copy.wanted()


def doing_in(watching: Watching, name: str) -> set[Doing]:
    """What goes on in all bays that have something of this name in them."""
    return {bay.doing for bay in watching.views() if bay.camera == name}


def test_a_stick_pulled_half_way_is_taken_up_when_it_is_back(floor: Floor) -> None:
    stick = Stick(floor, "pulled-stick")
    stick.put("long.mp4", long_video(40_000 * KIB, shade=91))
    stick.approve()
    with floor.watching(rate=8_000 * KIB) as watching:  # else it may be over before we look
        until(lambda: (bay := of(watching, stick.name)) is not None and bay.sent_of)
        stick.root.rename(floor.away / "stick")
        until(lambda: of(watching, stick.name) is None)
        assert floor.said("was taken out before everything was received")
        (floor.away / "stick").rename(stick.root)
        until(lambda: doing(watching, stick.name) is Doing.READY)
    assert stick.held() == list(stick.wanted())
    assert stick.left() == {"long.mp4"}


def test_a_stick_that_can_t_be_written_is_received_and_left(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = Stick(floor, "locked-stick")
    stick.film("1.mp4", shade=95)
    stick.film("2.mp4", shade=96)
    stick.approve("erase")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with floor.watching() as watching:
        monkeypatch.setattr(os, "unlink", refuse)
        until(lambda: doing(watching, stick.name) is Doing.FAILED)
        monkeypatch.undo()
    assert floor.said("Read-only file system. [dock.file_fails]")
    assert set(stick.held()) == stick.wanted()
    assert stick.left() == {"1.mp4", "2.mp4"}
