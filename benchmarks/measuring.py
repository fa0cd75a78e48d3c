"""How we measure: two sides in turns, ratios within a pair, the machine's other work beside them.

A figure by itself says little on a machine that others use as well. So both sides of every row run
in the same minute, in turns (ours first, then theirs first), and what counts is the ratio within
each pair: the median of the pairs, with the smallest and the largest beside it. The first pair
warms up and is dropped. What else kept the processors busy meanwhile is measured and printed.
"""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

MIB: Final = 1 << 20
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_IDLE: Final = (3, 4)  # the columns of /proc/stat in which nothing is done: idle, iowait
_QUIET: Final = 10  # quarters of a second without work, longer than sweepers wait
_COLUMNS: Final = 8  # those after are counted in the first as well


@dataclass(frozen=True, slots=True)
class Turns:
    """What both sides reached, pair by pair.

    Attributes:
        ours: a figure of each pair, such as MiB/s.
        theirs: the same, of the other side.
        foreign: processors that were busy with other work meanwhile.
    """

    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    foreign: float

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours to theirs in each pair."""
        return tuple(a / b for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison as it is printed.

    Attributes:
        what: was measured.
        against: what it is compared with.
        turns: the figures; None when the row could not be measured here.
        least: what the median ratio must be at least; None where it must stay small.
        most: what it must be at most; None where it must be large.
        unit: of the two sides' figures.
        note: why it was not measured, or what else to know.
    """

    what: str
    against: str
    turns: Turns | None
    least: float | None = None
    most: float | None = None
    unit: str = "MiB/s"
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the median is where it must be; None when nothing was measured or is asked."""
        if self.turns is None or (self.least is None and self.most is None):
            return None
        seen = statistics.median(self.turns.ratios)
        return (self.least is None or seen >= self.least) and (
            self.most is None or seen <= self.most
        )


def in_turns(rounds: int, ours: Callable[[], float], theirs: Callable[[], float]) -> Turns:
    """Measure both sides `rounds` times in turns, after one pair that does not count.

    Args:
        rounds: pairs that count.
        ours: does our side once and returns its figure.
        theirs: the same for the other side.
    """
    ours(), theirs()
    mine, other = [], []
    with Foreign() as foreign:
        for number in range(rounds):
            if number % 2:
                other.append(theirs())
                mine.append(ours())
            else:
                mine.append(ours())
                other.append(theirs())
    return Turns(tuple(mine), tuple(other), foreign.processors)


class Foreign:
    """How many processors other programs kept busy while this was entered.

    Everything that descends from this process is our own. So is a database server that a benchmark
    started, which leaves its parent: it is known by its command line. The kernel's own threads,
    which write back what we wrote, can't be told from others and count as foreign.
    """

    def __init__(self, own: str = "fairwitness-pg-") -> None:
        self._own = own.encode()
        self._before = (0.0, 0.0, 0.0)
        self.processors = 0.0

    def __enter__(self) -> Self:
        self._before = self._now()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        at, busy, ours = (b - a for a, b in zip(self._before, self._now(), strict=True))
        self.processors = max(0.0, (busy - ours) / at)

    def _now(self) -> tuple[float, float, float]:
        return time.monotonic(), busy_seconds(), own_seconds(self._own)


def busy_seconds() -> float:
    """Processor seconds that this machine has spent on anything since it started."""
    columns = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1 : _COLUMNS + 1]
    ticks = sum(int(each) for at, each in enumerate(columns) if at not in _IDLE)
    return ticks / _TICKS


def own_seconds(own: bytes = b"fairwitness-pg-") -> float:
    """Processor seconds of this process and all that it started, ended ones included."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    roots = {os.getpid()}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            line = Path(entry.path, "stat").read_text()
            fields = line.rpartition(")")[2].split()
            command = Path(entry.path, "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        number = int(entry.name)
        parents[number] = int(fields[1])
        spent[number] = sum(int(each) for each in fields[11:15]) / _TICKS
        if own in command:
            roots.add(number)
    return sum(seconds for number, seconds in spent.items() if _descends(number, roots, parents))


def _descends(number: int, roots: set[int], parents: dict[int, int]) -> bool:
    while number not in roots and number in parents:
        number = parents[number]
    return number in roots


def wait_until_idle(*, longest: float = 60.0) -> None:
    """Wait until nothing of ours works any more, so that no turn pays for the one before.

    Sweepers, such as the one that makes working copies, look every two seconds: it must have been
    quiet for longer than that.
    """
    deadline = time.monotonic() + longest
    quiet = 0
    while quiet < _QUIET and time.monotonic() < deadline:
        before = own_seconds()
        time.sleep(0.25)
        quiet = quiet + 1 if own_seconds() - before <= 0.02 else 0


def drop_cache(files: Sequence[Path]) -> None:
    """Have the next reading of these files come from the disk."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
