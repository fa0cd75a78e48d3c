"""A fresh key ring."""

from pathlib import Path

import pytest
from tests.rings import ring_in

from fairwitness.vault.keyring import KeyRing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    return ring_in(folder)
