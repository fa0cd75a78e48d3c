"""SIGKILL at any moment: every acknowledged entry is there, and the log goes on without a fork."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests import migrated

pytestmark = pytest.mark.fault

KILLS = 5
PROGRAM = Path(__file__).with_name("appending.py")
ROOT = Path(__file__).parents[3]


def _start(folder: Path) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAIRWITNESS")}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={
            **kept,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
            "FAIRWITNESS_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        },
    )


def _run_and_kill(folder: Path, seconds: float) -> tuple[dict[str, object], list[list[str]]]:
    """What the process found at its start, and what it said until it was killed."""
    process = _start(folder)
    with process:
        assert process.stdout is not None
        found = json.loads(process.stdout.readline())
        timer = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
        timer.start()
        said = [line.split() for line in process.stdout if line.endswith("\n")]
        timer.join()
    assert process.returncode == -signal.SIGKILL
    return found, said


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    migrated.copy(tmp_path / "fairwitness.sqlite3")
    chance = random.Random(20170608)  # noqa: S311 - a seeded choice of moments
    acknowledged: set[str] = set()
    published = 0
    for _ in range(KILLS):
        found, said = _run_and_kill(tmp_path, chance.uniform(0.05, 0.8))
        assert found["findings"] == []
        names = found["entries"]
        assert isinstance(names, list)
        assert acknowledged <= set(names)
        assert found["size"] == len(names) >= published
        acknowledged |= {words[1] for words in said if words[0] == "entry"}
        published = max([published, *(int(w[1]) for w in said if w[0] == "published")])
    assert len(acknowledged) > KILLS
