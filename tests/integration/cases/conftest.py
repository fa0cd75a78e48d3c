"""A force with a vault, and an open case, for each test."""

from datetime import date
from pathlib import Path

import pytest
from tests.retention_world import AT, World

from fairwitness.cases import opening
from fairwitness.cases.models import Case

REVIEW = date(2018, 6, 8)


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asked for its effect
    return World.make(tmp_path)


@pytest.fixture
def case(world: World) -> Case:
    assert world.camera.unit is not None
    return opening.open_case(
        reference="01LX/4417/17",
        title="Assault in Brixton Road",
        unit=world.camera.unit,
        officer_in_case=world.detective,
        review_on=REVIEW,
        officer=world.detective,
        at=AT,
    )
