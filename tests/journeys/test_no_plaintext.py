"""No plaintext of footage on any disk of the server, at any time.

During upload, after it, in playback, in export, and when its processes crash.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.ingest_world import long_video
from tests.journeys.test_hung_peers import connect, head
from tests.serving import BODY, Site, serving

pytestmark = pytest.mark.journey

MIB = 1 << 20


def places(site: Site) -> list[Path]:
    """Every file of the deployment, its temporary folder, and what its processes hold open."""
    files = [path for folder in (site.data, site.temporary) for path in folder.rglob("*")]
    assert site.process is not None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(process.name)) == os.getsid(site.process.pid):
                files += list((process / "fd").iterdir())
        except (ProcessLookupError, PermissionError, FileNotFoundError):
            continue
    files += [path for path in site.root.rglob("core*") if path.is_file()]
    return [path for path in files if path.is_file()]


def found(site: Site, needles: list[bytes]) -> list[str]:
    """The files that hold any of these bytes."""
    holding = []
    for path in places(site):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if any(needle in content for needle in needles):
            holding.append(str(path))
    return holding


@contextlib.contextmanager
def cores_allowed() -> Iterator[None]:
    """As on a machine whose administrator wants core dumps of everything."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    try:  # an earlier test may have given the right up for this process
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    except ValueError:
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def leaves_a_core(folder: Path) -> bool:
    """Whether a program that crashes in this folder leaves a core dump in it."""
    folder.mkdir()
    subprocess.run([sys.executable, "-c", "import os; os.abort()"], cwd=folder, check=False)
    cores = list(folder.iterdir())
    for core in cores:
        core.unlink()
    return bool(cores)


def wait_for_working_copy(site: Site, recording: str) -> None:
    deadline = time.monotonic() + 60
    while site.inside("show", recording)["copies"].get("working") != "ready":
        assert time.monotonic() < deadline, (site.root / "server.log").read_text()
        time.sleep(0.5)


def test_known_plaintext_is_nowhere(tmp_path: Path) -> None:
    data = long_video(18 * MIB)
    needles = [data[100:164], data[9 * MIB : 9 * MIB + 64], data[-64:]]
    with cores_allowed(), serving(tmp_path) as site:
        (tmp_path / "data" / "planted").write_bytes(b"..." + needles[1])
        assert found(site, needles) == [str(tmp_path / "data" / "planted")]
        (tmp_path / "data" / "planted").unlink()
        upload = site.create(data, counter=1)
        with connect(site) as peer:
            headers = BODY | site.auth | {"Upload-Offset": "0", "Content-Length": str(len(data))}
            peer.sendall(head("PATCH", urlsplit(upload).path, headers) + data[: 10 * MIB])
            assert found(site, needles) == []
        offset = site.offset(upload)
        assert site.patch(upload, data[offset:], offset).status_code == 204
        recording = site.recording_of(site.receipt(upload, data))
        assert found(site, needles) == []
        token = site.inside("grant", recording)["token"]
        url = f"{site.url}/play/{token}/master"
        answer = httpx.get(url, headers={"Range": f"bytes={9 * MIB}-"})
        assert answer.status_code == 206
        assert answer.content == data[9 * MIB : 13 * MIB]
        assert found(site, needles) == []
        wait_for_working_copy(site, recording)
        assert found(site, needles) == []
        copy = bytearray()
        address = site.url + site.inside("disclose", recording)
        with httpx.stream("GET", address, timeout=60) as export:
            assert export.status_code == 200
            for part in export.iter_bytes(MIB):
                if not copy:
                    assert found(site, needles) == []
                copy += part
        assert all(needle in copy for needle in needles)
        assert found(site, needles) == []
        if leaves_a_core(tmp_path / "crashed"):
            assert site.process is not None
            os.killpg(site.process.pid, signal.SIGABRT)
            site.process.wait(40)
            assert list(tmp_path.rglob("core*")) == []
            assert found(site, needles) == []


def test_ranges_are_answered_as_players_ask(tmp_path: Path) -> None:
    data = long_video(6 * MIB)
    with serving(tmp_path) as site:
        upload = site.create(data, counter=1)
        site.patch(upload, data, 0)
        recording = site.recording_of(site.receipt(upload, data))
        token = site.inside("grant", recording)["token"]
        url = f"{site.url}/play/{token}/master"
        for asked, start, stop in (
            ("bytes=0-", 0, 4 * MIB),
            ("bytes=5-9", 5, 10),
            (f"bytes={MIB - 100}-{MIB + 99}", MIB - 100, MIB + 100),
            ("bytes=-7", len(data) - 7, len(data)),
            (f"bytes={len(data) - 1}-{len(data) + 50}", len(data) - 1, len(data)),
        ):
            answer = httpx.get(url, headers={"Range": asked})
            assert answer.status_code == 206
            assert answer.content == data[start:stop]
            assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"
            assert answer.headers["Cache-Control"] == "private, no-store"
        assert httpx.get(url, timeout=60).content == data
        assert httpx.head(url).headers["Content-Length"] == str(len(data))
        assert httpx.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
        assert httpx.get(f"{site.url}/play/{'x' * 43}/master").status_code == 404
        assert httpx.get(f"{site.url}/play/{token}/keys").status_code == 404
        assert httpx.post(url).status_code == 405
