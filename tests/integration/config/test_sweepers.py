"""Background work goes on, whatever it stumbles over."""

import threading

from fairwitness.config import composition
from fairwitness.config.composition import Deployment
from fairwitness.config.sweepers import Sweeper, Work


def test_a_sweeper_that_stumbles_over_anything_looks_again() -> None:
    looks: list[int] = []
    again = threading.Event()

    def run(_deployment: Deployment) -> int:
        looks.append(len(looks))
        if len(looks) == 1:
            raise OverflowError("date value out of range")
        again.set()
        return 1

    work = Work(composition.deployment(), (Sweeper("stumbling", 0.01, run),))
    work.start()
    try:
        assert again.wait(20)
    finally:
        work.stop()
