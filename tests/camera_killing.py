"""A program for fault tests: a camera that is killed at the nth moment of making something durable.

    python -m tests.camera_killing FOLDER FIRST LAST [AFTER]

For each n a process of its own makes a camera in FOLDER/n, records, and kills itself with SIGKILL
right before its nth sync, renaming or removal. With AFTER, each camera is first killed before that
step of its recording, and then, while it recovers, before its nth step. Prints `n killed` or
`n done`.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.camera_making import QUICK, Kit, make_kit

SCRIPT = "at 0s boot\nat 4s double-press\nat 6s marker\nat 7s hold-event\nat 12s off"
MENDING = "at 0s boot\nat 6s off"


def _die_before(number: int) -> None:
    """End this process right before its nth step."""
    real, steps = os.fsync, 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def fsync(descriptor: int) -> None:
        step()
        real(descriptor)

    os.fsync = fsync  # type: ignore[assignment] # ours is only given numbers
    sys.addaudithook(lambda event, _: step() if event in {"os.remove", "os.rename"} else None)


def _in_a_process(work: Callable[[], object], *, killed_before: int) -> str:
    """Do it in a process that dies before a step; `killed`, `done` or `failed`."""
    child = os.fork()
    if child == 0:
        _die_before(killed_before)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return "failed" if status else "done"


def _film(folder: Path) -> None:
    make_kit(folder).play(SCRIPT, settings=QUICK)


def main() -> None:
    folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(first, last + 1):
        place = folder / str(number)
        if len(sys.argv) > 4:
            _in_a_process(partial(_film, place), killed_before=int(sys.argv[4]))
            kit = Kit(place / "volume", place / "device")
            ended = _in_a_process(partial(kit.play, MENDING), killed_before=number)
        else:
            ended = _in_a_process(partial(_film, place), killed_before=number)
        sys.stdout.write(f"{number} {ended}\n")


if __name__ == "__main__":
    main()
