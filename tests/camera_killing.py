"""A program for fault tests: a camera that is killed at the nth moment of making something durable.

    python -m tests.camera_killing FOLDER FIRST LAST

For each n a process of its own makes a camera in FOLDER/n, records, and kills itself with SIGKILL
right before its nth call of fsync. Prints `n killed` or `n done`.
"""

import os
import signal
import sys
from pathlib import Path

from tests.camera_making import QUICK, make_kit

SCRIPT = "at 0s boot\nat 4s double-press\nat 6s marker\nat 7s hold-event\nat 12s off"


def _killed_at(number: int, folder: Path) -> None:
    kit = make_kit(folder)
    real, calls = os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)

    os.fsync = fsync  # type: ignore[assignment] # ours is only given numbers
    kit.play(SCRIPT, settings=QUICK)


def main() -> None:
    folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(first, last + 1):
        child = os.fork()
        if child == 0:
            _killed_at(number, folder / str(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = "killed" if os.WIFSIGNALED(status) else "done"
        sys.stdout.write(
            f"{number} {ended if os.WIFSIGNALED(status) or not status else 'failed'}\n"
        )


if __name__ == "__main__":
    main()
