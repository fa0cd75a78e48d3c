"""Every process that holds keys is one that dumps no core, whichever command began it."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import ctypes, resource
import django
django.setup()
from fairwitness.config import composition
composition.deployment()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_a_process_with_a_deployment_is_undumpable(tmp_path: Path) -> None:
    settings = {
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        "FAIRWITNESS_DATA": str(tmp_path / "data"),
    }
    said = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | settings,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said == "0 (0, 0)\n"
