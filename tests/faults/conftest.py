"""The order of the faults: what takes minutes begins first, so that no worker is left with it."""

import pytest

LONGEST = ("test_fleet", "test_random_kills", "test_dock_kills", "test_disposal_kills")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONGEST)))
