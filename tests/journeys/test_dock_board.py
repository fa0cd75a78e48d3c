"""The bay board as people at the dock see it, and the release of pool cameras."""

import http.client
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.bay_world import Camera, Floor, until
from tests.browser import NARROW, People, chromium
from tests.serving import PROGRAM, Site, free_port, serving

from fairwitness.formats import canonical

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@contextmanager
def board(floor: Floor) -> Iterator[str]:
    """`fairwitness dock --watch --board`; the board's address."""
    port = free_port()
    command: list[str | Path] = [
        PROGRAM,
        "dock",
        "--dock",
        floor.dock,
        "--watch",
        floor.mount,
        "--bays",
        "4",
    ]
    with (floor.root / "agent.log").open("ab") as log:
        running = subprocess.Popen(
            [*command, "--board", str(port)], stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(address))
        yield address
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(20) == 0, (floor.root / "agent.log").read_text()
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def bays(address: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = httpx.get(f"{address}/board.json").json()["bays"]
    return found


def lights(address: str) -> dict[object, object]:
    return {bay["camera"]: bay["light"] for bay in bays(address) if bay["camera"]}


@pytest.fixture(scope="module")
def floor(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Floor:
    made = Floor(site, tmp_path_factory.mktemp("floor"))
    made.set_up()
    return made


@pytest.fixture(scope="module")
def address(floor: Floor) -> Iterator[str]:
    """A board: a camera is ready, one waits for a person, and one is nobody's."""
    floor.camera("03001", enrolled="pool").record(1)
    floor.camera("03002", enrolled="").record(1)
    floor.camera("03003", enrolled="own").record(1)
    with board(floor) as shown:
        wanted = {"03001": "solid green", "03002": "blinking red", "03003": "solid red"}
        until(lambda: lights(shown) == wanted)
        yield shown


def test_the_board_is_read_by_people_with_and_without_eyes(address: str) -> None:
    with chromium() as browser:
        people = People(browser, address)
        for width in (1280, NARROW):
            seen = people.visitor(width=width)
            answer = seen.goto("/")
            assert answer.headers["refresh"] == "5"
            for words in (  # a dock asks again for what waits, and shows that while it does
                "ready: everything was received",
                "footage waits for a person",
                "quarantine.camera_unknown",
                "3 of 4 bays have a camera",
            ):
                expect(seen.page.locator("main")).to_contain_text(words, timeout=60_000)
            assert seen.violations() == []
            assert not seen.scrolls_sideways()
        seen = people.visitor()
        seen.goto("/")
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/?still")
        assert seen.page.get_by_role("link", name="Go on refreshing").is_visible()
        assert seen.violations() == []
        people.close()


def test_the_page_runs_and_takes_nothing(address: str) -> None:
    page = httpx.get(address)
    assert "script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "refresh" not in httpx.get(f"{address}/?still").headers
    assert httpx.head(address).status_code == 200
    assert httpx.get(f"{address}/../dock/key.pem").status_code == 404
    assert httpx.get(f"{address}/journal.sqlite3").status_code == 404
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert httpx.request(method, address).status_code == 501


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
def test_no_other_name_reads_a_board_of_this_machine(address: str, host: str) -> None:
    asked = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    asked.putrequest("GET", "/board.json", skip_host=True)
    if host:
        asked.putheader("Host", host)
    asked.endheaders()
    assert asked.getresponse().status == 421
    asked.close()


def release(floor: Floor, serial: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PROGRAM, "dock", "release", serial, "--dock", floor.dock],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_pool_camera_leaves_by_the_rule_alone(site: Site, tmp_path: Path) -> None:
    floor = Floor(site, tmp_path)  # of its own: what is released here, no other test sees
    floor.set_up()
    pool = floor.camera("04001", enrolled="pool")
    pool.record(1)
    floor.camera("04002", enrolled="").record(1)
    floor.camera("04003", enrolled="own").record(1)
    wanted = {pool.serial: "solid green", "04002": "blinking red", "04003": "solid red"}
    with board(floor) as address:
        until(lambda: lights(address) == wanted)
        leaves_by_the_rule(address, floor, pool)


def leaves_by_the_rule(address: str, floor: Floor, pool: Camera) -> None:
    assert "release.battery" in release(floor, pool.serial).stderr
    (pool.root / "battery.json").write_bytes(canonical.encode({"percent": 79}))
    refused = release(floor, pool.serial)
    assert refused.returncode == 1
    assert "is at 79 %; it needs 80 %" in refused.stderr
    (pool.root / "battery.json").write_bytes(canonical.encode({"percent": 80}))
    half = pool.root / "recordings/04001-2-1.mp4.part"
    half.write_bytes(b"not finished")
    assert "release.owed" in release(floor, pool.serial).stderr
    half.unlink()
    assert "release.status" in release(floor, "04002").stderr
    assert "release.not_pool" in release(floor, "04003").stderr
    assert "dock.bay_empty" in release(floor, "09999").stderr
    assert "green" in str(lights(address)[pool.serial])
    released = release(floor, pool.serial)
    assert released.returncode == 0, released.stderr
    assert "Camera 04001 may be taken. It is in bay" in released.stdout
    until(lambda: any(bay["doing"] == "released" for bay in bays(address)))
    assert "released: take it" in httpx.get(address).text


def test_a_port_that_is_taken_is_told_of(address: str, tmp_path: Path, site: Site) -> None:
    other = Floor(site, tmp_path)
    other.set_up()
    port = address.rpartition(":")[2]
    done = subprocess.run(
        [PROGRAM, "dock", "--dock", other.dock, "--watch", other.mount, "--board", port],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "dock.board_address" in done.stderr


def test_programs_get_what_people_see(address: str) -> None:
    def said() -> tuple[object, ...]:
        board = httpx.get(f"{address}/board.json").json()
        return board["dock"], board["station"], board["bytes_owed"]

    until(lambda: said() == ("D-0007", "LAM1", 0))
    assert [bay["bay"] for bay in bays(address)] == [1, 2, 3, 4]
    empty = bays(address)[3]
    assert (empty["doing"], empty["light"], empty["camera"]) == ("empty", "off", None)
