"""Standing holds' criteria: what they bind, and that doubt binds."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.retention.standing import (
    Criteria,
    CriteriaInvalid,
    Seen,
    criteria_from,
    matches,
)

AT = datetime(2017, 6, 8, 22, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, DEV, CAMERA = (uuid.UUID(int=n) for n in (1, 2, 3))
SEEN = Seen(officer=ADA, camera=CAMERA, unit="LAM", station="LAM1", began=AT - HOUR / 6, ended=AT)


@pytest.mark.parametrize(
    ("criteria", "binds"),
    [
        (Criteria(officers=(ADA, DEV)), True),
        (Criteria(officers=(DEV,)), False),
        (Criteria(cameras=(CAMERA,)), True),
        (Criteria(cameras=(DEV,)), False),
        (Criteria(units=("LAM",), stations=("LAM1",)), True),
        (Criteria(units=("LAM",), stations=("LSH1",)), False),
        (Criteria(units=("LSH",)), False),
        (Criteria(begins_at=AT, ends_at=AT + HOUR), True),
        (Criteria(begins_at=AT + HOUR / 60), False),
        (Criteria(ends_at=AT - HOUR / 6), True),
        (Criteria(ends_at=AT - HOUR), False),
        (Criteria(officers=(ADA,), begins_at=AT + HOUR), False),
    ],
)
def test_kinds_add_up(criteria: Criteria, binds: bool) -> None:  # noqa: FBT001 - a table's column
    assert matches(criteria, SEEN) is binds


@given(st.sampled_from(["officer", "camera", "unit", "station", "began", "ended"]))
def test_what_is_not_known_never_saves_from_a_hold(name: str) -> None:
    criteria = Criteria(
        officers=(ADA,),
        cameras=(CAMERA,),
        units=("LAM",),
        stations=("LAM1",),
        begins_at=AT - HOUR,
        ends_at=AT + HOUR,
    )
    assert matches(criteria, SEEN)
    assert matches(criteria, replace(SEEN, **{name: None}))  # type: ignore[arg-type] # each in turn


def test_criteria_survive_their_storage() -> None:
    criteria = Criteria(officers=(ADA,), units=("LAM",), begins_at=AT)
    assert criteria_from(criteria.to_json()) == criteria


def test_criteria_that_ask_for_nothing_are_refused() -> None:
    with pytest.raises(CriteriaInvalid):
        Criteria()
    with pytest.raises(CriteriaInvalid):
        Criteria(begins_at=AT, ends_at=AT - HOUR)
