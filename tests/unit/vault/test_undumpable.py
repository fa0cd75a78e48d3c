"""A process that holds keys leaves no core dump and lets nobody look in."""

import subprocess
import sys


def test_an_undumpable_process_dumps_no_core() -> None:
    code = (
        "import ctypes, resource\n"
        "from fairwitness.vault.undumpable import make_undumpable\n"
        "done = make_undumpable()\n"
        "kept = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "print(done, kept, resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert said in {"True 0 (0, 0)\n", "False -1 (0, 0)\n"}
