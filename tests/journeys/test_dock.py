"""The dock against a real site: what is owed is taken, and only receipts erase."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from tests.docking_world import Docking, digests
from tests.offloading import offload
from tests.serving import Site, serving

from fairwitness.dock import erasures, identity, volume
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.sending import ServerAway
from fairwitness.dock.server import ServerRefused
from fairwitness.dock.witnessing import LogChanged
from fairwitness.formats import canonical
from fairwitness.formats import receipt as receipts
from fairwitness.formats.erasures import Erased, Erasures
from fairwitness.formats.keys import SigningKey

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def docking(site: Site, tmp_path: Path) -> Docking:
    made = Docking(site, tmp_path)
    made.set_up()
    return made


def test_all_that_is_owed_is_taken_and_erased_against_receipts(docking: Docking) -> None:
    names = [docking.record(number) for number in (1, 2, 3)]
    tally = docking.offload()
    assert sorted(tally.erased) == sorted(names)
    assert tally.left == {}
    assert docking.on_camera() == set()
    docking.nothing_lost(digests(docking.site))
    assert list((docking.volume / "recordings").iterdir()) == []


def test_the_log_says_what_was_erased_also_after_a_time_without_the_server(
    docking: Docking,
) -> None:
    def written() -> int:
        return int(docking.site.inside("written").get("camera.erased", 0))

    before = written()
    docking.record(4)
    docking.offload()
    assert written() == before + 1
    with contextlib.closing(Journal(identity.load(folder=docking.dock).journal_path)) as journal:
        with journal.transaction() as database:  # a dock that was cut before the answer came
            database.execute("UPDATE erasure SET told = 0")
        assert len(erasures.untold(journal)) == 1
        docking.offload()
        assert erasures.untold(journal) == {}
    assert written() == before + 1


def test_erasures_that_are_malformed_unsigned_in_or_of_strangers_are_not_written(
    site: Site,
) -> None:
    url = f"{site.url}/api/v1/erasures"
    told = Erasures(erased=(Erased(recording=uuid4(), erased_at=datetime.now(UTC)),))
    body = told.encode()
    before = site.inside("written").get("camera.erased", 0)
    answer = httpx.post(url, content=body, headers=site.auth)
    assert (answer.status_code, answer.json()) == (
        200,
        {"unknown": [str(told.erased[0].recording)]},
    )
    assert httpx.post(url, content=body).status_code == 401
    assert httpx.get(url, headers=site.auth).status_code == 405
    for bad in (b"", b"{}", body[:-1], body + b" ", b'{"erased":[],"version":1}'):
        answer = httpx.post(url, content=bad, headers=site.auth)
        assert (answer.status_code, bool(answer.json()["message"])) == (400, True)
    assert httpx.post(url, content=b"x" * (33 << 10), headers=site.auth).status_code == 413
    assert site.inside("written").get("camera.erased", 0) == before


def test_each_receipt_proves_that_the_log_only_grew(docking: Docking) -> None:
    docking.record(11)
    docking.offload()
    docking.record(12)
    docking.offload()
    second = receipts.parse((docking.volume / "receipts/00417-12-1.json").read_bytes())
    assert second.consistency is not None
    assert second.consistency.old_size > 0


def test_the_camera_gets_its_time_its_wearer_and_is_noted(docking: Docking) -> None:
    docking.record(21)
    docking.offload()
    clock = canonical.decode((docking.volume / "clock.json").read_bytes())
    assert isinstance(clock, dict)
    assert clock["set"] is True
    assignment = canonical.decode((docking.volume / "assignment.json").read_bytes())
    assert isinstance(assignment, dict)
    assert "issued_to" in assignment
    journal = Journal(identity.load(folder=docking.dock).journal_path)
    assert journal.camera("00417").last_counter == 21
    journal.close()


def test_a_gap_in_the_counter_is_told(docking: Docking) -> None:
    docking.record(31)
    docking.offload()
    docking.record(34)
    assert docking.offload().gaps == (32, 33)


def test_a_recording_that_was_changed_stays_on_the_camera(docking: Docking) -> None:
    name = docking.record(41)
    video = docking.volume / f"recordings/{name}.mp4"
    data = bytearray(video.read_bytes())
    data[len(data) // 2] ^= 1
    video.write_bytes(bytes(data))
    tally = docking.offload()
    assert name in tally.left
    assert docking.on_camera() == {name}


def test_a_statement_by_another_key_stays_on_the_camera(docking: Docking) -> None:
    name = docking.record(42)
    stranger = SigningKey.generate()
    mine, docking.site.camera = docking.site.camera, stranger
    try:
        docking.record(42)
    finally:
        docking.site.camera = mine
    tally = docking.offload()
    assert name in tally.left
    assert docking.on_camera() == {name}


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b'{"payload":1}'])
def test_a_damaged_statement_is_passed_over_and_told(docking: Docking, damage: bytes) -> None:
    name = docking.record(43)
    (docking.volume / f"recordings/{name}.dsse.json").write_bytes(damage)
    tally = docking.offload()
    assert f"{name}.mp4" in tally.left
    assert docking.on_camera() == {name}


def test_a_statement_about_another_recording_is_passed_over(docking: Docking) -> None:
    name = docking.record(44)
    other = docking.volume / "recordings"
    (other / f"{name}.mp4").rename(other / "00417-45-1.mp4")
    (other / f"{name}.dsse.json").rename(other / "00417-45-1.dsse.json")
    assert "00417-45-1.mp4" in docking.offload().left


def test_links_and_half_written_files_are_never_taken(docking: Docking, tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"not footage")
    (docking.volume / "recordings/00417-46-1.mp4").symlink_to(tmp_path / "secret.mp4")
    (docking.volume / "recordings/00417-47-1.mp4.part").write_bytes(b"half")
    tally = docking.offload()
    assert list(tally.left) == ["00417-47-1.mp4.part"]
    assert (tmp_path / "secret.mp4").exists()


def test_without_trust_nothing_is_touched(docking: Docking) -> None:
    name = docking.record(51)
    (docking.dock / "trust.json").unlink()
    with pytest.raises(identity.DockNotSetUp):
        docking.offload()
    assert docking.on_camera() == {name}


def test_with_another_forces_trust_the_server_is_refused_and_nothing_erased(
    docking: Docking, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serving(tmp_path_factory.mktemp("other")) as stranger:
        other = Docking(stranger, tmp_path_factory.mktemp("other-dock"))
        other.set_up()
        foreign = (other.dock / "trust.json").read_bytes()
    (docking.dock / "trust.json").write_bytes(foreign)
    name = docking.record(52)
    with pytest.raises(LogChanged) as refused:
        docking.offload()
    assert refused.value.stable_code == "dock.log_unknown"
    assert docking.on_camera() == {name}


def test_a_dock_that_is_not_known_is_told_so(docking: Docking) -> None:
    (docking.dock / "key.pem").write_bytes(SigningKey.generate().pem())
    docking.record(53)
    with pytest.raises(ServerRefused):
        docking.offload()


def test_a_dead_server_leaves_everything_where_it_is(docking: Docking) -> None:
    name = docking.record(54)
    said = json.loads((docking.dock / "dock.json").read_bytes())
    said["server"] = "http://127.0.0.1:9"
    (docking.dock / "dock.json").write_bytes(canonical.encode(said))
    with pytest.raises(ServerAway):
        docking.offload()
    assert docking.on_camera() == {name}


def test_plain_http_beyond_this_machine_is_refused(docking: Docking) -> None:
    said = json.loads((docking.dock / "dock.json").read_bytes())
    said["server"] = "http://evidence.example"
    (docking.dock / "dock.json").write_bytes(canonical.encode(said))
    with pytest.raises(ServerRefused, match="https only"):
        offload(docking.dock, docking.volume)


def test_the_same_bytes_docked_again_are_erased_on_the_first_receipt(docking: Docking) -> None:
    name = docking.record(61)
    statement = (docking.volume / f"recordings/{name}.dsse.json").read_bytes()
    docking.offload()
    before = len(digests(docking.site))
    (docking.dock / "journal.sqlite3").unlink()  # a new dock, or one that lost its memory
    (docking.volume / f"recordings/{name}.mp4").write_bytes(docking.footage[name])
    (docking.volume / f"recordings/{name}.dsse.json").write_bytes(statement)
    assert docking.offload().erased == [name]
    assert len(digests(docking.site)) == before


def test_a_dock_that_died_after_its_receipt_erases_without_sending_again(
    docking: Docking,
) -> None:
    name = docking.record(62)
    statement = (docking.volume / f"recordings/{name}.dsse.json").read_bytes()
    docking.offload()
    journal = Journal(identity.load(folder=docking.dock).journal_path)
    assert journal.recordings("00417")[name].state is State.ERASED
    journal.close()
    (docking.volume / f"recordings/{name}.mp4").write_bytes(docking.footage[name])
    (docking.volume / f"recordings/{name}.dsse.json").write_bytes(statement)
    assert docking.offload().erased == [name]
    assert docking.on_camera() == set()


def test_a_folder_that_is_no_camera_is_told_so(docking: Docking, tmp_path: Path) -> None:
    with pytest.raises(volume.VolumeUnreadable):
        offload(docking.dock, tmp_path / "nothing")


def log_of(docking: Docking) -> Path:
    return docking.volume / "device-log.jsonl"


def wanted(site: Site) -> int:
    answer = httpx.get(f"{site.url}/api/v1/cameras/00417/log", headers=site.auth)
    assert answer.status_code == 200
    return int(answer.json()["next"])


def test_the_cameras_own_log_goes_along_and_stays_on_it(docking: Docking) -> None:
    site, log = docking.site, log_of(docking)
    line = b'{"at": "2017-06-08T22:13:10.200000Z", "ms": 1, "what": "power", "detail": "%d"}\n'
    before = [line % number for number in range(wanted(site) - 1)]
    fresh = [line % number for number in range(len(before), len(before) + 5_000)]
    log.write_bytes(b"".join(before + fresh) + b'{"torn')
    docking.offload()
    assert wanted(site) == len(before) + 5_001
    assert log.read_bytes().endswith(b'{"torn')
    with log.open("ab") as file:
        file.write(b"\n" + line % 9)
    docking.offload()
    docking.offload()
    assert wanted(site) == len(before) + 5_003


def test_what_is_wrong_with_a_log_keeps_no_recording_back(docking: Docking) -> None:
    name = docking.record(61)
    log_of(docking).write_bytes(b"x" * (300 << 10) + b"\n" * wanted(docking.site))
    assert name in docking.offload().erased
    log_of(docking).unlink()
    log_of(docking).mkdir()
    assert docking.offload().left == {}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("00417/log?first=x", b"{}\n", 400),
        ("00417/log", b"{}\n", 400),
        ("00417/log?first=999999", b"{}\n", 409),
        ("00417/log?first=1", b"{}", 400),
        ("00417/log?first=1", b"x" * (257 << 10), 413),
        ("99999/log?first=1", b"{}\n", 404),
        ("00417/nothing", b"", 405),
    ],
)
def test_a_log_that_is_not_wanted_is_refused(
    site: Site, path: str, body: bytes, status: int
) -> None:
    url = f"{site.url}/api/v1/cameras/{path}"
    answer = httpx.post(url, content=body, headers=site.auth)
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)
    assert httpx.post(url, content=body).status_code in {400, 401, 405, 413}
    assert httpx.get(f"{site.url}/api/v1/cameras/00417/log").status_code == 401
