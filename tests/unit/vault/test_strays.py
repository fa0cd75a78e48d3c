"""Strays go, and nothing else does."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.contracts.blob_store import put

from fairwitness.vault import strays
from fairwitness.vault.folder import FolderStore

OLD = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)


def test_only_old_pieces_that_nothing_names_are_deleted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for name in ("piece/aa", "piece/bb", "piece/cc", "manifest/dd"):
        put(store, name)
        path = tmp_path / name.split("/")[0] / f"_{name[-2:]}" / name[-2:]
        os.utime(path, (OLD.timestamp(), OLD.timestamp()))
    put(store, "piece/new")
    asked: list[str] = []

    def named(names: Sequence[str]) -> set[str]:
        asked.extend(names)
        store.delete("piece/cc")  # by another process, meanwhile
        return {"piece/bb"}

    after = OLD + timedelta(seconds=1)
    assert strays.sweep(store=store, named=named, before=OLD) == 0
    put(store, "piece/cc")
    assert list(strays.find(store=store, named=named, before=after)) == ["piece/aa"]
    assert strays.sweep(store=store, named=named, before=after) == 1
    assert sorted(store.names()) == ["manifest/dd", "piece/bb", "piece/new"]
    assert "manifest/dd" not in asked
