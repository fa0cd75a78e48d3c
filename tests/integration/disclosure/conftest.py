"""One bundle of everything for the tests that only read it; a small case for those that act."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from tests.court_world import Court

from fairwitness.formats import trust as trusts
from fairwitness.formats.disclosure import DisclosureClaim


@dataclass(frozen=True)
class Made:
    """A bundle of everything, and what its maker knows."""

    folder: Path
    trust: Path
    claim: DisclosureClaim
    fingerprint: str


@pytest.fixture(scope="module")
def made(
    django_db_setup: None,  # noqa: ARG001 - asked for its effect
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    """Made once for a module; the database is emptied again before any other test sees it."""
    root = tmp_path_factory.mktemp("court")
    with django_db_blocker.unblock():
        emptying = TransactionTestCase(methodName="__init__")
        court = Court.make(root / "data")
        try:
            court.fill()
            claim = court.export(root / "bundle")
            (root / "trust.json").write_bytes(trusts.encode(court.trust()))
            fingerprint = trusts.fingerprint(court.trust())
        finally:
            court.world.receiver.close()
            emptying._fixture_teardown()  # type: ignore[attr-defined] # private to Django
    return Made(root / "bundle", root / "trust.json", claim, fingerprint)


@pytest.fixture
def court(transactional_db: None, tmp_path: Path) -> Iterator[Court]:  # noqa: ARG001 - asked for its effect
    made = Court.make(tmp_path / "data")
    yield made
    made.world.receiver.close()
