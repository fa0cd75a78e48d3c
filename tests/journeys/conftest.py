"""One run of `fairwitness demo`, then its site, shared by all journeys that ask for them.

A journey that changes what others look at has a copy of that run, served on a port of its own.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser import People, chromium
from tests.serving import PROGRAM, ROOT, free_port
from tusclient.client import TusClient

from fairwitness.formats import canonical


def _surroundings() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith("FAIRWITNESS_")
    }


@dataclass(frozen=True)
class Demonstration:
    """A finished demonstration: its data folder, and what it said."""

    data: Path
    status: int
    steps: list[dict[str, Any]]
    complaints: str

    def run(self, *arguments: str | Path, expect: int | None = 0) -> str:
        """Run one `fairwitness` command from somewhere else, and give its output."""
        done = subprocess.run(
            [str(PROGRAM), *map(str, arguments)],
            env=_surroundings(),
            cwd=self.data.parent,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=280,
        )
        if expect is not None:
            assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def inside(self, *arguments: str) -> object:
        """What tests/inside_demonstration.py answers, run in the data folder."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.inside_demonstration", *arguments],
            env=os.environ | {"FAIRWITNESS_DATA": str(self.data)},
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def copy(self, folder: Path) -> Path:
        """A data folder like this one, its database copied in order even while it is in use."""
        folder.mkdir()
        for name in ("training.json", "trust.json"):
            shutil.copy(self.data / name, folder)
        shutil.copytree(self.data / "bundle", folder / "bundle")
        (folder / "demo").mkdir()
        source = sqlite3.connect(self.data / "fairwitness.sqlite3")
        target = sqlite3.connect(folder / "fairwitness.sqlite3")
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)
        return folder

    def again(self, folder: Path) -> "Demonstration":
        """The whole of it once more, before anybody served it, with a port of its own."""
        if self.status:
            return self
        data = folder / "data"
        shutil.copytree(self.data, data)
        fresh = Demonstration(data, self.status, self.steps, self.complaints)
        told = fresh.dock / "dock.json"
        server = f"http://127.0.0.1:{free_port()}".encode()
        told.write_bytes(told.read_bytes().replace(self.server.encode(), server))
        return fresh

    @property
    def dock(self) -> Path:
        return self.data / "demo/dock"

    @property
    def server(self) -> str:
        """The address that the demonstration's dock knows."""
        said = canonical.decode((self.dock / "dock.json").read_bytes())
        assert isinstance(said, dict)
        return str(said["server"])

    def film(self, camera: str, *speed: str) -> Path:
        """Record a few seconds with a camera of the demonstration's folder; its volume.

        As quickly as it can be done, so that it ends by its own clock after it is docked, unless
        the `speed` is given.
        """
        root = self.data / "demo" / camera
        script = root / "again.txt"
        script.write_text("at 0s boot\nat 4s double-press\nat 9s hold-event\nat 13s off\n")
        folders = ("--volume", root / "volume", "--device", root / "device")
        self.run("camera", "run", *folders, "--script", script, "--source", "test", *speed)
        return root / "volume"

    def stranger(self, serial: str) -> Path:
        """Film with a new camera that nobody enrolled; its volume."""
        root = self.data / "demo" / f"camera-{serial}"
        folders = ("--volume", root / "volume", "--device", root / "device")
        self.run("camera", "init", *folders, "--serial", serial, "--profile", "body2")
        return self.film(root.name)

    def offload(self, volume: Path, *, expect: int) -> str:
        return self.run("dock", "--dock", self.dock, "--volume", volume, expect=expect)

    def send(self, volume: Path) -> None:
        """Send the one recording on a volume with another tus client, in the dock's name."""
        (footage,) = (volume / "recordings").glob("*.mp4")
        token = self.run("dock", "token", "--dock", self.dock).strip()
        client = TusClient(f"{self.server}/uploads", headers={"Authorization": f"Bearer {token}"})
        statement = footage.with_name(f"{footage.stem}.dsse.json").read_text()
        with footage.open("rb") as stream:
            uploader = client.uploader(
                file_stream=stream, metadata={"filename": footage.name, "statement": statement}
            )
            uploader.upload()
        answer = 202
        deadline = time.monotonic() + 60
        while answer == 202 and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = httpx.get(f"{uploader.url}/receipt", headers=client.headers).status_code
        assert answer == 409


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """`fairwitness demo --exit`, run once as a person would run it, and never served.

    Whoever of several workers asks first plays it; the others wait for that.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "played"
    folder.mkdir(exist_ok=True)
    told = folder / "told.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(_play(folder)))
    return Demonstration(folder / "data", **json.loads(told.read_text()))


def _play(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [PROGRAM, "demo", "--exit", "--json", "--footage", "test", "--data", folder / "data"],
        env=_surroundings(),
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=600,
    )
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    return {"status": done.returncode, "steps": steps, "complaints": done.stderr}


@pytest.fixture(scope="session")
def demonstration(played: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One for all journeys that leave it as good as they found it."""
    return played.again(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="session")
def site(demonstration: Demonstration) -> Iterator[str]:
    """The demonstration's site."""
    with served(demonstration) as address:
        yield address


@contextlib.contextmanager
def served(demonstration: Demonstration) -> Iterator[str]:
    """A demonstration's site, served again at the address that its dock knows."""
    assert demonstration.status == 0, (demonstration.steps, demonstration.complaints)
    port = demonstration.server.rpartition(":")[2]
    log = demonstration.data.parent / "serve-again.log"
    command: list[str | Path] = [PROGRAM, "serve", "--with-worker", "--port", port]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--data", demonstration.data],
            env=_surroundings(),
            cwd=demonstration.data.parent,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(demonstration.server, server, log)
        yield demonstration.server
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/sign-in", timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def people(site: str) -> Iterator[People]:
    """A browser for one module, and pages for whoever is asked for."""
    if sys.platform != "linux":
        pytest.skip("the browser is Debian's")
    with chromium() as browser:
        yield People(browser, site)


@pytest.fixture
def visit(people: People) -> Iterator[People]:
    """The same for one test, which must leave no trouble in any console."""
    yield people
    people.close()
