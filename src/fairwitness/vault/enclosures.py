"""Enclosures: small sealed papers that came with footage, each a blob of its own.

What an Axis system sends besides clips (headers, keys, bookmarks, trails) is kept as it came, as
evidence of what was claimed. An enclosure is sealed under its owner's key in the ring and dies with
it; it lies in the store as `enclosure/<owner>/<enclosure>`.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.vault.port import BlobStore

LIMIT: Final = piece.PIECE_PLAINTEXT
"""Bytes of an enclosure, at most."""

_PREFIX: Final = "enclosure/"


def _name(owner: UUID, enclosure: UUID) -> str:
    return f"{_PREFIX}{owner}/{enclosure}"


def _bound(enclosure: UUID) -> bytes:
    return piece.associated_data(recording=enclosure, copy="enclosure", offset=0, upload_length=0)


def write(data: bytes, *, store: BlobStore, key: bytes, owner: UUID, enclosure: UUID) -> None:
    """Seal and store an enclosure, durably.

    Args:
        data: at most `LIMIT` bytes.
        store: where it goes.
        key: the owner's.
        owner: whose it is.
        enclosure: its own id, never used before.

    Raises:
        StoreFull: no room; nothing is kept.
    """
    sealer = piece.PieceSealer(key=key, associated_data=_bound(enclosure))
    sealed = b"".join([sealer.header, *sealer.update(data), sealer.finish()])
    writer = store.create(_name(owner, enclosure), size=len(sealed))
    try:
        writer.write(sealed)
        writer.finish()
    except FairwitnessError:
        writer.abort()
        raise
    store.sync([_name(owner, enclosure)])


def read(*, store: BlobStore, key: bytes, owner: UUID, enclosure: UUID) -> bytes:
    """An enclosure.

    Raises:
        BlobMissing: there is none.
        PieceInvalid: it does not open.
    """
    blob = store.open(_name(owner, enclosure))
    try:
        reader = piece.PieceReader(
            key=key, associated_data=_bound(enclosure), size=blob.size, read_at=blob.read_at
        )
        return reader.read(0, reader.plaintext_size)
    finally:
        blob.close()


def of(*, store: BlobStore, owner: UUID) -> Iterator[UUID]:
    """The enclosures of an owner, in no promised order."""
    start = f"{_PREFIX}{owner}/"
    for name in store.names(start):
        yield UUID(name.removeprefix(start))


def delete_all(*, store: BlobStore, owner: UUID) -> None:
    """Remove all enclosures of an owner whose key is destroyed; no error when there are none."""
    for name in store.names(f"{_PREFIX}{owner}/"):
        store.delete(name)
