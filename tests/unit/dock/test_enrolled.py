"""An enrolled volume read with suspicion: its card, its files, and what may be removed from it."""

import hashlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from fairwitness.dock import enrolled, folder
from fairwitness.dock.enrolled import EnrolledVolume, FileTooLarge, NotACamera
from fairwitness.dock.sending import StillChanging
from fairwitness.dock.volume import VolumeUnreadable
from fairwitness.formats import canonical, enrolled_volume
from fairwitness.formats.enrolled_volume import VolumeRequest
from fairwitness.formats.errors import FormatError

ID = UUID("0f3c1c0e-5a35-4a6e-9f6c-0d4d0c1f2a77")


def volume(root: Path) -> EnrolledVolume:
    enrolled.enrol(root)
    return EnrolledVolume(root, may_erase=lambda _volume: True)


def test_a_card_is_written_once_and_names_the_volume(tmp_path: Path) -> None:
    with pytest.raises(NotACamera, match="dock volume enrol"):
        enrolled.read_card(tmp_path)
    card = enrolled.enrol(tmp_path)
    assert enrolled.enrol(tmp_path) == card == enrolled.read_card(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [enrolled_volume.FILE]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"volume":"x","version":1}', b"x" * 9000])
def test_a_card_that_is_none_is_told_and_never_replaced(tmp_path: Path, data: bytes) -> None:
    (tmp_path / enrolled_volume.FILE).write_bytes(data)
    for reads in (enrolled.read_card, enrolled.enrol):
        with pytest.raises(VolumeUnreadable, match="Nothing was touched"):
            reads(tmp_path)
    assert (tmp_path / enrolled_volume.FILE).read_bytes() == data


def test_a_card_is_not_read_through_a_link_or_a_pipe(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in "abc")
    for root in (first, second, third):
        root.mkdir()
    enrolled.enrol(first)
    (second / enrolled_volume.FILE).symlink_to(first / enrolled_volume.FILE)
    os.mkfifo(third / enrolled_volume.FILE)
    for root in (second, third):
        with pytest.raises(VolumeUnreadable):
            enrolled.enrol(root)


def test_neither_a_camera_nor_what_can_t_be_written_is_enrolled(tmp_path: Path) -> None:
    (tmp_path / "camera.json").touch()
    with pytest.raises(VolumeUnreadable, match="is a camera"):
        enrolled.enrol(tmp_path)
    with pytest.raises(VolumeUnreadable, match="nothing can be written on it"):
        enrolled.enrol(Path("/proc/self/task"))


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"label": "a\nb"}, {"label": " a"}, {"label": "a" * 61},
              {"made_by": "\x1b[2J"}, {"brought_by": "6" * 17}]
)  # fmt: skip
def test_a_request_holds_lines_that_can_be_shown(wrong: dict[str, str]) -> None:
    good = VolumeRequest(volume=ID, label="blue stick", made_by="Drift HD", brought_by="614LX")
    assert enrolled_volume.read_request(good.encode()) == good
    told = canonical.decode(good.encode())
    assert isinstance(told, dict)
    with pytest.raises(FormatError):
        enrolled_volume.read_request(canonical.encode(told | wrong))


def test_every_ordinary_file_is_taken_but_the_card(tmp_path: Path) -> None:
    there = volume(tmp_path)
    for name in ("a.MP4", "b.exe", "sub/no suffix", ".hidden", "empty.mp4"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"" if "empty" in name else b"x")
    (tmp_path / "link.mp4").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    found = there.files()
    assert [str(path.relative_to(tmp_path)) for path in found.footage] == [
        "a.MP4", "b.exe", "sub/no suffix",
    ]  # fmt: skip
    assert dict(found.passed_over) == {
        ".hidden": folder.HIDDEN,
        "empty.mp4": folder.EMPTY,
        "link.mp4": "a link, which is not followed",
        "pipe": "no ordinary file",
    }


def test_different_names_are_told_apart_on_one_line_each() -> None:
    names = ["a\nb", "a\\a;b", "a\ufffdb", os.fsdecode(b"a\xffb"), os.fsdecode(b"a\xfeb"), "a b"]
    told = [enrolled.name_of(Path(name)) for name in names]
    assert len(set(told)) == len(names)
    assert all(name.isprintable() for name in told)


def read_until(there: EnrolledVolume, path: Path, deadline: float) -> None:
    """Read it again and again: one reading meets whoever writes to it."""
    while time.monotonic() < deadline:
        there.read(path, number=0)


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path: Path) -> None:
    there, path, stop = volume(tmp_path), tmp_path / "a.mp4", threading.Event()
    path.write_bytes(bytes(8 << 20))

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"more")

    writer = threading.Thread(target=grow)
    writer.start()
    deadline = time.monotonic() + 60
    try:
        with pytest.raises(StillChanging):
            read_until(there, path, deadline)
    finally:
        stop.set()
        writer.join()
    read = there.read(path, number=0)
    with read.opened() as file:
        assert len(file.read()) == read.size == path.stat().st_size
    path.write_bytes(b"other")
    with pytest.raises(StillChanging), read.opened():
        pass


def test_a_file_rests_when_two_looks_find_it_alike(tmp_path: Path) -> None:
    there, path, gone = volume(tmp_path), tmp_path / "a.mp4", tmp_path / "gone.mp4"
    path.write_bytes(b"a beginning")
    assert path not in there.look([path])
    path.write_bytes(b"a beginning, and more")
    assert path not in there.look([path])
    assert there.look([path, gone]) == {path, gone}, "what is gone is told by reading it"
    path.rename(gone)
    assert there.look([path, gone]) == {path}, "what went between two looks is, too"
    gone.rename(path)
    there.done[path] = there.read(path, number=0).seen
    assert there.look([path]) == frozenset()


def test_a_file_that_no_upload_can_hold_is_told_without_reading_it(tmp_path: Path) -> None:
    there, path = volume(tmp_path), tmp_path / "huge.mkv"
    path.touch()
    os.truncate(path, enrolled.LARGEST + 1)
    with pytest.raises(FileTooLarge):
        there.read(path, number=0)


def test_only_the_very_file_that_was_hashed_is_removed(tmp_path: Path) -> None:
    there, path = volume(tmp_path), tmp_path / "sub/a.mp4"
    path.parent.mkdir()
    path.write_bytes(b"footage")
    read = there.read(path, number=0)
    assert read.as_promised()
    path.write_bytes(b"changed")
    assert not read.as_promised()
    assert not there.erase(read, b"receipt")
    assert path.read_bytes() == b"changed"
    path.write_bytes(b"footage")
    assert there.erase(read, b"receipt")
    assert not path.exists()
    assert there.erased == {"sub/a.mp4"}


def test_a_folder_that_became_a_link_leads_nowhere(tmp_path: Path) -> None:
    """Between hashing and removing, somebody may put a link in its place."""
    root, outside = tmp_path / "stick", tmp_path / "outside"
    (root / "sub").mkdir(parents=True)
    outside.mkdir()
    there = volume(root)
    for place in (root / "sub", outside):
        (place / "a.mp4").write_bytes(b"footage")
    read = there.read(root / "sub/a.mp4", number=0)
    (root / "sub").rename(root / "was")
    (root / "sub").symlink_to(outside)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        there.read(root / "sub/a.mp4", number=0)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        there.erase(read, b"receipt")
    assert (outside / "a.mp4").read_bytes() == b"footage"


def test_another_stick_in_its_place_is_not_it(tmp_path: Path) -> None:
    root = tmp_path / "stick"
    root.mkdir()
    there = volume(root)
    assert there.present()
    (root / enrolled_volume.FILE).unlink()
    assert not there.present()
    enrolled.enrol(root)
    assert not there.present()


def test_what_a_file_begins_with_is_looked_at_byte_by_byte(tmp_path: Path) -> None:
    there, path = volume(tmp_path), tmp_path / "a.mp4"
    first = b"a beginning" * 200_000
    path.write_bytes(first + b" and more")
    read = there.read(path, number=0)
    digest = hashlib.sha256(first).hexdigest()
    assert read.begins_with(len(first), digest)
    assert not read.begins_with(len(first) - 1, digest)
    assert not read.begins_with(len(first) + 99, digest)
    assert not read.begins_with(read.size, read.sha256), "it did not grow"
    assert "continues" not in read.promised(b"")
    assert replace(read, continues=digest).promised(b"")["continues"] == bytes.fromhex(digest)
