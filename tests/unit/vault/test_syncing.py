"""Syncs are put off in one place only, and then none is forgotten."""

import os
import re
from pathlib import Path

import pytest

import fairwitness
from fairwitness.vault import durable, syncing

_SOURCE = Path(fairwitness.__file__).parent


def test_only_an_unfinished_seed_puts_off_syncs() -> None:
    named = re.compile(r"\bput_off\b")
    found = {
        str(path.relative_to(_SOURCE))
        for path in _SOURCE.rglob("*.py")
        if named.search(path.read_text())
    }
    assert found == {"vault/syncing.py", "config/unfinished.py"}


def test_put_off_is_over_when_something_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(os, "fsync", seen.append)
    with pytest.raises(FileExistsError):
        _fail(tmp_path)
    assert seen == []
    durable.write_new(tmp_path / "two", b"2")
    assert len(seen) == 2


def _fail(folder: Path) -> None:
    with syncing.put_off():
        for _ in range(2):
            durable.write_new(folder / "one", b"1")
