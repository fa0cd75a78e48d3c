"""`openssl dgst -sha256`: what anybody has for hashing files, as the other side."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import drop_cache


def hashing(files: Sequence[Path], *, cold: bool = True) -> float:
    """Seconds that openssl takes to hash these files, from disk or as they lie in memory."""
    if cold:
        drop_cache(files)
    start = time.perf_counter()
    subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, capture_output=True)
    return time.perf_counter() - start
