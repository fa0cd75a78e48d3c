"""What values in our formats must satisfy, said once."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from fairwitness.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SERIAL = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_YEARS = (1970, 2499)

SERIAL_LENGTH = 32
TEXT_LENGTH = 4096


def require(truth: bool, sentence: str, *, code: str) -> None:  # noqa: FBT001 -- reads as assert
    """Refuse a value unless something is true of it.

    Raises:
        FormatError: with the sentence and the code.
    """
    if not truth:
        raise FormatError(sentence, code=code)


def require_sha256(value: str | None, name: str, *, code: str) -> None:
    """Demand 64 lower-case hexadecimal digits, or None."""
    good = value is None or _SHA256.fullmatch(value) is not None
    require(good, f"{name} must be 64 lower-case hexadecimal digits.", code=code)


def require_serial(value: str, name: str, *, code: str) -> None:
    """Demand a serial number: letters and digits, single hyphens between, at most 32."""
    good = len(value) <= SERIAL_LENGTH and _SERIAL.fullmatch(value) is not None
    require(good, f"{name} must be at most 32 letters, digits and inner hyphens.", code=code)


def require_media_type(value: str, *, code: str) -> None:
    """Demand a media type without parameters, in lower case."""
    good = len(value) <= SERIAL_LENGTH * 4 and _MEDIA_TYPE.fullmatch(value) is not None
    require(good, "media_type must be a lower-case media type.", code=code)


def require_between(value: int | None, name: str, low: int, high: int, *, code: str) -> None:
    """Demand a number within bounds (both included), or None."""
    good = value is None or low <= value <= high
    require(good, f"{name} must be from {low} to {high}.", code=code)


def require_clock_year(value: "datetime", name: str, *, code: str) -> None:
    """Demand a year that a clock can show and a calendar can reckon with: 1970 to 2499."""
    first, last = _YEARS
    require(first <= value.year <= last, f"{name} must be from {first} to {last}.", code=code)


def require_text(value: str | None, name: str, *, code: str, longest: int = TEXT_LENGTH) -> None:
    """Demand some text of at most so many characters, or None."""
    good = value is None or 0 < len(value) <= longest
    require(good, f"{name} must be 1 to {longest} characters.", code=code)


def require_ascending(values: "Sequence[int]", name: str, *, code: str) -> None:
    """Demand numbers each greater than the one before."""
    good = all(first < second for first, second in pairwise(values))
    require(good, f"{name} must be ascending, each once.", code=code)
