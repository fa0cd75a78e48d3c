"""A force and its honest bundle, made once; a copy of it for each test that spoils it."""

import shutil
from pathlib import Path

import pytest
from tests import verifier_bundles as made
from tests.verifier_bundles import Force


@pytest.fixture(scope="module")
def force() -> Force:
    return Force()


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, force: Force) -> Path:
    return made.make_bundle(tmp_path_factory.mktemp("honest") / "bundle", force=force)


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "copy"))
