"""A whole-force export may be killed at any moment: it goes on, and what has its name is whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import django; django.setup(); from tests.faults import export_kills as k; k.main()"


@pytest.mark.fault
def test_an_export_goes_on_after_each_kill_and_ends_whole(tmp_path: Path) -> None:
    surroundings = {
        **{name: value for name, value in os.environ.items() if "FAIRWITNESS" not in name},
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        "FAIRWITNESS_DATA": str(tmp_path / "live"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=290,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["reports"] == [[5, 5, []]]
    assert found["kills"] >= 5
    written = found["written"]
    assert written == sorted(written), "what was whole was never lost"
    assert any(0 < number < 5 for number in written), "it was killed between two recordings"
    folder = tmp_path / "live" / "all"
    assert not list(folder.rglob("*.part"))
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        checked = subprocess.run(["sha256sum", "-c", "--quiet", name], cwd=folder, check=False)
        assert checked.returncode == 0
