"""Uploads by other people's clients, cut and resumed, against a real server."""

import base64
import hashlib
import io
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.ingest_world import long_video, video
from tests.serving import BODY, TUS, Site, serving
from tusclient.client import TusClient

pytestmark = pytest.mark.journey

MIB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


def texts(metadata: dict[str, bytes]) -> dict[str, str]:
    return {key: value.decode() for key, value in metadata.items()}


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy_uploads_in_parts_and_the_dock_gets_its_receipt(
    site: Site, *, checksum: bool
) -> None:
    counter = 10 + checksum
    data = long_video(5 * MIB, shade=counter)
    client = TusClient(f"{site.url}/uploads", headers=site.auth)
    uploader = client.uploader(
        file_stream=io.BytesIO(data),
        chunk_size=2 * MIB,
        metadata=texts(site.metadata(data, counter=counter)),
        upload_checksum=checksum,
    )
    uploader.upload()
    assert uploader.offset == len(data)
    found = site.receipt(str(uploader.url), data)
    shown = site.inside("show", site.recording_of(found))
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert shown["size"] == len(data)


def test_tuspy_resumes_where_a_cut_connection_left_off(site: Site) -> None:
    data = long_video(6 * MIB, shade=20)
    upload = site.create(data, counter=20)
    cut(site, upload, data, offset=0, sent=3 * MIB + 12345)
    wait_for_bytes(site, upload)
    client = TusClient(f"{site.url}/uploads", headers=site.auth)
    uploader = client.uploader(file_stream=io.BytesIO(data), url=upload)
    assert 0 < uploader.offset <= 3 * MIB + 12345
    uploader.upload()
    site.receipt(upload, data)


def cut(site: Site, upload: str, data: bytes, *, offset: int, sent: int) -> None:
    """Send a PATCH that promises everything, and hang up in its middle."""
    parts = urlsplit(upload)
    head = (
        f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        + "".join(f"{k}: {v}\r\n" for k, v in (BODY | site.auth).items())
        + f"Upload-Offset: {offset}\r\nContent-Length: {len(data) - offset}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(head.encode())
        connection.sendall(data[offset : offset + sent])


def wait_for_bytes(site: Site, upload: str) -> int:
    """Ask, as a dock does, until some of what was sent is durable."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        time.sleep(0.2)
        offset = site.offset(upload)
        if offset:
            return offset
    raise AssertionError("nothing of it became durable")


def test_a_head_ends_a_hanging_patch_and_keeps_what_it_sent(site: Site) -> None:
    data = long_video(4 * MIB, shade=21)
    upload = site.create(data, counter=21)
    parts = urlsplit(upload)
    head = (
        f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        + "".join(f"{k}: {v}\r\n" for k, v in (BODY | site.auth).items())
        + f"Upload-Offset: 0\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(head.encode())
        connection.sendall(data[: 2 * MIB])
        offset = wait_for_bytes(site, upload)
        assert offset <= 2 * MIB
    assert site.patch(upload, data[offset:], offset).status_code == 204
    site.receipt(upload, data)


def test_a_duplicate_gets_the_first_receipt_at_once(site: Site) -> None:
    data = video(shade=22)
    upload = site.create(data, counter=22)
    assert site.patch(upload, data, 0).status_code == 204
    first = site.receipt(upload, data)
    again = site.create(data, counter=22)
    assert again == upload
    assert site.offset(again) == len(data)
    assert site.receipt(again, data, wait=1) == first


def test_creation_with_upload_and_every_refusal_of_the_protocol(site: Site) -> None:
    data = long_video(MIB, shade=23)
    metadata = ",".join(
        f"{k} {base64.b64encode(v).decode()}" for k, v in site.metadata(data, counter=23).items()
    )
    created = httpx.post(
        f"{site.url}/uploads",
        headers=BODY | site.auth | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata},
        content=data[:1000],
    )
    assert created.status_code == 201
    assert created.headers["Upload-Offset"] == "1000"
    assert "Upload-Expires" in created.headers
    upload = site.url + created.headers["Location"]
    described = httpx.head(upload, headers=TUS | site.auth)
    assert described.headers["Upload-Metadata"] == metadata
    assert described.headers["Cache-Control"] == "no-store"
    good = hashlib.sha1(data[1000:2000], usedforsecurity=False).digest()
    for headers, body, status in (
        ({"Upload-Offset": "999"}, b"x", 409),
        ({"Upload-Offset": "1000", "Content-Type": "text/plain"}, b"x", 415),
        ({"Upload-Offset": "1000", "Tus-Resumable": "0.1"}, b"x", 412),
        ({"Upload-Offset": "1000"}, bytes(len(data)), 413),
        ({"Upload-Offset": "1000", "Upload-Checksum": "md5 AAAA"}, b"x", 400),
        ({"Upload-Offset": "1000", "Upload-Checksum": f"sha1 {enc(bytes(20))}"}, b"x", 460),
        ({"Upload-Offset": "1000", "Upload-Checksum": f"sha1 {enc(good)}"}, data[1000:2000], 204),
    ):
        answer = httpx.patch(upload, headers=BODY | site.auth | headers, content=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert site.offset(upload) == 2000
    overridden = httpx.post(
        upload,
        headers=BODY | site.auth | {"Upload-Offset": "2000", "X-HTTP-Method-Override": "PATCH"},
        content=data[2000:3000],
    )
    assert overridden.status_code == 204
    assert httpx.delete(upload, headers=TUS | site.auth).status_code == 204
    assert httpx.head(upload, headers=TUS | site.auth).status_code == 410


def test_nothing_more_is_taken_once_every_byte_is_there(site: Site) -> None:
    data = video(shade=26)
    upload = site.create(data, counter=26)
    assert site.patch(upload, data, 0).status_code == 204
    at_end = BODY | site.auth | {"Upload-Offset": str(len(data))}
    wrong = {"Upload-Checksum": f"sha1 {enc(bytes(20))}"}
    assert httpx.patch(upload, headers=at_end).status_code == 204
    assert httpx.patch(upload, headers=at_end | wrong).status_code == 460
    assert httpx.patch(upload, headers=at_end, content=iter([b"more"])).status_code == 413
    assert httpx.delete(upload, headers=TUS | site.auth).status_code == 403
    site.receipt(upload, data)


def test_patches_that_race_end_with_the_right_bytes(site: Site) -> None:
    data = long_video(6 * MIB, shade=27)
    upload = site.create(data, counter=27)
    statuses: list[int] = []

    def race() -> None:
        statuses.append(site.patch(upload, data, 0).status_code)

    racers = [threading.Thread(target=race) for _ in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert set(statuses) <= {204, 409, 423}
    offset = site.offset(upload)
    assert site.patch(upload, data[offset:], offset).status_code == 204
    site.receipt(upload, data)


def enc(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_nobody_uploads_without_signing_in(site: Site) -> None:
    upload = site.create(video(shade=24), counter=24)
    for method, url in (("POST", f"{site.url}/uploads"), ("HEAD", upload), ("DELETE", upload)):
        for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic x"}):
            answer = httpx.request(method, url, headers=TUS | {"Upload-Length": "1"} | headers)
            assert answer.status_code == 401
    assert httpx.get(f"{upload}/receipt").status_code == 401


JS = """
const fs = require("fs"); const tus = require("tus-js-client");
const [endpoint, file, token, metadata, stopAt] = process.argv.slice(2);
const url = process.argv[7];
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint, uploadUrl: url || null, uploadSize: fs.statSync(file).size, chunkSize: 1 << 20,
  retryDelays: [0, 200, 500], headers: { Authorization: `Bearer ${token}` },
  metadata: JSON.parse(metadata),
  onChunkComplete: (size, accepted) => {
    if (Number(stopAt) && accepted >= Number(stopAt)) { upload.abort(); done("stopped"); }
  },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: () => done("finished"),
});
const done = (how) => { console.log(JSON.stringify({ how, url: upload.url })); process.exit(0); };
upload.start();
"""


@pytest.fixture(scope="module")
def tus_js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tus-js-client in it."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not here, so tus-js-client can't be driven")
    folder = tmp_path_factory.mktemp("tus-js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "node" / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=240)
    if done.returncode:
        pytest.skip(f"tus-js-client can't be installed: {done.stderr.decode()[-200:]}")
    (folder / "upload.js").write_text(JS)
    return folder


def test_tus_js_client_stops_resumes_and_finishes(site: Site, tus_js: Path) -> None:
    data = long_video(5 * MIB, shade=25)
    file = tus_js / "footage.mp4"
    file.write_bytes(data)
    metadata = json.dumps(texts(site.metadata(data, counter=25)))

    def run(stop_at: int, url: str) -> dict[str, str]:
        done = subprocess.run(
            [
                "node",
                "upload.js",
                f"{site.url}/uploads",
                file,
                site.token,
                metadata,
                str(stop_at),
                url,
            ],
            cwd=tus_js,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    stopped = run(2 * MIB, "")
    assert stopped["how"] == "stopped"
    assert 0 < site.offset(stopped["url"]) < len(data)
    finished = run(0, stopped["url"])
    assert finished["how"] == "finished"
    site.receipt(finished["url"], data)
