"""Sealed pieces: what footage looks like on a disk, and the only way to read it.

A recording is kept as an ordered list of *pieces*. Each is one complete stream in Google Tink's
layout `AES256_GCM_HKDF_1MB`, so that any Tink library opens it without us, and at most 16 MiB, so
that a seek opens one segment of one small file. `docs/specs/sealed-piece.md` is the specification.

Rules that this module keeps:

1. A piece is sealed once, front to back. Salt and nonce prefix are drawn afresh each time a
   `PieceSealer` is made, and nothing is ever appended or sealed again, so no nonce can repeat.
2. The last segment is told by its nonce, so a sealer holds one segment back until it knows.
3. A reader gives out no byte of a segment whose tag it has not checked.
"""

import secrets
import struct
from collections.abc import Callable
from typing import Final, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fairwitness.formats.errors import FormatError

SEGMENT: Final = 1_048_576
"""Bytes of a full sealed segment; the header counts into the first."""
HEADER: Final = 40
"""Bytes of the header: its own length (1), salt (32), nonce prefix (7)."""
TAG: Final = 16
"""Bytes that each segment grows by when it is sealed."""
PIECE_SEGMENTS: Final = 16
"""Segments of a full piece."""
PIECE_PLAINTEXT: Final = PIECE_SEGMENTS * (SEGMENT - TAG) - HEADER
"""Plaintext bytes of a full piece, 16,776,920; sealed, it is exactly 16 MiB."""
KEY: Final = 32
"""Bytes of a recording's key."""

_SALT: Final = 32
_PREFIX: Final = 7
_FIRST: Final = SEGMENT - HEADER - TAG
_NEXT: Final = SEGMENT - TAG
_COPY_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_COPY_LENGTH: Final = 32

Bytes: TypeAlias = bytes | bytearray | memoryview
ReadAt: TypeAlias = Callable[[int, int], Bytes]


class PieceInvalid(FormatError):
    """A sealed piece that is damaged, cut, out of place, or not sealed with this key."""

    code = "format.piece"


def associated_data(*, recording: UUID, copy: str, offset: int, upload_length: int) -> bytes:
    """What a piece is bound to: five lines of ASCII text, each ended by a line feed.

    Args:
        recording: whose footage it is.
        copy: which of the recording's copies: "master", "working", "poster", ...
        offset: of the piece's first byte in that copy, in bytes.
        upload_length: the whole copy's length as fixed before its first byte, in bytes; 0 where it
            could not be known.

    Raises:
        ValueError: a copy's name, an offset or a length that no piece can have.
    """
    if not 0 < len(copy) <= _COPY_LENGTH or not _COPY_LETTERS.issuperset(copy):
        raise ValueError("a copy's name is 1 to 32 lower-case letters, digits and hyphens")
    if offset < 0 or upload_length < 0:
        raise ValueError("an offset and a length are never negative")
    return f"fairwitness.org/piece/v1\n{recording}\n{copy}\n{offset}\n{upload_length}\n".encode()


def sealed_size(plaintext: int) -> int:
    """Bytes of the sealed piece that holds this many bytes of plaintext.

    Raises:
        ValueError: more than a piece holds, or fewer than none.
    """
    if not 0 <= plaintext <= PIECE_PLAINTEXT:
        raise ValueError(f"a piece holds 0 to {PIECE_PLAINTEXT} bytes")
    segments = max(1, -(-(plaintext + HEADER) // _NEXT))
    return HEADER + plaintext + TAG * segments


def plaintext_size(sealed: int) -> int:
    """Bytes of plaintext in a sealed piece of this size.

    Raises:
        PieceInvalid: no piece has this size.
    """
    segments = -(-sealed // SEGMENT)
    plaintext = sealed - HEADER - TAG * segments
    if not 0 <= plaintext <= PIECE_PLAINTEXT or sealed_size(plaintext) != sealed:
        raise PieceInvalid(f"No sealed piece is {sealed} bytes long: it was cut or added to.")
    return plaintext


def _room(index: int) -> int:
    """Bytes of plaintext that segment number `index` takes when it is full."""
    return _NEXT if index else _FIRST


class _Cipher:
    """The key of one piece and the nonces of its segments."""

    def __init__(self, *, key: bytes, associated_data: bytes, salt: bytes, prefix: bytes) -> None:
        if len(key) != KEY:
            raise ValueError("a recording's key is 32 bytes")
        derived = HKDF(SHA256(), KEY, salt, associated_data).derive(key)
        self._aead = AESGCM(derived)
        self._prefix = prefix

    def _nonce(self, index: int, *, last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", index, last)

    def seal(self, index: int, plaintext: Bytes, into: memoryview, *, last: bool) -> int:
        nonce = self._nonce(index, last=last)
        size = len(plaintext) + TAG
        if hasattr(self._aead, "encrypt_into"):
            self._aead.encrypt_into(nonce, plaintext, None, into[:size])
        else:
            into[:size] = self._aead.encrypt(nonce, plaintext, None)
        return size

    def open(self, index: int, sealed: Bytes, into: memoryview, *, last: bool) -> int:
        nonce = self._nonce(index, last=last)
        size = len(sealed) - TAG
        try:
            if hasattr(self._aead, "decrypt_into"):
                self._aead.decrypt_into(nonce, sealed, None, into[:size])
            else:
                into[:size] = self._aead.decrypt(nonce, sealed, None)
        except InvalidTag:
            into[:size] = bytes(size)  # what was written there was never checked
            raise PieceInvalid(
                f"Segment {index} of a sealed piece does not open: it was changed, moved or cut, "
                "or it belongs elsewhere."
            ) from None
        return size


class PieceSealer:
    """Seals one piece, front to back, once.

    The sealed piece is `header`, then the sealed segments in order. Use either `update` and
    `finish`, or, where buffers are one's own, `seal_segment`.

    Attributes:
        header: the piece's first 40 bytes, drawn afresh for this sealer.
    """

    def __init__(self, *, key: bytes, associated_data: bytes) -> None:
        salt = secrets.token_bytes(_SALT)
        prefix = secrets.token_bytes(_PREFIX)
        self.header = bytes([HEADER]) + salt + prefix
        self._cipher = _Cipher(key=key, associated_data=associated_data, salt=salt, prefix=prefix)
        self._index = 0
        self._done = False
        self._held = bytearray()

    @property
    def room(self) -> int:
        """Bytes of plaintext that fill the next segment; 0 when the piece can take no more."""
        return 0 if self._done or self._index == PIECE_SEGMENTS else _room(self._index)

    def seal_segment(self, plaintext: Bytes, into: memoryview, *, last: bool) -> int:
        """Seals the next segment into a buffer of the caller's.

        Args:
            plaintext: exactly `room` bytes, or fewer if it is the last.
            into: at least 16 bytes longer than the plaintext.
            last: whether the piece ends with it.

        Returns:
            How many bytes of `into` are now the sealed segment.

        Raises:
            ValueError: a segment that no piece can have here.
        """
        index, room, size = self._index, self.room, len(plaintext)
        full = size == room
        short_end = last and size < room and (size or index == 0)
        if not room or not (full or short_end):
            raise ValueError("segments are full but for the last, which is empty only when alone")
        if not last and index == PIECE_SEGMENTS - 1:
            raise ValueError("a piece ends with its sixteenth segment")
        self._index += 1  # first: a nonce is spent even if sealing fails
        self._done = last
        return self._cipher.seal(index, plaintext, into, last=last)

    def update(self, data: Bytes) -> list[bytes]:
        """Takes more plaintext; returns the segments that are now known not to be the last."""
        self._held += data
        sealed = []
        while len(self._held) > self.room:
            room = self.room
            sealed.append(self._seal_held(room, last=False))
            del self._held[:room]
        return sealed

    def finish(self) -> bytes:
        """Seals the segment held back as the last one."""
        return self._seal_held(len(self._held), last=True)

    def _seal_held(self, size: int, *, last: bool) -> bytes:
        into = bytearray(size + TAG)
        with memoryview(self._held)[:size] as plaintext:
            self.seal_segment(plaintext, memoryview(into), last=last)
        return bytes(into)


class PieceReader:
    """Opens a sealed piece wherever one likes, segment by segment.

    A read proves the segments that it opened and nothing else; a read that reaches the end of the
    piece also proves that this is its end.

    Attributes:
        size: of the sealed piece, in bytes.
        plaintext_size: of what it holds, in bytes.
        segments: how many it has.
    """

    def __init__(
        self,
        *,
        key: bytes,
        associated_data: bytes,
        size: int,
        read_at: ReadAt,
        scratch: memoryview | None = None,
    ) -> None:
        """Promises nothing about the piece yet but that one of this size can be.

        Args:
            key: the recording's key, 32 bytes.
            associated_data: what the piece must be bound to.
            size: of the sealed piece, in bytes.
            read_at: given an offset and a length, both in bytes, returns exactly these bytes.
            scratch: at least 1 MiB to open segments in, for a caller who pools buffers.

        Raises:
            PieceInvalid: no piece has this size.
        """
        self.plaintext_size = plaintext_size(size)
        self.size = size
        self.segments = -(-size // SEGMENT)
        self._key = key
        self._bound = associated_data
        self._read_at = read_at
        self._cipher: _Cipher | None = None
        self._scratch = memoryview(bytearray(SEGMENT)) if scratch is None else scratch
        self._opened: tuple[int, int] | None = None  # which segment is in scratch, its length

    def read(self, offset: int, length: int) -> bytes:
        """The plaintext from `offset` on, `length` bytes or as many as there are.

        Raises:
            PieceInvalid: any segment that it takes is damaged, cut, swapped, or bound elsewhere.
            ValueError: a negative offset or length.
        """
        if offset < 0 or length < 0:
            raise ValueError("an offset and a length are never negative")
        end = min(offset + length, self.plaintext_size)
        if not self.plaintext_size:
            self._load(0)  # that it is empty must be proved, too
        parts = []
        while offset < end:
            index, skip = self._place(offset)
            size = self._load(index)
            taken = min(size - skip, end - offset)
            parts.append(bytes(self._scratch[skip : skip + taken]))
            offset += taken
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, offset: int, into: memoryview) -> int:
        """Fills a buffer with the plaintext from `offset` on; returns how many bytes there were.

        Raises: as `read`.
        """
        if not self.plaintext_size:
            self._load(0)
        wanted, done = max(0, min(len(into), self.plaintext_size - offset)), 0
        while done < wanted:
            index, skip = self._place(offset + done)
            taken = min(self._load(index) - skip, wanted - done)
            into[done : done + taken] = self._scratch[skip : skip + taken]
            done += taken
        return done

    def open_segment(self, index: int, into: memoryview) -> int:
        """Opens one whole segment into a buffer of at least 1 MiB; returns its length.

        Raises:
            PieceInvalid: it is damaged, cut, swapped, or bound elsewhere.
        """
        if not 0 <= index < self.segments:
            raise ValueError("the piece has no such segment")
        if index == 0:
            sealed = memoryview(self._fetch(0, min(SEGMENT, self.size)))
            cipher, sealed = self._derive(sealed[:HEADER]), sealed[HEADER:]
        else:  # one fetch at a time: the caller may give out the same buffer again
            cipher = self._cipher or self._derive(self._fetch(0, HEADER))
            start = index * SEGMENT
            sealed = memoryview(self._fetch(start, min(SEGMENT, self.size - start)))
        return cipher.open(index, sealed, into, last=index == self.segments - 1)

    def _place(self, offset: int) -> tuple[int, int]:
        """Which segment holds the plaintext byte at `offset`, and how far into it."""
        if offset < _FIRST:
            return 0, offset
        index, skip = divmod(offset - _FIRST, _NEXT)
        return index + 1, skip

    def _load(self, index: int) -> int:
        if self._opened is None or self._opened[0] != index:
            self._opened = None
            self._opened = index, self.open_segment(index, self._scratch)
        return self._opened[1]

    def _fetch(self, offset: int, length: int) -> Bytes:
        data = self._read_at(offset, length)
        if len(data) != length:
            raise PieceInvalid("A sealed piece ended before its recorded size.")
        return data

    def _derive(self, header: Bytes) -> _Cipher:
        if header[0] != HEADER:
            raise PieceInvalid("A sealed piece does not start as one.")
        self._cipher = _Cipher(
            key=self._key,
            associated_data=self._bound,
            salt=bytes(header[1 : 1 + _SALT]),
            prefix=bytes(header[1 + _SALT :]),
        )
        return self._cipher
