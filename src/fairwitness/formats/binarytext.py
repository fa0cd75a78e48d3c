"""Bytes as text: base64, read as strictly as it is written."""

import base64
import binascii

from fairwitness.formats.errors import FormatError

_CODE = "format.base64"


def write_base64(data: bytes) -> str:
    """Standard base64 (RFC 4648 section 4) with padding and without line breaks."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str) -> bytes:
    """The bytes that `write_base64` wrote, refusing every other spelling of them.

    Raises:
        FormatError: another alphabet, missing padding, spaces, or bits left over at the end.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise FormatError("This is not base64.", code=_CODE) from error
    if write_base64(data) != text:
        raise FormatError("This base64 is not in its canonical form.", code=_CODE)
    return data
