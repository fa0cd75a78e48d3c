"""A child that was taken over may answer anything: facts or MediaUnreadable, nothing else."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.media.answers import Answer
from fairwitness.media.child import MediaUnreadable

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(value=ANYTHING)
def test_any_value_is_read_as_its_type_or_refused(value: object) -> None:
    answer = Answer({"it": value})
    for read in (answer.text, answer.texts, answer.number, answer.yes, answer.time):
        with contextlib.suppress(MediaUnreadable):
            read("it")
    for nested in (answer.part, answer.parts):
        with contextlib.suppress(MediaUnreadable):
            nested("it")


def test_facts_come_through() -> None:
    answer = Answer({"n": 5, "t": "x", "y": True, "at": 0, "l": ["a"], "p": {"n": 1}, "ps": [{}]})
    part = answer.part("p")
    assert (answer.number("n"), answer.text("t"), answer.yes("y")) == (5, "x", True)
    assert answer.time("at") == datetime(1970, 1, 1, tzinfo=UTC)
    assert answer.texts("l") == ("a",)
    assert part is not None
    assert part.number("n") == 1
    assert len(answer.parts("ps")) == 1
    assert answer.part("missing") is None


@pytest.mark.parametrize("value", [-1, 1 << 63, True, 1.0, "1", None])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(MediaUnreadable) as refused:
        Answer({"it": value}).number("it")
    assert refused.value.stable_code == "media.crashed"


@pytest.mark.parametrize("value", [1 << 61, -(1 << 61), "now"])
def test_a_time_that_can_not_be_is_refused(value: object) -> None:
    with pytest.raises(MediaUnreadable):
        Answer({"it": value}).time("it")
