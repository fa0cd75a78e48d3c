"""What a piece of work took: by the clock, and of a processor, its database's process included.

On a machine that others use, the clock says how busy they were. A processor's time says what the
work itself needs; only waiting for a disk is not in it.
"""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import connection


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds."""

    clock: float
    own: float


class Spending(AbstractContextManager["Spending"]):
    """Entered before the work and left after it; then `spent` says what it took.

    PostgreSQL answers in a process of its own, on this machine. SQLite answers in this one.
    """

    def __init__(self) -> None:
        self._before = (0.0, 0.0)
        self.spent = Spent(0, 0)

    def __enter__(self) -> Self:
        self._before = self._now()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        clock, own = (b - a for a, b in zip(self._before, self._now(), strict=True))
        self.spent = Spent(clock * 1000, own * 1000)

    def _now(self) -> tuple[float, float]:
        own = time.process_time()
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            own += _of_process(connection.connection.info.backend_pid)
        return time.perf_counter(), own


def _of_process(number: int) -> float:
    """Processor seconds of a process of this machine, in nanoseconds and not in ticks."""
    return int(Path(f"/proc/{number}/schedstat").read_text().split()[0]) / 1e9
