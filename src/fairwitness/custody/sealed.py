"""Entries sealed beside the tiles, so that the history outlives the database.

One file beside each entry bundle holds, for the same leaves, the canonical entries and the salts
of their leaves; not the bodies. It is one sealed piece (docs/specs/sealed-piece.md), bound to the
log's origin, the bundle's index and its width, and inside it the bundle encoding of
C2SP tlog-tiles. The layout is docs/specs/sealed-entries.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fairwitness.formats import custody, tile
from fairwitness.formats.errors import FormatError
from fairwitness.formats.piece import PieceReader, PieceSealer

FOLDER: Final = "sealed"
"""Where these files lie under the log's folder."""

_WITHOUT_SALT: Final = b"\x00"
_WITH_SALT: Final = b"\x01"


class SealedInvalid(FormatError):
    """A file of sealed entries was changed, moved or cut, or sealed with another key."""

    code = "format.sealed_entries"


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One entry as it outlives the database.

    Attributes:
        canonical: the entry's canonical bytes.
        salt: of its leaf; None once its body was lawfully erased.
    """

    canonical: bytes
    salt: bytes | None


def path(index: int, width: int) -> str:
    """Where the file of this bundle lies under the log's folder."""
    return f"{FOLDER}/" + tile.entries_path(index, width).removeprefix("tile/entries/")


@dataclass(frozen=True, slots=True)
class Sealing:
    """How one log's entries are sealed.

    Attributes:
        key: 32 bytes; see `keys.sealing_key`.
        origin: the log's.
    """

    key: bytes = field(repr=False)
    origin: str

    def seal(self, entries: Sequence[SealedEntry], *, index: int) -> bytes:
        """Seal the entries of the bundle at `index`, 1 to 256 of them."""
        bound = self._associated_data(index=index, width=len(entries))
        sealer = PieceSealer(key=self.key, associated_data=bound)
        segments = sealer.update(tile.encode_entries(_pack(each) for each in entries))
        return b"".join([sealer.header, *segments, sealer.finish()])

    def open(self, data: bytes, *, index: int, width: int) -> list[SealedEntry]:
        """Open the file of the bundle at `index` that holds `width` entries.

        Raises:
            FormatError: if it is not exactly that file, sealed with this key.
        """
        reader = PieceReader(
            key=self.key,
            associated_data=self._associated_data(index=index, width=width),
            size=len(data),
            read_at=lambda offset, length: data[offset : offset + length],
        )
        packed = tile.parse_entries(reader.read(0, reader.plaintext_size), width=width)
        return [_unpack(each) for each in packed]

    def _associated_data(self, *, index: int, width: int) -> bytes:
        return f"fairwitness.org/sealed-entries/v1\n{self.origin}\n{index}\n{width}\n".encode()


def _pack(entry: SealedEntry) -> bytes:
    if entry.salt is None:
        return _WITHOUT_SALT + entry.canonical
    return _WITH_SALT + entry.salt + entry.canonical


def _unpack(packed: bytes) -> SealedEntry:
    kind, rest = packed[:1], packed[1:]
    if kind == _WITHOUT_SALT:
        return SealedEntry(rest, None)
    if kind != _WITH_SALT or len(rest) <= custody.SALT_SIZE:
        raise SealedInvalid("A sealed entry is of a kind that we don't know.")
    return SealedEntry(rest[custody.SALT_SIZE :], rest[: custody.SALT_SIZE])
