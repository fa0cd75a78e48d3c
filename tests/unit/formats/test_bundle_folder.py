import errno
import hashlib
import os
import socket
import tempfile
from datetime import date
from pathlib import Path

import pytest

from fairwitness.formats import bundle, bundle_folder
from fairwitness.formats.bundle import BundleInvalid, Digest
from fairwitness.formats.bundle_folder import FolderWriter

DATA = b"some bytes"


def put(root: Path, path: str, data: bytes = DATA) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


def test_files_are_listed_with_their_sizes(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    put(tmp_path, "b/c/d.txt", b"")
    put(tmp_path, "b/.DS_Store")
    found = bundle_folder.survey(tmp_path)
    assert found.sizes == {"a.txt": len(DATA), "b/c/d.txt": 0}
    assert found.ignored == ("b/.DS_Store",)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a b", "is not a name"),
        (".hidden", "is not a name"),
        ("-rf", "is not a name"),
        ("caf\u00e9", "is not a name"),
        ("con", "is not a name"),
        ("new\nline", "is not a name"),
    ],
)
def test_odd_names_are_told(tmp_path: Path, name: str, told: str) -> None:
    put(tmp_path, name)
    (problem,) = bundle_folder.survey(tmp_path).problems
    assert told in problem


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))).write_bytes(DATA)
    (problem,) = bundle_folder.survey(tmp_path).problems
    problem.encode()
    assert "is not a name" in problem


def test_links_pipes_and_sockets_are_told(tmp_path: Path) -> None:
    put(tmp_path, "file")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / ".DS_Store").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    found = bundle_folder.survey(tmp_path)
    assert {*found.sizes} == {"file"}
    assert found.ignored == ()
    assert len([each for each in found.problems if "is a link or a device" in each]) == 5


def test_a_socket_is_told() -> None:
    with (
        tempfile.TemporaryDirectory() as short,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening,
    ):
        listening.bind(f"{short}/s")
        (problem,) = bundle_folder.survey(Path(short)).problems
        assert "is a link or a device" in problem


def test_names_that_differ_in_case_only_are_told(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    put(tmp_path, "A.txt")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system does not tell capital letters apart")
    (problem,) = bundle_folder.survey(tmp_path).problems
    assert "differ only in capital letters" in problem


def test_folders_without_files_are_told(tmp_path: Path) -> None:
    put(tmp_path, "a/b.txt")
    (tmp_path / "a" / "empty").mkdir()
    put(tmp_path, "1/2/3/4/5/6/7/deep.txt")
    problems = bundle_folder.survey(tmp_path).problems
    assert "'a/empty' is a folder without files." in problems
    assert "'1/2/3/4/5/6' is a folder without files." in problems


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_folder, "MAX_ENTRIES", 3)
    for number in range(4):
        put(tmp_path, f"f{number}")
    with pytest.raises(BundleInvalid, match="more than"):
        bundle_folder.survey(tmp_path)


def test_a_full_list_of_files_has_room_beside_the_other(tmp_path: Path) -> None:
    (tmp_path / "proofs").mkdir()
    for number in range(bundle.MAX_FILES + 1):
        (tmp_path / "proofs" / f"{number}").touch()
    assert len(bundle_folder.survey(tmp_path).sizes) == bundle.MAX_FILES + 1


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid):
        bundle_folder.survey(tmp_path / "none")


def test_digests_are_those_of_the_file(tmp_path: Path) -> None:
    data = os.urandom(2 * bundle_folder.CHUNK + 7)
    put(tmp_path, "big", data)
    steps: list[int] = []
    digest = bundle_folder.digest_file(tmp_path, "big", advance=steps.append)
    assert digest == Digest(len(data), hashlib.sha256(data).hexdigest())
    assert sum(steps) == len(data)
    assert max(steps) <= bundle_folder.CHUNK


@pytest.mark.parametrize("path", ["link", "pipe", "folder", "none", "../up", "/etc/hostname"])
def test_only_ordinary_files_are_opened(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    put(tmp_path, "up")
    put(root, "folder/file")
    (root / "link").symlink_to("folder/file")
    os.mkfifo(root / "pipe")
    with pytest.raises(BundleInvalid):
        bundle_folder.digest_file(root, path)
    with pytest.raises(BundleInvalid):
        bundle_folder.read_small(root, path, limit=10)


def test_a_small_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    put(tmp_path, "file")
    assert bundle_folder.read_small(tmp_path, "file", limit=len(DATA)) == DATA
    with pytest.raises(BundleInvalid, match="larger"):
        bundle_folder.read_small(tmp_path, "file", limit=len(DATA) - 1)


def test_a_large_file_is_written_hashed_and_synced_beside_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_folder, "_EARLY", 3000)
    chunks = [hashlib.sha256(bytes([number])).digest() * 30 for number in range(50)]
    digest = FolderWriter(tmp_path / "b").write("a", chunks)
    written = (tmp_path / "b" / "a").read_bytes()
    assert written == b"".join(chunks)
    assert digest == Digest(len(written), hashlib.sha256(written).hexdigest())


def test_a_disk_that_fails_while_more_is_written_fails_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fails_once(descriptor: int) -> None:
        asked.append(descriptor)
        if len(asked) == 1:
            raise OSError(errno.EIO, "the disk failed")

    monkeypatch.setattr(bundle_folder, "_EARLY", 3000)
    monkeypatch.setattr(os, "fsync", fails_once)
    writer = FolderWriter(tmp_path / "b")
    with pytest.raises(OSError, match="the disk failed"):
        writer.write("a", [bytes(1000)] * 20)


def test_a_folder_is_written_once(tmp_path: Path) -> None:
    writer = FolderWriter(tmp_path / "b")
    assert writer.write("a/b", [b"one", b"", b"two"]) == Digest(
        6, hashlib.sha256(b"onetwo").hexdigest()
    )
    for path in ("../b", "a/b", "A/b", bundle.DISCLOSURE, bundle.INFO):
        with pytest.raises(BundleInvalid):
            writer.write(path, [DATA])
    with pytest.raises(FileExistsError):
        FolderWriter(tmp_path / "b")
    digest = writer.close(source="Met", identifier="1", made_on=date(2017, 9, 12))
    listed = (tmp_path / "b" / bundle.TAG_MANIFEST).read_bytes()
    assert digest == hashlib.sha256(listed).hexdigest()
    writer.sign_off(b"signed")
    assert (tmp_path / "b" / bundle.DISCLOSURE).read_bytes() == b"signed"
