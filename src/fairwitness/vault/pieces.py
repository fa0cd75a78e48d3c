"""What a sealed piece is called, where it lies, and what it is bound to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fairwitness.formats import piece

PREFIX: Final = "piece/"
"""What the names of all pieces begin with."""


@dataclass(frozen=True, slots=True)
class SealedPiece:
    """One piece that is on disk.

    Attributes:
        blob: its name in the store.
        offset: of its first byte in the copy, in bytes of plaintext.
        length: how many bytes of plaintext it holds.
        sealed_size: of the blob, in bytes.
    """

    blob: str
    offset: int
    length: int
    sealed_size: int


@dataclass(frozen=True, slots=True)
class Binding:
    """What all pieces of one copy are sealed with.

    Attributes:
        key: the recording's key.
        recording: whose footage it is.
        copy: "master", "working", "poster", ...
        upload_length: the whole copy's length in bytes, 0 where it is not known beforehand.
    """

    key: bytes
    recording: UUID
    copy: str
    upload_length: int

    def associated_data(self, offset: int) -> bytes:
        """Of the piece whose first byte is at `offset` of the copy."""
        return piece.associated_data(
            recording=self.recording,
            copy=self.copy,
            offset=offset,
            upload_length=self.upload_length,
        )

    def __repr__(self) -> str:
        """Without the key, which must reach no log."""
        return f"Binding({self.recording}, {self.copy!r}, {self.upload_length})"


def new_name(group: str) -> str:
    """A random name for a piece; `group` is two hexadecimal letters that its kin share."""
    return f"{PREFIX}{group}{secrets.token_hex(15)}"


def total(pieces: Sequence[SealedPiece]) -> int:
    """Bytes of plaintext that these pieces hold together."""
    return sum(sealed.length for sealed in pieces)
