"""A network stream and a device in front of the camera: what comes is recorded, what fails told."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from tests.camera_making import Kit, loudness, make_kit
from tests.rtsp_server import RtspServer
from tests.serving import free_port

from fairwitness.camera.script import parse
from fairwitness.camera.settings import Settings
from fairwitness.camera.stream_scene import StreamScene, is_live, open_stream
from fairwitness.formats.recording import EventKind

pytestmark = pytest.mark.timeout(120)
QUICK = Settings(buffer_seconds=0)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path)


@pytest.fixture
def server() -> Iterator[RtspServer]:
    running = RtspServer()
    yield running
    running.close()


def await_true(what: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def open_source(source: str) -> StreamScene:
    scene = open_stream(source, 640, 360)
    assert scene is not None
    return scene


def film(kit: Kit, scene: StreamScene, seconds: float, at: dict[float, Callable[[], None]]) -> str:
    """Record in real time what the scene gives; things happen at their seconds."""
    began = time.monotonic()
    left = sorted(at.items())

    def pace(ms: int) -> None:
        while left and left[0][0] * 1000 <= ms - 4000:
            left.pop(0)[1]()
        time.sleep(max(0.0, began + ms / 1000 - time.monotonic()))

    script = f"at 0s boot\nat 3.8s double-press\nat {seconds + 1:.1f}s hold-event\n"
    played = kit.play(
        script, settings=QUICK, scene=lambda _picture: scene, pace=pace, stride_ms=200
    )
    assert parse(script).ends_ms < played.outputs[-1].at_ms
    return played.recordings[0]


def brightness(path: Path) -> list[float]:
    """Of the upper part of each picture, the strip at the foot left out."""
    with av.open(str(path)) as container:
        return [
            float(np.mean(frame.to_ndarray(format="gray")[:100]))
            for frame in container.decode(video=0)
        ]


def test_an_rtsp_stream_is_recorded_with_its_sound(kit: Kit, server: RtspServer) -> None:
    scene = open_source(server.url)
    await_true(lambda: scene.has_picture)
    name = film(kit, scene, 6, {})
    assert min(brightness(kit.video(name))) > 120
    assert np.median(loudness(kit.video(name))[5:50]) > 0.5
    assert {event.kind for event in kit.claim(name).events} == {EventKind.START, EventKind.STOP}


def test_a_lost_stream_is_shown_and_signed_and_comes_back(kit: Kit, server: RtspServer) -> None:
    scene = open_source(server.url)
    await_true(lambda: scene.has_picture)
    again: list[RtspServer] = []
    name = film(
        kit,
        scene,
        16,
        {3: server.close, 7: lambda: again.append(RtspServer(server.port))},
    )
    again[0].close()
    kinds = [event.kind for event in kit.claim(name).events]
    assert kinds == [
        EventKind.START,
        EventKind.PICTURE_LOST,
        EventKind.PICTURE_FOUND,
        EventKind.STOP,
    ]
    light = brightness(kit.video(name))
    assert light[15] > 120
    assert min(light) < 60  # NO PICTURE FROM THE LENS
    assert light[-3] > 120
    lost = kit.claim(name).events[1].at_ms
    assert 4_000 <= lost <= 7_000


def test_a_stream_that_hangs_is_lost_and_tried_again(kit: Kit, server: RtspServer) -> None:
    del kit
    scene = open_source(server.url)
    await_true(lambda: scene.has_picture)
    server.silent.set()
    await_true(lambda: not scene.has_picture, seconds=5)
    server.silent.clear()
    await_true(lambda: scene.has_picture)
    scene.close()


def test_what_never_answers_is_filmed_as_no_picture(kit: Kit) -> None:
    scene = open_source(f"rtsp://127.0.0.1:{free_port()}/nothing")
    name = film(kit, scene, 4, {})
    kinds = [event.kind for event in kit.claim(name).events]
    assert kinds == [EventKind.START, EventKind.PICTURE_LOST, EventKind.STOP]
    assert max(brightness(kit.video(name))) < 60
    assert loudness(kit.video(name)).max() < 1e-3


def test_a_device_of_libav_is_filmed_by_the_same_code(kit: Kit) -> None:
    """Stands for a webcam, which the machines that run tests have not: only the name differs."""
    scene = open_source("lavfi:smptebars=size=320x240:rate=15,realtime")
    await_true(lambda: scene.has_picture)
    name = film(kit, scene, 4, {})
    assert min(brightness(kit.video(name))) > 60
    assert EventKind.PICTURE_LOST not in {event.kind for event in kit.claim(name).events}


def test_a_webcam_that_is_not_there_films_on_without_a_picture(tmp_path: Path) -> None:
    assert not Path("/dev/video417").exists()
    scene = open_source("/dev/video417")
    assert not scene.has_picture
    assert (scene.picture(0) > 200).any()  # the words
    began = time.monotonic()
    scene.close()
    assert time.monotonic() - began < 5
    assert open_stream(str(tmp_path / "film.mp4"), 640, 360) is None


@pytest.mark.parametrize(
    ("source", "live"),
    [("rtsp://a/b", True), ("/dev/video0", True), ("film.mp4", False), ("test", False)],
)
def test_live_sources_are_known_by_their_address(source: str, *, live: bool) -> None:
    assert is_live(source) is live
