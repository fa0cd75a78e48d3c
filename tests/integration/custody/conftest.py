"""A custody log for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.custody_log import Log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log.make(tmp_path)
    yield made
    made.close()
