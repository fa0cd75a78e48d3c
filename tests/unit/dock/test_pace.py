import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.dock import pace
from fairwitness.dock.pace import Limit, Pace


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds


@given(parts=st.lists(st.integers(1, 5000), min_size=1, max_size=50))
def test_no_more_goes_than_the_limit_lets_through(parts: list[int]) -> None:
    clock = Clock()
    limit = Limit(1000, now=clock.now, wait=clock.wait)
    for part in parts:
        limit.take(part)
    limit.take(1)  # may go once all before it have had their time
    assert clock.at - 100.0 == pytest.approx(sum(parts) / 1000)


def test_time_in_which_nothing_was_sent_is_not_saved_up() -> None:
    clock = Clock()
    limit = Limit(1000, now=clock.now, wait=clock.wait)
    clock.at += 3600
    limit.take(1000)
    limit.take(1)
    assert clock.at == pytest.approx(3701.0)


def test_all_bays_share_one_limit() -> None:
    limit = Limit(200_000)
    began = threading.Event()

    def send() -> None:
        began.wait()
        for _ in range(5):
            limit.take(10_000)

    bays = [threading.Thread(target=send) for _ in range(2)]
    for bay in bays:
        bay.start()
    start = limit._now()
    began.set()
    for bay in bays:
        bay.join()
    assert limit._now() - start >= 0.44  # 100,000 bytes less the first portion, at 200,000 a second


def test_a_rate_is_told_only_once_it_was_measured() -> None:
    clock = Clock()
    speed = Pace(now=clock.now)
    assert speed.rate() is None
    speed.note(1000)
    clock.at += 1
    speed.note(1000)
    assert speed.rate() is None
    clock.at += 3
    speed.note(1000)
    assert speed.rate() == pytest.approx(750)


def test_a_rate_is_forgotten_when_nothing_moves() -> None:
    clock = Clock()
    speed = Pace(now=clock.now)
    for _ in range(10):
        speed.note(1000)
        clock.at += 1
    assert speed.rate() is not None
    clock.at += pace.STALLED
    assert speed.rate() is None
    speed.note(1000)
    assert speed.rate() is None


@pytest.mark.parametrize(
    ("owed", "rate", "left", "words"),
    [
        (0, None, timedelta(), "0 s"),
        (1000, None, None, "unknown"),
        (1000, 0.2, None, "unknown"),
        (1000, 100.0, timedelta(seconds=10), "10 s"),
        (60_000, 100.0, timedelta(minutes=10), "10 min"),
        (720_000, 100.0, timedelta(hours=2), "2 h 0 min"),
    ],
)
def test_the_time_left_is_unknown_when_it_is(
    owed: int, rate: float | None, left: timedelta | None, words: str
) -> None:
    assert pace.time_left(owed=owed, rate=rate) == left
    assert pace.in_words(pace.time_left(owed=owed, rate=rate)) == words
