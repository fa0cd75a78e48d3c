"""How fast it goes: the limit that all bays share, and the time left by what was measured.

A time left is told only when it rests on a measurement: before, and when nothing moves, it is
unknown, and people are told so.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

WINDOW = 30.0
"""Seconds that a rate is measured over."""
ENOUGH = 3.0
"""Seconds before a measurement says anything."""
STALLED = 15.0
"""Seconds without a byte after which the last rate says nothing any more."""
_TENTH = 10


class Limit:
    """A bucket of bytes that fills at a steady rate; every bay takes from it before it sends.

    Args:
        rate: bytes a second, for all together.
        now: seconds of a clock that never goes back.
        wait: lets so many seconds pass.
    """

    def __init__(
        self,
        rate: int,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._now = now
        self._wait = wait
        self._lock = threading.Lock()
        self._free_at = now()
        self.portion = max(1, min(1 << 20, rate // _TENTH))
        """How many bytes to send at a time, so that others come in between."""

    def take(self, count: int) -> None:
        """Wait until so many bytes may go. What was not used in time is not saved up."""
        with self._lock:
            now = self._now()
            start = max(self._free_at, now)
            self._free_at = start + count / self._rate
        if start > now:
            self._wait(start - now)


@dataclass(frozen=True, slots=True)
class _Sent:
    at: float
    count: int


class Pace:
    """What was sent lately. For several threads."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sent: deque[_Sent] = deque()
        self._began: float | None = None

    def note(self, count: int) -> None:
        """So many bytes have gone just now."""
        with self._lock:
            now = self._now()
            if self._sent and now - self._sent[-1].at > STALLED:
                self._sent.clear()
                self._began = None
            self._began = now if self._began is None else self._began
            self._sent.append(_Sent(now, count))
            while now - self._sent[0].at > WINDOW:
                self._sent.popleft()

    def rate(self) -> float | None:
        """Bytes a second, or None while nobody can say."""
        with self._lock:
            now = self._now()
            if not self._sent or self._began is None or now - self._sent[-1].at > STALLED:
                return None
            measured = min(WINDOW, now - self._began)
            if measured < ENOUGH:
                return None
            return sum(one.count for one in self._sent if now - one.at <= WINDOW) / measured


def time_left(*, owed: int, rate: float | None) -> timedelta | None:
    """How long so many bytes take at this rate; None when nobody can say."""
    if owed <= 0:
        return timedelta()
    if rate is None or rate < 1:
        return None
    return timedelta(seconds=round(owed / rate))


def in_words(left: timedelta | None) -> str:
    """A time left for people."""
    if left is None:
        return "unknown"
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    if minutes < 1:
        return f"{seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
