"""Making seals: ONVIF Media Signing of H.264, as our camera writes it.

What the reader in `video_seal` reads, bit for bit as the public reference program expects it:
numbers big-endian, the seal signed before its bytes are escaped, a certificate in every seal so
that any clip can be checked by itself. Specification: docs/specs/signed-video.md.
"""

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fairwitness.formats.keys import SigningKey
from fairwitness.formats.picture_units import USER_DATA, escape
from fairwitness.formats.video_seal import ONVIF_UUID, SHA256_OID

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_H264_INFORMATION: Final = 6
_LONGEST_SIGNATURE: Final = 72
_MOST_LISTED: Final = 2000
_GENERAL_VERSION: Final = 2
_CODE_VERSION: Final = bytes([25, 12, 3])
_STOP: Final = b"\x80"
_START: Final = re.compile(rb"\x00*\x00\x00\x01")
_PICTURES: Final = frozenset({1, 5})
_START_CODE: Final = b"\0\0\0\1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What a camera writes of itself: maker, serial number and firmware."""

    company: str
    serial: str
    firmware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a seal is for.

    Attributes:
        counter: number of the group in this recording, from 1.
        digests: of its units, as they are listed.
        link: digest of the first unit of the group before; 32 noughts for the first group.
        began: time of its first picture.
        ended: when it ended, that moment left out.
    """

    counter: int
    digests: Sequence[bytes]
    link: bytes
    began: datetime
    ended: datetime


def make_seal(sealed: Sealed, *, key: SigningKey, certificates: bytes, maker: Maker) -> bytes:
    """The unit that seals a group; without a start code.

    Args:
        sealed: the group.
        key: the camera's.
        certificates: its certificate in PEM, and those between it and the root.
        maker: who made the camera.
    """
    count = len(sealed.digests)
    general = (
        bytes([_GENERAL_VERSION])
        + _CODE_VERSION
        + b"\0"
        + struct.pack(">qqIH", _ticks(sealed.began), _ticks(sealed.ended), sealed.counter, count)
        + hashlib.sha256(b"".join(sealed.digests)).digest()
        + sealed.link
    )
    crypto = bytes([1, len(SHA256_OID)]) + SHA256_OID + b"\0\0\0"
    words = (maker.firmware, maker.serial, maker.company)
    texts = b"".join(bytes([len(word.encode())]) + word.encode() for word in words)
    body = (
        _field(4, crypto)
        + _field(5, b"\1" + texts)
        + _field(6, b"\1\0" + certificates)
        + _field(1, general)
    )
    if count <= _MOST_LISTED:
        body += _field(2, b"\1" + b"".join(sealed.digests))
    size = len(ONVIF_UUID) + 1 + len(body) + 6 + _LONGEST_SIGNATURE
    document = (
        bytes([_H264_INFORMATION, USER_DATA])
        + b"\xff" * (size // 255)
        + bytes([size % 255])
        + ONVIF_UUID
        + b"\0"
        + body
    )
    signature = key.sign(document)
    padded = signature.ljust(_LONGEST_SIGNATURE, b"\1")
    value = b"\1" + struct.pack(">H", len(signature)) + padded
    return escape(document + _field(3, value) + _STOP)


def _ticks(at: datetime) -> int:
    """Steps of 100 ns since 1601."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 10


def _field(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + struct.pack(">H", len(value)) + value


@dataclass(frozen=True, slots=True)
class PictureUnits:
    """The units of one encoded picture that are signed, and where the first of them begins."""

    begins: int
    digests: tuple[bytes, ...]


def picture_units(data: bytes) -> PictureUnits:
    """Find the units to sign in an encoder's packet (H.264 with start codes)."""
    starts = [(found.start(), found.end()) for found in _START.finditer(data)]
    ends = [start for start, _ in starts[1:]] + [len(data)]
    begins, digests = len(data), []
    for (start, first), end in zip(starts, ends, strict=True):
        unit = data[first:end].rstrip(b"\0")
        if unit and unit[0] & 0x1F in _PICTURES:
            begins = min(begins, start)
            digests.append(hashlib.sha256(unit).digest())
    return PictureUnits(begins, tuple(digests))


def insert(data: bytes, seal: bytes, *, at: int) -> bytes:
    """Put a seal into an encoder's packet."""
    return data[:at] + _START_CODE + seal + data[at:]
