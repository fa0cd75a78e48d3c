"""What goes in and out as JSON: frozen dataclasses, read strictly, written, and told as schemas.

One declaration is reader, writer and schema, so that the document can't say what the code does not
do. Only what the operations need is known here: text, whole numbers, yes or no, moments, days, ids,
closed lists of words, tuples, one shape in another, and what may be absent.
"""

import dataclasses
import enum
import re
import types
import typing
from collections.abc import Hashable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import (
    Any,
    ClassVar,
    Final,
    NewType,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from fairwitness.errors import FairwitnessError

T = TypeVar("T")
LONGEST_TEXT: Final = 2000
LONGEST_DOCUMENT: Final = 256 << 10
LONGEST_LIST: Final = 500
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
"""What JSON can say and no database keeps: nothing, and halves of characters."""


Document = NewType("Document", str)
"""Text that is as long as a file: at most `LONGEST_DOCUMENT` characters."""


class ShapeInvalid(FairwitnessError):
    """A body that is not what the operation takes."""

    code: ClassVar[str] = "request.body"


def read(shape: type[T], value: object) -> T:
    """The shape that a JSON value says, each field once and nothing else.

    Raises:
        ShapeInvalid: with the name of the field and how it is written.
    """
    if not isinstance(value, dict):
        raise ShapeInvalid("The body is a JSON object.")
    hints = _hints(cast("Hashable", shape))
    unknown = sorted(set(value) - hints.keys())
    if unknown:
        raise ShapeInvalid(f"There is no field {_short(unknown[0])} here.")
    found: dict[str, Any] = {}
    for each in dataclasses.fields(shape):  # type: ignore[arg-type] # every shape is a dataclass
        if each.name in value:
            found[each.name] = _read(hints[each.name], value[each.name], each.name)
        elif each.default is dataclasses.MISSING:
            raise ShapeInvalid(f"{each.name} is missing.")
    return shape(**found)


def write(value: object) -> object:
    """A shape, or a value within one, as JSON has it; moments in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (each.name for each in dataclasses.fields(value))
        return {name: write(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [write(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): write(each) for key, each in value.items()}
    return value


def schema(hint: Any, shapes: dict[str, object]) -> dict[str, object]:  # noqa: ANN401 - any type hint
    """The JSON schema of a type; shapes within are put into `shapes` once, by name.

    Args:
        hint: a type of those known here.
        shapes: filled with the schema of each shape met.
    """
    if dataclasses.is_dataclass(hint):
        name = cast("type", hint).__name__
        if name not in shapes:
            shapes[name] = {}  # known from here on, so that a shape may hold itself
            shapes[name] = _object(cast("type", hint), shapes)
        return {"$ref": f"#/components/schemas/{name}"}
    if _is_optional(hint):
        return {"anyOf": [schema(_present(hint), shapes), {"type": "null"}]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": schema(get_args(hint)[0], shapes)}
    if get_origin(hint) in {dict, Mapping}:
        return {"type": "object", "additionalProperties": schema(get_args(hint)[1], shapes)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"type": "string", "enum": [each.value for each in hint]}
    return dict(_PLAIN[hint])


def example(hint: Any, name: str = "") -> object:  # noqa: ANN401 - any type hint
    """A value that `read` takes for this type; of a shape, with all its fields."""
    if _is_optional(hint):
        return example(_present(hint), name)
    if dataclasses.is_dataclass(hint):
        hints = _hints(cast("Hashable", hint))
        return {field: example(hints[field], f"{name}.{field}") for field in hints}
    if get_origin(hint) is tuple:
        return [example(get_args(hint)[0], name)]
    if get_origin(hint) in {dict, Mapping}:
        return {"name": example(get_args(hint)[1])}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    if hint is str or hint is Document:
        return _WORDS.get(name) or _WORDS.get(name.rpartition(".")[2], "words")
    return _EXAMPLES[hint]


_EXAMPLES: Final[Mapping[Any, object]] = {
    int: 1,
    bool: True,
    UUID: "0b7e4a52-6f0c-4f4e-9a53-2d6f2b1c9e10",
    datetime: "2017-06-08T21:30:00Z",
    date: "2017-06-08",
}
_WORDS: Final = {
    "basis": "a letter of 8 June",
    "body": "Independent Office for Police Conduct",
    "call_type": "stop",
    "camera": "00417",
    "cameras": "00417",
    "code": "stop-search",
    "codes": "stop-search",
    ".fields.field": "record",
    ".fields.answer": "S/8",
    ".told.code": "yes",
    ".late.code": "sudden",
    ".early.code": "over",
    ".muted.code": "medical",
    "collar_number": "614LX",
    "event_id": "S/8",
    "extra": "",
    "incident": "CAD 8812",
    "incident_number": "CAD 8812",
    "kind": "text",
    "made_by": "A transcription service",
    "not_recorded": "forgot",
    "officer": "614LX",
    "officer_badge_id": "614LX",
    "officer_cleared_datetime": "2017-06-08T21:40:00Z",
    "officer_dispatched_datetime": "2017-06-08T21:30:00Z",
    "officers": "614LX",
    "place": "Windrush Square",
    "post_incident_manager": "7MO",
    "producer": "614LX",
    "purpose": "the hearing on 3 July",
    "reason": "seen on the desk",
    "recipient": "Crown Prosecution Service",
    "record_type": "search",
    "reference": "17/0042",
    "station": "LAM1",
    "stations": "LAM1",
    "title": "Robbery at Windrush Square",
    "unit": "LAM",
    "units": "LAM",
    "wearer": "614LX",
    "webvtt": "WEBVTT\n\n00:00.000 --> 00:00.900\nStop there, please.\n",
}
"""What a field of text may say, by its name; codes are those of the shipped lists."""

_PLAIN: Final[Mapping[Any, Mapping[str, object]]] = {
    str: {"type": "string"},
    Document: {"type": "string", "maxLength": LONGEST_DOCUMENT},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def _object(shape: type, shapes: dict[str, object]) -> dict[str, object]:
    hints = _hints(shape)
    fields = dataclasses.fields(shape)
    said = (shape.__doc__ or "").strip().partition("\n")[0]
    return {
        "type": "object",
        "description": said,
        "additionalProperties": False,
        "required": [each.name for each in fields if each.default is dataclasses.MISSING],
        "properties": {each.name: schema(hints[each.name], shapes) for each in fields},
    }


@cache
def _hints(shape: Hashable) -> Mapping[str, Any]:
    return get_type_hints(shape)


def _is_optional(hint: Any) -> bool:  # noqa: ANN401 - any type hint
    return get_origin(hint) in {types.UnionType, typing.Union} and type(None) in get_args(hint)


def _present(hint: Any) -> Any:  # noqa: ANN401 - any type hint
    (only,) = (each for each in get_args(hint) if each is not type(None))
    return only


def _read(hint: Any, value: object, name: str) -> object:  # noqa: ANN401 - any type hint
    if _is_optional(hint):
        return None if value is None else _read(_present(hint), value, name)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ShapeInvalid(f"{name} is an object.")
        return read(cast("type[object]", hint), value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            raise ShapeInvalid(f"{name} is a list of at most {LONGEST_LIST}.")
        return tuple(_read(get_args(hint)[0], each, name) for each in value)
    if hint is bool or hint is int:
        if type(value) is not hint:
            raise ShapeInvalid(f"{name} is {'true or false' if hint is bool else 'a number'}.")
        return value
    if not isinstance(value, str):
        raise ShapeInvalid(f"{name} is text.")
    return _from_text(hint, value, name)


def _from_text(hint: Any, value: str, name: str) -> object:  # noqa: ANN401 - any type hint
    most = LONGEST_DOCUMENT if hint is Document else LONGEST_TEXT
    if len(value) > most or _NO_TEXT.search(value):
        raise ShapeInvalid(f"{name} is at most {most} characters of text.")
    try:
        if hint is datetime:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ShapeInvalid(f"{name} needs its zone, as in 2017-06-08T21:30:00Z.")
            return moment.astimezone(UTC)
        if hint is date:
            return date.fromisoformat(value)
        return hint(value)
    except (ValueError, OverflowError):
        raise ShapeInvalid(f"{name} is not as it is written here: {_short(value)}.") from None


def _short(text: str) -> str:
    return f"“{''.join(each for each in text if each.isprintable())[:40]}”"
