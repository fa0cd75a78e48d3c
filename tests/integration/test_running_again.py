"""`scripts/test-real`: what fails is run once more, and what fails again has failed."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONCE = """
from pathlib import Path
import pytest

@pytest.fixture(scope="module")
def step():
    return []

def test_first_step(step):
    step.append(1)

def test_second_step(step):
    assert step == [1]
    seen = Path(__file__).with_suffix(".seen")
    before = seen.exists()
    seen.touch()
    assert before
"""
ALWAYS = "def test_it():\n    assert False\n"
FINE = "def test_it():\n    pass\n"


def run(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    """The script, in a checkout of its own with these files of tests."""
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/test-real", folder / "scripts")
    (folder / ".venv/bin").mkdir(parents=True)
    for program in ("pytest", "python"):
        (folder / ".venv/bin" / program).symlink_to(ROOT / ".venv/bin" / program)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "real").mkdir()
    for name, text in files.items():
        (folder / f"real/test_{name}.py").write_text(text)
    return subprocess.run(
        [folder / "scripts/test-real", "real"],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # this suite's are slow to begin
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_failed_once_is_told_and_run_whole_and_alone(tmp_path: Path) -> None:
    done = run(tmp_path, fine=FINE, once=ONCE)
    assert done.returncode == 0
    first, told, again = done.stdout.partition("FAILED WITH OTHERS BESIDE THEM")
    assert "1 failed, 2 passed" in first
    assert told
    assert "2 passed" in again


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    done = run(tmp_path, once=ONCE, always=ALWAYS)
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout


def test_more_than_three_files_that_fail_are_no_chance(tmp_path: Path) -> None:
    done = run(tmp_path, a=ONCE, b=ONCE, c=ONCE, d=ONCE)
    assert done.returncode == 1
    assert "none is run again" in done.stdout


def test_what_can_not_be_read_fails(tmp_path: Path) -> None:
    assert run(tmp_path, broken="import nothing_of_that_name\n").returncode != 0
