"""The force that these tests share."""

import pytest
from tests.integration.force.made_up import Force, make_force


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    return make_force()
