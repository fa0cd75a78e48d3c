"""The log's keys are made once, for us alone."""

import errno
import os
from pathlib import Path

import pytest

from fairwitness.custody import durable, keys
from fairwitness.formats.errors import FormatError


def test_the_signing_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.pem"
    made = keys.log_signer(path)
    assert made.name == "fairwitness.example/log"
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.log_signer(path).vkey == made.vkey
    assert [each.name for each in path.parent.iterdir()] == ["log.pem"]


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    path.write_text("no key")
    with pytest.raises(FormatError):
        keys.log_signer(path)
    with pytest.raises(keys.KeyUnreadable):
        keys.sealing_key(path)


def test_the_sealing_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "log-entries.key"
    made = keys.sealing_key(path)
    assert len(made) == 32
    assert keys.sealing_key(path) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert durable.create(path, b"first")
    assert not durable.create(path, b"second")
    assert path.read_bytes() == b"first"
    assert [each.name for each in path.parent.iterdir()] == ["b"]


def test_writing_names_every_folder_that_changed(tmp_path: Path) -> None:
    changed = durable.write(tmp_path / "a" / "b" / "c", b"data")
    assert changed == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}
    assert durable.write(tmp_path / "a" / "b" / "c", b"again") == {tmp_path / "a" / "b"}
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"again"


def test_what_could_not_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", _full)
    for write in (durable.write, durable.create):
        with pytest.raises(OSError, match="No space"):
            write(tmp_path / "file", b"data")
    assert list(tmp_path.iterdir()) == []
