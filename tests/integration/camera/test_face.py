"""The face over HTTP, in real time: who may ask, what a press does, what a cut leaves."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.camera_making import Kit, make_kit, test_picture
from tests.camera_wearing import wait_for_mode

from fairwitness.camera.buttons import Button
from fairwitness.camera.face_server import FaceServer, PortTaken
from fairwitness.camera.live import LiveCamera
from fairwitness.camera.outputs import Signal
from fairwitness.camera.signals import Meaning
from fairwitness.formats.recording import EventKind, Profile

pytestmark = pytest.mark.timeout(120)


def live_camera(kit: Kit, bays: Path | None = None) -> LiveCamera:
    return LiveCamera(
        volume=kit.volume,
        device=kit.device,
        scenes=test_picture,
        clock=lambda: datetime.now(UTC),
        bays=bays,
    )


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path, profile=Profile.FLEX2)


@pytest.fixture
def live(kit: Kit, tmp_path: Path) -> Iterator[LiveCamera]:
    with live_camera(kit, tmp_path / "bays") as running:
        yield running


@pytest.fixture
def page(live: LiveCamera) -> Iterator[httpx.Client]:
    with FaceServer(live, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with httpx.Client(base_url=server.url) as client:
            yield client
        server.shutdown()


def record(live: LiveCamera) -> None:
    live.do("boot")
    wait_for_mode(live, "buffering")
    live.do("double-press")
    wait_for_mode(live, "recording")
    time.sleep(0.3)  # the second press is let go


def wait_for(path: Path) -> None:
    """The mode is told first; what follows from it takes a moment."""
    deadline = time.monotonic() + 10
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_each_part_of_the_page_is_served_with_a_strict_policy(page: httpx.Client) -> None:
    for path in ("/", "/face.css", "/face.js", "/fairwitness.css", "/mark.svg", "/state"):
        answer = page.get(path)
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
    assert page.get("/../camera.json").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_no_other_site_presses_its_buttons(
    page: httpx.Client, live: LiveCamera, headers: dict[str, str], status: int
) -> None:
    given = {"Content-Type": "application/json"} | headers
    answer = page.post("/act", content=b'{"do": "boot"}', headers=given)
    assert answer.status_code == status
    if status != 415:
        assert page.get("/state", headers=headers).status_code == status
    time.sleep(0.3)
    assert live.camera.camera.mode.value == "off"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"do": "explode"}', b'{"do": "boot", "ago_ms": -1}',
        b'{"do": "press", "button": "eject"}', b'{"do": "boot", "ago_ms": "1"}', b" " * 2000,
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(
    page: httpx.Client, live: LiveCamera, body: bytes
) -> None:
    answer = page.post("/act", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.text.endswith((".", ".\n"))
    time.sleep(0.2)
    assert live.camera.camera.mode.value == "off"


def test_presses_count_from_when_they_happened_however_late_they_are_told(
    live: LiveCamera,
) -> None:
    live.do("boot")
    wait_for_mode(live, "buffering")
    live.press(Button.EVENT)
    time.sleep(1.3)  # too slow for a double press, had the second not been told late
    live.release(Button.EVENT, ago_ms=1_000)
    live.press(Button.EVENT, ago_ms=1_000)
    live.release(Button.EVENT)
    time.sleep(0.4)
    assert live.camera.camera.mode.value == "buffering"  # what was passed can't be changed
    live.press(Button.EVENT)
    live.release(Button.EVENT)
    live.press(Button.EVENT)
    live.release(Button.EVENT)
    wait_for_mode(live, "recording")


def test_event_held_for_three_seconds_stops_at_the_third(live: LiveCamera) -> None:
    record(live)
    began = time.monotonic()
    live.press(Button.EVENT)
    wait_for_mode(live, "buffering")  # while it is held, and not when it is let go
    held = time.monotonic() - began
    live.release(Button.EVENT)
    assert held >= 2.95


def test_people_are_asked_for_and_told(live: LiveCamera, page: httpx.Client, kit: Kit) -> None:
    record(live)
    people = page.get("/state").json()["people"]
    assert people["told"] is None
    assert "recording this" in people["say"]
    live.do("people-told")
    live.do("marker")
    live.do("hold-event")
    wait_for_mode(live, "buffering", seconds=10)
    wait_for(kit.video("00417-1-1"))
    kinds = [event.kind for event in kit.claim("00417-1-1").events]
    assert kinds == [EventKind.START, EventKind.PEOPLE_TOLD, EventKind.MARKER, EventKind.STOP]
    state = page.get("/state").json()
    assert state["people"] is None
    assert state["stored"]["names"] == ["00417-1-1"]
    assert state["stored"]["seconds"] >= 3


def test_a_signal_comes_within_a_third_of_a_second(live: LiveCamera, page: httpx.Client) -> None:
    took = []
    for act, then in (("boot", "buffering"), ("off", "off"), ("boot", "buffering")):
        version = page.get("/state").json()["version"]
        began = time.monotonic()
        page.post("/act", json={"do": act})
        state = page.get("/state", params={"after": str(version)}).json()
        took.append(time.monotonic() - began)
        assert [one["words"] for one in state["said"] if one["caption"]][-1] == "Power on or off"
        assert live.said[-1].number == state["said"][-1]["number"]
        if took[-1] < 0.35:  # once is enough: a busy machine may be late, we may not
            return
        wait_for_mode(live, then)
    raise AssertionError(f"It took {took} seconds.")


def test_the_power_is_cut_and_the_next_start_puts_its_recording_in_order(
    live: LiveCamera, page: httpx.Client, kit: Kit
) -> None:
    record(live)
    time.sleep(3.5)
    live.do("cut")
    wait_for_mode(live, "off")
    assert "power was cut" in page.get("/state").json()["trouble"]
    live.do("boot")
    wait_for_mode(live, "recovering an interrupted recording")
    lights = page.get("/state").json()["lights"]
    assert (lights["operation"], lights["function"]) == ("blinks red", "blinks red")
    wait_for_mode(live, "buffering")
    assert kit.claim("00417-1-1").interrupted
    assert page.get("/state").json()["trouble"] is None


def test_a_docked_camera_lies_where_the_dock_looks(
    live: LiveCamera, page: httpx.Client, tmp_path: Path, kit: Kit
) -> None:
    record(live)
    place = tmp_path / "bays/00417"
    assert not place.exists()
    live.do("dock")
    wait_for_mode(live, "docked")
    wait_for(place)
    assert (place / "recordings/00417-1-1.mp4").exists()
    assert page.get("/state").json()["docked"] is True
    live.press(Button.EVENT)
    live.release(Button.EVENT)
    live.do("undock")
    wait_for_mode(live, "buffering")  # it was switched on, so it starts again
    assert not place.exists()
    assert kit.claim("00417-1-1").events[-2].kind is EventKind.DOCKED


def test_the_preview_is_what_is_filmed_and_only_while_it_films(
    live: LiveCamera, page: httpx.Client
) -> None:
    assert page.get("/picture.jpg").status_code == 204
    live.do("boot")
    wait_for_mode(live, "buffering")
    time.sleep(0.5)
    answer = page.get("/picture.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content[:2] == b"\xff\xd8"


def test_leaving_it_finishes_what_it_records(kit: Kit) -> None:
    with live_camera(kit) as live:
        record(live)
        time.sleep(1.2)
    assert not kit.claim("00417-1-1").interrupted
    heard = [one.output.meaning for one in live.said if isinstance(one.output, Signal)]
    assert heard[-2:] == [Meaning.RECORDING_STOPS, Meaning.POWER]


def test_a_memory_that_goes_away_is_told_and_the_camera_comes_back(
    kit: Kit, live: LiveCamera, page: httpx.Client
) -> None:
    record(live)
    time.sleep(0.5)
    away = kit.volume.with_name("away")
    kit.volume.rename(away)
    live.do("hold-event")
    deadline = time.monotonic() + 20
    while live.trouble is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert live.trouble is not None
    assert live.trouble.startswith("The camera stopped")
    away.rename(kit.volume)
    time.sleep(0.5)
    assert page.get("/state").json()["mode"] == "off"
    live.do("boot")
    wait_for_mode(live, "buffering")


def test_a_port_in_use_is_told(live: LiveCamera) -> None:
    with FaceServer(live, port=0) as server:
        port = int(server.server_address[1])
        with pytest.raises(PortTaken, match="--port"):
            FaceServer(live, port=port)
