"""A stranger's folder: its footage is found, and nothing in it leads anywhere else."""

import os
from pathlib import Path

import pytest

from fairwitness.dock import folder


def file(path: Path, data: bytes = b"footage") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_footage_is_found_in_folders_and_all_else_is_told(tmp_path: Path) -> None:
    wanted = [
        file(tmp_path / "DCIM" / "100MEDIA" / "CLIP0001.AVI"),
        file(tmp_path / "DCIM" / "b.MKV"),
        file(tmp_path / "a.mp4"),
    ]
    outside = file(tmp_path.parent / "elsewhere" / "secret.mp4")
    (tmp_path / "link.mp4").symlink_to(outside)
    (tmp_path / "linked").symlink_to(outside.parent)
    os.mkfifo(tmp_path / "pipe.mp4")
    file(tmp_path / ".hidden.mp4")
    file(tmp_path / "System Volume Information" / "x.mp4")
    file(tmp_path / "THUMBS.DB")
    file(tmp_path / "clip.srt")
    file(tmp_path / "empty.mp4", b"")
    found = folder.walk(tmp_path)
    assert sorted(found.footage) == sorted(wanted)
    assert dict(found.passed_over) == {
        "link.mp4": "a link, which is not followed",
        "linked": "a link, which is not followed",
        "pipe.mp4": "no ordinary file",
        ".hidden.mp4": "hidden, or the operating system's",
        "System Volume Information": "hidden, or the operating system's",
        "THUMBS.DB": "hidden, or the operating system's",
        "clip.srt": "not video by its name; name it itself to bring it in",
        "empty.mp4": "empty",
    }


def test_a_name_draws_no_line_of_its_own(tmp_path: Path) -> None:
    file(tmp_path / "a\n\x1b[2Jerased.txt")
    file(tmp_path / os.fsdecode(b"\xff.txt"))
    told = [name for name, _why in folder.walk(tmp_path).passed_over]
    assert told == ["a\ufffd\ufffd[2Jerased.txt", "\ufffd.txt"]


def test_folders_without_end_end(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(folder.DEEPEST + 2):
        deep /= "d"
    file(deep / "a.mp4")
    found = folder.walk(tmp_path)
    assert found.footage == ()
    assert [why for _name, why in found.passed_over] == ["too many folders within folders"]


def test_only_ordinary_files_are_opened(tmp_path: Path) -> None:
    plain = file(tmp_path / "a.mp4")
    (tmp_path / "link.mp4").symlink_to(plain)
    os.mkfifo(tmp_path / "pipe.mp4")
    with folder.open_plain(plain) as opened:
        assert opened.read() == b"footage"
    for name in ("link.mp4", "pipe.mp4", "."):
        with pytest.raises(OSError, match=r"link|ordinary"):
            folder.open_plain(tmp_path / name)


def test_a_folder_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        folder.walk(tmp_path / "missing")
