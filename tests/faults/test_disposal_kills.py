"""Whatever step of a deletion is its last: held stays, deleted never opens, all of it is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.dying_disk import MODES

PROGRAM = "import django; django.setup(); from tests.faults import disposal_kills as k; k.main()"


@pytest.mark.fault
@pytest.mark.parametrize("mode", MODES)
def test_any_step_of_a_deletion_may_be_the_last(mode: str, tmp_path: Path) -> None:
    surroundings = {
        **{name: value for name, value in os.environ.items() if "FAIRWITNESS" not in name},
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        "FAIRWITNESS_DATA": str(tmp_path / "live"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), mode],
        capture_output=True,
        text=True,
        check=False,
        timeout=290,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["steps"] >= 40
