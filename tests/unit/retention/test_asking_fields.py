"""What a category asks to be typed, and the short lists of reasons: data, checked."""

import pytest

from fairwitness.retention import asking_fields, categories, reasons
from fairwitness.retention.asking_fields import Field, FieldInvalid
from fairwitness.retention.reasons import ReasonInvalid


def field(kind: str, *, needed: bool = False, choices: tuple[str, ...] = ()) -> Field:
    return Field("it", "It", kind, needed=needed, choices=choices)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("reference", " cad 8812/08jun17 ", "CAD 8812/08JUN17"),
        ("number", "007", "7"),
        ("date", "2017-06-08", "2017-06-08"),
        ("text", "by the canal", "by the canal"),
    ],
)
def test_what_its_kind_takes_is_kept(kind: str, typed: str, kept: str) -> None:
    assert asking_fields.read([field(kind)], {"it": typed}) == {"it": kept}


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("reference", "a"),
        ("reference", "<b>1</b>"),
        ("number", "seven"),
        ("number", "٣"),
        ("number", "9" * 7),
        ("date", "8 June"),
        ("text", "x" * 121),
        ("text", "one\ntwo"),
    ],
)
def test_what_its_kind_does_not_take_is_refused_with_its_name(kind: str, typed: str) -> None:
    with pytest.raises(FieldInvalid, match="It: ") as caught:
        asking_fields.read([field(kind)], {"it": typed})
    assert caught.value.field == "it"


def test_a_choice_is_one_of_its_list() -> None:
    one = field("choice", choices=("nothing", "something"))
    assert asking_fields.read([one], {"it": "nothing"}) == {"it": "nothing"}
    with pytest.raises(FieldInvalid):
        asking_fields.read([one], {"it": "all"})


def test_what_is_needed_is_asked_for_and_the_rest_may_stay_empty() -> None:
    assert asking_fields.read([field("text")], {"it": "  "}) == {}
    with pytest.raises(FieldInvalid, match="is needed"):
        asking_fields.read([field("text", needed=True)], {})


@pytest.mark.parametrize(
    "line",
    [
        {"fields": [{"code": "a", "name": "A", "kind": "colour"}]},
        {"fields": [{"code": "a", "name": "A", "kind": "choice"}]},
        {"fields": [{"code": "a", "name": "A", "kind": "text"}] * 2},
    ],
)
def test_a_table_that_asks_what_nobody_can_answer_is_refused(line: dict[str, object]) -> None:
    with pytest.raises(FieldInvalid):
        asking_fields.from_table(line)


def test_the_shipped_table_asks_for_what_the_field_notes_name() -> None:
    asked = {
        (code, each.code) for code, line in categories.shipped().items() for each in line.fields
    }
    assert {("stop-search", "record"), ("use-of-force", "form")} <= asked
    assert {("shooting", "procedure"), ("domestic-attendance", "incident")} <= asked


def test_a_reason_is_one_of_its_list_and_another_one_is_said_in_words() -> None:
    assert reasons.check("late", "forgot", " ") == ""
    assert reasons.check("late", "other", " a dog ") == "a dog"
    assert reasons.in_words("late", "other", "a dog") == "a dog"
    assert reasons.in_words("late", "forgot", "again") == "I forgot: again"
    assert reasons.in_words("late", "gone-from-the-list", "") == "gone-from-the-list"
    for code, words in (("over", ""), ("other", " "), ("forgot", "x" * 301)):
        with pytest.raises(ReasonInvalid):
            reasons.check("late", code, words)


def test_every_list_is_short_and_ends_openly() -> None:
    for listed in reasons.lists().values():
        assert 4 <= len(listed) <= 8
        assert list(listed)[-1] == reasons.OTHER
