"""A force with a dock, a camera and a vault for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ingest_world import World


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:  # noqa: ARG001 - asked for its effect
    made = World.make(tmp_path)
    yield made
    made.receiver.close()
