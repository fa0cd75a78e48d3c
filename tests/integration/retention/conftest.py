"""A force with a vault for each test."""

from pathlib import Path

import pytest
from tests.retention_world import World


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asked for its effect
    return World.make(tmp_path)
