"""Strays go, and nothing else does."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from tests.contracts.blob_store import put

from fairwitness.vault import strays
from fairwitness.vault.folder import FolderStore


def age(root: Path, name: str, hours: float) -> None:
    path = root / "piece" / f"_{name[6:8]}" / name[6:]
    at = time.time() - hours * 3600
    os.utime(path, (at, at))


def test_only_old_pieces_that_nothing_names_are_deleted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for name, hours in (("piece/aa", 73), ("piece/bb", 73), ("piece/cc", 73), ("piece/dd", 71)):
        put(store, name)
        age(tmp_path, name, hours)
    put(store, "manifest/ee")
    for name, hours in (("probe/ff", 73), ("probe/gg", 1)):  # of sweeps that were killed
        put(store, name)
        at = time.time() - hours * 3600
        os.utime(tmp_path / "probe" / f"_{name[6:]}" / name[6:], (at, at))
    asked: list[str] = []

    def named(names: Sequence[str]) -> set[str]:
        asked.extend(names)
        store.delete("piece/cc")  # by another process, meanwhile
        return {"piece/bb"}

    assert list(strays.find(store=store, named=named)) == ["piece/aa", "probe/ff"]
    assert strays.sweep(store=store, named=named) == 2
    assert sorted(store.names()) == ["manifest/ee", "piece/bb", "piece/dd", "probe/gg"]
    assert "manifest/ee" not in asked
