from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from fairwitness.formats import records
from fairwitness.formats.errors import FormatError


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    name: str


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    whole: int
    truth: bool
    colour: Colour
    at: datetime
    ident: UUID
    data: bytes
    inner: Inner
    many: tuple[Inner, ...]
    maybe: int | None
    options: Mapping[str, str]


SAMPLE = Sample(
    text="a\tb\nc",
    whole=-5,
    truth=False,
    colour=Colour.RED,
    at=datetime(2017, 6, 8, tzinfo=UTC),
    ident=UUID(int=7),
    data=b"\x00\xff",
    inner=Inner("x"),
    many=(Inner("y"), Inner("z")),
    maybe=None,
    options={"k": "v"},
)
JSON: dict[str, Any] = {
    "text": "a\tb\nc",
    "whole": -5,
    "truth": False,
    "colour": "red",
    "at": "2017-06-08T00:00:00.000000Z",
    "ident": "00000000-0000-0000-0000-000000000007",
    "data": "00ff",
    "inner": {"name": "x"},
    "many": [{"name": "y"}, {"name": "z"}],
    "maybe": None,
    "options": {"k": "v"},
}


def test_every_type_there_and_back() -> None:
    assert records.to_json(SAMPLE) == JSON
    assert records.from_json(Sample, JSON) == SAMPLE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("text", None),
        ("text", "bell \u0007"),
        ("text", "nul \u0000"),
        ("text", "delete \u007f"),
        ("whole", True),
        ("whole", "1"),
        ("truth", 0),
        ("colour", "blue"),
        ("colour", ["red"]),
        ("at", 0),
        ("ident", "00000000000000000000000000000007"),
        ("ident", "{00000000-0000-0000-0000-000000000007}"),
        ("ident", "0000000A-0000-0000-0000-000000000007"),
        ("data", "0"),
        ("data", "0G"),
        ("data", "FF"),
        ("data", "00 ff"),
        ("inner", None),
        ("inner", []),
        ("inner", {}),
        ("inner", {"name": "x", "more": 1}),
        ("many", {"0": 1}),
        ("many", "ab"),
        ("many", [None]),
        ("maybe", "5"),
        ("options", {"k": 1}),
        ("options", {"\u0001": "v"}),
        ("options", ["k"]),
    ],
)
def test_a_field_of_another_type_is_refused(name: str, value: Any) -> None:  # noqa: ANN401 -- any JSON
    with pytest.raises(FormatError):
        records.from_json(Sample, JSON | {name: value})


def test_the_error_says_where_and_what() -> None:
    with pytest.raises(FormatError, match=r"Sample\.many\[1\]\.name must be text"):
        records.from_json(Sample, JSON | {"many": [{"name": "y"}, {"name": 5}]})
    with pytest.raises(FormatError, match=r"Sample lacks whole and has holes"):
        records.from_json(
            Sample, {name: JSON[name] for name in JSON if name != "whole"} | {"holes": 1}
        )


@pytest.mark.parametrize(("name", "value"), [("text", 1), ("whole", "1"), ("truth", 1)])
def test_a_record_that_lies_about_its_types_is_not_written(name: str, value: object) -> None:
    lying = Sample(**{field: getattr(SAMPLE, field) for field in JSON} | {name: value})
    with pytest.raises(FormatError):
        records.to_json(lying)


@dataclass(frozen=True, slots=True)
class WithFraction:
    share: float


@dataclass(frozen=True, slots=True)
class WithPair:
    pair: tuple[int, int]


@dataclass(frozen=True, slots=True)
class WithUnion:
    either: int | str


@pytest.mark.parametrize(
    "record",
    [WithFraction(0.5), WithPair((1, 2)), WithUnion(1)],
    ids=lambda one: type(one).__name__,
)
def test_types_that_have_no_one_form_are_a_mistake_in_the_program(record: object) -> None:
    with pytest.raises(TypeError):
        records.to_json(record)
