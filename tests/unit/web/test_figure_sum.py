"""The headline of the figures is a sum that a reader can do."""

from fairwitness.web import figure_tables as tables

NUMBERS = {
    "received": 7856,
    "not_yet_due": 2305,
    "kept": 1056,
    "in_quarantine": 6,
    "deleted_by_rule": 4485,
    "deleted_by_person": 4,
}


def test_what_is_shown_adds_up_to_what_was_received() -> None:
    whole = tables.row("All", NUMBERS)
    assert whole.sum == "2,305 + 1,056 + 6 + 4,485 + 4 + 0 = 7,856"
    assert [words for _number, words, _look in whole.parts] == [
        "not yet due",
        "kept",
        "in quarantine",
        "deleted by rule",
        "deleted by a person",
        "lost",
    ]
    assert whole.adds_up


def test_a_sum_that_does_not_hold_says_what_it_comes_to() -> None:
    whole = tables.row("All", NUMBERS | {"kept": 1050, "under_way": 1})
    assert whole.sum == "2,305 + 1,050 + 1 + 6 + 4,485 + 4 + 0 = 7,851"
    assert not whole.adds_up


def test_what_stands_apart_may_be_left_out() -> None:
    assert tables.row("All", NUMBERS, apart=()).told_apart == []
    assert tables.row("All", NUMBERS | {"late": 1088}).told_apart == ["1,088", "0"]
