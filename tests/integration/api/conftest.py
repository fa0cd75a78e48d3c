"""The pages' small force, and those who call it."""

import pytest
from tests.integration.web.conftest import Pages
from tests.integration.web.conftest import pages as pages  # noqa: PLC0414 - a fixture, used by name
from tests.machine_world import Callers


@pytest.fixture
def callers(pages: Pages) -> Callers:
    return Callers.make(pages)
