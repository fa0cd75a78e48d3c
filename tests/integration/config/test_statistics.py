"""The database knows how much it holds, so that it chooses an index as it should."""

import pytest
from django.db import connection
from tests.retention_world import AT, SETUP

from fairwitness.config import statistics
from fairwitness.config.sweepers import SWEEPERS
from fairwitness.force import units
from fairwitness.force.models import UnitKind
from fairwitness.force.units import NewUnit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sqlite(statistics_forgotten: None) -> None:  # noqa: ARG001 - asked for what it does afterwards
    """Only where SQLite is."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its own")


def known(table: str) -> set[int]:
    """How many rows SQLite believes a table to have, index by index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return set()
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [table])
        return {int(stat.split()[0]) for (stat,) in cursor.fetchall()}


def add_units(first: int, number: int) -> None:
    new = [NewUnit(f"U{n}", f"Unit {n}", UnitKind.BOROUGH) for n in range(first, first + number)]
    units.register_many(actor=SETUP, units=new, at=AT)


@pytest.mark.usefixtures("sqlite")
def test_a_table_that_was_never_asked_becomes_known_and_its_growth_too() -> None:
    add_units(1, 40)
    assert known("force_unit") == set()
    assert statistics.renew() > 50
    assert known("force_unit") == {40}
    add_units(41, 60)
    statistics.renew()
    assert known("force_unit") == {100}


@pytest.mark.usefixtures("sqlite")
def test_it_looks_at_a_bounded_number_of_rows() -> None:
    add_units(1, 10)
    statistics.renew()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit")
        assert cursor.fetchone() == (statistics.LOOKED_AT,)


def test_background_work_renews_it_and_postgresql_is_left_alone() -> None:
    (sweeper,) = (one for one in SWEEPERS if one.name == "statistics")
    assert sweeper.every <= 24 * 3600
    if connection.vendor != "sqlite":
        assert statistics.renew() == 0
