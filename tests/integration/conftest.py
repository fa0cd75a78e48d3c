"""What integration tests of several areas share."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def statistics_forgotten(db: None) -> Iterator[None]:  # noqa: ARG001 - asks for the database
    """What SQLite learns of its tables here is forgotten: it would plan other tests' queries."""
    yield
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone():
            cursor.execute("DELETE FROM sqlite_stat1")
        cursor.execute("ANALYZE sqlite_schema")
