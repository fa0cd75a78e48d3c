"""What may come between a dock and its receipts: it goes on, loses nothing, and forgets no gap."""

import hashlib
import multiprocessing
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.docking_world import KIB, Docking, digests
from tests.offloading import Silent, offload, offload_killed
from tests.serving import BODY, TUS, Site, serving

from fairwitness.dock import identity
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.volume import VolumeUnreadable
from fairwitness.formats import canonical
from fairwitness.formats.keys import SigningKey

pytestmark = [pytest.mark.journey, pytest.mark.fault]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def docking(site: Site, tmp_path: Path) -> Docking:
    made = Docking(site, tmp_path)
    made.set_up()
    return made


class Told(Silent):
    """Does something when a recording's bytes go, or when a line is said; counts the bytes."""

    def __init__(self, then: Callable[[str], object] = lambda _what: None) -> None:
        super().__init__()
        self.then, self.sent = then, 0

    def said(self, line: str) -> None:
        super().said(line)
        self.then(line)

    def progressed(self, name: str, sent: int, size: int) -> None:
        super().progressed(name, sent, size)
        self.sent += 1
        self.then(name)


@dataclass
class Kept:
    """A recording as it lay on the camera, to be put there again."""

    video: Path
    statement: Path
    footage: bytes
    signed: bytes

    @classmethod
    def of(cls, docking: Docking, name: str) -> "Kept":
        video = docking.volume / f"recordings/{name}.mp4"
        statement = docking.volume / f"recordings/{name}.dsse.json"
        return cls(video, statement, video.read_bytes(), statement.read_bytes())

    def put_back(self, data: bytes | None = None) -> None:
        self.statement.write_bytes(self.signed)
        self.video.write_bytes(self.footage if data is None else data)


@contextmanager
def journal_of(docking: Docking) -> Iterator[Journal]:
    journal = Journal(identity.load(folder=docking.dock).journal_path)
    try:
        yield journal
    finally:
        journal.close()


def note(docking: Docking, name: str, state: State, upload: str) -> None:
    """What a dock that was killed would have left in its journal."""
    data = docking.footage[name]
    with journal_of(docking) as journal:
        journal.note(
            camera="00417",
            name=name,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            state=state,
            at=datetime.now(UTC),
            upload=upload,
        )


def flipped(data: bytes) -> bytes:
    """The same number of bytes, one of them another."""
    other = bytearray(data)
    other[len(other) // 2] ^= 1
    return bytes(other)


@pytest.mark.parametrize("remembers", [True, False])
def test_other_bytes_of_the_same_size_are_never_erased_on_an_earlier_receipt(
    docking: Docking, *, remembers: bool
) -> None:
    name = docking.record(101 + remembers)
    kept = Kept.of(docking, name)
    assert docking.offload().erased == [name]
    kept.put_back(flipped(kept.footage))
    if not remembers:
        (docking.dock / "journal.sqlite3").unlink()
    tally = docking.offload()
    assert "not those that the camera signed" in tally.left[name]
    assert kept.video.read_bytes() == flipped(kept.footage)


def test_an_upload_that_the_server_lost_after_the_last_byte_is_begun_again(
    docking: Docking,
) -> None:
    name = docking.record(111)
    note(docking, name, State.SENT, "/uploads/00000000-0000-4000-8000-000000000001")
    assert docking.offload().erased == [name]
    docking.nothing_lost(digests(docking.site))


def test_an_upload_that_was_cut_too_often_is_sent_anew_from_its_start(docking: Docking) -> None:
    name = docking.record(112)
    site, data = docking.site, docking.footage[name]
    statement = (docking.volume / f"recordings/{name}.dsse.json").read_bytes()
    site.sign_in()
    begun = site.begin(site.metadata(data, counter=112) | {"statement": statement}, size=len(data))
    upload = begun.removeprefix(site.url)
    assert httpx.patch(
        begun,
        headers=BODY | site.auth | {"Upload-Offset": "0"},
        content=data[: len(data) // 2],
    ).is_success
    site.inside("cut", upload.rpartition("/")[2])
    refused = site.patch(begun, data[len(data) // 2 :], len(data) // 2)
    assert refused.json()["code"] == "upload.too_many_parts"
    assert docking.offload().erased == [name]
    docking.nothing_lost(digests(site))
    assert httpx.head(begun, headers=TUS | site.auth).status_code == 410


def test_a_receipt_of_before_still_erases_when_the_log_has_grown_since(docking: Docking) -> None:
    name = docking.record(121)
    kept = Kept.of(docking, name)
    docking.offload()
    later = docking.record(122)
    assert docking.offload().erased == [later]
    kept.put_back()  # as if the dock had died between its receipt and the erasure
    told = Told()
    assert offload(docking.dock, docking.volume, told).erased == [name]
    assert told.sent == 0


def test_what_was_refused_is_asked_about_and_not_sent_again(docking: Docking) -> None:
    mine, docking.site.camera = docking.site.camera, SigningKey.generate()
    try:
        name = docking.record(131)
    finally:
        docking.site.camera = mine
    told = Told()
    assert name in offload(docking.dock, docking.volume, told).left
    assert told.sent
    again = Told()
    assert "not signed by the camera" in offload(docking.dock, docking.volume, again).left[name]
    assert again.sent == 0


def test_bytes_that_were_damaged_on_the_way_are_sent_again(docking: Docking) -> None:
    name = docking.record(132)
    data = docking.footage[name]
    upload = docking.site.create(data, counter=132)
    assert docking.site.patch(upload, flipped(data), 0).status_code == 204
    note(docking, name, State.SENT, upload.removeprefix(docking.site.url))
    assert docking.offload().erased == [name]
    docking.nothing_lost(digests(docking.site))


def test_a_gap_is_told_until_the_server_has_it(docking: Docking) -> None:
    docking.record(141)
    docking.offload()
    mine, docking.site.camera = docking.site.camera, SigningKey.generate()
    try:
        docking.record(144)  # refused: what this docking says of gaps is not kept by the server
    finally:
        docking.site.camera = mine
    assert docking.offload().gaps == (142, 143)
    docking.record(145)
    assert docking.offload().gaps == (142, 143)
    docking.record(146)
    assert docking.offload().gaps == ()


def test_a_server_that_dies_while_it_docks_forgets_no_gap(docking: Docking) -> None:
    docking.record(151)
    docking.offload()
    name = docking.record(153)
    killer = Told(lambda line: docking.site.kill() if "never arrived" in line else None)
    assert name in offload(docking.dock, docking.volume, killer).left
    docking.site.start()
    assert docking.offload().gaps == (152,)
    assert docking.on_camera() == set()


def test_a_camera_pulled_out_in_the_middle_keeps_its_footage_and_the_dock_goes_on(
    docking: Docking,
) -> None:
    name = docking.record(161, size=3000 * KIB)
    away = docking.root / "away"
    moved = Told(lambda _what: docking.volume.exists() and docking.volume.rename(away))
    tally = offload(docking.dock, docking.volume, moved)
    assert name in tally.left
    assert tally.erased == []
    shutil.rmtree(docking.volume, ignore_errors=True)
    away.rename(docking.volume)
    assert docking.offload().erased == [name]
    docking.nothing_lost(digests(docking.site))


def test_a_camera_without_a_free_byte_is_emptied_all_the_same(
    docking: Docking, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        name = docking.record(171)
        shutil.copytree(docking.volume, disk / "camera")
        with pytest.raises(OSError, match="No space"):
            (disk / "filler").write_bytes(bytes(3 << 20))
        assert offload(docking.dock, disk / "camera").erased == [name]
        assert (disk / f"camera/receipts/{name}.json").exists()
        assert not (disk / f"camera/recordings/{name}.mp4").exists()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_nothing_is_written_through_links_on_a_camera(docking: Docking, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"not the camera's")
    docking.record(181)
    for name in (".clock.json.new", ".assignment.json.new"):
        (docking.volume / name).symlink_to(other)
    docking.offload()
    assert other.read_bytes() == b"not the camera's"
    elsewhere = tmp_path / "elsewhere"
    (docking.volume / "recordings").rename(elsewhere)
    (docking.volume / "recordings").symlink_to(elsewhere)
    with pytest.raises(VolumeUnreadable, match="leads elsewhere"):
        docking.offload()


@pytest.mark.timeout(600)
def test_a_dock_killed_before_any_step_goes_on_at_the_next_docking(docking: Docking) -> None:
    children = multiprocessing.get_context("forkserver")
    children.set_forkserver_preload(["tests.offloading"])
    for number in range(1, 200):
        name = docking.record(200 + number, size=40 * KIB)
        child = children.Process(target=offload_killed, args=(number, docking.dock, docking.volume))
        child.start()
        child.join(60)
        docking.nothing_lost(digests(docking.site) if number % 10 == 0 else _sent(docking))
        docking.offload()
        assert list((docking.volume / "recordings").iterdir()) == []
        assert (docking.volume / f"receipts/{name}.json").exists()
        if child.exitcode == 0:
            break
    else:
        raise AssertionError("the dock never came to its end")
    assert number > 20, "there were steps to be killed at"
    held = digests(docking.site)
    docking.nothing_lost(held)
    assert len(held) == len(set(held))


def _sent(docking: Docking) -> list[str]:
    """Between the rounds only receipts are looked for; the site is asked every tenth time."""
    return [hashlib.sha256(data).hexdigest() for data in docking.footage.values()]


def test_another_camera_put_in_meanwhile_is_left_as_it_is(docking: Docking) -> None:
    """Its clock was not compared yet, and whom it belongs to is not the first one's."""
    name = docking.record(77)
    other, away = docking.root / "other", docking.root / "away"
    shutil.copytree(docking.volume, other, ignore=shutil.ignore_patterns("00417*"))
    card = (other / "camera.json").read_text().replace("00417", "00999")
    (other / "camera.json").write_text(card)
    (other / "clock.json").write_bytes(
        canonical.encode({"ahead_us": 90_000_000, "set": True, "set_at": None, "source": None})
    )
    before = {path: path.read_bytes() for path in other.rglob("*.json")}

    def swap(_name: str) -> None:
        if not away.exists():
            docking.volume.rename(away)
            other.rename(docking.volume)

    tally = offload(docking.dock, docking.volume, Told(swap))
    assert tally.codes == {name: "dock.undocked"}
    after = {
        other / path.relative_to(docking.volume): path.read_bytes()
        for path in docking.volume.rglob("*.json")
    }
    assert after == before
    assert (away / f"recordings/{name}.mp4").exists()
