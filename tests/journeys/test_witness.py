"""An oversight body's witness beside a real server, through a restore of all that the force has."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.ingest_world import video
from tests.serving import Site
from tests.witnessing import Outsider

from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import trust
from fairwitness.formats.note import NoteVerifier

pytestmark = [pytest.mark.journey, pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "force")
    made.root.mkdir()
    made.found()
    yield made
    made.stop()


@pytest.fixture
def outsider(site: Site, tmp_path: Path) -> Iterator[Outsider]:
    """A witness that follows the site's log, whose policy file the site is told of."""
    shown = site.run("keys", "fingerprints")
    assert shown.returncode == 0, shown.stderr
    site.start(worker=False)
    log = trust.parse(httpx.get(f"{site.url}/api/v1/trust").content).log
    site.stop()
    made = Outsider.make(tmp_path / "oversight", log=log.vkey)
    named = tmp_path / "policy"
    named.write_text(f"log {log.vkey}\n{made.line()}quorum none\n")
    site.settings["FAIRWITNESS_WITNESSES"] = str(named)
    made.start()
    yield made
    made.kill()


def _cosigned_size(site: Site, key: NoteVerifier, *, beyond: int) -> int:
    """Wait until the public checkpoint is larger than `beyond` and cosigned; its size."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        note = httpx.get(f"{site.url}/log/checkpoint").content
        size = checkpoints.parse(note)[0].size
        if size > beyond and checkpoints.cosignatures(note, witnesses=[key]):
            return size
        time.sleep(0.2)
    raise AssertionError((site.root / "server.log").read_text())


def test_restored_to_yesterday_the_server_refuses_to_start(site: Site, outsider: Outsider) -> None:
    key = NoteVerifier(outsider.vkey)
    site.start()
    (named,) = trust.parse(httpx.get(f"{site.url}/api/v1/trust").content).witnesses
    assert (named.name, named.vkey) == ("oversight", outsider.vkey)
    size = _cosigned_size(site, key, beyond=1)
    site.stop()
    shutil.copytree(site.data, site.root / "yesterday")
    site.start()
    site.sign_in()
    _cosigned_size(site, key, beyond=size)
    site.stop()
    shutil.rmtree(site.data)
    shutil.copytree(site.root / "yesterday", site.data)
    refused = site.run("serve", "--port", str(site.port))
    assert refused.returncode == 1
    assert "log.forked" in refused.stderr
    assert "once had" in refused.stderr
    audited = site.run("audit", "--json")
    assert audited.returncode == 1
    assert "custody.log_shorter" in audited.stdout


def test_a_dock_that_has_seen_more_stops_the_log_at_once(site: Site) -> None:
    data = video()
    site.start()
    site.sign_in()
    upload = site.create(data, counter=1)
    assert site.patch(upload, data, 0).status_code == 204
    before = site.receipt(upload, data)
    asked = httpx.get(f"{upload}/receipt", params={"since": "5000"}, headers=site.auth)
    assert asked.status_code >= 400
    assert asked.json()["code"] == "log.no_such_tree"
    note = httpx.get(f"{site.url}/log/checkpoint").content
    site.sign_in()
    time.sleep(3)
    assert httpx.get(f"{site.url}/log/checkpoint").content == note, "it was signed over"
    assert site.receipt(upload, data) == before, "what was promised stays promised"
    shown = site.run("gap", "show")
    assert shown.returncode == 1
    assert "A dock has seen 5000 entries of the log." in shown.stdout
    assert "log.disputed" in site.run("audit", "--json").stdout
    assert hashlib.sha256(data).hexdigest() in site.inside("digests")


@pytest.mark.parametrize("text", ["quorum all\n", "witness one two\nquorum none\n", ""])
def test_a_policy_that_can_not_be_used_refuses_to_start(site: Site, text: str) -> None:
    (site.data / "witnesses").write_text(text)
    refused = site.run("serve", "--port", str(site.port))
    assert refused.returncode == 1
    assert "setting.invalid" in refused.stderr
    site.settings["FAIRWITNESS_WITNESSES"] = str(site.root / "none")
    assert "is no file" in site.run("serve", "--port", str(site.port)).stderr
