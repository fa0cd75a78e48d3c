"""What docks ask of a real server besides uploading."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from tests.ingest_world import video
from tests.serving import Site, serving

from fairwitness.formats import checkpoint, docking, merkle, tile, trust
from fairwitness.formats.bay_board import LIMIT, BayBoard, BayTold
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import Profile
from fairwitness.formats.trust import KeyRole

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def wish(kind: DeviceKind, serial: str, key: SigningKey) -> bytes:
    request = EnrolmentRequest(
        kind=kind,
        serial=serial,
        profile=Profile.BODY2 if kind is DeviceKind.CAMERA else None,
        station="LAM1",
        public_key=key.public.pem().decode(),
        at=datetime.now(tz=UTC),
    )
    return docking.sign_claim(request, key=key).encode()


def test_sign_in_gives_time_and_a_checkpoint_signed_by_the_published_log(site: Site) -> None:
    body = site.sign_in()
    keys = trust.parse(httpx.get(f"{site.url}/api/v1/trust").content)
    assert {key.role for key in keys.keys} >= {KeyRole.RECEIPT, KeyRole.CAMERA, KeyRole.DOCK}
    found = checkpoint.open_checkpoint(body["checkpoint"].encode(), verifier=keys.log.verifier)
    assert found.size > 0
    assert body["time"] < body["expires_at"]
    for content, code in ((b"{}", 400), (b"x" * 20_000, 413)):
        answer = httpx.post(f"{site.url}/api/v1/sessions", content=content)
        assert answer.status_code == code


def test_devices_ask_to_be_enrolled_and_wait_for_a_person(site: Site) -> None:
    key = SigningKey.generate()
    url = f"{site.url}/api/v1/enrolments"
    for headers in ({}, site.auth):
        answer = httpx.post(url, content=wish(DeviceKind.DOCK, "D-0100", key), headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"state": "pending"})
    other = httpx.post(url, content=wish(DeviceKind.DOCK, "D-0100", SigningKey.generate()))
    assert refusal(other) == (409, "enrolment.serial_taken")
    assert httpx.post(url, content=b"[]").status_code == 400
    known = httpx.post(url, content=wish(DeviceKind.CAMERA, "00417", site.camera))
    assert known.json() == {"state": "approved"}


def test_a_docked_camera_is_told_apart_from_strangers(site: Site) -> None:
    url = f"{site.url}/api/v1/cameras"
    answer = httpx.get(f"{url}/00417", headers=site.auth).json()
    assert answer["status"] == "approved"
    assert answer["issued_to"]["collar_number"] == "614LX"
    assert refusal(httpx.get(f"{url}/99999", headers=site.auth)) == (404, "camera.unknown")
    assert refusal(httpx.get(f"{url}/a%2Fb", headers=site.auth)) == (404, "camera.unknown")
    assert refusal(httpx.get(f"{url}/00417")) == (401, "session.unknown")


def test_a_dock_tells_its_bays_and_only_a_dock(site: Site) -> None:
    url = f"{site.url}/api/v1/bays"
    told = BayBoard(bays=(BayTold(bay=1, doing="ready", light="solid green", camera="00417"),))
    for _ in range(2):
        answer = httpx.post(url, content=told.encode(), headers=site.auth)
        assert (answer.status_code, answer.json()) == (200, {})
    assert httpx.post(url, content=b"{}", headers=site.auth).status_code == 400
    assert refusal(httpx.post(url, content=told.encode())) == (401, "session.unknown")
    assert httpx.get(url, headers=site.auth).json()["code"] == "request.method"
    long = httpx.post(url, content=b"x" * (LIMIT + 1), headers=site.auth)
    assert long.status_code == 413


def test_anybody_follows_the_log_and_finds_it_grown(site: Site) -> None:
    keys = trust.parse(httpx.get(f"{site.url}/api/v1/trust").content)

    def latest() -> checkpoint.Checkpoint:
        note = httpx.get(f"{site.url}/log/checkpoint").content
        return checkpoint.open_checkpoint(note, verifier=keys.log.verifier)

    old = latest()
    data = video(shade=60)
    upload = site.create(data, counter=60)
    site.patch(upload, data, 0)
    site.receipt(upload, data)
    new = latest()
    assert new.size > old.size
    answer = httpx.get(
        f"{site.url}/api/v1/log/consistency", params={"old": old.size, "new": new.size}
    ).json()
    merkle.verify_consistency(
        old_size=old.size,
        new_size=new.size,
        old_root=old.root,
        new_root=new.root,
        proof=[base64.b64decode(one) for one in answer["hashes"]],
    )
    path = tile.tile_path(0, 0, new.size)
    hashes = httpx.get(f"{site.url}/log/{path}").content
    assert len(hashes) == 32 * new.size
    more = httpx.get(
        f"{site.url}/api/v1/log/consistency", params={"old": 1, "new": new.size + 9999}
    )
    assert refusal(more) == (409, "log.no_such_tree")
    for bad in ({}, {"old": "-1", "new": "2"}, {"old": "x", "new": "2"}):
        assert httpx.get(f"{site.url}/api/v1/log/consistency", params=bad).status_code == 400
    for secret in ("sealed/000", "lock", "../keys/receipt.pem", "tile/9/999", "%2e%2e/keys/master"):
        assert httpx.get(f"{site.url}/log/{secret}").status_code == 404


def test_what_is_not_there_says_so_and_pages_take_no_footage(site: Site) -> None:
    assert refusal(httpx.get(f"{site.url}/api/v1/nothing")) == (404, "request.not_found")
    assert refusal(httpx.post(f"{site.url}/api/v1/nonce")) == (405, "request.method")
    assert httpx.put(f"{site.url}/log/checkpoint", content=b"x").status_code == 405
    assert httpx.post(f"{site.url}/sign-in", content=bytes(2 << 20)).status_code == 413
