"""Names are durable before they are used, whoever made them."""

import os
from pathlib import Path

import pytest

from fairwitness.vault import durable


def test_a_folder_whose_maker_died_before_its_sync_is_made_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    (tmp_path / "live" / "6f").mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", noting)
    durable.make_folder(tmp_path / "live" / "6f")
    assert synced == [str(tmp_path / "live")]
    durable.make_folder(tmp_path / "live" / "6f")
    assert synced == [str(tmp_path / "live")]
    durable.make_folder(tmp_path / "live" / "70")
    assert synced == [str(tmp_path / "live"), str(tmp_path), str(tmp_path / "live")]
