"""Canonical JSON: one value, one sequence of bytes (docs/specs/canonical-json.md).

This is RFC 8785 for the values that we use: text, whole numbers below 2**53, true, false, null,
lists and objects. Fractions are refused: their text form is where JSON libraries disagree.

The reader is strict: it accepts only the bytes that the writer would have written. Two readers
can then never take the same signed bytes for different values.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Never, TypeAlias

from fairwitness.formats.errors import FormatError

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

LIMIT = 16 * 1024 * 1024
"""Bytes that `decode` accepts unless told otherwise."""

DEPTH = 32
"""Lists and objects inside each other, at most."""

VALUES = 1_000_000
"""Commas and opening brackets in one document, at most: it bounds the memory of reading it."""

_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_WHOLE = 2**53
_DIGITS = 17  # a sign and the sixteen digits of 2**53
_CODE = "format.canonical"


def encode(value: Json) -> bytes:
    """Write a value as canonical JSON in UTF-8.

    Raises:
        FormatError: the value holds something that canonical JSON cannot say: a fraction, a number
            of 2**53 or more, half a surrogate pair, more than 32 levels, or another type.
    """
    ordered = _ordered(value, 0)
    try:
        return _WRITER.encode(ordered).encode()
    except UnicodeEncodeError as error:
        raise FormatError("The text holds half a surrogate pair.", code=_CODE) from error


def decode(data: bytes, *, limit: int = LIMIT) -> Json:
    """Read canonical JSON, refusing every other spelling of the same value.

    Args:
        data: the whole document.
        limit: its greatest length in bytes.

    Raises:
        FormatError: too long, too deep, too many values, not JSON, or not the canonical form.
    """
    if len(data) > limit:
        raise FormatError(f"The document is longer than {limit} bytes.", code=_CODE)
    if data.count(b",") + data.count(b"[") + data.count(b"{") > VALUES:
        raise FormatError(f"The document holds more than {VALUES} values.", code=_CODE)
    try:
        value: Json = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=_fraction,
        )
    except (ValueError, RecursionError) as error:
        raise FormatError("This is not JSON that we read.", code=_CODE) from error
    if encode(value) != data:
        raise FormatError("The document is not in its canonical form.", code=_CODE)
    return value


def _ordered(value: Json, depth: int) -> Json:
    """The value with every object's names in order, checked on the way."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) >= _WHOLE:
            raise FormatError("A number must be smaller than 2**53.", code=_CODE)
        return value
    if depth >= DEPTH:
        raise FormatError(f"More than {DEPTH} lists or objects inside each other.", code=_CODE)
    if isinstance(value, list | tuple):
        return [_ordered(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {
            name: item if type(item := value[name]) is str else _ordered(item, depth + 1)
            for name in _names(value)
        }
    raise FormatError(f"Canonical JSON has no {type(value).__name__}.", code=_CODE)


def _names(value: Mapping[str, Json]) -> list[str]:
    """The names of an object in the order of RFC 8785: by UTF-16 code units."""
    try:
        plain = "".join(value).isascii()
    except TypeError as error:
        raise FormatError("The names in an object must be text.", code=_CODE) from error
    if plain:
        return sorted(value)
    try:
        return sorted(value, key=lambda name: name.encode("utf-16-be"))
    except UnicodeEncodeError as error:
        raise FormatError("A name holds half a surrogate pair.", code=_CODE) from error


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise FormatError("An object has the same name twice.", code=_CODE)
    return value


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise FormatError("A number must be smaller than 2**53.", code=_CODE)
    return int(text)


def _fraction(text: str) -> Never:
    raise FormatError(f"Only whole numbers are allowed, not {text[:40]}.", code=_CODE)
