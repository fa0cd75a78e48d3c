"""What every test shares. The surroundings, made earlier, are in tests/surroundings.py."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from fairwitness.custody import triggers

# A slow machine is no fault of the code: examples have no deadline.
hypothesis.settings.register_profile("fairwitness", deadline=None)
hypothesis.settings.load_profile("fairwitness")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A SQLite test database is a file, as in earnest: threads and processes may share it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder = tmp_path_factory.mktemp("database")
        database["TEST"]["NAME"] = folder / "test.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def _custody_tables_can_be_emptied() -> Iterator[None]:
    """After a test with real transactions, Django empties all tables, which our triggers refuse.

    Here, and nowhere else, the triggers are taken down for that moment and put up again.
    """
    with pytest.MonkeyPatch.context() as patch:
        empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined] # private to Django

        def _lift_and_empty(self: TransactionTestCase) -> None:
            with connection.cursor() as cursor:
                for name in triggers.names(connection.vendor):
                    table = (
                        "" if connection.vendor == "sqlite" else f" ON {name[: name.index('_no_')]}"
                    )
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")
            empty(self)
            with connection.cursor() as cursor:
                for statement in triggers.create(connection.vendor):
                    cursor.execute(statement)

        patch.setattr(TransactionTestCase, "_fixture_teardown", _lift_and_empty)
        yield
