"""A pytest plugin: what surrounds the tests is made before Django reads its settings.

Every run has a data folder of its own. `--postgresql` runs whatever opens the database against a
PostgreSQL server that is started for the run (`pytest --postgresql tests/integration`); without
it, all tests run, against SQLite.

This is a plugin named in pyproject.toml, and not conftest.py, because pytest-django reads the
settings before pytest reads any conftest.py.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator

import pytest
from tests.postgres import TemporaryServer

_SERVER = pytest.StashKey[TemporaryServer]()
_FOLDER = pytest.StashKey[str]()
_OPENING = {"db", "transactional_db", "django_db_setup"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql",
        action="store_true",
        help="run against a PostgreSQL server started for this run, instead of SQLite",
    )
    parser.addoption(
        "--kills",
        type=int,
        default=100,
        help="how many processes the random faults kill (default: 100)",
    )
    parser.addoption(
        "--fleet",
        type=int,
        default=200,
        help="how many cameras dock at once in the test of a whole fleet (default: 200)",
    )
    parser.addoption(
        "--dockings",
        type=int,
        default=1,
        help="how often the whole fleet docks, with everything that goes wrong (default: 1)",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, None, None]:
    folder = tempfile.mkdtemp(prefix="fairwitness-tests-")
    early_config.stash[_FOLDER] = folder
    os.environ["FAIRWITNESS_DATA"] = folder
    os.environ.pop("FAIRWITNESS_DATABASE_URL", None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell does to what it backgrounds
        signal.signal(signal.SIGINT, signal.default_int_handler)  # children are ended by Ctrl-C
    if parser.parse_known_args(args).postgresql:
        server = TemporaryServer()
        server.start()
        early_config.stash[_SERVER] = server
        os.environ["FAIRWITNESS_DATABASE_URL"] = server.url
    yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out integration tests that open no database: another one can't change what they find.

    pytest-django keeps the database shut for all that don't ask for it; and what a test starts in
    a folder of its own is told of no server.
    """
    if not config.getoption("--postgresql"):
        return
    shut = [item for item in items if not _opens_the_database(item)]
    config.hook.pytest_deselected(items=shut)
    items[:] = [item for item in items if _opens_the_database(item)]


def _opens_the_database(item: pytest.Item) -> bool:
    asked = _OPENING.intersection(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") is not None
    return bool(asked) or marked or "integration" not in item.path.parts


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {'PostgreSQL' if _SERVER in config.stash else 'SQLite'}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SERVER in config.stash:
        config.stash[_SERVER].stop()
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
