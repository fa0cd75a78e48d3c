"""A list of records or a critical incident may be cut at any statement: nothing is half done."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.act_kills import STRIDE

PROGRAM = "import django; django.setup(); from tests.faults import act_kills as k; k.main()"


@pytest.mark.fault
@pytest.mark.parametrize("act", ["list", "incident"])
def test_an_act_that_was_cut_is_done_to_its_end_or_not_at_all(tmp_path: Path, act: str) -> None:
    surroundings = {
        **{name: value for name, value in os.environ.items() if "FAIRWITNESS" not in name},
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        "FAIRWITNESS_DATA": str(tmp_path / "live"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), act],
        capture_output=True,
        text=True,
        check=False,
        timeout=290,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["steps"] > 30
    assert found["kills"] >= found["steps"] // STRIDE, "at each so many steps, to the last"
