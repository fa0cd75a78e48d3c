"""What stands out, and what is just below it and does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fairwitness.accountability.anomalies import (
    AS_USUAL,
    NOBODY,
    Broken,
    CopyMade,
    Facts,
    Kind,
    Missing,
    Question,
    Refusal,
    View,
    counts_for,
    questions,
)

NOON = datetime(2017, 6, 8, 11, 0, tzinfo=UTC)  # noon in London
NIGHT = datetime(2017, 6, 8, 1, 30, tzinfo=UTC)  # half past two in London
ME, ADA, DEV, CAMERA = (UUID(int=number) for number in range(1, 5))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def asked(**changes: object) -> list[Question]:
    return questions(Facts(at=NOON, **changes))  # type: ignore[arg-type] # fields by name


def views(number: int, at: datetime = NOON - HOUR, spread: int = 40) -> list[View]:
    """Of as many different wearers as need be, so that no one is seen again and again."""
    return [View(ME, UUID(int=100 + one % spread), at) for one in range(number)]


def test_nothing_stands_out_of_nothing() -> None:
    assert asked() == []


@pytest.mark.parametrize(("number", "found"), [(AS_USUAL.views - 1, False), (AS_USUAL.views, True)])
def test_many_viewings(number: int, found: bool) -> None:  # noqa: FBT001 - a parameter of the table
    said = asked(views=views(number))
    assert said == ([Question(Kind.MANY_VIEWS, ME, number)] if found else [])
    assert asked(views=views(number, NOON - AS_USUAL.window - HOUR)) == []


def test_viewings_at_night_far_from_anything_one_recorded() -> None:
    three = views(AS_USUAL.night_views, NIGHT)
    assert asked(views=three) == [Question(Kind.NIGHT_VIEWS, ME, 3)]
    assert asked(views=three[1:]) == []
    assert asked(views=three, on_duty=[(ME, NIGHT - 6 * HOUR)]) == []
    assert asked(views=three, on_duty=[(ME, NIGHT - 2 * DAY), (DEV, NIGHT)]) != []
    assert asked(views=views(3, NIGHT + 4 * HOUR)) == [], "half past six is morning"


def test_the_same_persons_footage_again_and_again() -> None:
    six = [View(ME, ADA, NOON - n * DAY) for n in range(AS_USUAL.same_views)]
    assert asked(views=six) == [Question(Kind.SAME_PERSON, ME, 6, ADA)]
    assert asked(views=six[1:]) == []
    assert asked(views=[View(ME, None, NOON - DAY)] * 9) == []


def test_refusals_and_ones_own_locked_footage() -> None:
    five = [Refusal(ME, NOON - HOUR, own=False)] * AS_USUAL.refusals
    assert asked(refusals=five) == [Question(Kind.REFUSALS, ME, 5)]
    assert asked(refusals=five[1:]) == []
    assert asked(refusals=[Refusal(ME, NOON - HOUR, own=True)]) == [
        Question(Kind.OWN_REFUSED, ME, 1)
    ]
    assert asked(refusals=[Refusal(ME, NOON - 8 * DAY, own=True)] * 9) == []


def test_a_camera_that_misses_more_than_before() -> None:
    now, before = Missing(CAMERA, NOON - DAY), Missing(CAMERA, NOON - 40 * DAY)
    assert asked(missing=[now] * 3) == [Question(Kind.GAPS_GROW, CAMERA, 3)]
    assert asked(missing=[now] * 2) == []
    assert asked(missing=[*[now] * 3, *[before] * 3]) == []
    assert asked(missing=[*[now] * 4, *[before] * 3]) == [Question(Kind.GAPS_GROW, CAMERA, 4)]


def test_glass_that_nobody_judges() -> None:
    assert asked(broken=[Broken(DEV, ADA, NOON - 25 * HOUR)]) == [
        Question(Kind.GLASS_UNJUDGED, DEV, 1, ADA)
    ]
    assert asked(broken=[Broken(DEV, ADA, NOON - 23 * HOUR)]) == []


def test_copies_that_name_no_hearing_and_no_reason() -> None:
    three = [CopyMade(ME, NOON - n * DAY) for n in range(AS_USUAL.copies)]
    assert asked(copies=three) == [Question(Kind.COPIES_UNNAMED, ME, 3)]
    assert asked(copies=three[1:]) == []
    assert asked(copies=[CopyMade(ME, NOON - AS_USUAL.same_window - HOUR)] * 9) == []


def test_that_not_all_was_counted_is_a_question_about_nobody() -> None:
    assert asked(cut_at=1000) == [Question(Kind.NOT_ALL_COUNTED, NOBODY, 1000)]


def test_a_force_says_from_where_on_it_stands_out() -> None:
    six = views(6)
    assert asked(views=six) == []
    stricter = replace(AS_USUAL, views=6)
    assert questions(Facts(at=NOON, views=six), stricter) == [Question(Kind.MANY_VIEWS, ME, 6)]


@pytest.mark.parametrize("kind", Kind)
def test_what_a_question_counts_counts_as_long_as_the_rule_looks_back(kind: Kind) -> None:
    assert counts_for(kind) in {AS_USUAL.window, AS_USUAL.same_window}
    assert counts_for(Kind.MANY_VIEWS) == AS_USUAL.window
    assert counts_for(Kind.SAME_PERSON) == AS_USUAL.same_window
