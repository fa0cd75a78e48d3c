"""The few things that a category asks to be typed: data in its definition, kinds in code."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from fairwitness.errors import FairwitnessError

LONGEST: Final = 120
MOST: Final = 8
"""So many a force’s own category asks at most; what is not needed may be left for later."""
_NAME: Final = 40
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


def kinds() -> tuple[str, ...]:
    """The kinds of field that there are."""
    return tuple(_KINDS)


def made(*, name: str, kind: str, needed: bool, extra: str) -> Field:
    """A field of a force's own category, as people describe it.

    Args:
        name: for people; its code is made from it.
        kind: one of `kinds`.
        needed: the category can't be given without it.
        extra: what a choice is between, with commas; of other kinds an example, or nothing.

    Raises:
        FieldInvalid: no name to make a code from, no such kind, or a choice between fewer than two.
    """
    name, extra = name.strip(), extra.strip()
    code = "_".join(re.findall(r"[a-z0-9]+", name.lower()))[:_NAME]
    if not code or not name.isprintable() or len(name) > _NAME:
        raise FieldInvalid(f"A field is called something, in at most {_NAME} characters.")
    if kind not in _KINDS:
        raise FieldInvalid(f"{name}: a field is {', '.join(_KINDS)}.", field=code)
    if len(extra) > LONGEST or not extra.isprintable():
        raise FieldInvalid(f"{name}: one line of at most {LONGEST}.", field=code)
    if kind != "choice":
        return Field(code, name, kind, needed, extra)
    choices = tuple(dict.fromkeys(part.strip() for part in extra.split(",") if part.strip()))
    if len(choices) < 2:  # noqa: PLR2004 - one is no choice
        raise FieldInvalid(f"{name}: say what the choice is between, with commas.", field=code)
    return Field(code, name, kind, needed, choices=choices)


def as_table(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Fields as a row keeps them; `from_table` reads them again.

    Raises:
        FieldInvalid: more than a category may ask, or two of one code.
    """
    if len(fields) > MOST:
        raise FieldInvalid(f"A category asks at most {MOST} things.")
    if len({field.code for field in fields}) != len(fields):
        raise FieldInvalid("Two fields have the same name.")
    return [{**asdict(field), "choices": list(field.choices)} for field in fields]


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
