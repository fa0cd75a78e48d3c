"""Whatever step of the vault is its last, nothing acknowledged is lost and nothing comes back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LEAST_STEPS = {
    "first": 60,
    "create": 15,
    "destroy": 10,
    "destroy-many": 20,
    "rekey": 30,
    "repair": 15,
    "seal": 6,
    "manifest": 6,
}


@pytest.mark.fault
@pytest.mark.parametrize("scenario", sorted(LEAST_STEPS))
def test_any_step_may_be_the_last(scenario: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.vault_kills", str(tmp_path), scenario],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert min(found["steps"].values()) >= LEAST_STEPS[scenario]
