"""Two independent Swift clients dock into a real server as an Axis system would, and err."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from swiftclient.client import Connection
from swiftclient.exceptions import ClientException
from tests.axis_world import CAMERA, CONTAINER, TIMES, TOLD, USER, encrypt, md5, meta
from tests.faults.test_vault_full import small_disk
from tests.ingest_world import long_video, video
from tests.journeys.test_no_plaintext import found
from tests.serving import Site, serving

pytestmark = pytest.mark.journey

MIB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


def connect(site: Site, name: str, *options: str) -> dict[str, Any]:
    """The connection file that an operator gives to AXIS Body Worn Manager."""
    words = ["--url", site.url, "--name", name, "--station", "LAM1", *options]
    done = site.run("axis", "connection-file", *words)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def client(told: dict[str, Any]) -> Connection:
    return Connection(
        authurl=told["AuthenticationTokenURI"][0],
        user=told["BlobAPIUserName"],
        key=told["BlobAPIKey"],
        auth_version="1",
        retries=0,
        timeout=60,
    )


def chunked(data: bytes) -> Iterator[bytes]:
    """A body whose length nobody says."""
    for at in range(0, len(data), 1 << 16):
        yield data[at : at + (1 << 16)]


def wait_for(site: Site, *data: bytes) -> None:
    """Until all of this is registered."""
    wanted = {hashlib.sha256(one).hexdigest() for one in data}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if wanted <= set(site.inside("digests")):
            return
        time.sleep(0.3)
    raise AssertionError((site.root / "server.log").read_text())


def times(second: int) -> dict[str, str]:
    return TIMES | {"StartTimeISO": f"2017-06-08T22:30:{second:02}Z"}


def test_swiftclient_docks_a_whole_recording_in_chunks(site: Site) -> None:
    swift = client(connect(site, "Whole"))
    _head, body = swift.get_object("System", "Capabilities.json")
    assert json.loads(body)["Store"]["StoreBookmarks"] is True
    _head, body = swift.get_object("System", "Categories.json")
    category = json.loads(body)[2]
    swift.put_container("System")
    swift.put_object("System", "0c1d2e3f", b"", headers=meta("Object", {"SystemName": "Brixton"}))
    swift.put_container("Users")
    swift.put_object("Users", USER, b"", headers=meta("Object", {"Name": "Åda", "Active": "True"}))
    swift.put_container("Devices")
    swift.put_object("Devices", CAMERA, b"", headers=meta("Object", {"Model": "W101"}))
    swift.put_container(CONTAINER, headers=meta("Container", TOLD))
    clips = [long_video(40 * MIB, shade=31), video(shade=32)]
    for number, data in enumerate(clips):
        name = f"20170608_2229{number}0_A1B2.mp4"
        etag = swift.put_object(
            CONTAINER, name, chunked(data), headers=meta("Object", times(number))
        )
        assert etag == md5(data)
    mark = {"CategoryID": category["Id"], "StartTime": "2017-06-08T22:30:05Z"}
    swift.put_object(CONTAINER, "bookmark_1496961005_1", b"seen", headers=meta("Object", mark))
    swift.post_container(CONTAINER, {"X-Object-Meta-Status": "Complete"})
    wait_for(site, *clips)
    told = swift.head_container(CONTAINER)
    assert told["x-container-meta-status"] == "Complete"
    assert told["x-container-object-count"] == "3"
    needles = [data[at : at + 64] for data in clips for at in (200, len(data) - 64)]
    assert found(site, needles) == []


def test_rclone_docks_with_a_length_and_expect_continue(site: Site, tmp_path: Path) -> None:
    if shutil.which("rclone") is None:
        pytest.fail("rclone is not here: scripts/system-packages swift")
    told = connect(site, "Rclone")
    data = long_video(33 * MIB, shade=41)
    file = tmp_path / "20170608_222940_RCLN.mp4"
    file.write_bytes(data)
    target = f"{CONTAINER}/{file.name}"
    again: tuple[str, ...]
    for again in ((), ("--ignore-times",)):
        done = subprocess.run(
            ["rclone", "copyto", "-v", "--retries", "1", *again, str(file), f"axis:{target}"],
            env=os.environ
            | {
                "RCLONE_CONFIG": "/dev/null",
                "RCLONE_CONFIG_AXIS_TYPE": "swift",
                "RCLONE_CONFIG_AXIS_AUTH": told["AuthenticationTokenURI"][0],
                "RCLONE_CONFIG_AXIS_AUTH_VERSION": "1",
                "RCLONE_CONFIG_AXIS_USER": told["BlobAPIUserName"],
                "RCLONE_CONFIG_AXIS_KEY": told["BlobAPIKey"],
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert "Copied (" in done.stderr
    wait_for(site, data)
    digest = hashlib.sha256(data).hexdigest()
    assert site.inside("digests").count(digest) == 1
    assert client(told).head_object(CONTAINER, file.name)["content-length"] == str(len(data))


@pytest.mark.parametrize("chunks", [True, False])
def test_a_cut_in_the_middle_starts_over_and_counts_once(site: Site, *, chunks: bool) -> None:
    swift = client(connect(site, f"Cut {chunks}"))
    swift.put_container(CONTAINER)
    data = long_video(20 * MIB, shade=50 + chunks)
    address, token = swift.get_auth()
    parts = urlsplit(f"{address}/{CONTAINER}/20170608_222940_CUT0.mp4")
    length = "Transfer-Encoding: chunked" if chunks else f"Content-Length: {len(data)}"
    head = (
        f"PUT {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Auth-Token: {token}\r\n"
        f"{length}\r\n\r\n"
    )
    sent = data[: 12 * MIB]
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as peer:
        peer.sendall(head.encode())
        if chunks:
            for at in range(0, len(sent), MIB):
                part = sent[at : at + MIB]
                peer.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        else:
            peer.sendall(sent)
    with contextlib.suppress(ClientException):
        assert swift.head_object(CONTAINER, "20170608_222940_CUT0.mp4")["etag"] == "never"
    swift.put_object(CONTAINER, "20170608_222940_CUT0.mp4", chunked(data))
    wait_for(site, data)


def test_the_same_again_is_201_and_a_wrong_digest_422(site: Site) -> None:
    swift = client(connect(site, "Again"))
    swift.put_container(CONTAINER)
    data = video(shade=61)
    name = "20170608_222940_SAME.mp4"
    with pytest.raises(ClientException) as refusal:
        swift.put_object(CONTAINER, name, data, etag="0" * 32)
    assert refusal.value.http_status == 422
    for _ in range(3):
        swift.put_object(CONTAINER, name, data, etag=md5(data))
    wait_for(site, data)
    assert site.inside("digests").count(hashlib.sha256(data).hexdigest()) == 1


@pytest.mark.parametrize("key_first", [True, False])
def test_an_encrypted_clip_is_opened_with_its_key(site: Site, *, key_first: bool) -> None:
    told = connect(site, f"Sealed {key_first}", "--encrypt")
    swift = client(told)
    data = long_video(24 * MIB, shade=70 + key_first)
    pem = base64.b64decode(told["PublicKey"])
    sealed, key = encrypt(data, pem, told["PublicKeyId"])
    swift.put_container(CONTAINER, headers=meta("Container", TOLD))
    bodies = [("20170608_222940_SEAL.key", key), ("20170608_222940_SEAL.mp4", sealed)]
    for name, body in bodies if key_first else reversed(bodies):
        swift.put_object(CONTAINER, name, chunked(body), headers=meta("Object", TIMES))
    swift.post_container(CONTAINER, {"X-Container-Meta-Status": "Complete"})
    wait_for(site, data)
    assert hashlib.sha256(sealed).hexdigest() not in site.inside("digests")
    assert found(site, [data[9 * MIB : 9 * MIB + 64], data[-64:]]) == []


def test_who_is_not_signed_in_or_revoked_gets_401(site: Site) -> None:
    told = connect(site, "Revoked")
    swift = client(told)
    swift.put_container(CONTAINER)
    with pytest.raises(ClientException) as refusal:
        client(told | {"BlobAPIKey": "wrong"}).get_auth()
    assert refusal.value.http_status == 401
    done = site.run("axis", "revoke", "Revoked", "--reason", "a journey")
    assert done.returncode == 0, done.stderr
    for work in (swift.get_auth, lambda: swift.head_container(CONTAINER)):
        with pytest.raises(ClientException) as refusal:
            work()
        assert refusal.value.http_status == 401


def test_a_full_disk_is_507_and_the_next_try_goes_through(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.found()
    vault = site.data / "vault"
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(vault)
    with small_disk(vault, "24m"):
        try:
            site.start()
            swift = client(connect(site, "Full"))
            swift.put_container(CONTAINER)
            data = long_video(30 * MIB, shade=81)
            with pytest.raises(ClientException) as refusal:
                swift.put_object(CONTAINER, "20170608_222940_FULL.mp4", chunked(data))
            assert refusal.value.http_status == 507
            bigger = ["mount", "-o", "remount,size=160m", str(vault)]
            subprocess.run(bigger, check=True, capture_output=True)
            swift.put_object(CONTAINER, "20170608_222940_FULL.mp4", chunked(data))
            wait_for(site, data)
        finally:
            site.stop()
