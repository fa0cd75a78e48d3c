"""The few things that a category asks to be typed: data in the shipped table, kinds in code."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fairwitness.errors import FairwitnessError

LONGEST: Final = 120
_REFERENCE: Final = re.compile(r"[\w][\w /.\-]{1,58}[\w]")


class FieldInvalid(FairwitnessError):
    """Something typed that its field does not take; `field` says which."""

    code = "field.invalid"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type.

    Attributes:
        code: stable within its category.
        name: for people.
        kind: `reference`, `number`, `date`, `choice` or `text`.
        needed: the category can't be given without it.
        hint: an example; may be empty.
        choices: what a choice is between.
    """

    code: str
    name: str
    kind: str
    needed: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()


def _reference(field: Field, text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        raise FieldInvalid(
            f"{field.name}: letters, digits, spaces, / . and - only, 3 to 60 of them.",
            field=field.code,
        )
    return text.upper()


def _number(field: Field, text: str) -> str:
    if not (text.isascii() and text.isdecimal()) or len(text) > len("999999"):
        raise FieldInvalid(f"{field.name}: a whole number.", field=field.code)
    return str(int(text))


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FieldInvalid(f"{field.name}: a day, like 2017-06-08.", field=field.code) from None


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise FieldInvalid(f"{field.name}: choose one of the list.", field=field.code)
    return text


def _text(field: Field, text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise FieldInvalid(f"{field.name}: one line of at most {LONGEST}.", field=field.code)
    return text


_KINDS: Final[Mapping[str, Callable[[Field, str], str]]] = {
    "reference": _reference,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "text": _text,
}


def from_table(line: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of one line of the table.

    Raises:
        FieldInvalid: a kind that there is not, a choice between nothing, or a code twice.
    """
    found = tuple(
        Field(**{**each, "choices": tuple(each.get("choices", ()))})
        for each in line.get("fields", ())
    )
    for field in found:
        if field.kind not in _KINDS or (field.kind == "choice") != bool(field.choices):
            raise FieldInvalid(f"The table's field {field.code} is of no kind.", field=field.code)
    if len({field.code for field in found}) != len(found):
        raise FieldInvalid("The table has a field twice.")
    return found


def read(fields: Sequence[Field], typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field, as it is kept; what may stay empty and does is left out.

    Raises:
        FieldInvalid: for the first that its field does not take.
    """
    answers: dict[str, str] = {}
    for field in fields:
        text = typed.get(field.code, "").strip()
        if text:
            answers[field.code] = _KINDS[field.kind](field, text)
        elif field.needed:
            raise FieldInvalid(f"{field.name} is needed for this category.", field=field.code)
    return answers
