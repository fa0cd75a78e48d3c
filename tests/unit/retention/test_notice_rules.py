"""What becomes of a notice: every case of its facts, before, at and after its day."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from fairwitness.retention import notice_rules
from fairwitness.retention.notice_rules import Answer, NoticeFacts

DUE = datetime(2017, 6, 15, 22, 13, tzinfo=UTC)
TICK = timedelta(microseconds=1)
GOOD = NoticeFacts(due_at=DUE, closed=False, open_act=True, same_period=True, managers=1)


def test_it_waits_its_whole_delay_and_not_longer() -> None:
    assert notice_rules.decide(GOOD, DUE - TICK) is Answer.WAIT
    assert notice_rules.decide(GOOD, DUE) is Answer.GO
    assert timedelta(days=7) == notice_rules.DELAY


@pytest.mark.parametrize("at", [DUE - TICK, DUE, DUE + timedelta(days=400)])
def test_it_goes_on_only_when_every_condition_holds(at: datetime) -> None:
    for closed, waits, same, managers in itertools.product(
        (True, False), (True, False), (True, False), (0, 1, 2, 3)
    ):
        answer = notice_rules.decide(NoticeFacts(DUE, closed, waits, same, managers), at)
        holds = not closed and waits and same and managers == 1
        assert (answer in {Answer.GO, Answer.WAIT}) is holds
        assert (answer is Answer.CLOSED) is closed
        if not holds:
            assert answer in notice_rules.LAPSES | {Answer.CLOSED}
            assert answer.value
