"""What a chain of acts tells of a recording: gone only when it says so, kept when it may."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.accountability import fates
from fairwitness.accountability.fates import Fate
from fairwitness.custody.reading import Logged
from fairwitness.formats.acts import Act

AT = datetime(2017, 6, 8, tzinfo=UTC)
RECEIVED, APART = Act.RECORDING_RECEIVED, Act.RECORDING_QUARANTINED
OUT, GONE = Act.RECORDING_RELEASED_FROM_QUARANTINE, Act.RECORDING_DISPOSED


def read(*acts: Act) -> Fate:
    return fates.read([Logged(n, "recording:1", act, AT, bytes([n])) for n, act in enumerate(acts)])


def test_nothing_is_known_of_what_the_log_does_not_name() -> None:
    assert read() == Fate()
    assert not read().arrived


@pytest.mark.parametrize(
    ("acts", "registered", "quarantined", "disposed"),
    [
        ([RECEIVED], True, False, False),
        ([Act.RECORDING_IMPORTED], True, False, False),
        ([APART], False, True, False),
        ([APART, OUT], False, False, False),
        ([APART, OUT, APART], False, True, False),
        ([APART, OUT, RECEIVED], True, False, False),
        ([APART, GONE], False, False, True),
        ([RECEIVED, GONE], True, False, True),
    ],
)
def test_where_it_is(
    acts: list[Act], *, registered: bool, quarantined: bool, disposed: bool
) -> None:
    fate = read(*acts)
    assert (fate.registered is not None) is registered
    assert fate.in_quarantine is quarantined
    assert (fate.disposed is not None) is disposed
    assert fate.let_in is (OUT in acts)


def test_what_a_record_marked_is_kept_though_nobody_knows_whether_it_was_looked_at() -> None:
    assert read(RECEIVED, Act.EVENT_MATCHED).kept
    assert read(RECEIVED, Act.EVENT_MATCHED, Act.RECORDING_REVIEWED).kept
    assert not read(RECEIVED, Act.RECORDING_REVIEWED).kept


def test_a_mark_holds_until_it_is_taken_away() -> None:
    mark, unmark = Act.RECORDING_MARKED_EVIDENTIAL, Act.RECORDING_UNMARKED
    assert read(RECEIVED, mark).evidential
    assert not read(RECEIVED, mark, unmark).evidential
    assert read(RECEIVED, mark, unmark, mark).evidential
    lock, unlock = Act.RECORDING_LOCKED, Act.RECORDING_UNLOCKED
    assert read(lock).locked
    assert not read(lock, unlock).locked


def test_what_may_have_kept_it_keeps_it() -> None:
    assert read(RECEIVED, Act.RECORDING_CATEGORISED).kept
    assert read(RECEIVED, Act.HOLD_BOUND).kept
    assert not read(RECEIVED).kept
    assert read(Act.RECORDING_ACCESS_CLASS_CHANGED).narrowed


@given(st.lists(st.sampled_from(sorted(fates.TOLD_BY))))
def test_only_the_log_itself_says_that_something_was_deleted(acts: list[Act]) -> None:
    fate = read(*acts)
    assert (fate.disposed is not None) == (GONE in acts)
    assert fate.kept == bool(
        {Act.RECORDING_CATEGORISED, Act.HOLD_BOUND, Act.EVENT_MATCHED} & set(acts)
    )
