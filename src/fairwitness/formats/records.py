"""Frozen dataclasses to JSON and back, strictly.

A record is a frozen dataclass. Its JSON is an object with exactly its fields, by their names:
none left out (None is written as null), none besides. Types say what a field may hold:

    str            text, without control characters other than tab and new line
    int, bool      a whole number (true is not a number), true or false
    StrEnum        one of its values
    datetime       text, see timestamp.py
    UUID           text, lower case with hyphens
    bytes          text, lower-case hexadecimal
    tuple[X, ...]  a list
    Mapping[str, str]  an object of texts
    X | None       X or null
    a dataclass    an object
    a class with `to_json` and `from_json` (`Coded`)  whatever these say

What a value must satisfy beyond its type is said in the record's own `__post_init__`.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, Self, TypeVar, cast, runtime_checkable
from uuid import UUID

from fairwitness.formats import timestamp
from fairwitness.formats.canonical import Json
from fairwitness.formats.errors import FormatError

T = TypeVar("T")

_CODE = "format.record"
_HEX = re.compile(r"([0-9a-f]{2})*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@runtime_checkable
class Coded(Protocol):
    """A class that says itself how it looks in JSON."""

    def to_json(self) -> Json:
        """The JSON of this value."""
        ...

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """The value of this JSON; raises FormatError."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class _Codec:
    write: Callable[[Any], Json]
    read: Callable[[Json, str], Any]


def to_json(record: object) -> Json:
    """The JSON of a record.

    Raises:
        FormatError: a field holds what its type does not allow.
    """
    return _codec(cast("Any", type(record))).write(record)


def from_json(cls: type[T], value: Json) -> T:
    """The record of this JSON.

    Raises:
        FormatError: a field is missing, unknown or of the wrong type, or the record refuses it.
    """
    return cast("T", _codec(cast("Any", cls)).read(value, cls.__name__))


def check_text(value: str) -> str:
    """The text itself, if it may stand in a record.

    Raises:
        FormatError: it holds a control character other than tab, new line or carriage return.
    """
    if _CONTROL.search(value):
        raise FormatError("The text holds a control character.", code=_CODE)
    return value


def _wrong(path: str, wanted: str) -> FormatError:
    return FormatError(f"{path} must be {wanted}.", code=_CODE)


@cache
def _codec(kind: Any) -> _Codec:  # noqa: ANN401 -- a type annotation has no static type
    """How values of one annotation are written and read."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple
    origin = typing.get_origin(kind)
    if origin is types.UnionType or origin is typing.Union:
        return _optional(kind)
    if origin is tuple:
        return _many(kind)
    if origin is Mapping:
        return _SIMPLE[Mapping]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _enum(kind)
    if isinstance(kind, type) and issubclass(kind, Coded):
        return _Codec(lambda value: value.to_json(), lambda value, _path: kind.from_json(value))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    raise TypeError(f"no record holds {kind!r}")


def _record(cls: type[Any]) -> _Codec:
    hints = typing.get_type_hints(cls)
    fields = {field.name: _codec(hints[field.name]) for field in dataclasses.fields(cls)}
    names = frozenset(fields)

    def write(value: Any) -> Json:  # noqa: ANN401 -- any record
        return {name: codec.write(getattr(value, name)) for name, codec in fields.items()}

    def read(value: Json, path: str) -> Any:  # noqa: ANN401 -- any record
        if not isinstance(value, Mapping):
            raise _wrong(path, "an object")
        if value.keys() != names:
            raise FormatError(_difference(path, names, value), code=_CODE)
        return cls(
            **{name: codec.read(value[name], f"{path}.{name}") for name, codec in fields.items()}
        )

    return _Codec(write, read)


def _difference(path: str, names: frozenset[str], value: Mapping[str, Json]) -> str:
    missing = ", ".join(sorted(names - value.keys())) or "nothing"
    unknown = ", ".join(sorted(value.keys() - names))[:200] or "nothing"
    return f"{path} lacks {missing} and has {unknown} that we do not know."


def _optional(kind: Any) -> _Codec:  # noqa: ANN401 -- a type annotation has no static type
    inner = [item for item in typing.get_args(kind) if item is not types.NoneType]
    if len(inner) != 1 or len(typing.get_args(kind)) != len(inner) + 1:
        raise TypeError(f"no record holds {kind!r}")
    codec = _codec(inner[0])
    return _Codec(
        lambda value: None if value is None else codec.write(value),
        lambda value, path: None if value is None else codec.read(value, path),
    )


def _many(kind: Any) -> _Codec:  # noqa: ANN401 -- a type annotation has no static type
    item, rest = typing.get_args(kind)
    if rest is not Ellipsis:
        raise TypeError(f"no record holds {kind!r}")
    codec = _codec(item)

    def read(value: Json, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _wrong(path, "a list")
        return tuple(codec.read(one, f"{path}[{place}]") for place, one in enumerate(value))

    return _Codec(lambda value: [codec.write(one) for one in value], read)


def _enum(cls: type[StrEnum]) -> _Codec:
    def read(value: Json, path: str) -> StrEnum:
        try:
            return cls(_read_text(value, path))
        except ValueError as error:
            raise _wrong(path, f"one of {', '.join(cls)}") from error

    return _Codec(lambda value: cls(value).value, read)


def _read_text(value: Json, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "text")
    return check_text(value)


def _write_text(value: Any) -> Json:  # noqa: ANN401 -- checked here
    return _read_text(value, "A field")


def _read_whole(value: Json, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(path, "a whole number")
    return value


def _read_truth(value: Json, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false")
    return value


def _read_uuid(value: Json, path: str) -> UUID:
    text = _read_text(value, path)
    if not _UUID.fullmatch(text):
        raise _wrong(path, "an identifier in lower case with hyphens")
    return UUID(text)


def _read_hex(value: Json, path: str) -> bytes:
    text = _read_text(value, path)
    if not _HEX.fullmatch(text):
        raise _wrong(path, "lower-case hexadecimal digits in pairs")
    return bytes.fromhex(text)


def _read_texts(value: Json, path: str) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong(path, "an object of texts")
    return {check_text(name): _read_text(value[name], f"{path}.{name}"[:200]) for name in value}


_SIMPLE: dict[Any, _Codec] = {
    str: _Codec(_write_text, _read_text),
    int: _Codec(lambda value: _read_whole(value, "A field"), _read_whole),
    bool: _Codec(lambda value: _read_truth(value, "A field"), _read_truth),
    datetime: _Codec(timestamp.text, lambda value, path: timestamp.parse(_read_text(value, path))),
    UUID: _Codec(str, _read_uuid),
    bytes: _Codec(lambda value: bytes(value).hex(), _read_hex),
    Mapping: _Codec(lambda value: _read_texts(dict(value), "A field"), _read_texts),
}
