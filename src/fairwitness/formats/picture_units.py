"""The units that a video sample consists of: which carry pictures, which carry a seal.

H.264 and H.265 store pictures in *NAL units*. A signature in the video covers the units that carry
pictures; it travels in units of *supplemental information* beside them. A unit is hashed from its
header to its last byte, nought bytes at its end left out, in pieces, however long it says it is.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fairwitness.formats.boxes import ReadAt
from fairwitness.formats.video_samples import Codec, Sample, Track, VideoUnknown

LONGEST_INFORMATION: Final = 512 * 1024
"""Bytes of a unit of supplemental information that we read; a seal has at most some 200,000."""
_PIECE: Final = 1 << 18
_HEAD: Final = 3
USER_DATA: Final = 5
_UUID: Final = 16
_H264_PICTURES: Final = frozenset({1, 2, 3, 4, 5, 19, 20, 21})
_H264_SIGNED: Final = frozenset({1, 5})
_H265_LAST_PICTURE: Final = 31
_H265_SIGNED: Final = frozenset({0, 1, *range(16, 22)})
_H265_KEYS: Final = range(16, 22)


@dataclass(frozen=True, slots=True)
class Picture:
    """A unit that carries (part of) a picture.

    Attributes:
        digest: SHA-256 of it.
        begins_group: it begins a key picture, so a group of pictures begins here.
        usual: cameras sign units of this kind; others only by the letter of the specification.
    """

    digest: bytes
    begins_group: bool
    usual: bool


@dataclass(frozen=True, slots=True)
class UserData:
    """A unit of supplemental information of the kind *user data, unregistered*.

    Attributes:
        unit: all of it, without nought bytes at its end.
        begins: where its payload begins in it.
        size: bytes of its payload, as it says itself.
    """

    unit: bytes
    begins: int
    size: int

    @property
    def uuid(self) -> bytes:
        """Whose user data it is."""
        return self.unit[self.begins : self.begins + _UUID]


Unit = Picture | UserData


class UnitReader:
    """Reads the units of a track's samples from a file, a piece at a time.

    Args:
        hashing: False to leave out pictures, and their hashing, altogether.
    """

    def __init__(self, read: ReadAt, track: Track, *, hashing: bool = True) -> None:
        self._read, self._track, self._hashing = read, track, hashing
        self._piece, self._at = b"", 0

    def units(self, sample: Sample) -> Iterator[Unit]:
        """Yield what matters for signatures in one sample, in order.

        Raises:
            VideoUnknown: its units do not fit into it.
        """
        place, stop, width = sample.offset, sample.offset + sample.size, self._track.length_size
        while place < stop:
            head = self._bytes(place, min(width + _HEAD, stop - place), stop)
            length = int.from_bytes(head[:width], "big")
            begins = place + width
            place = begins + length
            if len(head) < width or place > stop:
                raise VideoUnknown("A picture's units do not fit into it.")
            unit = self._unit(head[width : width + length], begins, length)
            if unit is not None:
                yield unit

    def _unit(self, head: bytes, begins: int, length: int) -> Unit | None:
        if self._track.codec is Codec.H264:
            return self._h264(head, begins, length)
        return self._h265(head, begins, length)

    def _h264(self, head: bytes, begins: int, length: int) -> Unit | None:
        kind = head[0] & 0x1F if head else 0
        if kind in _H264_PICTURES:
            key = kind == 5 and len(head) > 1 and bool(head[1] & 0x80)  # noqa: PLR2004 (an IDR slice)
            return self._picture(begins, length, key=key, usual=kind in _H264_SIGNED)
        return self._information(begins, length, 1) if kind == 6 else None  # noqa: PLR2004 (SEI)

    def _h265(self, head: bytes, begins: int, length: int) -> Unit | None:
        if len(head) < 2:  # noqa: PLR2004 (its header)
            return None
        kind = (head[0] >> 1) & 0x3F
        if kind <= _H265_LAST_PICTURE:
            key = kind in _H265_KEYS and len(head) > 2 and bool(head[2] & 0x80)  # noqa: PLR2004
            return self._picture(begins, length, key=key, usual=kind in _H265_SIGNED)
        return self._information(begins, length, 2) if kind in {39, 40} else None

    def _picture(self, begins: int, length: int, *, key: bool, usual: bool) -> Picture | None:
        if not self._hashing:
            return None
        return Picture(self._digest(begins, length), key, usual)

    def _digest(self, begins: int, length: int) -> bytes:
        digest, noughts, stop = hashlib.sha256(), 0, begins + length
        while begins < stop:
            piece = self._bytes(begins, min(_PIECE, stop - begins), stop)
            if not piece:
                raise VideoUnknown("A picture ends before it should.")
            begins += len(piece)
            kept = piece.rstrip(b"\0")
            if kept:
                for step in range(0, noughts, _PIECE):
                    digest.update(bytes(min(_PIECE, noughts - step)))
                digest.update(kept)
                noughts = 0
            noughts += len(piece) - len(kept)
        return digest.digest()

    def _information(self, begins: int, length: int, header: int) -> UserData | None:
        """User data, if this is it; only the first message of a unit can be a seal."""
        if length > LONGEST_INFORMATION:
            return None
        return user_data(self._bytes(begins, length, begins + length), header)

    def _bytes(self, begins: int, length: int, stop: int) -> bytes:
        """Bytes from the piece in memory if they are there, else from the file."""
        first = begins - self._at
        if first < 0 or first + length > len(self._piece):
            if not self._hashing:
                return self._read(begins, length)
            self._at, first = begins, 0
            self._piece = self._read(begins, max(length, min(_PIECE, stop - begins)))
        return self._piece[first : first + length]


def user_data(unit: bytes, header: int) -> UserData | None:
    """Take a unit of supplemental information apart; None if it holds no user data.

    Args:
        unit: from its header on.
        header: bytes of its header.
    """
    unit = unit.rstrip(b"\0")
    place, size = header + 1, 0
    if len(unit) <= place or unit[header] != USER_DATA:
        return None
    while place < len(unit) and unit[place] == 0xFF:  # noqa: PLR2004 (goes on)
        size += 0xFF
        place += 1
    if place >= len(unit):
        return None
    return UserData(unit, place + 1, size + unit[place])


def escape(data: bytes) -> bytes:
    """Put in the bytes that keep a start code from occurring inside a unit."""
    out, noughts = bytearray(), 0
    for byte in data:
        if noughts >= 2 and byte <= 3:  # noqa: PLR2004 (00 00 00..03)
            out.append(3)
            noughts = 0
        out.append(byte)
        noughts = 0 if byte else noughts + 1
    return bytes(out)


def unescape(data: bytes) -> bytes:
    """Take them out again."""
    out, start = bytearray(), 0
    while (found := data.find(b"\0\0\3", start)) >= 0:
        out += data[start : found + 2]
        start = found + 3
    return bytes(out + data[start:])
