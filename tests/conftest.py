"""What every test shares. The surroundings, made earlier, are in tests/surroundings.py."""

import os
from collections.abc import Iterator

import httpx
import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import TransactionTestCase
from tests import emptying, migrated

# A slow machine is no fault of the code: examples have no deadline.
hypothesis.settings.register_profile("fairwitness", deadline=None)
hypothesis.settings.load_profile("fairwitness")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """What is made beforehand is taken as it is; it goes with the run's own folder or server."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A SQLite test database is a file, as in earnest: threads and processes may share it.

    Nothing is synced, as with the tests' PostgreSQL, but where faults are tested.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        migrated.copy(name)
        database["TEST"]["NAME"] = name
        if not _faults(request):
            database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"


def _faults(request: pytest.FixtureRequest) -> bool:
    return any("faults" in item.path.parts for item in request.session.items)


@pytest.fixture(scope="session", autouse=True)
def _costs_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """A password is hashed once instead of a million times; files are not synced either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        if not _faults(request):
            patch.setattr(os, "fsync", lambda _: None)  # only for speed: the power stays on
        yield


@pytest.fixture(scope="session", autouse=True)
def _answers_may_be_slow() -> Iterator[None]:
    """A test that asks a real server waits for a busy machine; a test of speed names its time."""
    ordinary = httpx._config.DEFAULT_TIMEOUT_CONFIG
    with pytest.MonkeyPatch.context() as patch:
        for wait in ("connect", "read", "write", "pool"):
            patch.setattr(ordinary, wait, 60.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _emptied_in_our_way() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: emptying.empty())
        yield
